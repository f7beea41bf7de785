"""Conversations that live here: their states and what may become what, their messages, and pure rules about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from prosa.conversations.addresses import Address
from prosa.errors import Conflict, NotFound


class State(StrEnum):
    """Where a conversation is in its life."""

    PENDING = "pending"  # nobody on our side has answered yet
    PROGRESS = "progress"
    IDLE_TIMEOUT = "idle_timeout"  # paused, not closed
    HUMAN_HANDOFF = "human_handoff"  # a person has taken over: automation is silent, messages are still kept
    AGENT_CLOSED = "agent_closed"  # by a person of the company
    SUPPORT_CLOSED = "support_closed"  # by a program or a rule of the company
    USER_CLOSED = "user_closed"  # by the contact
    EXPIRED = "expired"
    FAILED = "failed"


S = State
ENDS = (S.USER_CLOSED, S.EXPIRED)
MAY_BECOME: dict[State, frozenset[State]] = {
    S.PENDING: frozenset({S.PROGRESS, S.HUMAN_HANDOFF, S.SUPPORT_CLOSED, *ENDS, S.FAILED}),
    S.PROGRESS: frozenset({S.IDLE_TIMEOUT, S.HUMAN_HANDOFF, S.AGENT_CLOSED, S.SUPPORT_CLOSED, *ENDS, S.FAILED}),
    S.IDLE_TIMEOUT: frozenset({S.PROGRESS, S.HUMAN_HANDOFF, S.AGENT_CLOSED, *ENDS, S.FAILED}),
    S.HUMAN_HANDOFF: frozenset({S.PROGRESS, S.AGENT_CLOSED, S.SUPPORT_CLOSED, *ENDS}),
    **{closed: frozenset() for closed in (S.AGENT_CLOSED, S.SUPPORT_CLOSED, S.USER_CLOSED, S.EXPIRED, S.FAILED)},
}
OPEN = tuple(state for state in State if MAY_BECOME[state])
DETECTION = "closure"  # the transition log's name for closure detection
UNDO_WITHIN = timedelta(minutes=5)  # after a farewell was understood, an afterthought takes it back


class Owner(StrEnum):
    """Who wrote a message, in the API's words; the store's words (message_sender) are on the right.

    `agent` is a person of the company, `support` its automation (a bot, a rule), as agent_closed and support_closed.
    """

    USER = "user"  # contact
    AGENT = "agent"  # agent
    SUPPORT = "support"  # bot
    SYSTEM = "system"  # system: a notice, no part of the chat


SENDER = {Owner.USER: "contact", Owner.AGENT: "agent", Owner.SUPPORT: "bot", Owner.SYSTEM: "system"}
OWNER = {sender: owner for owner, sender in SENDER.items()}
CLOSED_BY = {Owner.USER: S.USER_CLOSED, Owner.AGENT: S.AGENT_CLOSED,
             Owner.SUPPORT: S.SUPPORT_CLOSED, Owner.SYSTEM: S.SUPPORT_CLOSED}  # fmt: skip


class Direction(StrEnum):
    """Towards us or towards the contact."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Reason(StrEnum):
    """Why a conversation changed, where Prosa itself decided. Callers may give reasons of their own."""

    OPENED = "opened"
    REPLY = "reply"  # a person's or a bot's message
    RESUMED = "resumed"  # the contact wrote to a paused conversation
    FAREWELL = "farewell"  # closure detection
    AFTERTHOUGHT = "afterthought"  # takes the farewell back
    SILENCE = "silence"
    EXPIRED = "expired"
    TAKEN_UP = "taken up to be closed"


@dataclass(frozen=True)
class Pair:
    """Between whom: a contact's address and one of ours, in one channel."""

    channel: str
    contact: Address
    ours: Address


@dataclass(frozen=True)
class Conversation:
    """A conversation as it is stored. `version` counts its changes; `context` is what is known about its course."""

    id: int
    source: str
    state: State
    channel: str
    contact_address: str
    contact_key: str
    our_address: str
    our_key: str
    contact_id: int | None
    created_at: datetime
    updated_at: datetime
    last_activity_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    version: int
    predecessor_id: int | None
    context: dict[str, Any] | None

    @property
    def pair(self) -> Pair:
        """Between whom it is."""
        return Pair(
            self.channel, Address(self.contact_address, self.contact_key), Address(self.our_address, self.our_key)
        )

    @property
    def is_open(self) -> bool:
        """Whether it can still go on."""
        return is_open(self.state)


@dataclass(frozen=True)
class NewMessage:
    """A message to add. `idempotency_key` is the tenant's own name for it: a second one with this name is no new one.

    `provider_sid` is the provider's name for it (Twilio's MessageSid), `attributes` what came beside text and media.
    """

    owner: Owner
    body: str | None
    idempotency_key: str | None = None
    provider_sid: str | None = None
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Message:
    """A message as it is stored; a null body means media only, or deleted."""

    id: int
    conversation_id: int
    owner: Owner
    body: str | None
    created_at: datetime

    @property
    def direction(self) -> Direction:
        """Only the contact writes towards us."""
        return Direction.INBOUND if self.owner is Owner.USER else Direction.OUTBOUND


@dataclass(frozen=True)
class Transition:
    """One row of the transition log; `from_state` is None where the conversation began."""

    from_state: State | None
    to_state: State
    actor: str
    reason: str
    at: datetime


class NoSuchConversation(NotFound):
    """No conversation of this tenant that lives here has this id."""

    def __init__(self, conversation_id: int) -> None:
        super().__init__(f"There is no conversation {conversation_id}.")


class IllegalTransition(Conflict):
    """The table of transitions does not allow this step."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"A conversation that is {before} cannot become {after}.")
        self.before, self.after = before, after


class StaleVersion(Conflict):
    """Somebody else has changed the conversation meanwhile."""


class KeyReused(Conflict):
    """The idempotency key names another message."""


def may_become(before: State, after: State) -> bool:
    """Whether the table of transitions allows this step."""
    return after in MAY_BECOME[before]


def is_open(state: State) -> bool:
    """Whether a conversation in this state can still go on."""
    return bool(MAY_BECOME[state])


def steps_to_close(state: State, closed: State) -> tuple[State, ...]:
    """The legal way from an open state to a closed one.

    A person takes over what is still pending before closing it; a program resumes what is paused. Raises
    IllegalTransition where there is no such way.
    """
    if may_become(state, closed):
        return (closed,)
    between = {S.AGENT_CLOSED: S.HUMAN_HANDOFF, S.SUPPORT_CLOSED: S.PROGRESS}.get(closed)
    if between and may_become(state, between) and may_become(between, closed):
        return (between, closed)
    raise IllegalTransition(state, closed)


def after_message(state: State, owner: Owner) -> State:
    """The state in which a message leaves an open conversation.

    The contact resumes what is paused. A person's message hands over to people; a program's answers what was pending
    and resumes what is paused. A notice changes nothing.
    """
    if owner is Owner.AGENT:
        return S.HUMAN_HANDOFF
    if state is S.IDLE_TIMEOUT and owner is not Owner.SYSTEM:
        return S.PROGRESS
    if state is S.PENDING and owner is Owner.SUPPORT:
        return S.PROGRESS
    return state


def may_undo(conversation: Conversation, last: Transition | None, *, now: datetime) -> bool:
    """Whether an afterthought may still reopen this conversation: closed by a farewell that was understood, just now.

    It is the one step out of a closed state, and leads back to where the farewell was said.
    """
    return (
        conversation.state is S.USER_CLOSED and last is not None and last.actor == DETECTION
        and is_recent(conversation, now=now)
    )  # fmt: skip


def is_recent(conversation: Conversation, *, now: datetime) -> bool:
    """Whether a closed conversation was closed just now."""
    return conversation.closed_at is not None and now - conversation.closed_at <= UNDO_WITHIN
