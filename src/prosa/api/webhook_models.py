"""What the routes of webhook endpoints take and give."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from prosa.api.limits import LARGEST_ID, Text
from prosa.api.schema import Shown, example
from prosa.gateways.guarded_http import LONGEST_URL
from prosa.tenancy.webhooks.model import CHOSEN, Delivery, DeliveryState, EventType, NewSecret

Url = Annotated[Text, Field(min_length=1, max_length=LONGEST_URL, examples=["https://crm.example.com/prosa"])]
Note = Annotated[Text, Field(max_length=500)]


def _listened(kind: object) -> object:
    """A type that an endpoint may listen to. The type `test` is not one: it is sent on demand only."""
    if kind not in CHOSEN:
        raise ValueError("must be one of " + ", ".join(CHOSEN))
    return kind


Kind = Annotated[EventType, BeforeValidator(_listened), WithJsonSchema({"type": "string", "enum": list(CHOSEN)})]
Kinds = Annotated[list[Kind], Field(min_length=1, max_length=20)]
KINDS = ["message.received", "conversation.closed"]


class EndpointIn(BaseModel):
    """A new endpoint: an https address, and what it is to be told."""

    model_config = example(url="https://crm.example.com/prosa", event_types=KINDS, note="CRM")
    url: Url
    event_types: Kinds
    note: Note = ""


class EndpointChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = example(enabled=False)
    url: Url | None = None
    event_types: Kinds | None = None
    note: Note | None = None
    enabled: bool | None = None


class EndpointOut(Shown):
    """An endpoint. `switched_off_reason` is set where Prosa itself switched it off."""

    id: int
    url: str
    note: str
    event_types: list[EventType]
    enabled: bool
    failing_since: datetime | None = Field(description="The first failure since the last success.")
    switched_off_reason: str | None
    created_at: datetime


class EndpointWithSecret(EndpointOut):
    """An endpoint and its secret, which is shown this once."""

    secret: str = Field(description="Verify signatures by it, with any library of Standard Webhooks.",
                        examples=["whsec_plJ3nmyCDGBKInavdOK15jsl"])  # fmt: skip

    @classmethod
    def of_new(cls, new: NewSecret) -> Self:
        """As it goes over the wire."""
        return cls(**vars(new.endpoint), secret=new.secret)


class EndpointList(BaseModel):
    """Every endpoint of the tenant, the oldest first."""

    items: list[EndpointOut]


class WebhookDeliveryOut(BaseModel):
    """One event on its way to one endpoint. Code, error, time and milliseconds are the last try's."""

    id: int
    webhook_id: str = Field(description="The header webhook-id, the same in every try.")
    type: EventType
    state: DeliveryState
    attempts: int
    next_try_at: datetime | None
    response_code: int | None
    error: str | None
    milliseconds: int | None
    tried_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """As it goes over the wire."""
        return cls(webhook_id=f"msg_{delivery.message_id}", **vars(delivery))


class WebhookDeliveryPage(BaseModel):
    """Deliveries, newest first; `next_cursor` is null on the last page."""

    items: list[WebhookDeliveryOut]
    next_cursor: str | None


class ReplayIn(BaseModel):
    """One delivery, or every failed one of events since a time (UTC where it has no offset)."""

    model_config = example(failed_since="2026-03-02T09:00:00-03:00")
    delivery_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    failed_since: datetime | None = None


class Replayed(BaseModel):
    """How many deliveries are on their way again."""

    deliveries: int


class TestSent(BaseModel):
    """The delivery to look for in the list."""

    delivery_id: int
