"""Days prepared for the dashboards.

What the KPIs need of a conversation is packed into a few bytes, and all conversations of a day into one value. A dashboard
then reads one row a day instead of every conversation. days.py unpacks them, day_filter.py filters, day_counts.py counts.

Prepared days are a copy, never the truth. A day that is not prepared is packed from the facts when it is asked for, by the
same statement. Whoever changes facts, insights, outcomes or what AI cost calls `forget` in the same transaction, or the SQL
function forget_prepared_days.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from prosa.conversations.states import State
from prosa.db import Conn, TenantId
from prosa.db.connection import bigints
from prosa.facts.day_flags import PACKED_FLAGS
from prosa.facts.model import CATEGORIES, SENTIMENTS

STATES = tuple(str(state) for state in State)
INTERESTS = ("high", "medium", "low")

# One conversation: 60 bytes in network order, as prosa.facts.days reads them.
PACKED = f"""
  int8send(coalesce(f.inbox_id, 0)) || int8send(coalesce(f.assignee_id, 0)) || int8send(coalesce(f.contact_id, 0))
  || float8send(coalesce(f.first_response_seconds, 'NaN')) || float8send(coalesce(f.resolution_seconds, 'NaN'))
  || int8send(coalesce(f.ai_cost * 100000000, 0)::bigint)
  || int2send(date_part('hour', f.local_time)::smallint)
  || int2send((array_position(%(states)s::conversation_state[], f.state) - 1)::smallint)
  || int2send((coalesce(array_position(%(categories)s::insight_category[], f.category), 0) - 1)::smallint)
  || int2send((coalesce(array_position(%(sentiments)s::sentiment[], f.sentiment), 0) - 1)::smallint)
  || int2send(coalesce(f.csat_rating, -1)::smallint)
  || int2send(({PACKED_FLAGS})::smallint)
"""
# What lists are ordered by, and what segments ask: 40 bytes. Moments are microseconds since 2000, as PostgreSQL sends them.
LISTED = """
  int8send(f.conversation_id) || timestamptz_send(f.created_at)
  || timestamptz_send(coalesce(f.last_message_at, f.created_at))
  || timestamptz_send(coalesce(f.last_contact_message_at, '-infinity'))
  || int4send(f.messages_total) || int2send(coalesce(f.conversion_score, -1)::smallint)
  || int2send((coalesce(array_position(%(interests)s::interest[], f.interest), 0) - 1)::smallint)
"""

# Packs days one by one. Of each day PostgreSQL reads a short range of three indexes; OFFSET 0 keeps it from making one pass over
# all conversations instead. `rows` and `listed` are gathered in the same pass, so both have the conversations in the same order.
FRESH = f"""
select w.day, r.rows, r.listed, t.timezone
from tenants t
cross join lateral (
  select day, day::timestamp at time zone t.timezone as since, (day + 1)::timestamp at time zone t.timezone as until
  from unnest(%(days)s::date[]) day) w
cross join lateral (
  select coalesce(string_agg({PACKED}, ''), '') as rows, coalesce(string_agg({LISTED}, ''), '') as listed
  from (
    select f.*, c.state, n.category, n.sentiment, n.is_lead, n.conversion_score, n.interest,
      f.created_at at time zone t.timezone as local_time,
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
    offset 0) f) r
where t.id = %(tenant)s"""


def prepare(conn: Conn, tenant: TenantId, *, limit: int) -> int:
    """Prepare up to `limit` missing days since the first conversation, the newest first. Returns how many.

    It prepares none while another transaction prepares or drops days: the next call will do it.
    """
    lock = "select pg_try_advisory_xact_lock(hashtextextended('prepared days of tenant ' || %s::bigint, 0))"
    row = conn.execute(lock, [tenant]).fetchone()
    days = _unprepared(conn, tenant, limit=limit) if row and row[0] else []
    if not days:
        return 0
    sql = f"""insert into prepared_days (tenant_id, day, rows, listed, timezone) select %(tenant)s, * from ({FRESH}) d
              on conflict (tenant_id, day) do update
              set timezone = excluded.timezone, rows = excluded.rows, listed = excluded.listed"""
    return conn.execute(sql.encode(), values(tenant, days)).rowcount


def values(tenant: TenantId, days: Sequence[date]) -> dict[str, Any]:
    """The values of the parameters in FRESH, for these days."""
    return {
        "tenant": tenant, "days": list(days), "states": list(STATES), "categories": list(CATEGORIES),
        "sentiments": list(SENTIMENTS), "interests": list(INTERESTS),
    }  # fmt: skip


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
    """Drop the prepared days of these conversations, whose facts, insights or outcomes this transaction changes."""
    conn.execute("select forget_prepared_days(%s, %s)", [tenant, bigints(conversation_ids)])


def forget_all(conn: Conn, tenant: TenantId) -> None:
    """Drop all prepared days of the tenant."""
    conn.execute("delete from prepared_days where tenant_id = %s", [tenant])


def _unprepared(conn: Conn, tenant: TenantId, *, limit: int) -> list[date]:
    """Local days since the first conversation that are not prepared, the newest first. Tomorrow is excluded."""
    rows = conn.execute(
        """select d.day::date from tenants t
           cross join lateral (
             select date_trunc('day', min(f.created_at) at time zone t.timezone) as earliest
             from conversation_facts f where f.tenant_id = %(tenant)s) f
           cross join lateral generate_series(f.earliest, now() at time zone t.timezone, '1 day') d (day)
           where t.id = %(tenant)s and not exists (
             select from prepared_days p
             where p.tenant_id = %(tenant)s and p.day = d.day::date and p.timezone = t.timezone)
           order by d.day desc limit %(limit)s""",
        {"tenant": tenant, "limit": limit},
    ).fetchall()
    return [day for (day,) in rows]
