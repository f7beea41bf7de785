"""Days prepared for the dashboards: what KPIs need of each conversation, packed into one value a day.

A copy, never the truth: a day that is not prepared is packed from the facts when it is asked for, by the same statement.
Whoever changes facts, insights, outcomes or what AI cost calls `forget` (or the SQL function of the same purpose) in his
transaction.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from prosa.conversations.states import State
from prosa.db import Conn
from prosa.db.connection import TenantId, bigints
from prosa.facts.model import CATEGORIES, SENTIMENTS

STATES = tuple(str(state) for state in State)

# One conversation: 60 bytes in network order, as prosa.facts.days reads them.
PACKED = """
  int8send(coalesce(f.inbox_id, 0)) || int8send(coalesce(f.assignee_id, 0)) || int8send(coalesce(f.contact_id, 0))
  || float8send(coalesce(f.first_response_seconds, 'NaN')) || float8send(coalesce(f.resolution_seconds, 'NaN'))
  || int8send(coalesce(f.ai_cost * 100000000, 0)::bigint)
  || int2send(date_part('hour', f.local_time)::smallint)
  || int2send((array_position(%(states)s::conversation_state[], f.state) - 1)::smallint)
  || int2send((coalesce(array_position(%(categories)s::insight_category[], f.category), 0) - 1)::smallint)
  || int2send((coalesce(array_position(%(sentiments)s::sentiment[], f.sentiment), 0) - 1)::smallint)
  || int2send(coalesce(f.csat_rating, -1)::smallint)
  || int2send((
    (f.messages_contact > 0 and f.messages_agent = 0)::integer
    + (f.closed and f.messages_agent = 0 and f.messages_bot > 0)::integer * 2
    + (f.times_reopened > 0)::integer * 4
    + (f.is_lead is not null)::integer * 8
    + coalesce(f.is_lead, false)::integer * 16
    + f.visited::integer * 32
    + f.converted::integer * 64)::smallint)
"""

# Days packed one by one. OFFSET 0 keeps PostgreSQL from turning that round into one pass over all there is: of each day it
# reads a short range of three indexes.
FRESH = f"""
select w.day, r.rows
from unnest(%(days)s::date[], %(since)s::timestamptz[], %(until)s::timestamptz[]) w (day, since, until)
cross join lateral (
  select coalesce(string_agg({PACKED}, ''), '') as rows
  from (
    select f.*, c.state, n.category, n.sentiment, n.is_lead,
      f.created_at at time zone %(timezone)s as local_time,
      exists (select from outcomes o where o.tenant_id = %(tenant)s and o.conversation_id = f.conversation_id
        and o.kind = 'visit') as visited,
      exists (select from outcomes o where o.tenant_id = %(tenant)s and o.conversation_id = f.conversation_id
        and o.kind = 'conversion') as converted,
      (select sum(l.cost_brl) from llm_calls l
       where l.tenant_id = %(tenant)s and l.conversation_id = f.conversation_id) as ai_cost
    from conversation_facts f
    join conversations c on c.tenant_id = %(tenant)s and c.id = f.conversation_id
    left join insights n on n.tenant_id = %(tenant)s and n.conversation_id = f.conversation_id
      and n.conversation_created_at >= w.since and n.conversation_created_at < w.until
    where f.tenant_id = %(tenant)s and f.created_at >= w.since and f.created_at < w.until
    offset 0) f) r"""


def prepare(conn: Conn, tenant: TenantId, *, limit: int) -> int:
    """Prepare up to `limit` of the days since the first conversation that are not, the newest first.

    Returns how many were; none while a transaction that changes some is under way: the next call comes soon enough.
    """
    lock = "select pg_try_advisory_xact_lock(hashtextextended('prepared days of tenant ' || %s::bigint, 0))"
    row = conn.execute(lock, [tenant]).fetchone()
    span = _span(conn, tenant) if row and row[0] else None
    missing = span and missing_days(conn, tenant, *span, limit=limit)
    if not missing:
        return 0
    sql = f"""insert into prepared_days (tenant_id, timezone, day, rows) select %(tenant)s, %(timezone)s, * from ({FRESH}) d
              on conflict (tenant_id, day) do update set timezone = excluded.timezone, rows = excluded.rows"""
    return conn.execute(sql.encode(), missing).rowcount


def tenants_with_unprepared(conn: Conn) -> list[TenantId]:
    """Tenants for which `prepare` has something to do. `conn` is the operator's."""
    sql = """select t.id from tenants t
             cross join lateral (
               select (f.created_at at time zone t.timezone)::date as day from conversation_facts f
               where f.tenant_id = t.id order by f.created_at limit 1) first
             cross join lateral (select (now() at time zone t.timezone)::date as day) today
             where (select count(*) from prepared_days p where p.tenant_id = t.id and p.timezone = t.timezone
                      and p.day between first.day and today.day) <= today.day - first.day
             order by t.id"""
    return [TenantId(row[0]) for row in conn.execute(sql).fetchall()]


def forget(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> None:
    """These conversations, their insights or their outcomes change in this transaction: their days are to be prepared anew."""
    conn.execute("select forget_prepared_days(%s, %s)", [tenant, bigints(conversation_ids)])


def forget_all(conn: Conn, tenant: TenantId) -> None:
    """Every day is to be prepared anew."""
    conn.execute("delete from prepared_days where tenant_id = %s", [tenant])


def _span(conn: Conn, tenant: TenantId) -> tuple[date, date] | None:
    """From the local day of the first conversation to before tomorrow; None where there is none."""
    row = conn.execute(
        """select (min(f.created_at) at time zone t.timezone)::date, (now() at time zone t.timezone)::date + 1
           from tenants t join conversation_facts f on f.tenant_id = t.id where t.id = %s group by t.timezone""",
        [tenant],
    ).fetchone()
    return row and (row[0], row[1])


def missing_days(
    conn: Conn, tenant: TenantId, first: date, end: date, *, limit: int | None = None
) -> dict[str, Any] | None:
    """The values of FRESH for the days that are not prepared, the newest first; None where all are."""
    row = conn.execute(
        """select array_agg(day), array_agg(day::timestamp at time zone timezone),
             array_agg((day + 1)::timestamp at time zone timezone), timezone
           from (
             select d::date as day, timezone
             from tenants t, generate_series(%(first)s::date::timestamp, %(end)s::date - interval '1 day', '1 day') d
             where id = %(tenant)s and not exists (
               select from prepared_days p where p.tenant_id = %(tenant)s and p.day = d::date and p.timezone = t.timezone)
             order by d desc limit %(limit)s) as missing
           group by timezone""",
        {"tenant": tenant, "first": first, "end": end, "limit": limit},
    ).fetchone()
    return None if row is None else {
        "tenant": tenant, "days": row[0], "since": row[1], "until": row[2], "timezone": row[3],
        "states": list(STATES), "categories": list(CATEGORIES), "sentiments": list(SENTIMENTS),
    }  # fmt: skip
