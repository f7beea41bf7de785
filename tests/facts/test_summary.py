"""A summary says what the database computes, whichever way it takes."""

from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest

from facts.builder import Conversation, save
from prosa.db import Database, Role
from prosa.db.connection import TenantId
from prosa.facts import kpis, prepared
from prosa.facts.model import Filter, Period
from prosa.facts.summary import summary

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))


@pytest.mark.parametrize(
    "where",
    [Filter(), Filter(inboxes=(1,)), Filter(agents=(None,)), Filter(leads=True), Filter(inboxes=(1,), leads=True)],
)
def test_both_ways_say_the_same_of_both_periods(db: Database, tenant: TenantId, where: Filter) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [
            Conversation(1, datetime(2026, 3, 2, 12, tzinfo=UTC), inbox_id=1, is_lead=True),
            Conversation(2, datetime(2026, 3, 3, 12, tzinfo=UTC), inbox_id=2, is_lead=False),
            Conversation(3, datetime(2026, 2, 20, 12, tzinfo=UTC), inbox_id=1, is_lead=True),
            Conversation(4, datetime(2026, 2, 21, 12, tzinfo=UTC), inbox_id=1),
        ])  # fmt: skip
        prepared.prepare(conn, tenant, limit=5)
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        found = summary(conn, tenant, period=MARCH, where=where)
        for here, asked in zip(found, (MARCH, MARCH.before), strict=True):
            assert here.conversations > 0
            assert asdict(here) == pytest.approx(asdict(kpis.kpis(conn, tenant, period=asked, where=where)))
