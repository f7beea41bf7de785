"""The life of a conversation: open, change, close, extend.

Every verb that changes a conversation locks its row first, decides on what it then sees, and writes by compare-and-set
on its version. `by` is who acts, in the audit log's words ('apikey:3', 'user:7', 'contact', 'job:expire').
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prosa.conversations import store, webhook_events
from prosa.conversations.model import (
    CLOSED_BY,
    Conversation,
    NoSuchConversation,
    Owner,
    Pair,
    Reason,
    StaleVersion,
    Transition,
)
from prosa.conversations.policy import LONGEST_MINUTES, Policy
from prosa.conversations.states import IllegalTransition, State, may_become, steps_to_close
from prosa.db import Conn, TenantId
from prosa.errors import Busy, Conflict, Invalid

TRIES = 5  # somebody may close the conversation that kept ours from being opened before we have read it
LONGEST = timedelta(minutes=LONGEST_MINUTES)


@dataclass(frozen=True)
class Opened:
    """The open conversation of a pair, and whether it is a new one."""

    conversation: Conversation
    is_new: bool


def open_conversation(
    conn: Conn, tenant: TenantId, pair: Pair, *, policy: Policy, by: str, now: datetime, source: str = "api",
    inbox_id: int | None = None,
) -> Opened:  # fmt: skip
    """The pair's open conversation, in any spelling of its addresses, or a new one if there is none.

    Its row is locked. However many call this at once, only one opens a conversation: a unique index decides.
    """
    for _ in range(TRIES):
        if found := store.find_open(conn, tenant, pair, lock=True):
            return Opened(found, is_new=False)
        new = store.insert(
            conn, tenant, pair, source=source, contact_id=store.keep_contact(conn, tenant, pair),
            expires_at=now + policy.expiration, now=now, inbox_id=inbox_id,
        )  # fmt: skip
        if new:
            store.log(conn, tenant, new.id, Transition(None, new.state, by, Reason.OPENED, now))
            webhook_events.opened(conn, tenant, new, by=by)
            return Opened(new, is_new=True)
    raise Busy("This conversation is being opened and closed all the time. Try again in a moment.")


def get_conversation(conn: Conn, tenant: TenantId, conversation_id: int, *, lock: bool = False) -> Conversation:
    """The conversation. `lock` keeps everybody else from changing it. Raises NoSuchConversation."""
    found = store.find(conn, tenant, conversation_id, lock=lock)
    if found is None:
        raise NoSuchConversation(conversation_id)
    return found


def close(
    conn: Conn, tenant: TenantId, conversation_id: int, *, on_behalf_of: Owner, by: str, now: datetime, reason: str = ""
) -> Conversation:
    """Close the conversation for the contact, a person or a program of the company.

    Raises NoSuchConversation, and IllegalTransition where it is closed already.
    """
    conversation = get_conversation(conn, tenant, conversation_id, lock=True)
    *between, last = steps_to_close(conversation.state, CLOSED_BY[on_behalf_of])
    for state in between:
        conversation = move(conn, tenant, conversation, state, by=by, reason=Reason.TAKEN_UP, now=now)
    return move(conn, tenant, conversation, last, by=by, reason=reason, now=now)


def extend(conn: Conn, tenant: TenantId, conversation_id: int, *, by: timedelta, now: datetime) -> Conversation:
    """Let the conversation expire later. Raises NoSuchConversation, Conflict where it is closed, Invalid past the limit."""
    before = get_conversation(conn, tenant, conversation_id, lock=True)
    if not before.is_open:
        raise Conflict(f"The conversation is closed ({before.state}).")
    later = max(before.expires_at, now) + by
    if later > now + LONGEST:
        raise Invalid(f"A conversation cannot be kept open for more than {LONGEST.days} days from now.")
    return save(conn, tenant, replace(before, expires_at=later), now=now)


def move(
    conn: Conn, tenant: TenantId, before: Conversation, to: State, *, by: str, reason: str, now: datetime
) -> Conversation:
    """Take a locked conversation one step, with its row in the transition log. Raises IllegalTransition."""
    if not may_become(before.state, to):
        raise IllegalTransition(before.state, to)
    return step(conn, tenant, before, to, by=by, reason=reason, now=now)


def step(
    conn: Conn, tenant: TenantId, before: Conversation, to: State, *, by: str, reason: str, now: datetime
) -> Conversation:
    """As `move`, without the table of transitions: for an afterthought, which reopens a closed conversation (model.may_undo)."""
    changed = replace(before, state=to)
    after = save(conn, tenant, replace(changed, closed_at=None if changed.is_open else now), now=now)
    taken = Transition(before.state, to, by, reason, now)
    store.log(conn, tenant, before.id, taken)
    webhook_events.moved(conn, tenant, after, taken)
    return after


def save(conn: Conn, tenant: TenantId, changed: Conversation, *, now: datetime) -> Conversation:
    """Compare and set. Raises StaleVersion if somebody was faster, which the row's lock makes impossible."""
    saved = store.save(conn, tenant, changed, now=now)
    if saved is None:
        raise StaleVersion("The conversation has changed since it was read.")
    return saved
