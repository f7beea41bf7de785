"""Visits and conversions are stated by people once, taken back by people, and both stay known."""

from datetime import UTC, date, datetime

import pytest

from facts.builder import Conversation, save
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.errors import NotFound
from prosa.facts import conversions, day_counts, days, kpis, outcomes, prepared
from prosa.facts.model import Period
from prosa.facts.outcomes import Origin, OutcomeKind

NOW = datetime(2026, 3, 1, 15, tzinfo=UTC)
PERIOD = Period(date(2026, 3, 1), date(2026, 3, 2))


def both(conn: Conn, tenant: TenantId) -> tuple[int, int]:
    """Visits by SQL and by the prepared days."""
    found = days.read(conn, tenant, first=PERIOD.first, end=PERIOD.end)
    return kpis.kpis(conn, tenant, period=PERIOD).visits, day_counts.kpis(found.rows).visits


def test_a_visit_counts_once_and_no_more_when_taken_back(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1)])
        prepared.prepare(conn, tenant, limit=1000)
    with db.tenant(tenant) as conn:
        for _ in range(2):
            conversions.click(conn, tenant, 1, OutcomeKind.VISIT, actor="user:1", now=NOW)
        [visit] = outcomes.of_conversation(conn, tenant, 1)
        assert (visit.kind, visit.origin, visit.at) == ("visit", "person", NOW)
        assert both(conn, tenant) == (1, 1)
    with db.tenant(tenant) as conn:
        prepared.prepare(conn, tenant, limit=1000)
        conversions.undo(conn, tenant, visit.id, actor="user:2", now=NOW)
        assert both(conn, tenant) == (0, 0)
        row = conn.execute("select actor, undone_by from undone_outcomes where tenant_id = %s", [tenant]).fetchone()
        assert row == ("user:1", "user:2")
        assert conversions.click(conn, tenant, 1, OutcomeKind.VISIT, actor="user:1", now=NOW).id > visit.id, "said anew"
        with pytest.raises(NotFound):
            conversions.undo(conn, tenant, visit.id, actor="user:2", now=NOW)


def test_what_a_program_states_counts_on_prepared_days_too(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1)])
        prepared.prepare(conn, tenant, limit=1000)
    with db.tenant(tenant) as conn:
        told = conversions.Stated(OutcomeKind.VISIT, NOW)
        conversions.record(conn, tenant, 1, told, origin=Origin.API, actor="apikey:1", now=NOW)
        assert both(conn, tenant) == (1, 1)


def test_nothing_is_stated_of_another_tenants_conversation(db: Database, make_tenant) -> None:  # type: ignore[no-untyped-def]
    ours, theirs = make_tenant(), make_tenant()
    with db.tenant(theirs) as conn:
        save(conn, theirs, [Conversation(5)])
    with db.tenant(ours) as conn, pytest.raises(NotFound):
        conversions.click(conn, ours, 5, OutcomeKind.VISIT, actor="user:1", now=NOW)
