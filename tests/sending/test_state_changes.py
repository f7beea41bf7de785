"""Whoever listens hears of each step of a message once, in whatever order the provider tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prosa.conversations import addresses, messages, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.sending import callbacks, state_changes, store
from prosa.sending.model import Callback, State
from prosa.tenancy.webhooks import service as webhooks
from prosa.tenancy.webhooks.model import CHOSEN

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))


@pytest.fixture
def message(db: Database, tenant: TenantId) -> int:
    """A message of ours that Twilio is just being asked to send; an endpoint listens to everything."""
    policy = Policy(timedelta(days=1), timedelta(hours=1))
    with db.tenant(tenant) as conn:
        conversation = service.open_conversation(conn, tenant, PAIR, policy=policy, by="test", now=NOW).conversation.id
        new = NewMessage(Owner.SUPPORT, "Olá! Posso ajudar?")
        added = messages.add_message(conn, tenant, conversation, new, policy=policy, by="test", now=NOW).message.id
        conn.execute(
            """insert into deliveries (tenant_id, conversation_id, message_id, media_urls, queued_at, due_at, state, attempts)
               values (%s, %s, %s, '{}', %s, %s, 'claimed', 1)""",
            [tenant, conversation, added, NOW, NOW],
        )
        webhooks.add_endpoint(conn, tenant, url="https://crm.example.com/", event_types=CHOSEN, note="", actor="test",
                              secret_keys=["test-secret-key"])  # fmt: skip
    return added


def told(db: Database, tenant: TenantId) -> list[tuple[str, Any]]:
    """What the endpoint is told of: type, and status or text."""
    with db.tenant(tenant) as conn:
        rows = conn.execute(
            """select type, coalesce(data ->> 'status', data -> 'message' ->> 'body') from webhook_deliveries
               where tenant_id = %s order by id""",
            [tenant],
        )
        return rows.fetchall()


def test_a_callback_that_comes_first_is_told_once(db: Database, tenant: TenantId, message: int) -> None:
    with db.tenant(tenant) as conn:
        delivery = store.lock(conn, tenant, message)
        assert delivery
        for _ in range(2):
            callbacks.receive(conn, tenant, Callback("SM1", "delivered", delivery=delivery.id, attempt=1), now=NOW)
        now_known = store.lock(conn, tenant, message)
        assert now_known
        state_changes.move(conn, tenant, now_known, now_known.state, sid="SM1", now=NOW)  # the call's own answer
        callbacks.receive(conn, tenant, Callback("SM1", "read"), now=NOW)
        callbacks.receive(conn, tenant, Callback("SM1", "sent"), now=NOW)
    assert told(db, tenant) == [
        ("message.sent", "Olá! Posso ajudar?"), ("message.status", "delivered"), ("message.status", "read"),
    ]  # fmt: skip


def test_what_was_refused_was_not_sent(db: Database, tenant: TenantId, message: int) -> None:
    with db.tenant(tenant) as conn:
        delivery = store.lock(conn, tenant, message)
        assert delivery
        state_changes.move(conn, tenant, delivery, State.REFUSED, error_code=63016, now=NOW)
    assert told(db, tenant) == [("message.status", "refused")]
