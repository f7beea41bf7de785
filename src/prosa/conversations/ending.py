"""Closure detection on stored conversations: whether the contact's newest message ends its conversation, and closing it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from prosa.conversations.closure import Turn, Verdict, score
from prosa.conversations.model import DETECTION, Conversation, Message, Reason
from prosa.conversations.policy import QUESTION, Policy
from prosa.conversations.service import move, save
from prosa.conversations.states import State, may_become
from prosa.db import Conn, TenantId

HISTORY = 20  # messages that closure detection looks back upon
END_NOTE = "closure"  # in a conversation's context: what was last thought about its end


def consider_end(
    conn: Conn, tenant: TenantId, conversation: Conversation, message: Message, *, policy: Policy, now: datetime
) -> Conversation:
    """Judge the newest message of a locked, open conversation, and do what follows from it.

    A farewell closes the conversation. A likely farewell is noted; a second likely one confirms it, and closes.

    Where people have taken over, only a farewell closes. Nobody asks the contact there, so there is nothing to confirm, and
    thanks said twice must not take the conversation from the people. Judging a message again changes nothing.
    """
    context = conversation.context or {}
    noted = context.get(END_NOTE, {})
    if policy.detection is None or noted.get("message_id") == message.id:
        return conversation
    history = _before(conn, tenant, message, policy.question)
    verdict = score(history, message.body or "", metadata=context, settings=policy.detection)
    was_likely = noted.get("action") == "confirm"
    if verdict.action == "none" and not was_likely:
        return conversation
    confirms = was_likely and conversation.state is not State.HUMAN_HANDOFF
    closes = verdict.action == "close" or (verdict.action == "confirm" and confirms)
    note = {} if verdict.action == "none" else {END_NOTE: _note(verdict, message, "close" if closes else "confirm")}
    changed = replace(conversation, context=(forget_end(conversation).context or {}) | note)
    if closes and may_become(changed.state, State.USER_CLOSED):
        return move(conn, tenant, changed, State.USER_CLOSED, by=DETECTION, reason=Reason.FAREWELL, now=now)
    return save(conn, tenant, changed, now=now)


def awaits_confirmation(conversation: Conversation, message_id: int) -> bool:
    """Whether this message was taken for a likely farewell about which the contact, or a model, is to be asked.

    Not where people have taken over: automation is silent there.
    """
    note = (conversation.context or {}).get(END_NOTE, {})
    noted = note.get("action") == "confirm" and note.get("message_id") == message_id
    return noted and conversation.state is not State.HUMAN_HANDOFF


def _note(verdict: Verdict, message: Message, action: str) -> dict[str, Any]:
    """What is kept of a verdict: the names of its reasons, but none of the contact's words."""
    return {
        "action": action, "score": verdict.score, "message_id": message.id,
        "reasons": [{"name": str(reason.name), "weight": reason.weight} for reason in verdict.reasons],
    }  # fmt: skip


def _before(conn: Conn, tenant: TenantId, message: Message, question: str | None) -> Sequence[Turn]:
    """The last turns of the chat before this message, oldest first.

    The tenant may word our question about the end. It is replaced by our own wording, which detection knows.
    """
    sql = """select sender = 'contact', case when deleted then null else body end from messages
             where tenant_id = %s and conversation_id = %s and id < %s and not private and sender <> 'system'
             order by id desc limit %s"""
    rows = conn.execute(sql, [tenant, message.conversation_id, message.id, HISTORY]).fetchall()
    return [
        Turn("user", body) if is_contact else Turn("agent", QUESTION if body == question else body)
        for is_contact, body in reversed(rows)
    ]


def forget_end(conversation: Conversation) -> Conversation:
    """The conversation without the note about its end: it goes on."""
    rest = {key: value for key, value in (conversation.context or {}).items() if key != END_NOTE}
    return replace(conversation, context=rest if conversation.context is not None else None)
