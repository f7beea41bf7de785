"""Messages: adding one may change its conversation's state; a farewell may close it, an afterthought takes that back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import errors
from psycopg.types.json import Jsonb

from prosa.conversations import store, suppressions, webhook_events
from prosa.conversations.closure import is_afterthought
from prosa.conversations.ending import consider_end, forget_end
from prosa.conversations.model import (
    OWNER,
    SENDER,
    Conversation,
    KeyReused,
    Message,
    NewMessage,
    Owner,
    Reason,
    after_message,
    is_recent,
    may_undo,
)
from prosa.conversations.policy import Policy
from prosa.conversations.service import get_conversation, move, open_conversation, save, step
from prosa.db import Conn, TenantId, fetch_all, fetch_one

USED = "This idempotency key was used for another message."
COLUMNS = "id, conversation_id, sender::text, case when deleted then null else body end as body, created_at"


@dataclass(frozen=True)
class Receipt:
    """A message, the conversation that it is in now, and whether it was added by this call."""

    message: Message
    conversation: Conversation
    is_new: bool


def add_message(
    conn: Conn, tenant: TenantId, conversation_id: int, new: NewMessage, *, policy: Policy, by: str, now: datetime
) -> Receipt:
    """Add a message to the conversation, or if that is closed to the one that goes on from it.

    Raises NoSuchConversation, and KeyReused if the idempotency key belongs to a message that says something else.
    """
    asked = get_conversation(conn, tenant, conversation_id, lock=True)
    if new.idempotency_key and (known := _by_key(conn, tenant, new.idempotency_key)):
        holder = get_conversation(conn, tenant, known.conversation_id)  # another than `asked` if that was closed
        if (known.owner, known.body, *_ends(holder)) != (new.owner, new.body, *_ends(asked)):
            raise KeyReused(USED)
        return Receipt(known, holder, is_new=False)
    conversation = asked if asked.is_open else follow_up(conn, tenant, asked, new, policy=policy, by=by, now=now)
    message, conversation = put(conn, tenant, conversation, new, policy=policy, by=by, now=now)
    if conversation.is_open and new.owner is Owner.USER:
        conversation = consider_end(conn, tenant, conversation, message, policy=policy, now=now)
    return Receipt(message, conversation, is_new=True)


def put(
    conn: Conn, tenant: TenantId, conversation: Conversation, new: NewMessage, *, policy: Policy, by: str, now: datetime
) -> tuple[Message, Conversation]:
    """Add the message to this locked conversation, and change its state as the rules say. Raises KeyReused."""
    message = _insert(conn, tenant, conversation.id, new, now)
    if new.owner is Owner.USER:
        suppressions.heed(
            conn, tenant, conversation.pair, new.body, words=policy.words, secret_keys=policy.secret_keys, now=now
        )
    conversation = _touch(conn, tenant, conversation, new.owner, policy=policy, by=by, now=now)
    if new.owner is Owner.USER:
        webhook_events.received(conn, tenant, message, conversation)
    return message, conversation


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


def follow_up(
    conn: Conn, tenant: TenantId, closed: Conversation, new: NewMessage, *, policy: Policy, by: str, now: datetime,
    source: str | None = None, inbox_id: int | None = None,
) -> Conversation:  # fmt: skip
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
                with conn.transaction():  # somebody may open another conversation of this pair at this very moment
                    going_on = forget_end(closed)
                    return step(
                        conn, tenant, going_on, last.from_state, by="contact", reason=Reason.AFTERTHOUGHT, now=now
                    )
            except errors.UniqueViolation:
                pass
    return open_conversation(
        conn, tenant, closed.pair, policy=policy, by=by, now=now, source=source or closed.source, inbox_id=inbox_id
    ).conversation


def _touch(
    conn: Conn, tenant: TenantId, before: Conversation, owner: Owner, *, policy: Policy, by: str, now: datetime
) -> Conversation:
    """Update the conversation for a new message: an open one expires later and may change its state."""
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


def _insert(conn: Conn, tenant: TenantId, conversation_id: int, new: NewMessage, now: datetime) -> Message:
    sql = f"""insert into messages (tenant_id, conversation_id, sender, body, created_at, updated_at, idempotency_key,
                provider_sid, attributes)
              values (%(tenant)s, %(conversation)s, %(sender)s, %(body)s, %(now)s, %(now)s, %(key)s, %(sid)s, %(attributes)s)
              on conflict (tenant_id, idempotency_key) where idempotency_key is not null do nothing returning {COLUMNS}"""
    values = {"tenant": tenant, "conversation": conversation_id, "sender": SENDER[new.owner], "body": new.body,
              "now": now, "key": new.idempotency_key, "sid": new.provider_sid,
              "attributes": Jsonb(dict(new.attributes)) if new.attributes else None}  # fmt: skip
    added = _many(conn, sql, values)
    if not added:
        raise KeyReused("This idempotency key is being used for a message of another conversation.")
    return added[0]


def newest_of_contact(conn: Conn, tenant: TenantId, conversation_id: int) -> Message | None:
    """The contact's last message in the conversation."""
    sql = f"""select {COLUMNS} from messages where tenant_id = %(tenant)s and conversation_id = %(conversation)s
                and sender = 'contact' order by id desc limit 1"""
    return fetch_one(conn, _message, sql.encode(), {"tenant": tenant, "conversation": conversation_id})


def is_key_used(conn: Conn, tenant: TenantId, key: str) -> bool:
    """Whether a message has this idempotency key."""
    return _by_key(conn, tenant, key) is not None


def find_message(conn: Conn, tenant: TenantId, conversation_id: int, message_id: int) -> Message | None:
    """One message of the conversation."""
    sql = f"""select {COLUMNS} from messages
              where tenant_id = %(tenant)s and conversation_id = %(conversation)s and id = %(id)s"""
    found = _many(conn, sql, {"tenant": tenant, "conversation": conversation_id, "id": message_id})
    return next(iter(found), None)


def by_provider_sid(conn: Conn, tenant: TenantId, sid: str) -> Message | None:
    """The message that the provider knows by this id."""
    sql = f"select {COLUMNS} from messages where tenant_id = %(tenant)s and provider_sid = %(sid)s"
    return fetch_one(conn, _message, sql.encode(), {"tenant": tenant, "sid": sid})


def _by_key(conn: Conn, tenant: TenantId, key: str) -> Message | None:
    sql = f"select {COLUMNS} from messages where tenant_id = %(tenant)s and idempotency_key = %(key)s"
    return fetch_one(conn, _message, sql.encode(), {"tenant": tenant, "key": key})


def _ends(conversation: Conversation) -> tuple[str, str, str]:
    """Between whom a conversation is, for comparing."""
    return conversation.channel, conversation.contact_key, conversation.our_key


def _message(sender: str, **columns: Any) -> Message:
    return Message(owner=OWNER[sender], **columns)


def _many(conn: Conn, sql: str, values: dict[str, Any]) -> list[Message]:
    return fetch_all(conn, _message, sql.encode(), values)
