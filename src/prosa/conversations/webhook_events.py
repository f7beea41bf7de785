"""Events for tenants' webhook endpoints about conversations that live here. Field names are those of the REST API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prosa.conversations import store
from prosa.conversations.model import Conversation, Direction, Message, Reason, Transition
from prosa.conversations.states import State
from prosa.db import Conn, TenantId
from prosa.tenancy.webhooks.emitting import emit, listens
from prosa.tenancy.webhooks.model import EventType


def opened(conn: Conn, tenant: TenantId, conversation: Conversation, *, by: str, reason: str = Reason.OPENED) -> None:
    """A conversation began, or an afterthought took its end back."""
    data = {"conversation": described(conversation), "by": by, "reason": reason}
    emit(conn, tenant, EventType.CONVERSATION_OPENED, data, conversation_id=conversation.id)


def moved(conn: Conn, tenant: TenantId, after: Conversation, step: Transition) -> None:
    """Send an event if the conversation was closed, handed over to people, or reopened. Other changes send none."""
    if step.reason == Reason.AFTERTHOUGHT and after.is_open:
        return opened(conn, tenant, after, by=step.actor, reason=step.reason)
    if after.is_open and after.state is not State.HUMAN_HANDOFF:
        return None
    kind = EventType.CONVERSATION_HANDED_OVER if after.is_open else EventType.CONVERSATION_CLOSED
    data = {"conversation": described(after), "from_state": step.from_state, "by": step.actor, "reason": step.reason}
    return emit(conn, tenant, kind, data, conversation_id=after.id)


def expired(conn: Conn, tenant: TenantId, conversations: Sequence[int], *, by: str, now: datetime) -> None:
    """The clock closed these conversations."""
    if not conversations or not listens(conn, tenant, EventType.CONVERSATION_CLOSED):
        return
    for conversation_id in conversations:
        if conversation := store.find(conn, tenant, conversation_id):
            moved(conn, tenant, conversation, Transition(None, State.EXPIRED, by, Reason.EXPIRED, now))


def received(conn: Conn, tenant: TenantId, message: Message, conversation: Conversation) -> None:
    """The contact wrote."""
    data = {"message": message_described(message, conversation), "conversation": described(conversation)}
    emit(conn, tenant, EventType.MESSAGE_RECEIVED, data, conversation_id=conversation.id)


def sent(conn: Conn, tenant: TenantId, message: Message, conversation: Conversation) -> None:
    """The provider has taken a message of ours."""
    data = {"message": message_described(message, conversation), "conversation": described(conversation)}
    emit(conn, tenant, EventType.MESSAGE_SENT, data, conversation_id=conversation.id)


def status(
    conn: Conn, tenant: TenantId, *, conversation_id: int, message_id: int, status: str, error_code: int | None,
    problem: str | None,
) -> None:  # fmt: skip
    """A message of ours was sent, delivered, read, failed, …; `problem` says why it failed."""
    data = {"conv_id": conversation_id, "message_id": message_id, "status": status, "error_code": error_code,
            "problem": problem}  # fmt: skip
    emit(conn, tenant, EventType.MESSAGE_STATUS, data, conversation_id=conversation_id)


def described(conversation: Conversation) -> dict[str, Any]:
    """A conversation in JSON. `from_number` is the contact's."""
    return {
        "conv_id": conversation.id, "from_number": conversation.contact_address, "to_number": conversation.our_address,
        "channel": conversation.channel, "source": conversation.source, "state": conversation.state,
        "contact_id": conversation.contact_id, "predecessor_id": conversation.predecessor_id,
        "created_at": conversation.created_at.isoformat(), "version": conversation.version,
    }  # fmt: skip


def message_described(message: Message, conversation: Conversation) -> dict[str, Any]:
    """A message in JSON, between whom included."""
    ends = (conversation.contact_address, conversation.our_address)
    sender, receiver = ends if message.direction is Direction.INBOUND else ends[::-1]
    return {
        "id": message.id, "conv_id": message.conversation_id, "from_number": sender, "to_number": receiver,
        "body": message.body, "direction": message.direction, "message_owner": message.owner,
        "created_at": message.created_at.isoformat(),
    }  # fmt: skip
