"""Conversations that live here, their messages, and pure rules about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from prosa.conversations.addresses import Address
from prosa.conversations.states import State, is_open
from prosa.errors import Conflict, NotFound

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
CLOSED_BY = {Owner.USER: State.USER_CLOSED, Owner.AGENT: State.AGENT_CLOSED,
             Owner.SUPPORT: State.SUPPORT_CLOSED, Owner.SYSTEM: State.SUPPORT_CLOSED}  # fmt: skip


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
        """The two addresses and the channel."""
        return Pair(
            self.channel, Address(self.contact_address, self.contact_key), Address(self.our_address, self.our_key)
        )

    @property
    def is_open(self) -> bool:
        """Whether it can still go on."""
        return is_open(self.state)


@dataclass(frozen=True)
class NewMessage:
    """A message to add.

    `idempotency_key` is the tenant's own name for it: a second message of that name is not added. `provider_sid` is the
    provider's name for it (Twilio's MessageSid). `attributes` is what came with it besides text and media.
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


class StaleVersion(Conflict):
    """Somebody else has changed the conversation meanwhile."""


class KeyReused(Conflict):
    """The idempotency key names another message."""


def after_message(state: State, owner: Owner) -> State:
    """The state in which a message leaves an open conversation.

    A contact's message resumes what is paused. A person's message hands over to people. A program's message answers what was
    pending and resumes what is paused. A notice changes nothing.
    """
    if owner is Owner.AGENT:
        return State.HUMAN_HANDOFF
    if state is State.IDLE_TIMEOUT and owner is not Owner.SYSTEM:
        return State.PROGRESS
    if state is State.PENDING and owner is Owner.SUPPORT:
        return State.PROGRESS
    return state


def may_undo(conversation: Conversation, last: Transition | None, *, now: datetime) -> bool:
    """Whether an afterthought may still reopen this conversation: a farewell closed it, and just now.

    It is the one step out of a closed state, and leads back to the state in which the farewell was said.
    """
    return (
        conversation.state is State.USER_CLOSED and last is not None and last.actor == DETECTION
        and is_recent(conversation, now=now)
    )  # fmt: skip


def is_recent(conversation: Conversation, *, now: datetime) -> bool:
    """Whether a closed conversation was closed just now."""
    return conversation.closed_at is not None and now - conversation.closed_at <= UNDO_WITHIN
