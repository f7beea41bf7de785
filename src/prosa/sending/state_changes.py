"""Changing the state of a delivery, and sending the webhook event for it."""

from datetime import datetime

from prosa.conversations import messages, webhook_events
from prosa.conversations.service import get_conversation
from prosa.db import Conn, TenantId
from prosa.sending import store
from prosa.sending.model import RANK, Delivery, State
from prosa.tenancy.webhooks.emitting import listens
from prosa.tenancy.webhooks.model import EventType


def move(
    conn: Conn, tenant: TenantId, delivery: Delivery, to: State, *, now: datetime, sid: str | None = None,
    error_code: int | None = None, problem: str | None = None,
) -> None:  # fmt: skip
    """Set the state of a locked delivery (store.set_state), and send the event. A state that stays the same is no news."""
    store.set_state(conn, tenant, delivery.id, to, now=now, sid=sid, error_code=error_code, problem=problem)
    if to is delivery.state:
        return
    if to in RANK and delivery.state not in RANK:
        _tell_sent(conn, tenant, delivery)
    webhook_events.status(
        conn, tenant, conversation_id=delivery.conversation_id, message_id=delivery.message_id, status=to,
        error_code=error_code, problem=problem,
    )  # fmt: skip


def _tell_sent(conn: Conn, tenant: TenantId, delivery: Delivery) -> None:
    """Send the event that the provider has taken it, whether its answer or a callback says so first."""
    if not listens(conn, tenant, EventType.MESSAGE_SENT):
        return
    if message := messages.find_message(conn, tenant, delivery.conversation_id, delivery.message_id):
        webhook_events.sent(conn, tenant, message, get_conversation(conn, tenant, delivery.conversation_id))
