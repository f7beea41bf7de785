"""Deliveries: their states, the problems that prevent sending, and how the provider's statuses change the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from prosa.conversations.model import Pair
from prosa.errors import Conflict, NotFound

LONGEST_TEXT = 1600  # characters of a message's body that Twilio takes (21617)
LONGEST_TEMPLATE = 1024  # characters of a template with its variables filled in that WhatsApp takes (63021)


class State(StrEnum):
    """Where a message is on its way to the contact."""

    QUEUED = "queued"
    CLAIMED = "claimed"  # being sent just now
    SENT = "sent"  # the provider has taken it
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # the provider took it and could not deliver it, or could not be reached
    UNKNOWN = "unknown"  # it may have been sent: only a person may try again
    SUPPRESSED = "suppressed"  # the contact does not want messages: the provider was not asked
    REFUSED = "refused"  # never taken by the provider, or not even offered: `problem` or `error_code` says why


class Problem(StrEnum):
    """Why a message was not sent, where the provider did not say so."""

    OPTED_OUT = "opted_out"
    WINDOW = "window"
    TEXT_TOO_LONG = "text_too_long"
    TEMPLATE_TOO_LONG = "template_too_long"
    EMPTY = "empty"
    NO_ACCOUNT = "no_account"
    UNREACHABLE = "unreachable"
    AWAY = "away"  # not yet: the provider is asked again
    BEHIND = "behind"  # not yet: an earlier message of the conversation waits for such a try


# A contact who has read a message has got it, whatever else is said: the highest rank wins, so that callbacks may come in
# any order and any number. Where they contradict each other, delivered outranks failed.
RANK = {State.SENT: 1, State.FAILED: 2, State.DELIVERED: 3, State.READ: 4}
# Twilio's words: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
STATUS = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), State.SENT),
    **dict.fromkeys(("undelivered", "failed", "canceled"), State.FAILED),
    "delivered": State.DELIVERED, "read": State.READ,
}  # fmt: skip
MAY_RETRY = frozenset({State.UNKNOWN, State.FAILED, State.REFUSED, State.SUPPRESSED})


@dataclass(frozen=True)
class Delivery:
    """A message's way to the contact, as it is stored. `attempts` counts its claims; the number names the last one."""

    id: int
    conversation_id: int
    message_id: int
    state: State
    attempts: int
    due_at: datetime
    provider_sid: str | None
    error_code: int | None
    problem: str | None


@dataclass(frozen=True)
class Letter:
    """What is to be sent, and between whom. `template` is Twilio's ContentSid."""

    pair: Pair
    body: str | None = field(repr=False)
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    media_urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Callback:
    """What the provider says about a message. The callback's own address names our delivery and the attempt."""

    provider_sid: str
    status: str
    error_code: int | None = None
    delivery: int | None = None
    attempt: int | None = None


class NoSuchDelivery(NotFound):
    """The message does not exist, or was never meant to be sent."""


class NotRetriable(Conflict):
    """The message is on its way or has arrived: sending it again would repeat it."""


def obstacle(letter: Letter, *, is_suppressed: bool, in_window: bool) -> Problem | None:
    """What speaks against sending, the contact's own wish first. A template may be sent though the window is closed."""
    if is_suppressed:
        return Problem.OPTED_OUT
    if letter.template is None:
        return _text_obstacle(letter, in_window=in_window)
    filled = max(len(letter.body or ""), sum(map(len, letter.variables.values())))
    return Problem.TEMPLATE_TOO_LONG if filled > LONGEST_TEMPLATE else None


def _text_obstacle(letter: Letter, *, in_window: bool) -> Problem | None:
    if not in_window:
        return Problem.WINDOW
    if not letter.body and not letter.media_urls:
        return Problem.EMPTY
    return Problem.TEXT_TOO_LONG if len(letter.body or "") > LONGEST_TEXT else None


def after_status(state: State, status: str) -> State:
    """The state in which the provider's word leaves a delivery: it only moves forward. An unknown word changes nothing."""
    said = STATUS.get(status)
    return said if said is not None and RANK[said] > RANK.get(state, 0) else state
