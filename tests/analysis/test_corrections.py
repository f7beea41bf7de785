"""A person's word about an insight wins over every analysis, and is counted (LGPD, art. 20)."""

from typing import Any

import pytest

from analysis.test_service import add, count, insights
from prosa.analysis import service
from prosa.analysis.corrections import Quality, correct, quality
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid, NotFound


def analysed(db: Database, tenant: TenantId, *conversations: int) -> None:
    for number in conversations:
        add(db, tenant, number, [("contact", "Quero me matricular, quanto custa a mensalidade?")], minute=number)
    service.analyse_tenant(db, tenant)


def renewed(db: Database, tenant: TenantId, conversation: int) -> dict[str, Any]:
    """The insight after the contact wrote again."""
    with db.tenant(tenant) as conn:
        conn.execute(
            """insert into messages (tenant_id, conversation_id, id, sender, body, created_at)
               values (%s, %s, 999, 'contact', 'Já me matriculei, obrigada. Quero emagrecer', now())""",
            [tenant, conversation],
        )
    count(db, tenant, conversation)
    assert service.analyse_tenant(db, tenant).analysed == 1
    [found] = [row for row in insights(db, tenant) if row["conversation_id"] == conversation]
    return found


def test_what_a_person_said_survives_the_next_analysis(db: Database, tenant: TenantId) -> None:
    analysed(db, tenant, 1)
    with db.tenant(tenant) as conn:
        correct(
            conn, tenant, 1, values={"category": "service", "lead_name": "Rita", "fields.plan": "mensal"}, by="user:7"
        )
    found = renewed(db, tenant, 1)
    assert (found["category"], found["is_lead"], found["lead_name"]) == ("service", False, "Rita")
    assert found["fields"]["plan"] == "mensal"
    assert found["corrected"] == ["category", "fields.plan", "is_lead", "lead_name"]
    assert found["read_to"].year > 2025, "what nobody corrected is as the analysis says"


def test_what_follows_from_a_correction_is_set_with_it(db: Database, tenant: TenantId) -> None:
    analysed(db, tenant, 1)
    with db.tenant(tenant) as conn:
        correct(conn, tenant, 1, values={"interest": "low"}, by="user:7")
        assert insight(conn) == (True, "lead", "low", 39)
        correct(conn, tenant, 1, values={"conversion_score": 75}, by="user:7")
        assert insight(conn) == (True, "lead", "high", 75)
        correct(conn, tenant, 1, values={"is_lead": False}, by="user:7")
        assert insight(conn) == (False, "other", "high", 75)


def insight(conn: Any) -> tuple[Any, ...]:
    row = conn.execute("select is_lead, category::text, interest::text, conversion_score from insights").fetchone()
    assert row
    return tuple(row)


def test_quality_counts_what_people_checked(db: Database, tenant: TenantId) -> None:
    analysed(db, tenant, 1, 2, 3, 4)
    with db.tenant(tenant) as conn:
        for conversation in (1, 2, 3):
            correct(conn, tenant, conversation, values={"sentiment": "neutral"}, by="user:7")
        correct(conn, tenant, 4, values={"sentiment": "negative"}, by="user:7", reason="irônica")
        correct(conn, tenant, 4, values={"sentiment": "positive"}, by="user:8")
        assert quality(conn, tenant) == [Quality("offline-1", "", "sentiment", 4, 3)]
        assert quality(conn, tenant)[0].share == 0.75
        kept = conn.execute(
            "select actor, judged, said, reason from insight_corrections where conversation_id = 4 order by id"
        )
        assert kept.fetchall() == [
            ("user:7", "neutral", "negative", "irônica"),
            ("user:8", "neutral", "positive", ""),
        ]
        logged = conn.execute("select count(*) from audit_log where action = 'insight.correct'").fetchone()
        assert logged == (5,)


@pytest.mark.parametrize(
    "values",
    [
        {"sentiment": "great"}, {"conversion_score": 101}, {"conversion_score": True}, {"summary": "x"}, {"fields.": "x"},
        {"is_lead": "yes"}, {"model": "x"}, {"category": "lead", "is_lead": False}, {"interest": "low", "conversion_score": 90},
    ],
)  # fmt: skip
def test_a_correction_that_makes_no_sense_is_refused(db: Database, tenant: TenantId, values: dict[str, Any]) -> None:
    analysed(db, tenant, 1)
    with db.tenant(tenant) as conn, pytest.raises(Invalid):
        correct(conn, tenant, 1, values=values, by="user:7")


def test_another_tenants_conversation_does_not_exist(db: Database, tenant: TenantId, make_tenant: Any) -> None:
    analysed(db, tenant, 1)
    other = make_tenant()
    with db.tenant(other) as conn, pytest.raises(NotFound):
        correct(conn, other, 1, values={"is_lead": True}, by="user:7")
