"""Prepared days: their KPIs equal those that the database computes, prepared or not, whatever has changed meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facts.builder import CLOSED, START, Conversation, save
from facts.test_kpis import BEGINNINGS, ZONES, MakeTenant, passes, rows
from prosa.analysis.llm import ledger, prices
from prosa.analysis.llm.ledger import Entry
from prosa.db import Conn, Database, Role
from prosa.db.connection import TenantId
from prosa.facts import day_counts, days, kpis, prepared
from prosa.facts.model import CATEGORIES, SENTIMENTS, Filter, Opinions, Period, Volume
from prosa.facts.refresh import refresh
from prosa.gateways.llm import Usage
from prosa.jobs.facts import prepare_days

# The builder's insights all say the same.
VARIED_OPINIONS = """update insights set sentiment = (%(sentiments)s::sentiment[])[1 + conversation_id %% 3],
  category = (%(categories)s::insight_category[])[1 + conversation_id %% 5]"""


@pytest.fixture(scope="module")
def db(own_db: Database) -> Database:
    """No other test's days are prepared with these."""
    return own_db


def approximately(found: Any, wanted: Any) -> None:
    assert asdict(found) == pytest.approx(asdict(wanted))


def prepared_count(conn: Conn, tenant: TenantId) -> int:
    row = conn.execute("select count(*) from prepared_days where tenant_id = %s", [tenant]).fetchone()
    return row[0] if row else 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ZONES), first=st.sampled_from(BEGINNINGS), given=st.lists(rows, max_size=25),
    inboxes=st.sampled_from([(), (1,), (2, None)]), agents=st.sampled_from([(), (None,), (1, 2)]), ready=st.integers(0, 12),
)  # fmt: skip
def test_prepared_days_tell_what_the_database_tells(
    db: Database, make_tenant: MakeTenant, zone: str, first: date, given: list[dict[str, Any]],
    inboxes: tuple[int | None, ...], agents: tuple[int | None, ...], ready: int,
) -> None:  # fmt: skip
    tenant, where = make_tenant(timezone=zone), Filter(inboxes=inboxes, agents=agents)
    midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
    conversations = [
        Conversation(number, midnight + timedelta(seconds=row["offset"]),
                     **{k: v for k, v in row.items() if k != "offset"})
        for number, row in enumerate(given, start=1)
    ]  # fmt: skip
    with db.tenant(tenant) as conn:
        save(conn, tenant, conversations)
        conn.execute(VARIED_OPINIONS, {"sentiments": list(SENTIMENTS), "categories": list(CATEGORIES)})
        prepared.prepare(conn, tenant, limit=ready)
    local = {c.id: c.created_at.astimezone(ZoneInfo(zone)) for c in conversations if passes(c, where)}
    period = Period(first, first + timedelta(days=4))
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        found = day_counts.chosen(days.read(conn, tenant, first=period.before.first, end=period.end), inboxes, agents)
        for asked in (period, period.before):
            here = day_counts.within(found, asked)
            approximately(day_counts.kpis(here.rows), kpis.kpis(conn, tenant, period=asked, where=where))
            during = [c for c in conversations if c.id in local and asked.first <= local[c.id].date() < asked.end]
            assert day_counts.opinions(here.rows) == _opinions(during)
        here = day_counts.within(found, period)
        for mine, theirs in zip(
            day_counts.steps(here, 4), kpis.by_day(conn, tenant, period=period, where=where), strict=True
        ):
            assert mine.conversations == theirs.conversations
            assert mine.first_response_median == pytest.approx(theirs.first_response_median)
        during = [c for c in conversations if c.id in local and period.first <= local[c.id].date() < period.end]
        assert set(day_counts.volumes(here)) == _volumes(during, local)
        before = {
            row.agent_id: row.conversations for row in kpis.by_agent(conn, tenant, period=period.before, where=where)
        }
        beside = {
            group.id: group for group in day_counts.compared(here, day_counts.within(found, period.before), "agent")
        }
        for row in kpis.by_agent(conn, tenant, period=period, where=where):
            [group] = [group for key, group in day_counts.groups(here, "agent") if key == row.agent_id]
            assert day_counts.kpis(group).first_response_p90 == pytest.approx(row.first_response_p90)
            told = beside[row.agent_id]
            assert (told.conversations, told.conversations_before) == (row.conversations, before.get(row.agent_id, 0))
            assert told.first_response_median == pytest.approx(row.first_response_median)
            assert (told.leads, told.never_answered_rate) == (row.leads, row.never_answered_rate)
            assert told.csat_mean == pytest.approx(row.csat_mean)
        cohorts = day_counts.cohorts(here.rows)
        assert (
            sum(cohort.conversations for cohort in cohorts)
            == len(here.rows)
            == sum(day_counts.states(here.rows).values())
        )
        assert sum(day_counts.states(here.rows)[state] for state in CLOSED) == _closed(conn, tenant, period, where)


def _opinions(conversations: Sequence[Conversation]) -> Opinions:
    analysed = [c.id for c in conversations if c.is_lead is not None]
    return Opinions(
        {name: sum(i % 3 == code for i in analysed) for code, name in enumerate(SENTIMENTS)},
        {name: sum(i % 5 == code for i in analysed) for code, name in enumerate(CATEGORIES)},
    )


def _volumes(conversations: Sequence[Conversation], local: Mapping[int, datetime]) -> set[Volume]:
    groups: dict[tuple[str, date | None, int | None, int | None], list[Conversation]] = {}
    for c in conversations:
        at = local[c.id]
        groups.setdefault(("day", at.date(), None, None), []).append(c)
        groups.setdefault(("hour", None, at.isoweekday(), at.hour), []).append(c)
    return {
        Volume(*key, len(group), sum(c.is_lead is True for c in group),
               sum(c.messages_contact > 0 and c.messages_agent == 0 for c in group))
        for key, group in groups.items()
    }  # fmt: skip


def _closed(conn: Conn, tenant: TenantId, period: Period, where: Filter) -> int:
    return kpis.kpis(
        conn, tenant, period=period, where=Filter(where.inboxes, where.agents, states=tuple(CLOSED))
    ).conversations


@pytest.mark.parametrize(
    "change",
    [
        "delete from conversations where tenant_id = %(tenant)s and id = 1",
        "update conversations set assignee_id = 9, version = version + 1 where tenant_id = %(tenant)s and id = 1",
        "update conversations set created_at = created_at - interval '3 days' where tenant_id = %(tenant)s and id = 1",
    ],
)
def test_facts_that_change_are_prepared_anew(db: Database, tenant: TenantId, change: str) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(i, datetime(2026, 3, 1 + i, 12, tzinfo=UTC)) for i in (1, 2, 3)])
    prepare_days(db)
    with db.tenant(tenant) as conn:
        before = prepared_count(conn, tenant)
        conn.execute(change, {"tenant": tenant})
        refresh(conn, tenant, [1])
        assert prepared_count(conn, tenant) < before
        found = days.read(conn, tenant, first=date(2026, 1, 1), end=date(2026, 4, 1))
        wanted = kpis.by_agent(conn, tenant, period=Period(date(2026, 1, 1), date(2026, 4, 1)))
        assert {key: len(group) for key, group in day_counts.groups(found, "agent")} == {
            row.agent_id: row.conversations for row in wanted
        }
    prepare_days(db)
    with db.tenant(tenant) as conn:
        again = days.read(conn, tenant, first=date(2026, 1, 1), end=date(2026, 4, 1))
    for name in days.FIELDS:  # their bytes: "no value" is not a number, which equals nothing
        assert sorted(again.rows[name].tobytes()) == sorted(found.rows[name].tobytes())


def test_a_call_that_is_billed_is_counted_on_the_day_of_its_conversation(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1, charged=("0.5",))])
    prepare_days(db)
    with db.tenant(tenant) as conn:
        entry = Entry("reply", "example.org", "gpt-4o-mini", "v1", b"", conversation_id=1)
        call = ledger.open_call(conn, tenant, entry, estimate=Decimal("0.01"))
        terms = prices.terms(conn, "gpt-4o-mini")
        usd = ledger.close_call(conn, tenant, call.id, ledger.End("failed", Usage(1000, 100)), terms=terms)
    period = Period(START.date(), START.date() + timedelta(days=1))
    with db.tenant(tenant) as conn:
        found = day_counts.kpis(days.read(conn, tenant, first=period.first, end=period.end).rows)
        assert usd and found.ai_cost == kpis.kpis(conn, tenant, period=period).ai_cost
        assert found.ai_cost == Decimal("0.5") + round(terms.brl(usd), 8)


def test_nothing_is_prepared_while_a_transaction_that_changes_facts_is_under_way(
    db: Database, tenant: TenantId
) -> None:
    """What it is about to commit would be missing for good."""
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1)])
    with db.tenant(tenant) as writer:
        refresh(writer, tenant, [1])
        with db.tenant(tenant) as conn:
            assert prepared.prepare(conn, tenant, limit=5) == 0
    with db.tenant(tenant) as conn:
        assert prepared.prepare(conn, tenant, limit=5) == 5


def test_another_time_zone_makes_other_days(db: Database, tenant: TenantId, superuser: psycopg.Connection) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1, datetime(2026, 3, 2, 1, tzinfo=UTC))])
        prepared.prepare(conn, tenant, limit=1000)
        assert list(days.read(conn, tenant, first=date(2026, 3, 1), end=date(2026, 3, 3)).day) == [0]
    superuser.execute("update tenants set timezone = 'UTC' where id = %s", [tenant])
    with db.tenant(tenant) as conn:
        assert list(days.read(conn, tenant, first=date(2026, 3, 1), end=date(2026, 3, 3)).day) == [1]


def test_states_and_judgements_have_the_order_of_the_schema(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        row = conn.execute("select enum_range(null::conversation_state)::text[]").fetchone()
    assert row and set(row[0]) == set(prepared.STATES)
