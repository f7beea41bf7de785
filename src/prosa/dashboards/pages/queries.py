"""What the overview asks, kept for a minute per tenant and role. The statements themselves stand in `prosa.facts`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prosa.dashboards.cache import tenant_cache
from prosa.dashboards.gate import reading
from prosa.facts import conversations, kpis, opinions
from prosa.facts.conversations import Coverage, Named
from prosa.facts.kpis import awaiting_reply
from prosa.facts.model import Filter, Kpis, Period, Volume
from prosa.facts.opinions import Opinions
from prosa.tenancy.model import Principal
from prosa.tenancy.tenants import list_tenants

ROWS = 100  # of the table of the newest conversations


@dataclass(frozen=True)
class Numbers:
    """KPIs of a period and of the one before, with those waiting now. `at`: when they were asked."""

    now: Kpis
    before: Kpis
    awaiting: int
    at: datetime


@dataclass(frozen=True)
class Company:
    """A tenant with its numbers, as the operator sees it."""

    slug: str
    name: str
    suspended: bool
    coverage: Coverage
    numbers: Numbers


@dataclass(frozen=True)
class Basics:
    """What the tenant has at all: its coverage, and the names that charts and filters show."""

    coverage: Coverage
    inboxes: list[Named]
    agents: list[Named]


@tenant_cache()
def basics(me: Principal) -> Basics:
    """Coverage and names."""
    with reading(me) as conn:
        return Basics(
            conversations.coverage(conn, me.tenant_id),
            conversations.inboxes(conn, me.tenant_id),
            conversations.agents(conn, me.tenant_id),
        )


@tenant_cache()
def numbers(me: Principal, period: Period, where: Filter) -> Numbers:
    """KPIs of the period and of the one before."""
    with reading(me) as conn:
        return Numbers(
            kpis.kpis(conn, me.tenant_id, period=period, where=where),
            kpis.kpis(conn, me.tenant_id, period=period.before, where=where),
            awaiting_reply(conn, me.tenant_id, where=where),
            datetime.now(UTC),
        )


@tenant_cache()
def volumes(me: Principal, period: Period, where: Filter) -> list[Volume]:
    """Counts per day, inbox, agent, and weekday with hour."""
    with reading(me) as conn:
        return kpis.volumes(conn, me.tenant_id, period=period, where=where)


@tenant_cache()
def judged(me: Principal, period: Period, where: Filter) -> Opinions:
    """Sentiments and categories."""
    with reading(me) as conn:
        return opinions.opinions(conn, me.tenant_id, period=period, where=where)


@tenant_cache()
def newest(me: Principal, period: Period, where: Filter) -> list[dict[str, Any]]:
    """The newest conversations of the period, by the names of docs/metrics.md."""
    with reading(me) as conn:
        return conversations.newest(conn, me.tenant_id, period=period, where=where, limit=ROWS)


@tenant_cache()
def companies(me: Principal, period: Period) -> list[Company]:
    """Every tenant, the busiest first. For the operator: anybody else sees himself at most."""
    with reading(me) as conn:
        found = [
            Company(
                tenant.slug, tenant.name, tenant.suspended_at is not None, conversations.coverage(conn, tenant.id),
                Numbers(
                    kpis.kpis(conn, tenant.id, period=period),
                    kpis.kpis(conn, tenant.id, period=period.before),
                    awaiting_reply(conn, tenant.id),
                    datetime.now(UTC),
                ),
            )
            for tenant in list_tenants(conn)
        ]  # fmt: skip
    return sorted(found, key=lambda company: (-company.numbers.now.conversations, company.slug))
