"""Lists: what a filter lets through, in every order, page by page; the same from an address."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facts.builder import CLOSED, Conversation, save
from facts.test_kpis import MakeTenant, passes, rows
from prosa.db import Database, Role
from prosa.db.connection import TenantId
from prosa.errors import Invalid
from prosa.facts import filter_query, kpis, listing, prepared
from prosa.facts.export.rows import stream
from prosa.facts.listing import Sort
from prosa.facts.model import RESPONSE_BANDS, Filter, Period
from prosa.facts.summary import summary

FIRST = date(2026, 6, 10)
PERIOD = Period(FIRST, FIRST + timedelta(days=4))
filters = st.builds(
    Filter,
    inboxes=st.sampled_from([(), (1,), (2, None)]), agents=st.sampled_from([(), (None,), (1, 2)]),
    labels=st.sampled_from([(), ("vip",)]), states=st.sampled_from([(), ("progress", "expired")]),
    leads=st.sampled_from([None, None, True, False]), outcomes=st.sampled_from([(), ("visit",), ("visit", "conversion")]),
    marks=st.sampled_from([(), ("never_answered",), ("bot_resolved",), ("awaiting_reply", "answered"), ("rated",)]),
    hours=st.sampled_from([(), tuple(range(6, 18))]), weekdays=st.sampled_from([(), (3, 4)]),
    bands=st.sampled_from([(), (0,), (None,), (None, 5)]), min_score=st.sampled_from([None, None, 0, 12, 50]),
)  # fmt: skip

MARKED: dict[str, Callable[[Conversation], bool]] = {
    "never_answered": lambda c: c.messages_contact > 0 and c.messages_agent == 0,
    "bot_resolved": lambda c: c.state in CLOSED and c.messages_agent == 0 and c.messages_bot > 0,
    "awaiting_reply": lambda c: c.last_sender == "contact" and c.state not in CLOSED,
    "answered": lambda c: c.first_response_seconds is not None,
    "rated": lambda c: c.csat_rating is not None,
}


def band(c: Conversation) -> int | None:
    seconds = c.first_response_seconds
    return None if seconds is None else sum(seconds >= end for end in RESPONSE_BANDS)


def lets_through(c: Conversation, where: Filter) -> bool:
    return (
        passes(c, where)
        and (where.leads is None or c.is_lead is where.leads)
        and (not where.outcomes or bool(set(c.outcomes) & set(where.outcomes)))
        and all(MARKED[mark](c) for mark in where.marks)
        and (not where.hours or c.created_at.hour in where.hours)
        and (not where.weekdays or c.created_at.isoweekday() in where.weekdays)
        and (not where.bands or band(c) in where.bands)
        and (where.min_score is None or (c.is_lead is not None and where.min_score <= 12))  # the builder's score
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given=st.lists(rows, max_size=20), where=filters, sort=st.sampled_from(Sort), size=st.integers(1, 7),
    prepare=st.sampled_from([0, 1000]),
)  # fmt: skip
def test_every_row_that_the_filter_lets_through_is_on_one_page_once(
    db: Database,
    make_tenant: MakeTenant,
    given: list[dict[str, Any]],
    where: Filter,
    sort: Sort,
    size: int,
    prepare: int,
) -> None:
    """And in the API's list and in the export; the KPIs count the same ones. Whether or not their days are prepared."""
    tenant = make_tenant(timezone="UTC")
    midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    conversations = [
        Conversation(number, midnight + timedelta(seconds=row["offset"]),
                     **{k: v for k, v in row.items() if k != "offset"})
        for number, row in enumerate(given, start=1)
    ]  # fmt: skip
    wanted = {c.id for c in conversations if FIRST <= c.created_at.date() < PERIOD.end and lets_through(c, where)}
    with db.tenant(tenant) as conn:
        save(conn, tenant, conversations)
        prepared.prepare(conn, tenant, limit=prepare)
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        found, after = [], None
        while True:
            page = listing.page(conn, tenant, period=PERIOD, where=where, sort=sort, after=after, limit=size)
            assert page.total == len(wanted)
            found += page.rows
            after = page.next
            if after is None:
                break
        ids = [row["conversation_id"] for row in found]
        everyone = listing.newest(conn, tenant, period=PERIOD, where=where, limit=100)
        assert everyone.next is None
        if sort is Sort.NEWEST:
            assert found == everyone.rows
        exported = stream(conn, tenant, where, first=PERIOD.first, end=PERIOD.end)
        assert [row[1] for row in exported] == sorted(ids) == sorted(row["conversation_id"] for row in everyone.rows)
        counted, _ = summary(conn, tenant, period=PERIOD, where=where)
        assert asdict(counted) == pytest.approx(asdict(kpis.kpis(conn, tenant, period=PERIOD, where=where)))
        assert sorted(ids) == sorted(wanted)
    keys = {
        Sort.NEWEST: [-row["created_at"].timestamp() for row in found],
        Sort.OLDEST: [row["created_at"].timestamp() for row in found],
        Sort.ACTIVITY: [-(row["last_message_at"] or row["created_at"]).timestamp() for row in found],
        Sort.SCORE: [-(row["conversion_score"] if row["conversion_score"] is not None else -1) for row in found],
        Sort.SLOWEST: [-(s if (s := row["first_response_seconds"]) is not None else float("-inf")) for row in found],
        Sort.LONGEST: [-row["messages_total"] for row in found],
    }
    assert keys[sort] == sorted(keys[sort])


@given(where=filters, name=st.sampled_from(["", "Ana", "50%_\\"]), phone=st.sampled_from(["", "+55 (11) 98888-7777"]))
def test_an_address_says_the_same_filter(where: Filter, name: str, phone: str) -> None:
    asked = Filter(**{**vars(where), "name": name, "phone": phone})
    query: dict[str, list[str]] = {}
    for key, value in filter_query.write(asked):
        query.setdefault(key, []).append(value)
    assert filter_query.read(query) == asked


@pytest.mark.parametrize(
    "query",
    [
        {"inbox": ["x"]},
        {"lead": ["maybe"]},
        {"min_score": ["900"]},
        {"mark": ["1=1"]},
        {"name": ["\x00"]},
        {"hour": ["24"]},
    ],
)
def test_what_an_address_cannot_mean_restricts_nothing(query: dict[str, list[str]]) -> None:
    assert filter_query.read(query) == Filter()


@pytest.mark.parametrize("place", ["", "x", "now~x", "1~2", "2026-W01-1~2", "2026-01-01~-x", "2026-01-01T00:00:00+00"])
def test_a_place_that_is_none_of_ours_is_refused(db: Database, tenant: TenantId, place: str) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1)])
        if place:
            with pytest.raises(Invalid):
                listing.page(conn, tenant, period=PERIOD, after=place)
            with pytest.raises(Invalid):
                listing.newest(conn, tenant, period=PERIOD, after=place)


def test_names_and_numbers_are_searched_literally(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(i, datetime(2026, 6, 11, tzinfo=UTC), contact_id=i) for i in (1, 2, 3)])
        for i, name, phone in ((1, "Ana 100%", "+5511988887777"), (2, "Ana Souza", "+5511977776666"), (3, None, None)):
            conn.execute(
                """insert into contacts (tenant_id, id, name, phone) values (%(tenant)s, %(id)s, %(name)s, %(phone)s)
                   on conflict (tenant_id, id) do update set name = excluded.name, phone = excluded.phone""",
                {"tenant": tenant, "id": i, "name": name, "phone": phone},
            )

        def found(**where: str) -> set[int]:
            page = listing.page(conn, tenant, period=PERIOD, where=Filter(**where))
            return {row["conversation_id"] for row in page.rows}

        assert found(name="ana") == {1, 2}
        assert found(name="100%") == {1}
        assert found(name="_") == set()
        assert found(phone="(11) 98888") == {1}
        assert found(phone="7777") == {1, 2}


def test_who_waits_longest_comes_first_and_another_tenant_never(db: Database, make_tenant: MakeTenant) -> None:
    ours, theirs = make_tenant(), make_tenant()
    start = datetime(2026, 6, 11, tzinfo=UTC)
    for tenant in (ours, theirs):
        with db.tenant(tenant) as conn:
            save(conn, tenant, [Conversation(i, start + timedelta(hours=-i)) for i in (1, 2, 3)])
    with db.tenant(ours) as conn:
        assert [row.conversation_id for row in listing.waiting(conn, ours)] == [3, 2, 1]
        assert listing.waiting(conn, theirs) == []
        assert listing.by_id(conn, theirs, [1]) == []
