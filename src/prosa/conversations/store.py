"""Conversations that live here, in the database: one function, one statement.

Sources' conversations are a mirror, written by the ETL alone: nothing here sees them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from prosa.conversations.model import Conversation, Pair, Transition
from prosa.conversations.states import OPEN, State, may_become
from prosa.db import Conn, TenantId, fetch_all, fetch_one

COLUMNS = """id, source::text, state::text, channel, contact_address, contact_key, our_address, our_key, contact_id,
  created_at, updated_at, last_activity_at, expires_at, closed_at, version, predecessor_id, context"""
HERE = "tenant_id = %(tenant)s and source <> 'chatwoot'"
OPEN_STATES = "state in ('pending', 'progress', 'idle_timeout', 'human_handoff')"  # in the partial indexes' own words
OF_PAIR = "channel = %(channel)s and our_key = %(our_key)s and contact_key = %(contact_key)s"


@dataclass(frozen=True)
class Filter:
    """Which conversations to list; None does not restrict. Dates of creation: `from` inclusive, `until` exclusive."""

    state: State | None = None
    channel: str | None = None
    contact_key: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None


def insert(
    conn: Conn,
    tenant: TenantId,
    pair: Pair,
    *,
    source: str,
    contact_id: int | None,
    expires_at: datetime,
    now: datetime,
    inbox_id: int | None = None,
) -> Conversation | None:
    """Add a pending conversation, which names the pair's last one as its predecessor. None if the pair has an open one."""
    sql = f"""insert into conversations (tenant_id, source, channel, contact_address, contact_key, our_address, our_key,
                contact_id, created_at, updated_at, last_activity_at, expires_at, inbox_id, predecessor_id)
              values (%(tenant)s, %(source)s, %(channel)s, %(contact)s, %(contact_key)s, %(ours)s, %(our_key)s,
                %(contact_id)s, %(now)s, %(now)s, %(now)s, %(expires_at)s, %(inbox_id)s,
                (select id from conversations where {HERE} and {OF_PAIR} order by id desc limit 1))
              on conflict (tenant_id, channel, our_key, contact_key) where source <> 'chatwoot' and {OPEN_STATES}
              do nothing returning {COLUMNS}"""
    values = {**_pair(tenant, pair), "contact": pair.contact.text, "ours": pair.ours.text, "source": source,
              "contact_id": contact_id, "expires_at": expires_at, "inbox_id": inbox_id, "now": now}  # fmt: skip
    return _one(conn, sql, values)


def find(conn: Conn, tenant: TenantId, conversation_id: int, *, lock: bool = False) -> Conversation | None:
    """The conversation. `lock` keeps everybody else from changing it until the transaction ends."""
    sql = f"select {COLUMNS} from conversations where {HERE} and id = %(id)s {'for update' if lock else ''}"
    return _one(conn, sql, {"tenant": tenant, "id": conversation_id})


def find_open(conn: Conn, tenant: TenantId, pair: Pair, *, lock: bool = False) -> Conversation | None:
    """The open conversation of a pair, in any spelling of its addresses."""
    sql = f"""select {COLUMNS} from conversations where {HERE} and {OF_PAIR} and {OPEN_STATES}
              {"for update" if lock else ""}"""
    return _one(conn, sql, _pair(tenant, pair))


def find_last(conn: Conn, tenant: TenantId, pair: Pair) -> Conversation | None:
    """The newest conversation of a pair, locked."""
    sql = f"select {COLUMNS} from conversations where {HERE} and {OF_PAIR} order by id desc limit 1 for update"
    return _one(conn, sql, _pair(tenant, pair))


def page(
    conn: Conn, tenant: TenantId, where: Filter, *, before: tuple[datetime, int] | None, limit: int
) -> list[Conversation]:
    """Conversations, newest first, from after the one that began at `before` (time, id)."""
    conditions = {
        "state = %(state)s": where.state,
        "channel = %(channel)s": where.channel,
        "contact_key = %(contact_key)s": where.contact_key,
        "created_at >= %(from)s": where.created_from,
        "created_at < %(until)s": where.created_until,
        "(created_at, id) < (%(before)s, %(before_id)s)": before,
    }
    asked = [condition for condition, value in conditions.items() if value is not None]
    sql = f"""select {COLUMNS} from conversations where {" and ".join([HERE, *asked])}
              order by created_at desc, id desc limit %(limit)s"""
    values = {
        "tenant": tenant, "state": where.state, "channel": where.channel, "contact_key": where.contact_key,
        "from": where.created_from, "until": where.created_until, "limit": limit,
        "before": before and before[0], "before_id": before and before[1],
    }  # fmt: skip
    return fetch_all(conn, Conversation, sql.encode(), values)


def save(conn: Conn, tenant: TenantId, changed: Conversation, *, now: datetime) -> Conversation | None:
    """Write the conversation's changes and increment its version. None if somebody else changed it first."""
    sql = f"""update conversations set state = %(state)s, expires_at = %(expires_at)s, closed_at = %(closed_at)s,
                last_activity_at = %(last_activity_at)s, context = %(context)s, version = version + 1,
                contact_address = %(contact)s,
                updated_at = greatest(updated_at, %(now)s)
              where {HERE} and id = %(id)s and version = %(version)s returning {COLUMNS}"""
    values = {
        "tenant": tenant, "id": changed.id, "version": changed.version, "state": changed.state, "now": now,
        "expires_at": changed.expires_at, "closed_at": changed.closed_at, "last_activity_at": changed.last_activity_at,
        "contact": changed.contact_address,
        "context": None if changed.context is None else Jsonb(changed.context),
    }  # fmt: skip
    return _one(conn, sql, values)


def log(conn: Conn, tenant: TenantId, conversation_id: int, step: Transition) -> None:
    """Add one row to the transition log."""
    conn.execute(
        """insert into transitions (tenant_id, conversation_id, from_state, to_state, actor, reason, at)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        [tenant, conversation_id, step.from_state, step.to_state, step.actor, step.reason, step.at],
    )


def transitions(conn: Conn, tenant: TenantId, conversation_id: int) -> list[Transition]:
    """The conversation's transition log, oldest first."""
    sql = """select from_state::text, to_state::text, actor, reason, at from transitions
             where tenant_id = %s and conversation_id = %s order by id"""
    return [
        Transition(State(before) if before else None, State(after), actor, reason, at)
        for before, after, actor, reason, at in conn.execute(sql, [tenant, conversation_id]).fetchall()
    ]


@dataclass(frozen=True)
class Timer:
    """What the clock does: conversations whose `column` (a time) has come go to the state `to`. The rest is for the log."""

    column: str
    to: State
    actor: str
    reason: str


def move_due(conn: Conn, tenant: TenantId, timer: Timer, *, until: datetime, now: datetime, limit: int) -> list[int]:
    """Move conversations whose time is `until` or earlier, in one statement, and log it. Returns their ids.

    Rows that someone is changing are left to the next run. A row that changed while the statement ran is judged by what
    it has become: PostgreSQL looks at the condition again under the row's lock.
    """
    sql = f"""with due as (
                select id, state from conversations
                where {HERE} and {OPEN_STATES} and state = any(%(sources)s::conversation_state[])
                  and {timer.column} <= %(until)s
                order by {timer.column} limit %(limit)s for update skip locked
              ), moved as (
                update conversations c set state = %(to)s::conversation_state, version = version + 1,
                  updated_at = greatest(updated_at, %(now)s), closed_at = case when %(closes)s then %(now)s::timestamptz end
                from due where c.tenant_id = %(tenant)s and c.id = due.id returning c.id, due.state as before
              )
              insert into transitions (tenant_id, conversation_id, from_state, to_state, actor, reason, at)
              select %(tenant)s, id, before, %(to)s::conversation_state, %(actor)s::text, %(reason)s::text, %(now)s::timestamptz
              from moved returning conversation_id"""
    values = {
        "tenant": tenant, "sources": [state for state in State if may_become(state, timer.to)], "to": timer.to,
        "closes": timer.to not in OPEN, "until": until, "actor": timer.actor, "reason": timer.reason, "now": now,
        "limit": limit,
    }  # fmt: skip
    return [row[0] for row in conn.execute(sql.encode(), values).fetchall()]


@dataclass(frozen=True)
class Timers:
    """When a tenant's next conversation expires, since when its quietest one is silent, and its own settings for both."""

    tenant_id: TenantId
    expires_at: datetime | None
    silent_since: datetime | None
    config: Mapping[str, Any] | None


def timers(conn: Conn) -> list[Timers]:
    """The timers of every tenant that has an open conversation here, from two index entries each. `conn` is the operator's."""
    sql = f"""select t.id as tenant_id, expires_at, silent_since, f.config from tenants t
              cross join lateral (
                select expires_at from conversations where tenant_id = t.id and source <> 'chatwoot' and {OPEN_STATES}
                order by expires_at limit 1) first
              left join lateral (
                select last_activity_at as silent_since from conversations
                where tenant_id = t.id and source <> 'chatwoot' and state = 'progress'
                order by last_activity_at limit 1) silent on true
              left join features f on f.tenant_id = t.id and f.name = 'conversations'
              order by t.id"""
    return fetch_all(conn, Timers, sql.encode())


def keep_contact(conn: Conn, tenant: TenantId, pair: Pair) -> int:
    """The id of the contact with this address. A new contact is added."""
    values = {"tenant": tenant, "key": pair.contact.key, "phone": pair.contact.phone, "text": pair.contact.text}
    known = "select id from contacts where tenant_id = %(tenant)s and address_key = %(key)s"
    # An update, because "do nothing" would return nothing if somebody else adds the contact at the same time.
    added = """insert into contacts (tenant_id, phone, identifier, address_key)
               values (%(tenant)s, %(phone)s, case when %(phone)s::text is null then %(text)s end, %(key)s)
               on conflict (tenant_id, address_key) where address_key is not null
               do update set address_key = excluded.address_key returning id"""
    row = conn.execute(known, values).fetchone() or conn.execute(added, values).fetchone()
    assert row is not None
    return int(row[0])


def name_contact(conn: Conn, tenant: TenantId, contact_id: int, name: str) -> None:
    """Name a contact who has no name. Names that people or sources have written stay."""
    conn.execute(
        "update contacts set name = %s, updated_at = now() where tenant_id = %s and id = %s and coalesce(name, '') = ''",
        [name, tenant, contact_id],
    )


def _pair(tenant: TenantId, pair: Pair) -> dict[str, Any]:
    return {"tenant": tenant, "channel": pair.channel, "our_key": pair.ours.key, "contact_key": pair.contact.key}


def _one(conn: Conn, sql: str, values: dict[str, Any]) -> Conversation | None:
    return fetch_one(conn, Conversation, sql.encode(), values)
