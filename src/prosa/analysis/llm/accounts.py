"""Money: budgets, prices and the exchange rate that the operator sets, and what has been spent."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from prosa.db import Conn, fetch_all, fetch_one
from prosa.errors import Invalid
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM

WARN_AT = Decimal("0.8")
OLD_AFTER = timedelta(days=30)  # of an exchange rate


@dataclass(frozen=True)
class Spending:
    """What a tenant has spent or reserved today and this month, and its budgets (None: no limit), in US$."""

    tenant_id: int
    tenant: str
    day_usd: Decimal
    day_budget: Decimal | None
    month_usd: Decimal
    month_budget: Decimal | None

    @property
    def is_near(self) -> bool:
        """Whether 80 % of a budget are used up."""
        pairs = ((self.day_usd, self.day_budget), (self.month_usd, self.month_budget))
        return any(budget is not None and usd >= WARN_AT * budget for usd, budget in pairs)


def spending(conn: Conn) -> list[Spending]:
    """The spending of every tenant that the connection may see; to the operator, tenant 0 (the installation) comes first.

    With a tenant's own connection it is that tenant's row alone: the figure for its screens.
    """
    sql = """select t.id as tenant_id, t.slug as tenant, b.day_usd as day_budget, b.month_usd as month_budget,
               coalesce((select usd from llm_spending s where s.tenant_id = t.id and s.period = 'day'
                           and s.starts_on = (now() at time zone t.timezone)::date), 0) as day_usd,
               coalesce((select usd from llm_spending s where s.tenant_id = t.id and s.period = 'month'
                           and s.starts_on = date_trunc('month', now() at time zone t.timezone)::date), 0) as month_usd
             from tenants t left join llm_budgets b on b.tenant_id = t.id order by t.id"""
    return fetch_all(conn, Spending, sql)


def set_budget(conn: Conn, tenant: int, *, day: Decimal | None, month: Decimal | None, actor: str) -> None:
    """Budgets in US$ of a tenant, or of the installation (tenant 0); None is no limit. Needs the operator's connection."""
    if any(value is not None and value < 0 for value in (day, month)):
        raise Invalid("A budget is a number of US$ from zero up.")
    conn.execute(
        """insert into llm_budgets (tenant_id, day_usd, month_usd) values (%s, %s, %s)
           on conflict (tenant_id) do update set day_usd = excluded.day_usd, month_usd = excluded.month_usd""",
        [tenant, day, month],
    )
    _changed(conn, "ai.budget", f"tenant:{tenant}", {"day_usd": day, "month_usd": month}, actor)


def set_price(
    conn: Conn,
    model: str,
    *,
    input_usd: Decimal,
    output_usd: Decimal,
    cached_usd: Decimal | None,
    since: date,
    actor: str,
) -> None:
    """Set this installation's price of a model, in US$ per million tokens, from a day on. Needs the operator's connection."""
    cached = input_usd if cached_usd is None else cached_usd
    if min(input_usd, output_usd, cached) < 0:
        raise Invalid("A price is a number of US$ from zero up.")
    conn.execute(
        """insert into llm_prices (tenant_id, model, valid_from, input_usd, cached_usd, output_usd) values (0, %s, %s, %s, %s, %s)
           on conflict (tenant_id, model, valid_from) do update
           set input_usd = excluded.input_usd, cached_usd = excluded.cached_usd, output_usd = excluded.output_usd""",
        [model, since, input_usd, cached, output_usd],
    )
    _changed(conn, "ai.price", f"model:{model}", {"input": input_usd, "cached": cached, "output": output_usd}, actor)


def set_rate(conn: Conn, brl_per_usd: Decimal, *, on: date, source: str, actor: str) -> None:
    """Set the exchange rate of a day. Calls are booked with the newest one. Needs the operator's connection."""
    if brl_per_usd <= 0:
        raise Invalid("An exchange rate is a number above zero.")
    conn.execute(
        """insert into exchange_rates (tenant_id, rate_on, brl_per_usd, source) values (0, %s, %s, %s)
           on conflict (tenant_id, rate_on) do update set brl_per_usd = excluded.brl_per_usd, source = excluded.source""",
        [on, brl_per_usd, source],
    )
    _changed(conn, "ai.rate", f"rate:{on}", {"brl_per_usd": brl_per_usd}, actor)


@dataclass(frozen=True)
class Rate:
    """The exchange rate that calls are booked with: R$ for one US$, the day it is of, and where it is from."""

    brl_per_usd: Decimal
    on: date
    source: str

    def is_old(self, today: date) -> bool:
        """Whether it is more than 30 days old: figures in R$ are then further off than they need be."""
        return today - self.on > OLD_AFTER


def rate(conn: Conn, *, today: date) -> Rate | None:
    """The newest exchange rate; None where there is none. Needs the operator's connection."""
    sql = """select brl_per_usd, rate_on as "on", source from exchange_rates
             where tenant_id = 0 and rate_on <= %s order by rate_on desc limit 1"""
    return fetch_one(conn, Rate, sql, [today])


def _changed(conn: Conn, action: str, what: str, after: dict[str, Decimal | None], actor: str) -> None:
    said = {key: None if value is None else str(value) for key, value in after.items()}
    audit.record(conn, PLATFORM, actor, action, what, after=said)
