"""What the page of the model's costs asks of the database. `conn` is the operator's."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from prosa.db import Conn, fetch_all


@dataclass(frozen=True)
class TenantCost:
    """US$ that the tenant has spent or reserved today and this month, in its own zone, and its budgets (None: no limit).

    If it has a key of its own, the provider bills the tenant itself.
    """

    id: int
    name: str
    slug: str
    day_usd: Decimal
    month_usd: Decimal
    day_budget: Decimal | None
    month_budget: Decimal | None
    own_key: bool


@dataclass(frozen=True)
class DayCost:
    """US$ of all calls on one day that the installation pays for."""

    day: date
    usd: Decimal
    calls: int


def by_tenant(conn: Conn) -> list[TenantCost]:
    """The installation (tenant 0), then every tenant by name."""
    sql = """select t.id, t.name, t.slug, coalesce(d.usd, 0) as day_usd, coalesce(m.usd, 0) as month_usd,
               b.day_usd as day_budget, b.month_usd as month_budget,
               exists (select from llm_keys k where k.tenant_id = t.id) as own_key
             from tenants t
             left join llm_spending d on d.tenant_id = t.id and d.period = 'day'
               and d.starts_on = (now() at time zone t.timezone)::date
             left join llm_spending m on m.tenant_id = t.id and m.period = 'month'
               and m.starts_on = date_trunc('month', now() at time zone t.timezone)::date
             left join llm_budgets b on b.tenant_id = t.id
             order by t.id > 0, lower(t.name), t.id"""
    return fetch_all(conn, TenantCost, sql)


def by_day(conn: Conn, *, first: date, timezone: str, tenant: int | None = None) -> list[DayCost]:
    """The days from `first` on that have calls, in this zone, of one tenant or all. Unpriced calls count as estimated."""
    sql = """select (c.started_at at time zone %(zone)s)::date as day, count(*) as calls,
               sum(case when c.state = 'failed' then coalesce(c.cost_usd, 0)
                        else coalesce(c.cost_usd, c.estimated_usd) end) as usd
             from tenants t join llm_calls c on c.tenant_id = t.id and not c.own_key
               and c.started_at >= %(first)s::date::timestamp at time zone %(zone)s
             where %(tenant)s::bigint is null or t.id = %(tenant)s
             group by 1 order by 1"""
    return fetch_all(conn, DayCost, sql, {"first": first, "zone": timezone, "tenant": tenant})
