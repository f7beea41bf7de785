"""The KPIs of every tenant side by side, for the operator: one statement, however many tenants there are."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from prosa.db import Conn, TenantId, fetch_all
from prosa.facts import conditions
from prosa.facts.kpis import KPIS, MEASURES
from prosa.facts.model import Kpis, Period

# Conversations of the period and of the one before, with each tenant's days in its own zone.
CONVERSATIONS = f"""
  select t.id as tenant_id, f.created_at >= %(first)s::date::timestamp at time zone t.timezone as current,
    (f.created_at at time zone t.timezone)::date as day,
    f.contact_id, f.csat_rating, f.first_response_seconds, f.resolution_seconds,
    {conditions.NEVER_ANSWERED} as never_answered,
    {conditions.BOT_RESOLVED} as bot_resolved,
    {conditions.REOPENED} as reopened, n.is_lead,
    coalesce(o.visited, false) as visited, coalesce(o.converted, false) as converted,
    (select sum(l.cost_brl) from llm_calls l
     where l.tenant_id = f.tenant_id and l.conversation_id = f.conversation_id) as ai_cost
  from tenants t
  join conversation_facts f on f.tenant_id = t.id
    and f.created_at >= %(before)s::date::timestamp at time zone t.timezone
    and f.created_at < %(end)s::date::timestamp at time zone t.timezone
  left join insights n on n.tenant_id = f.tenant_id and n.conversation_id = f.conversation_id
  left join (
    select tenant_id, conversation_id, bool_or(kind = 'visit') as visited, bool_or(kind = 'conversion') as converted
    from outcomes group by 1, 2) o on o.tenant_id = f.tenant_id and o.conversation_id = f.conversation_id"""


@dataclass(frozen=True)
class TenantState:
    """What a tenant has and how it does, whatever the period.

    `read_error` is of the latest run, `read_at` of the latest good one.
    """

    id: TenantId
    slug: str
    name: str
    suspended_at: datetime | None
    delete_after: datetime | None
    sources: int
    newest: datetime | None
    awaiting: int
    read_at: datetime | None
    read_error: str | None


@dataclass(frozen=True)
class TenantNumbers:
    """A tenant's KPIs of the period and of the one before, and its conversations on each day of the period."""

    now: Kpis
    before: Kpis
    days: dict[date, int]


def states(conn: Conn) -> list[TenantState]:
    """Every tenant, by name. `conn` is the operator's."""
    sql = f"""
      select t.id, t.slug, t.name, t.suspended_at, t.delete_after,
        (select count(*) from sources s where s.tenant_id = t.id and s.enabled)
          + (select count(*) from twilio_accounts a where a.tenant_id = t.id) as sources,
        (select max(f.created_at) from conversation_facts f where f.tenant_id = t.id) as newest,
        (select count(*) from conversation_facts f
         where f.tenant_id = t.id and {conditions.AWAITING_REPLY}) as awaiting,
        (select r.finished_at from etl_runs r where r.tenant_id = t.id and r.state = 'done'
         order by r.started_at desc limit 1) as read_at,
        (select r.error from etl_runs r where r.tenant_id = t.id order by r.started_at desc limit 1) as read_error
      from tenants t where t.id > 0 order by lower(t.name), t.id"""
    return fetch_all(conn, TenantState, sql.encode())


def numbers(conn: Conn, period: Period) -> dict[TenantId, TenantNumbers]:
    """The KPIs of each tenant that had conversations in the period or the one before. `conn` is the operator's."""
    sql = f"""
      with c as materialized ({CONVERSATIONS}),
      m as (select tenant_id, current, {MEASURES} from c group by 1, 2),
      d as (select tenant_id, current, jsonb_object_agg(day, count) as days
            from (select tenant_id, current, day, count(*) from c group by 1, 2, 3) each group by 1, 2)
      select m.tenant_id, m.current, d.days, {KPIS} from m join d using (tenant_id, current)"""
    values = {"first": period.first, "before": period.before.first, "end": period.end}
    rows: list[dict[str, Any]] = fetch_all(conn, dict, sql.encode(), values)
    found: dict[TenantId, dict[bool, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(TenantId(row["tenant_id"]), {})[row["current"]] = row
    return {
        tenant: TenantNumbers(_kpis(halves.get(True)), _kpis(halves.get(False)), _days(halves.get(True)))
        for tenant, halves in found.items()
    }


def _nothing() -> Kpis:
    values: dict[str, Any] = {f.name: 0 if f.type is int else None for f in fields(Kpis)}
    return Kpis(**values)


NOTHING = TenantNumbers(_nothing(), _nothing(), {})


def _kpis(row: dict[str, Any] | None) -> Kpis:
    if row is None:
        return NOTHING.now
    return Kpis(**{f.name: row[f.name] for f in fields(Kpis) if f.name in row})


def _days(row: dict[str, Any] | None) -> dict[date, int]:
    return {date.fromisoformat(day): count for day, count in row["days"].items()} if row else {}
