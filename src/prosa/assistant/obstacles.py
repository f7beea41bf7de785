"""Reasons not to answer a message now. Checked before the model is asked, and again under the conversation's lock."""

from collections.abc import Sequence
from datetime import datetime

from prosa.assistant import store
from prosa.assistant.model import Task
from prosa.conversations import messages, outbox, suppressions, window
from prosa.conversations.model import Conversation
from prosa.conversations.states import State
from prosa.db import Conn


def obstacle(
    conn: Conn, task: Task, conversation: Conversation, *, secret_keys: Sequence[str], now: datetime
) -> str | None:
    """The first reason not to answer; None where the contact waits and may be written to."""
    return _not_waiting(conn, task, conversation) or _not_reachable(
        conn, task, conversation, secret_keys=secret_keys, now=now
    )


def _not_waiting(conn: Conn, task: Task, conversation: Conversation) -> str | None:
    if not conversation.is_open:
        return "closed"
    if conversation.state is State.HUMAN_HANDOFF:
        return "human_handoff"
    newest = messages.newest_of_contact(conn, task.tenant, task.conversation_id)
    if newest is None or newest.id != task.message_id:
        return "superseded"
    return "answered" if store.answered_since(conn, task) else None


def _not_reachable(
    conn: Conn, task: Task, conversation: Conversation, *, secret_keys: Sequence[str], now: datetime
) -> str | None:
    if not outbox.is_connected(conn, task.tenant, conversation):
        return "not_connected"
    if conversation.pair.contact.is_service:
        return "service"
    if suppressions.is_suppressed(conn, task.tenant, conversation.pair, secret_keys=secret_keys):
        return "opted_out"
    return None if window.is_open(conn, task.tenant, conversation.pair, now=now) else "window"
