"""KPIs: the database's numbers equal a computation by docs/metrics.md, conversation by conversation, in any zone."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facts.builder import CLOSED, Conversation, save, save_names
from prosa.db import Database, Role
from prosa.db.connection import TenantId
from prosa.errors import Invalid
from prosa.facts import kpis
from prosa.facts.model import Filter, Period

ZONES = ["America/Sao_Paulo", "America/Manaus", "America/New_York", "Asia/Kathmandu"]
# Around New York's change to summer time (8 March 2026), its end (1 November 2026), and plain days.
BEGINNINGS = [date(2026, 3, 6), date(2026, 10, 30), date(2026, 6, 10)]
MakeTenant = Callable[..., TenantId]

seconds = st.none() | st.floats(0, 1e6, allow_nan=False)
rows = st.builds(
    dict,
    offset=st.integers(-4 * 86_400, 7 * 86_400), source=st.sampled_from(["chatwoot", "twilio", "api"]),
    inbox_id=st.sampled_from([None, 1, 2]), contact_id=st.sampled_from([None, 1, 2, 3]),
    assignee_id=st.sampled_from([None, 1, 2]), team_id=st.sampled_from([None, 1, 2]),
    state=st.sampled_from(["pending", "progress", "human_handoff", *sorted(CLOSED)]),
    labels=st.sampled_from([(), ("vip",), ("venda", "vip")]),
    messages_contact=st.integers(0, 2), messages_agent=st.integers(0, 2), messages_bot=st.integers(0, 2),
    last_sender=st.sampled_from([None, "contact", "agent", "bot"]),
    first_response_seconds=seconds, resolution_seconds=seconds, times_reopened=st.integers(0, 2),
    csat_rating=st.none() | st.integers(1, 5), is_lead=st.sampled_from([None, True, False]),
    outcomes=st.sampled_from([(), ("visit",), ("conversion",), ("visit", "visit", "conversion")]),
    charged=st.sampled_from([(), ("0",), ("0.00000001", None), ("0.00312345", "12.1", "0")]),
)  # fmt: skip
filters = st.builds(
    Filter,
    inboxes=st.sampled_from([(), (1,), (2, None)]), agents=st.sampled_from([(), (None,), (1, 2)]),
    teams=st.sampled_from([(), (1,)]), labels=st.sampled_from([(), ("vip",)]),
    states=st.sampled_from([(), ("progress", "expired")]), sources=st.sampled_from([(), ("twilio", "api")]),
)  # fmt: skip


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], fraction: float) -> float | None:
    """Linear between the two nearest ranks."""
    if not values:
        return None
    ordered, place = sorted(values), (len(values) - 1) * fraction
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def expected(found: Sequence[Conversation]) -> dict[str, Any]:
    """The KPIs by their definitions."""
    response = [c.first_response_seconds for c in found if c.first_response_seconds is not None]
    resolution = [c.resolution_seconds for c in found if c.resolution_seconds is not None]
    ratings = [c.csat_rating for c in found if c.csat_rating is not None]
    analysed, leads = sum(c.is_lead is not None for c in found), sum(c.is_lead is True for c in found)
    conversions = sum("conversion" in c.outcomes for c in found)
    unanswered = sum(c.messages_contact > 0 and c.messages_agent == 0 for c in found)
    by_bot = sum(c.state in CLOSED and c.messages_agent == 0 and c.messages_bot > 0 for c in found)
    reopened = sum(c.times_reopened > 0 for c in found)
    return {
        "conversations": len(found), "contacts": len({c.contact_id for c in found} - {None}),
        "analysed": analysed, "leads": leads, "lead_rate": ratio(leads, analysed),
        "visits": sum("visit" in c.outcomes for c in found),
        "conversions": conversions, "conversion_rate": ratio(conversions, leads),
        "never_answered": unanswered, "never_answered_rate": ratio(unanswered, len(found)),
        "first_response_mean": mean(response), "first_response_median": percentile(response, 0.5),
        "first_response_p90": percentile(response, 0.9), "resolution_mean": mean(resolution),
        "resolution_median": percentile(resolution, 0.5), "resolution_p90": percentile(resolution, 0.9),
        "bot_resolved": by_bot, "bot_resolved_rate": ratio(by_bot, len(found)),
        "reopened": reopened, "reopened_rate": ratio(reopened, len(found)),
        "csat_mean": mean(ratings), "csat_answers": len(ratings), "csat_answer_rate": ratio(len(ratings), len(found)),
        "ai_cost": sum((Decimal(brl) for c in found for brl in c.charged if brl), Decimal(0)) or None,
    }  # fmt: skip


def passes(c: Conversation, where: Filter) -> bool:
    return (
        (not where.inboxes or c.inbox_id in where.inboxes)
        and (not where.agents or c.assignee_id in where.agents)
        and (not where.teams or c.team_id in where.teams)
        and (not where.labels or bool(set(c.labels) & set(where.labels)))
        and (not where.states or c.state in where.states)
        and (not where.sources or c.source in where.sources)
    )


def same(actual: Any, wanted: dict[str, Any], **keys: Any) -> None:
    row = asdict(actual)
    assert {name: row[name] for name in keys} == keys
    assert {name: row[name] for name in wanted} == pytest.approx(wanted, nan_ok=False)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), first=st.sampled_from(BEGINNINGS), given=st.lists(rows, max_size=25), where=filters)
def test_kpis_equal_a_computation_by_the_definitions(
    db: Database, make_tenant: MakeTenant, zone: str, first: date, given: list[dict[str, Any]], where: Filter
) -> None:
    tenant = make_tenant(timezone=zone)
    midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
    conversations = [
        Conversation(id=number, created_at=midnight + timedelta(seconds=row["offset"]),
                     **{k: v for k, v in row.items() if k != "offset"})
        for number, row in enumerate(given, start=1)
    ]  # fmt: skip
    period = Period(first, first + timedelta(days=4))
    local = {c.id: c.created_at.astimezone(ZoneInfo(zone)) for c in conversations}
    chosen = [c for c in conversations if passes(c, where)]
    during = [c for c in chosen if period.first <= local[c.id].date() < period.end]
    before = [c for c in chosen if first - timedelta(days=4) <= local[c.id].date() < first]
    with db.tenant(tenant) as conn:
        save(conn, tenant, conversations)
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        same(kpis.kpis(conn, tenant, period=period, where=where), expected(during))
        same(kpis.kpis(conn, tenant, period=period.before, where=where), expected(before))

        days = kpis.by_day(conn, tenant, period=period, where=where)
        assert len(days) == 4
        for number, row in enumerate(days):
            day = first + timedelta(days=number)
            same(row, expected([c for c in during if local[c.id].date() == day]), day=day)

        bands = kpis.by_hour_band(conn, tenant, period=period, where=where)
        for band in range(4):
            same(bands[band], expected([c for c in during if local[c.id].hour // 6 == band]), band=band)

        inboxes = kpis.by_inbox(conn, tenant, period=period, where=where)
        assert {row.inbox_id for row in inboxes} == {c.inbox_id for c in during}
        for row in inboxes:
            same(row, expected([c for c in during if c.inbox_id == row.inbox_id]))

        agents = kpis.by_agent(conn, tenant, period=period, where=where)
        assert {row.agent_id for row in agents} == {c.assignee_id for c in during}
        for row in agents:
            same(row, expected([c for c in during if c.assignee_id == row.agent_id]))

        waiting = [c for c in chosen if c.last_sender == "contact" and c.state not in CLOSED]
        assert kpis.awaiting_reply(conn, tenant, where=where) == len(waiting)


def test_groups_carry_their_names_and_the_busiest_comes_first(db: Database, tenant: TenantId) -> None:
    given = [Conversation(1, inbox_id=5, assignee_id=7), Conversation(2, inbox_id=5), Conversation(3, inbox_id=6)]
    period = Period(date(2026, 3, 1), date(2026, 3, 2))
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[5, 6], agents=[7])
        save(conn, tenant, given)
        inboxes = [(row.inbox_id, row.name) for row in kpis.by_inbox(conn, tenant, period=period)]
        agents = [(row.agent_id, row.name) for row in kpis.by_agent(conn, tenant, period=period)]
    assert inboxes == [(5, "Caixa 5"), (6, "Caixa 6")]
    assert agents == [(None, None), (7, "Agente 7")]


def test_two_tenants_never_mix(db: Database, make_tenant: MakeTenant) -> None:
    """Same ids, same times: each sees its own numbers only, and the other's id given by mistake shows nothing."""
    one, other = make_tenant(), make_tenant()
    period = Period(date(2026, 3, 1), date(2026, 3, 2))
    with db.tenant(one) as conn:
        save(conn, one, [Conversation(1, is_lead=True, outcomes=("visit",)), Conversation(2)])
    with db.tenant(other) as conn:
        save(conn, other, [Conversation(1, is_lead=False)])
        mine = kpis.kpis(conn, other, period=period)
        assert (mine.conversations, mine.leads, mine.visits) == (1, 0, 0)
        assert kpis.kpis(conn, one, period=period).conversations == 0
        assert kpis.awaiting_reply(conn, one) == 0
    with db.operator() as conn:  # who sees every tenant, and still gets the one asked for
        assert kpis.kpis(conn, one, period=period).conversations == 2
        assert kpis.kpis(conn, other, period=period).conversations == 1


def test_a_period_has_a_day_at_least() -> None:
    with pytest.raises(Invalid):
        Period(date(2026, 3, 1), date(2026, 3, 1))
