"""A lead is told once, when it becomes one, and only while it is news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prosa.analysis import store
from prosa.analysis.model import Category, Insight, Interest, Sentiment
from prosa.analysis.store import Stale
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.facts import conversions, label_rules
from prosa.facts.conversions import Stated
from prosa.facts.outcomes import Origin, OutcomeKind
from prosa.tenancy.webhooks import service as webhooks
from prosa.tenancy.webhooks.model import CHOSEN

NOW = datetime.now(UTC)
LEAD = Insight(
    Sentiment.NEUTRAL, 0.0, Category.LEAD, True, Interest.HIGH, 80, "Quer um implante.", "", 0.9, "offline-1"
)


@pytest.fixture
def conversation(db: Database, tenant: TenantId) -> int:
    """A conversation of Chatwoot's with the label `venda`; an endpoint listens to everything."""
    with db.tenant(tenant) as conn:
        webhooks.add_endpoint(conn, tenant, url="https://crm.example.com/", event_types=CHOSEN, note="", actor="test",
                              secret_keys=["test-secret-key"])  # fmt: skip
        row = conn.execute(
            """insert into conversations (tenant_id, source, source_id, external_id, labels, last_activity_at)
               values (%s, 'chatwoot', 1, 9, '{venda}', %s) returning id""",
            [tenant, NOW],
        ).fetchone()
    assert row
    return int(row[0])


def told(conn: Conn, tenant: TenantId) -> list[str]:
    """The types of the events so far."""
    return [
        row[0] for row in conn.execute("select type from webhook_deliveries where tenant_id = %s order by id", [tenant])
    ]


def test_a_lead_is_told_when_it_becomes_one(db: Database, tenant: TenantId, conversation: int) -> None:
    steps = [(replace(LEAD, is_lead=False, category=Category.QUESTION), 0), (LEAD, 1), (LEAD, 1)]
    for n, (insight, expected) in enumerate(steps):
        with db.tenant(tenant) as conn:
            store.save(conn, tenant, Stale(conversation, NOW + timedelta(seconds=n)), insight, evidence=[])
            assert told(conn, tenant) == ["lead.created"] * expected


def test_an_old_conversations_lead_is_no_news(db: Database, tenant: TenantId, conversation: int) -> None:
    with db.tenant(tenant) as conn:
        store.save(conn, tenant, Stale(conversation, NOW - timedelta(days=8)), LEAD, evidence=[])
        assert told(conn, tenant) == []


def test_a_conversion_is_told_once_and_a_visit_is_none(db: Database, tenant: TenantId, conversation: int) -> None:
    with db.tenant(tenant) as conn:
        for kind in (OutcomeKind.VISIT, OutcomeKind.CONVERSION, OutcomeKind.CONVERSION):
            stated = Stated(kind, NOW, reference="pedido-7")
            conversions.record(conn, tenant, conversation, stated, origin=Origin.API, actor="apikey:1", now=NOW)
        assert told(conn, tenant) == ["conversion.recorded"]


def test_a_label_rule_tells_of_what_is_new(db: Database, tenant: TenantId, conversation: int) -> None:
    with db.tenant(tenant) as conn:
        for _ in range(2):
            label_rules.state(conn, tenant, "venda", OutcomeKind.CONVERSION, actor="label_rule:1")
        assert told(conn, tenant) == ["conversion.recorded"]
