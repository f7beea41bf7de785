"""KPIs of a period, computed by the database (docs/metrics.md), one statement for each function.

All of them find conversations in `conversation_facts` by its index of creation times, which holds every counted column, and
then look up their insights and outcomes.
"""

from typing import Any

from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.facts import conditions
from prosa.facts.model import (
    EVERYTHING,
    AgentKpis,
    BandKpis,
    DayKpis,
    Filter,
    InboxKpis,
    Kpis,
    Period,
)
from prosa.facts.selection import BOUNDS, WITHIN, parameters, restriction

# One row a conversation of the period.
CONVERSATIONS = f"""
  select f.inbox_id, f.contact_id, f.assignee_id, f.csat_rating, f.first_response_seconds, f.resolution_seconds,
    f.created_at at time zone (select timezone from bounds) as local_time,
    {conditions.NEVER_ANSWERED} as never_answered,
    {conditions.BOT_RESOLVED} as bot_resolved,
    {conditions.REOPENED} as reopened,
    n.is_lead,
    f.conversation_id in (
      select conversation_id from outcomes where tenant_id = %(tenant)s and kind = 'visit') as visited,
    f.conversation_id in (
      select conversation_id from outcomes where tenant_id = %(tenant)s and kind = 'conversion') as converted,
    (select sum(l.cost_brl) from llm_calls l
     where l.tenant_id = %(tenant)s and l.conversation_id = f.conversation_id) as ai_cost
  from conversation_facts f
  left join insights n on n.tenant_id = f.tenant_id and n.conversation_id = f.conversation_id
    and n.conversation_created_at >= (select since from bounds)
    and n.conversation_created_at < (select until from bounds)
  where f.tenant_id = %(tenant)s and {WITHIN}"""


MEASURES = """
  count(*) as conversations,
  count(distinct contact_id) as contacts,
  count(is_lead) as analysed,
  count(*) filter (where is_lead) as leads,
  count(*) filter (where visited) as visits,
  count(*) filter (where converted) as conversions,
  count(*) filter (where never_answered) as never_answered,
  count(*) filter (where bot_resolved) as bot_resolved,
  count(*) filter (where reopened) as reopened,
  count(csat_rating) as csat_answers,
  nullif(sum(ai_cost), 0) as ai_cost,
  avg(csat_rating)::double precision as csat_mean,
  avg(first_response_seconds) as first_response_mean,
  avg(resolution_seconds) as resolution_mean,
  percentile_cont(array[0.5, 0.9]) within group (order by first_response_seconds) as first_response,
  percentile_cont(array[0.5, 0.9]) within group (order by resolution_seconds) as resolution
"""

KPIS = """
  coalesce(m.conversations, 0) as conversations,
  coalesce(m.contacts, 0) as contacts,
  coalesce(m.analysed, 0) as analysed,
  coalesce(m.leads, 0) as leads,
  m.leads::double precision / nullif(m.analysed, 0) as lead_rate,
  coalesce(m.visits, 0) as visits,
  coalesce(m.conversions, 0) as conversions,
  m.conversions::double precision / nullif(m.leads, 0) as conversion_rate,
  coalesce(m.never_answered, 0) as never_answered,
  m.never_answered::double precision / nullif(m.conversations, 0) as never_answered_rate,
  m.first_response_mean, m.first_response[1] as first_response_median, m.first_response[2] as first_response_p90,
  m.resolution_mean, m.resolution[1] as resolution_median, m.resolution[2] as resolution_p90,
  coalesce(m.bot_resolved, 0) as bot_resolved,
  m.bot_resolved::double precision / nullif(m.conversations, 0) as bot_resolved_rate,
  coalesce(m.reopened, 0) as reopened,
  m.reopened::double precision / nullif(m.conversations, 0) as reopened_rate,
  m.csat_mean,
  coalesce(m.csat_answers, 0) as csat_answers,
  m.csat_answers::double precision / nullif(m.conversations, 0) as csat_answer_rate,
  m.ai_cost
"""


def kpis(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> Kpis:
    """Every KPI of the conversations created in the period. For the period before, ask again with `period.before`."""
    sql = f"""with {BOUNDS}, c as ({CONVERSATIONS} {restriction(where)}), m as (select {MEASURES} from c)
              select {KPIS} from m"""
    row = fetch_one(conn, Kpis, sql.encode(), parameters(tenant, where, period))
    assert row is not None  # an aggregate without groups always has one row
    return row


def by_inbox(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> list[InboxKpis]:
    """KPIs of each inbox that had conversations, the busiest first."""
    sql = f"""{_grouped("inbox_id", where)}
              select m.key as inbox_id, i.name, {KPIS}
              from m left join inboxes i on i.tenant_id = %(tenant)s and i.id = m.key
              order by conversations desc, m.key"""
    return fetch_all(conn, InboxKpis, sql.encode(), parameters(tenant, where, period))


def by_agent(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> list[AgentKpis]:
    """KPIs of each assignee who had conversations, the busiest first. Unassigned conversations are a group of their own."""
    sql = f"""{_grouped("assignee_id", where)}
              select m.key as agent_id, a.name, {KPIS}
              from m left join agents a on a.tenant_id = %(tenant)s and a.id = m.key
              order by conversations desc, m.key"""
    return fetch_all(conn, AgentKpis, sql.encode(), parameters(tenant, where, period))


def by_day(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> list[DayKpis]:
    """KPIs of each local day of the period, in order. A day without conversations has zeros."""
    sql = f"""{_grouped("local_time::date", where)}
              select d.day::date as day, {KPIS}
              from generate_series(%(first)s::timestamp, %(end)s::timestamp - interval '1 day', '1 day') d (day)
              left join m on m.key = d.day::date order by 1"""
    return fetch_all(conn, DayKpis, sql.encode(), parameters(tenant, where, period))


def by_hour_band(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> list[BandKpis]:
    """KPIs of the four bands of local hours 00–05, 06–11, 12–17 and 18–23, in order."""
    sql = f"""{_grouped("date_part('hour', local_time)::integer / 6", where)}
              select b.band, {KPIS} from generate_series(0, 3) b (band) left join m on m.key = b.band order by 1"""
    return fetch_all(conn, BandKpis, sql.encode(), parameters(tenant, where, period))


def awaiting_reply(conn: Conn, tenant: TenantId, *, where: Filter = EVERYTHING) -> int:
    """Open conversations whose last public message is a contact's, now, whenever they began."""
    sql = f"""select count(*) from conversation_facts f
              where f.tenant_id = %(tenant)s and {conditions.AWAITING_REPLY} {restriction(where)}"""
    row: Any = conn.execute(sql.encode(), parameters(tenant, where)).fetchone()
    return int(row[0])


def _grouped(key: str, where: Filter) -> str:
    """The measures `m` of each `key`, as the beginning of a statement."""
    return f"""with {BOUNDS}, c as ({CONVERSATIONS} {restriction(where)}),
               m as (select {key} as key, {MEASURES} from c group by 1)"""
