"""What webhooks are made of, and the pure rules: when to try again, and when to give up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from prosa.errors import Conflict, NotFound


class EventType(StrEnum):
    """The kinds of events. Their names are promises to receivers."""

    MESSAGE_RECEIVED = "message.received"
    MESSAGE_SENT = "message.sent"
    MESSAGE_STATUS = "message.status"
    CONVERSATION_OPENED = "conversation.opened"
    CONVERSATION_CLOSED = "conversation.closed"
    CONVERSATION_HANDED_OVER = "conversation.handed_over"
    LEAD_CREATED = "lead.created"
    CONVERSION_RECORDED = "conversion.recorded"
    TEST = "test"  # on demand, to one endpoint, whatever it has chosen


CHOSEN = tuple(kind for kind in EventType if kind is not EventType.TEST)  # what an endpoint may listen to
# The schedule that Standard Webhooks recommends: nine tries in a day and a half.
WAITS = (timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
         timedelta(hours=10), timedelta(hours=10), timedelta(hours=10))  # fmt: skip
SWITCHED_OFF_AFTER = timedelta(days=1)  # of failures, without one success
LEASE = timedelta(minutes=2)  # a delivery that was claimed and not reported for so long is taken up by somebody else
OLD_SECRET_SIGNS = timedelta(days=1)  # after a rotation
GONE = 410  # "stop sending", in the words of the standard
MOST_ENDPOINTS = 20  # of a tenant: every event is written once for each


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Endpoint:
    """An address of the tenant that listens. Its secret is never read back."""

    id: int
    url: str
    note: str
    event_types: list[EventType]
    enabled: bool
    failing_since: datetime | None
    switched_off_reason: str | None
    created_at: datetime


@dataclass(frozen=True)
class NewSecret:
    """An endpoint and its secret, which is shown here and never again."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint; fields are null for what has not happened yet."""

    id: int
    endpoint_id: int
    message_id: str
    type: EventType
    state: DeliveryState
    attempts: int
    next_try_at: datetime | None
    response_code: int | None
    error: str | None
    milliseconds: int | None
    tried_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Claim:
    """What one try needs. `attempts` counts this one; `secrets` are encrypted, the newest first."""

    delivery_id: int
    endpoint_id: int
    url: str
    secrets: list[bytes]
    message_id: str
    type: str
    data: dict[str, Any]
    created_at: datetime
    attempts: int


@dataclass(frozen=True)
class Outcome:
    """How one try went: the response's code, or why there was none."""

    response_code: int | None
    error: str | None
    milliseconds: int

    @property
    def is_success(self) -> bool:
        """Only 2xx counts: a redirect is not followed."""
        return self.response_code is not None and 200 <= self.response_code < 300


class NoSuchEndpoint(NotFound):
    """No endpoint of this tenant has this id."""

    def __init__(self, endpoint_id: int) -> None:
        super().__init__(f"There is no webhook endpoint {endpoint_id}.")


class NoSuchDelivery(NotFound):
    """No delivery of this endpoint has this id."""

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"There is no delivery {delivery_id} of this endpoint.")


class EndpointOff(Conflict):
    """Nothing is sent to an endpoint that is switched off."""

    def __init__(self) -> None:
        super().__init__("This endpoint is switched off. Switch it on first.")


class TooManyEndpoints(Conflict):
    """The tenant has as many as it may have."""

    def __init__(self) -> None:
        super().__init__(f"A tenant has at most {MOST_ENDPOINTS} webhook endpoints. Delete one first.")


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after this many tries; None if that was the last."""
    return WAITS[attempts - 1] if attempts <= len(WAITS) else None


def reason_to_switch_off(outcome: Outcome, *, failing_since: datetime, now: datetime) -> str | None:
    """Why the endpoint is to be switched off after this failure; None if it is to be tried further."""
    if outcome.response_code == GONE:
        return "The address answered 410 Gone."
    if now - failing_since < SWITCHED_OFF_AFTER:
        return None
    last = outcome.error or f"code {outcome.response_code}"
    return f"No delivery has succeeded for a day. The last answer: {last}."
