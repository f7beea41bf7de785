"""Drafts in the database: one function, one statement."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.remarketing.model import Draft, DraftState, NoSuchDraft, Via, may_become

COLUMNS = """id, campaign_id, variant, conversation_id, contact_id, contact_key, contact_address, channel, inbox_id, via, body,
  whatsapp_template_id, variables, author, model, prompt_version, state::text, reason, version, attempts, created_by,
  created_at, updated_at, approved_by, approved_at, due_at, claimed_at, sent_at, message_id"""
OF_D = ", ".join(f"d.{column.strip()}" for column in COLUMNS.split(","))


@dataclass(frozen=True)
class DraftFilter:
    """Which drafts to list; an empty field does not restrict."""

    states: tuple[DraftState, ...] = ()
    campaign_id: int | None = None
    conversation_id: int | None = None


def insert(conn: Conn, tenant: TenantId, row: Mapping[str, Any], *, now: datetime) -> Draft | None:
    """Add a draft of these columns, and the first row of its log; None where the campaign has one for this contact."""
    values = {**row, "tenant_id": tenant, "created_at": now, "updated_at": now}
    values["variables"] = Jsonb(dict(row.get("variables", {})))
    columns = ", ".join(values)
    sql = f"""with added as (
                insert into drafts ({columns}) values ({", ".join(f"%({name})s" for name in values)})
                on conflict (tenant_id, campaign_id, contact_key) where campaign_id is not null do nothing
                returning *
              ), logged as (
                insert into draft_transitions (tenant_id, draft_id, to_state, actor, reason, at)
                select tenant_id, id, state, created_by, reason, created_at from added
              )
              select {COLUMNS} from added"""
    return fetch_one(conn, Draft, sql.encode(), values)


def move(
    conn: Conn, tenant: TenantId, draft_ids: Sequence[int], to: DraftState, *, of: Collection[DraftState], by: str,
    now: datetime, reason: str = "", versions: Mapping[int, int] | None = None, changes: Mapping[str, Any] | None = None,
) -> list[Draft]:  # fmt: skip
    """Move these drafts to another state if they are in one of the states `of`, each with its row in the log.

    `versions` restricts to drafts that are unchanged since they were seen; `changes` are columns to set beside the state.
    Drafts that somebody else is changing are waited for, in order of id, and then judged by what they have become.
    """
    changes = changes or {}
    sql = f"""with chosen as (
                select id, state from drafts
                where tenant_id = %(tenant)s and id = any(%(ids)s) and state = any(%(sources)s::draft_state[])
                  and (not %(strict)s or version = (%(versions)s::jsonb ->> id::text)::integer)
                order by id for update
              ), moved as (
                update drafts d set state = %(to)s::draft_state, reason = %(reason)s, version = d.version + 1,
                  updated_at = %(now)s {"".join(f", {name} = %({name})s" for name in changes)}
                from chosen where d.tenant_id = %(tenant)s and d.id = chosen.id
                returning chosen.state as before, d.*
              ), logged as (
                insert into draft_transitions (tenant_id, draft_id, from_state, to_state, actor, reason, at)
                select tenant_id, id, before, state, %(by)s::text, reason, %(now)s::timestamptz from moved
              )
              select {OF_D.replace("d.", "moved.")} from moved order by id"""
    return _many(conn, sql, {
        **changes, "tenant": tenant, "ids": list(draft_ids), "to": to, "by": by, "now": now, "reason": reason,
        "sources": [state for state in of if may_become(state, to)],
        "strict": versions is not None, "versions": Jsonb({str(k): v for k, v in (versions or {}).items()}),
    })  # fmt: skip


def set_columns(conn: Conn, tenant: TenantId, draft_id: int, changes: Mapping[str, Any], *, now: datetime) -> Draft:
    """Change a locked draft without moving it."""
    sql = f"""update drafts d set version = version + 1, updated_at = %(now)s
                {"".join(f", {name} = %({name})s" for name in changes)}
              where tenant_id = %(tenant)s and id = %(id)s returning {OF_D}"""
    return _many(conn, sql, {**changes, "tenant": tenant, "id": draft_id, "now": now})[0]


def get(conn: Conn, tenant: TenantId, draft_id: int, *, lock: bool = False) -> Draft:
    """The draft. `lock` keeps everybody else from changing it. Raises NoSuchDraft."""
    sql = f"""select {COLUMNS} from drafts where tenant_id = %(tenant)s and id = %(id)s
              {"for update" if lock else ""}"""
    found = _many(conn, sql, {"tenant": tenant, "id": draft_id})
    if not found:
        raise NoSuchDraft(draft_id)
    return found[0]


def page(
    conn: Conn, tenant: TenantId, where: DraftFilter, *, before_id: int | None = None, limit: int = 50
) -> list[Draft]:
    """Drafts, the newest first, from before the one of id `before_id`."""
    conditions = {
        "state = any(%(states)s::draft_state[])": where.states,
        "campaign_id = %(campaign)s": where.campaign_id,
        "conversation_id = %(conversation)s": where.conversation_id,
        "id < %(before)s": before_id,
    }
    asked = "".join(f" and {condition}" for condition, value in conditions.items() if value)
    sql = f"select {COLUMNS} from drafts where tenant_id = %(tenant)s {asked} order by id desc limit %(limit)s"
    return _many(conn, sql, {
        "tenant": tenant, "states": list(where.states), "campaign": where.campaign_id,
        "conversation": where.conversation_id, "before": before_id, "limit": limit,
    })  # fmt: skip


def counts(conn: Conn, tenant: TenantId, *, campaign_id: int | None = None) -> dict[DraftState, int]:
    """How many drafts are in each state, in the states' order, zeros included."""
    sql = """select state::text, count(*) from drafts
             where tenant_id = %(tenant)s and (%(campaign)s::bigint is null or campaign_id = %(campaign)s) group by state"""
    found: dict[str, int] = dict(conn.execute(sql, {"tenant": tenant, "campaign": campaign_id}).fetchall())
    return {state: found.get(state.value, 0) for state in DraftState}


def due(conn: Conn, tenant: TenantId, *, now: datetime, limit: int, via: Via | None = None) -> list[int]:
    """Ids of scheduled drafts whose time has come, the longest overdue first."""
    sql = """select id from drafts where tenant_id = %(tenant)s and state = 'scheduled' and due_at <= %(now)s
               and (%(via)s::text is null or via = %(via)s) order by due_at, id limit %(limit)s"""
    rows = conn.execute(sql, {"tenant": tenant, "now": now, "limit": limit, "via": via}).fetchall()
    return [row[0] for row in rows]


def tenants_with(conn: Conn, states: Sequence[DraftState]) -> list[TenantId]:
    """Tenants that have drafts in these states. `conn` is the operator's."""
    sql = """select id from tenants t where t.suspended_at is null and t.id > 0 and exists (
               select from drafts where tenant_id = t.id and state = any(%s::draft_state[])) order by id"""
    return [TenantId(row[0]) for row in conn.execute(sql, [list(states)]).fetchall()]


def _many(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[Draft]:
    return fetch_all(conn, Draft, sql.encode(), values)
