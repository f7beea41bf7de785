"""SQL that finds conversations to analyse, and saves insights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from prosa.analysis import webhook_events
from prosa.analysis.model import Insight
from prosa.db import Conn, TenantId, fetch_all

LEAD_IS_NEWS = timedelta(days=7)  # after the contact's last message: a first load's old leads are told to nobody
LONGEST = 10_000  # characters that are read of one message: an e-mail may hold megabytes of quotations

# Without an insight, or with one that the contact's last message has overtaken (docs/domain.md, rule 13).
STALE = """
  from conversation_facts f
  left join insights n on n.tenant_id = f.tenant_id and n.conversation_id = f.conversation_id
  where f.tenant_id = %(tenant)s and f.last_contact_message_at is not null
    and (n.read_to is null or n.read_to < f.last_contact_message_at)
"""


JUDGED = ("sentiment", "sentiment_score", "category", "is_lead", "interest", "conversion_score", "lead_name", "lead_goal",
          "fields", "summary", "next_step", "evidence", "confidence", "model", "prompt_version", "tokens",
          "cost_usd")  # fmt: skip
"""Columns of an insight that an analysis writes."""
CORRECTABLE = ("sentiment", "category", "is_lead", "interest", "conversion_score", "lead_name", "lead_goal", "fields")
"""Those that a person may correct: what was said by a person no analysis overwrites (LGPD art. 20)."""


@dataclass(frozen=True)
class Stale:
    """A conversation to analyse; `read_to` is the contact's last message so far."""

    conversation_id: int
    read_to: datetime


@dataclass(frozen=True)
class Message:
    """A public message; a deleted one has no text."""

    conversation_id: int
    id: int
    sender: str
    body: str
    created_at: datetime


def lock(conn: Conn, tenant: TenantId) -> None:
    """Hold the tenant's lock until the transaction ends: one batch of a tenant at a time, on any number of machines."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended('analysis of tenant ' || %s::bigint, 0))", [tenant])


def stale(conn: Conn, tenant: TenantId, *, after: Stale | None, limit: int) -> list[Stale]:
    """Conversations to analyse, the contact's newest message first, going on after the given one."""
    sql = f"""select f.conversation_id, f.last_contact_message_at as read_to {STALE}
                and (%(after)s::timestamptz is null
                  or (f.last_contact_message_at, f.conversation_id) < (%(after)s, %(after_id)s::bigint))
              order by f.last_contact_message_at desc, f.conversation_id desc limit %(limit)s"""
    values = {
        "tenant": tenant,
        "limit": limit,
        "after": after and after.read_to,
        "after_id": after and after.conversation_id,
    }
    return fetch_all(conn, Stale, sql.encode(), values)


def count_stale(conn: Conn, tenant: TenantId) -> int:
    """How many conversations there are to analyse."""
    row = conn.execute(f"select count(*) {STALE}".encode(), {"tenant": tenant}).fetchone()
    assert row is not None
    return int(row[0])


def reopen(conn: Conn, tenant: TenantId, *, model: str, limit: int | None = None) -> int:
    """Make due again what `model` has judged: up to `limit` conversations, newest first; returns how many.

    The insights stay until they are replaced, and what a person has corrected stays for good (`save`).
    """
    return conn.execute(
        """update insights n set read_to = 'epoch'
           from (select f.conversation_id from conversation_facts f
                 join insights i on i.tenant_id = f.tenant_id and i.conversation_id = f.conversation_id
                 where f.tenant_id = %(tenant)s and i.model = %(model)s and f.last_contact_message_at is not null
                   and i.read_to >= f.last_contact_message_at
                 order by f.last_contact_message_at desc, f.conversation_id desc limit %(limit)s) as chosen
           where n.tenant_id = %(tenant)s and n.conversation_id = chosen.conversation_id""",
        {"tenant": tenant, "model": model, "limit": limit},
    ).rowcount


def messages(conn: Conn, tenant: TenantId, conversations: Sequence[int]) -> list[Message]:
    """The public messages of these conversations that reached the other side, oldest first."""
    sql = """select conversation_id, id, sender::text, created_at,
               case when deleted then '' else left(coalesce(body, ''), %(longest)s) end as body
             from messages
             where tenant_id = %(tenant)s and conversation_id = any(%(conversations)s) and not private
               and sender <> 'system' and status is distinct from 'failed'
             order by conversation_id, created_at, id"""
    values = {"tenant": tenant, "conversations": list(conversations), "longest": LONGEST}
    return fetch_all(conn, Message, sql, values)


def segment(conn: Conn, tenant: TenantId) -> str | None:
    """The tenant's line of business."""
    row = conn.execute("select segment from tenants where id = %s", [tenant]).fetchone()
    return row[0] if row else None


def save(conn: Conn, tenant: TenantId, found: Stale, insight: Insight, *, evidence: Sequence[int]) -> None:
    """Keep the insight, unless a newer one is there. `evidence` holds message ids.

    The conversation is locked and not just looked up: the source may delete it at this very moment, and then there is nothing
    to keep.
    """
    kept = ", ".join(f"{column} = {_unless_corrected(column)}" for column in JUDGED)
    sql = f"""insert into insights (tenant_id, conversation_id, conversation_created_at, {", ".join(JUDGED)}, read_to)
             select c.tenant_id, c.id, c.created_at, {", ".join(f"%({column})s" for column in JUDGED)}, %(read_to)s
             from conversations c where c.tenant_id = %(tenant)s and c.id = %(conversation)s for key share
             on conflict (tenant_id, conversation_id) do update set
               conversation_created_at = excluded.conversation_created_at, {kept},
               read_to = excluded.read_to, created_at = now()
             where insights.read_to <= excluded.read_to
             returning insights.is_lead and insights.read_to > now() - %(news)s::interval and not coalesce((
               select before.is_lead from insights before
               where before.tenant_id = insights.tenant_id and before.conversation_id = insights.conversation_id), false)"""
    row = conn.execute(sql.encode(), {
        **vars(insight), "tenant": tenant, "conversation": found.conversation_id, "read_to": found.read_to,
        "fields": Jsonb(dict(insight.fields)), "evidence": list(evidence), "news": LEAD_IS_NEWS,
    }).fetchone()  # fmt: skip
    if row and row[0]:
        webhook_events.lead(conn, tenant, found.conversation_id, insight)
    conn.execute("select forget_prepared_days(%s, %s)", [tenant, [found.conversation_id]])


def _unless_corrected(column: str) -> str:
    """The SQL of a column's new value: a person's correction stays. Fields are corrected one by one."""
    if column == "fields":
        return """excluded.fields || coalesce((select jsonb_object_agg(key, value) from jsonb_each(insights.fields)
                    where 'fields.' || key = any(insights.corrected)), '{}')"""
    if column not in CORRECTABLE:
        return f"excluded.{column}"
    return f"case when '{column}' = any(insights.corrected) then insights.{column} else excluded.{column} end"
