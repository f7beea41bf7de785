"""Segments: who is in, counted anew each time, compared with the definition applied by hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.remarketing.conftest import KEYS, NOW, Company

from prosa.db import Role
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid
from prosa.remarketing import reach, segments, sizes
from prosa.remarketing.definition import define
from prosa.remarketing.matching import members
from prosa.remarketing.segments import NoSuchSegment


@pytest.fixture
def leads(company: Company) -> dict[str, int]:
    """Four leads and one who asks for service."""
    found = {
        "unanswered": company.hears("+5511987650001", at=NOW - timedelta(hours=3)),
        "silent": company.hears("+5511987650002", at=NOW - timedelta(days=3)),
        "talking": company.hears("+5511987650003", at=NOW - timedelta(hours=5)),
        "cold": company.hears("+5511987650004", at=NOW - timedelta(days=30)),
        "service": company.hears("+5511987650005", at=NOW - timedelta(hours=3)),
    }
    company.answers("+5511987650002", at=NOW - timedelta(days=2))
    company.answers("+5511987650003", at=NOW - timedelta(hours=4))
    for name, conversation in found.items():
        lead = name != "service"
        company.insight(conversation, is_lead=lead, category="lead" if lead else "service",
                        interest="low" if name == "cold" else "high",
                        fields='{"plano": "Anual"}' if name == "silent" else "{}")  # fmt: skip
    return found


def names(company: Company, leads: dict[str, int], **definition: object) -> set[str]:
    with company.db.tenant(company.tenant, role=Role.CLIENT) as conn:
        wanted = define(definition)
        found = members(conn, company.tenant, wanted, now=NOW, limit=100)
        size, newest = sizes.newest(conn, company.tenant, wanted, now=NOW, skip=0, limit=100)
        assert sizes.sizes(conn, company.tenant, [wanted, define({})], now=NOW)[0] == size
        assert size.conversations == len(newest) == len(found)
        assert set(newest) == {member.conversation_id for member in found}
    by_id = {conversation: name for name, conversation in leads.items()}
    return {by_id[member.conversation_id] for member in found}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({}, {"unanswered", "silent", "talking", "cold"}),
        ({"leads_only": False}, {"unanswered", "silent", "talking", "cold", "service"}),
        ({"situation": "never_answered"}, {"unanswered", "cold"}),
        ({"situation": "fell_silent"}, {"silent"}),
        ({"situation": "fell_silent", "silent_hours": 2}, {"silent", "talking"}),
        ({"recencies": ["recent"]}, {"unanswered", "talking"}),
        ({"recencies": ["medium", "cold"]}, {"silent", "cold"}),
        ({"interests": ["low"]}, {"cold"}),
        ({"leads_only": False, "categories": ["service"]}, {"service"}),
        ({"fields": {"plano": "anual"}}, {"silent"}),
        ({"fields": {"plano": ""}}, {"silent"}),
        ({"inboxes": [77]}, set()),
    ],
)
def test_a_segment_holds_whom_it_describes(
    company: Company, leads: dict[str, int], definition: dict[str, object], expected: set[str]
) -> None:
    assert names(company, leads, **definition) == expected


def test_who_has_converted_is_no_lead_to_bring_back(company: Company, leads: dict[str, int]) -> None:
    with company.db.tenant(company.tenant) as conn:
        conn.execute(
            """insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor)
               values (%s, %s, 'conversion', now(), 'person', 'user:1')""",
            [company.tenant, leads["silent"]],
        )
    assert names(company, leads) == {"unanswered", "talking", "cold"}
    assert names(company, leads, not_converted=False) == {"unanswered", "silent", "talking", "cold"}


def test_who_may_be_written_to_is_counted_apart(company: Company, leads: dict[str, int]) -> None:
    """Not who opted out, took his consent back, is blocked, or has no address; and only who agreed where that is asked."""

    def reachable(**rules: object) -> int:
        given = company.rules(**rules)
        with company.db.tenant(company.tenant, role=Role.CLIENT) as conn:
            assert sizes.sizes(conn, company.tenant, [define({})], now=NOW)[0].contacts == 4
            return reach.count(conn, company.tenant, define({}), policy=given, secret_keys=KEYS, now=NOW)

    assert reachable() == 4
    company.opts_out("+5511987650001")
    company.consents(True, "+5511987650003", at=NOW - timedelta(days=1))
    company.consents(False, "+5511987650003")
    company.consents(True, "+5511987650002")
    assert (reachable(), reachable(require_consent=True)) == (2, 1)
    company.erase("+5511987650001")
    company.hears("+5511987650001", at=NOW - timedelta(days=2))
    assert reachable() == 2, "who was erased and has come back wants no messages still"
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update contacts set blocked = true where tenant_id = %s and id = (select contact_id "
                     "from conversations where tenant_id = %s and id = %s)",
                     [company.tenant, company.tenant, leads["silent"]])  # fmt: skip
    assert reachable() == 1
    with company.db.tenant(company.tenant) as conn:
        conn.execute("""update conversations set source = 'chatwoot', channel = 'email', contact_key = null
                        where tenant_id = %s and id = %s""", [company.tenant, leads["cold"]])  # fmt: skip
    assert reachable() == 0


@pytest.mark.parametrize(
    "definition",
    [{"situation": "asleep"}, {"silent_hours": -1}, {"color": "blue"}, {"fields": {"x" * 61: "y"}}, {"inboxes": ["a"]}],
)
def test_a_definition_that_makes_no_sense_is_refused(definition: dict[str, object]) -> None:
    with pytest.raises(Invalid, match=next(iter(definition))):
        define(definition)


def test_a_saved_segment_is_the_same_again_and_no_other_tenants(
    company: Company, make_tenant: Callable[[], TenantId]
) -> None:
    wanted = define({"situation": "never_answered", "interests": ["high"], "fields": {"plano": "Anual"}})
    with company.db.tenant(company.tenant) as conn:
        saved = segments.save(conn, company.tenant, " Sem resposta ", wanted, actor="user:1")
        assert segments.get(conn, company.tenant, saved.id).definition == wanted
        assert [segment.name for segment in segments.list_segments(conn, company.tenant)] == ["Sem resposta"]
        with pytest.raises(Conflict, match="Sem resposta"):
            segments.save(conn, company.tenant, "Sem resposta", wanted, actor="user:1")
    other = make_tenant()
    with company.db.tenant(other) as conn:
        assert segments.list_segments(conn, other) == []
        with pytest.raises(NoSuchSegment):
            segments.delete(conn, other, saved.id, actor="user:2")
