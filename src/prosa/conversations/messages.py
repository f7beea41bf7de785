"""Messages: adding one moves its conversation; a farewell may close it, an afterthought takes that back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import errors
from psycopg.rows import kwargs_row

from prosa.conversations import store, suppressions, telling
from prosa.conversations.closure import Turn, Verdict, is_afterthought, score
from prosa.conversations.model import (
    DETECTION,
    OWNER,
    SENDER,
    Conversation,
    KeyReused,
    Message,
    NewMessage,
    Owner,
    Reason,
    State,
    after_message,
    is_recent,
    may_become,
    may_undo,
)
from prosa.conversations.policy import Policy
from prosa.conversations.service import get_conversation, move, open_conversation, save, step
from prosa.db import Conn
from prosa.db.connection import TenantId

COLUMNS = "id, conversation_id, sender::text, case when deleted then null else body end as body, created_at"
HISTORY = 20  # messages that closure detection looks back upon
NOTE = "closure"  # in a conversation's context: what was last thought about its end


@dataclass(frozen=True)
class Receipt:
    """A message, the conversation that it is in now, and whether it was added by this call."""

    message: Message
    conversation: Conversation
    is_new: bool


def add_message(
    conn: Conn, tenant: TenantId, conversation_id: int, new: NewMessage, *, policy: Policy, by: str, now: datetime
) -> Receipt:
    """Add a message to the conversation, or to the one that goes on where that is closed.

    Raises NoSuchConversation, and KeyReused where the idempotency key names a message that says something else.
    """
    asked = get_conversation(conn, tenant, conversation_id, lock=True)
    if new.idempotency_key and (known := _by_key(conn, tenant, new.idempotency_key)):
        if (known.owner, known.body) != (new.owner, new.body):
            raise KeyReused("This idempotency key was used for another message.")
        return Receipt(known, get_conversation(conn, tenant, known.conversation_id), is_new=False)
    conversation = asked if asked.is_open else _continue(conn, tenant, asked, new, policy=policy, by=by, now=now)
    history = _recent(conn, tenant, conversation.id) if new.owner is Owner.USER and policy.detection else []
    message = _insert(conn, tenant, conversation.id, new, now)
    if new.owner is Owner.USER:
        suppressions.heed(conn, tenant, conversation.pair, new.body, words=policy.words, now=now)
    conversation = _touch(conn, tenant, conversation, new.owner, policy=policy, by=by, now=now)
    if new.owner is Owner.USER:
        telling.received(conn, tenant, message, conversation)
    if conversation.is_open and new.owner is Owner.USER:
        conversation = _consider_end(conn, tenant, conversation, message, history, policy=policy, now=now)
    return Receipt(message, conversation, is_new=True)


def list_messages(
    conn: Conn, tenant: TenantId, conversation_id: int, *, after: int = 0, limit: int = 50
) -> list[Message]:
    """The conversation's messages, oldest first, from after the one of id `after`.

    Their order is the order in which they were added: whoever adds one holds the conversation's lock, so a reader that
    goes on after the last one it has seen misses none. Private notes are left out.
    """
    sql = f"""select {COLUMNS} from messages where tenant_id = %(tenant)s and conversation_id = %(conversation)s
                and id > %(after)s and not private order by id limit %(limit)s"""
    return _many(conn, sql, {"tenant": tenant, "conversation": conversation_id, "after": after, "limit": limit})


def _continue(
    conn: Conn, tenant: TenantId, closed: Conversation, new: NewMessage, *, policy: Policy, by: str, now: datetime
) -> Conversation:
    """Where a message to a closed conversation belongs.

    A notice, and our side's last word on an end just reached, stay in it. An afterthought of the contact reopens it.
    Everything else goes to the open conversation of the pair, which is opened where there is none.
    """
    if new.owner is Owner.SYSTEM:
        return closed
    if going_on := store.find_open(conn, tenant, closed.pair, lock=True):
        return going_on
    if new.owner is not Owner.USER and is_recent(closed, now=now):
        return closed
    if new.owner is Owner.USER and policy.detection and is_afterthought(new.body, policy.detection):
        log = store.transitions(conn, tenant, closed.id)
        last = log[-1] if log else None
        if last and last.from_state and may_undo(closed, last, now=now):
            try:
                with conn.transaction():  # somebody may open another one of this pair in this very moment
                    return step(
                        conn, tenant, closed, last.from_state, by="contact", reason=Reason.AFTERTHOUGHT, now=now
                    )
            except errors.UniqueViolation:
                pass
    return open_conversation(
        conn, tenant, closed.pair, policy=policy, by=by, now=now, source=closed.source
    ).conversation


def _touch(
    conn: Conn, tenant: TenantId, before: Conversation, owner: Owner, *, policy: Policy, by: str, now: datetime
) -> Conversation:
    """What a message does to its conversation: it changes, and where it is open it lives longer and may move on."""
    if owner is Owner.SYSTEM or not before.is_open:
        return save(conn, tenant, before, now=now)
    alive = replace(
        before,
        last_activity_at=max(before.last_activity_at, now),
        expires_at=max(before.expires_at, now + policy.expiration),
    )
    to = after_message(before.state, owner)
    if to is before.state:
        return save(conn, tenant, alive, now=now)
    reason = Reason.RESUMED if owner is Owner.USER else Reason.REPLY
    return move(conn, tenant, alive, to, by="contact" if owner is Owner.USER else by, reason=reason, now=now)


def _consider_end(
    conn: Conn, tenant: TenantId, conversation: Conversation, message: Message, history: Sequence[Turn], *,
    policy: Policy, now: datetime,
) -> Conversation:  # fmt: skip
    """Closure detection: a farewell closes; a likely one is noted, and a second likely one confirms it."""
    if policy.detection is None:
        return conversation
    context = conversation.context or {}
    verdict = score(history, message.body, metadata=context, settings=policy.detection)
    awaited = context.get(NOTE, {}).get("action") == "confirm"
    if verdict.action == "none" and not awaited:
        return conversation
    closes = verdict.action == "close" or (verdict.action == "confirm" and awaited)
    rest = {key: value for key, value in context.items() if key != NOTE}
    note = {} if verdict.action == "none" else {NOTE: _note(verdict, message, "close" if closes else "confirm")}
    noted = replace(conversation, context=rest | note)
    if closes and may_become(noted.state, State.USER_CLOSED):
        return move(conn, tenant, noted, State.USER_CLOSED, by=DETECTION, reason=Reason.FAREWELL, now=now)
    return save(conn, tenant, noted, now=now)


def _note(verdict: Verdict, message: Message, action: str) -> dict[str, Any]:
    """What is kept of a verdict: the names of its reasons, not the contact's words."""
    return {
        "action": action, "score": verdict.score, "message_id": message.id,
        "reasons": [{"name": str(reason.name), "weight": reason.weight} for reason in verdict.reasons],
    }  # fmt: skip


def _insert(conn: Conn, tenant: TenantId, conversation_id: int, new: NewMessage, now: datetime) -> Message:
    sql = f"""insert into messages (tenant_id, conversation_id, sender, body, created_at, updated_at, idempotency_key)
              values (%(tenant)s, %(conversation)s, %(sender)s, %(body)s, %(now)s, %(now)s, %(key)s)
              on conflict (tenant_id, idempotency_key) where idempotency_key is not null do nothing returning {COLUMNS}"""
    values = {"tenant": tenant, "conversation": conversation_id, "sender": SENDER[new.owner], "body": new.body,
              "now": now, "key": new.idempotency_key}  # fmt: skip
    added = _many(conn, sql, values)
    if not added:
        raise KeyReused("This idempotency key is being used for a message of another conversation.")
    return added[0]


def _by_key(conn: Conn, tenant: TenantId, key: str) -> Message | None:
    sql = f"select {COLUMNS} from messages where tenant_id = %(tenant)s and idempotency_key = %(key)s"
    return next(iter(_many(conn, sql, {"tenant": tenant, "key": key})), None)


def _recent(conn: Conn, tenant: TenantId, conversation_id: int) -> list[Turn]:
    """The last turns of the chat, oldest first."""
    sql = """select sender = 'contact', case when deleted then null else body end from messages
             where tenant_id = %s and conversation_id = %s and not private and sender <> 'system'
             order by id desc limit %s"""
    rows = conn.execute(sql, [tenant, conversation_id, HISTORY]).fetchall()
    return [Turn("user" if is_contact else "agent", body) for is_contact, body in reversed(rows)]


def _message(sender: str, **columns: Any) -> Message:
    return Message(owner=OWNER[sender], **columns)


def _many(conn: Conn, sql: str, values: dict[str, Any]) -> list[Message]:
    with conn.cursor(row_factory=kwargs_row(_message)) as cur:
        return cur.execute(sql.encode(), values).fetchall()
