"""What the conversation API takes to send a message, and tells about its way."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from prosa.api.limits import Text
from prosa.api.schema import example
from prosa.conversations.outbox import Content
from prosa.sending.explanations import explain
from prosa.sending.model import LONGEST_TEMPLATE, Delivery, State

MOST_MEDIA = 10  # that Twilio takes for a message; WhatsApp takes one
MediaUrl = Annotated[
    Text, Field(max_length=2000, pattern=r"^https://[^\s]+$", examples=["https://exemplo.com.br/mapa.jpg"])
]
MediaUrls = Annotated[
    list[MediaUrl], Field(max_length=MOST_MEDIA, description="Public addresses, from which Twilio fetches.")
]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,40}$")]


class ApprovedTemplateIn(BaseModel):
    """An approved template of Twilio's Content API. The message's `body` is its text with the variables filled in."""

    model_config = example(content_sid="HX" + "0" * 32, variables={"1": "Ana"})
    content_sid: Annotated[str, Field(pattern=r"^HX[0-9a-fA-F]{32}$")]
    variables: Annotated[
        dict[VariableName, Annotated[Text, Field(max_length=LONGEST_TEMPLATE)]], Field(max_length=100)
    ] = Field(default_factory=dict)

    def content(self) -> Content:
        """As the outbox takes it."""
        return Content(self.content_sid, self.variables)


class DeliveryOut(BaseModel):
    """How far a message has come on its way to the contact, and why not further."""

    model_config = example(
        state="queued", error_code=None, next_try_at="2026-03-02T12:00:10Z",
        explanation="A Twilio não respondeu ou pediu para esperar. A mensagem ainda não foi enviada; tentaremos de novo.",
    )  # fmt: skip
    state: State = Field(description="`unknown`: it may have been sent, so it is not sent again by itself.")
    error_code: int | None = Field(description="Twilio's number of the error.")
    explanation: str | None = Field(
        description="What it waits for or what went wrong, in plain words: Portuguese, or English by Accept-Language."
    )
    next_try_at: datetime | None = Field(description="Where it is `queued`: not before this.")

    @classmethod
    def of(cls, delivery: Delivery, locale: str) -> Self:
        """As it goes over the wire, in words of the locale."""
        return cls(
            state=delivery.state, error_code=delivery.error_code, explanation=explain(delivery, locale),
            next_try_at=delivery.due_at if delivery.state is State.QUEUED else None,
        )  # fmt: skip
