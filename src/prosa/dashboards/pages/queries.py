"""The queries of a company's pages, cached for each tenant and role. The SQL is in `prosa.facts`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prosa.conversations import notes
from prosa.dashboards.cache import tenant_cache
from prosa.dashboards.format import called
from prosa.dashboards.gate import transaction
from prosa.facts import day_counts, days, inventory, listing
from prosa.facts.day_counts import Cohort, Group
from prosa.facts.inventory import Coverage, Named
from prosa.facts.kpis import awaiting_reply
from prosa.facts.listing import Sort
from prosa.facts.model import Filter, Kpis, Opinions, Period, Volume
from prosa.tenancy.model import Principal


@dataclass(frozen=True)
class Numbers:
    """KPIs of a period and of the one before, and the contacts waiting now. `at` is when they were asked for."""

    now: Kpis
    before: Kpis
    awaiting: int
    at: datetime


@dataclass(frozen=True)
class Overview:
    """All that the overview shows of a period. `steps`: the KPIs of its days, or of equal spans of days if there are many."""

    numbers: Numbers
    steps: list[Kpis]
    volumes: list[Volume]
    volumes_before: list[Volume]
    opinions: Opinions
    states: dict[str, int]
    cohorts: list[Cohort]
    inboxes: list[Group]
    agents: list[Group]


@dataclass(frozen=True)
class Basics:
    """What the tenant has, whatever the period: its coverage, and the names that charts and filters show."""

    coverage: Coverage
    inboxes: list[Named]
    agents: list[Named]


@tenant_cache()
def basics(me: Principal) -> Basics:
    """Coverage and names."""
    with transaction(me) as conn:
        return Basics(
            inventory.coverage(conn, me.tenant_id),
            [Named(inbox.id, called(inbox.name)) for inbox in inventory.inboxes(conn, me.tenant_id)],
            [Named(agent.id, called(agent.name)) for agent in inventory.agents(conn, me.tenant_id)],
        )


@tenant_cache()
def overview(me: Principal, period: Period, where: Filter) -> Overview:
    """All numbers of the overview, from prepared days. `where` may restrict inboxes and agents only."""
    with transaction(me) as conn:
        both = days.read(conn, me.tenant_id, first=period.before.first, end=period.end)
        awaiting = awaiting_reply(conn, me.tenant_id, where=where)
    both = day_counts.chosen(both, where.inboxes, where.agents)
    now, before = day_counts.within(both, period), day_counts.within(both, period.before)
    numbers = Numbers(day_counts.kpis(now.rows), day_counts.kpis(before.rows), awaiting, datetime.now(UTC))
    length = (period.end - period.first).days
    return Overview(
        numbers, day_counts.steps(now, length), day_counts.volumes(now), day_counts.volumes(before),
        day_counts.opinions(now.rows), day_counts.states(now.rows),
        day_counts.cohorts(now.rows), day_counts.compared(now, before, "inbox"), day_counts.compared(now, before, "agent"),
    )  # fmt: skip


@tenant_cache(seconds=15)
def listed(me: Principal, period: Period, where: Filter, sort: Sort, after: str | None, limit: int) -> listing.Page:
    """One page of the conversations, by the names of docs/metrics.md."""
    with transaction(me) as conn:
        return listing.page(conn, me.tenant_id, period=period, where=where, sort=sort, after=after, limit=limit)


@tenant_cache(seconds=15)
def newest(me: Principal, period: Period, where: Filter, limit: int) -> list[dict[str, Any]]:
    """The newest conversations, by the names of docs/metrics.md: quicker than a page, which knows how many there are."""
    with transaction(me) as conn:
        return listing.newest(conn, me.tenant_id, period=period, where=where, limit=limit).rows


@tenant_cache(seconds=15)
def noted(me: Principal, conversation_ids: tuple[int, ...]) -> dict[int, int]:
    """How many notes of the team these conversations have."""
    with transaction(me) as conn:
        return notes.counts(conn, me.tenant_id, conversation_ids)


@tenant_cache(seconds=5)
def waiting(me: Principal, where: Filter) -> tuple[int, list[listing.Waiting]]:
    """How many wait for an answer now, and those who wait longest."""
    with transaction(me) as conn:
        return awaiting_reply(conn, me.tenant_id, where=where), listing.waiting(conn, me.tenant_id, where=where)
