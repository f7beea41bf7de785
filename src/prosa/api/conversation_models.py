"""What the conversation API takes and gives. Numbers are E.164 without the channel's prefix, or WhatsApp user ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from prosa.api.delivery_models import ApprovedTemplateIn, DeliveryOut, MediaUrls
from prosa.api.limits import LARGEST_ID, Text
from prosa.api.schema import example
from prosa.conversations.addresses import LONGEST
from prosa.conversations.media import Media, MediaState
from prosa.conversations.messages import Receipt
from prosa.conversations.model import Conversation, Direction, Message, Owner
from prosa.conversations.outbox import OUTGOING, Content
from prosa.conversations.states import State
from prosa.sending.model import Delivery

LONGEST_MESSAGE = 16_384  # characters; WhatsApp itself takes 4,096
Number = Annotated[Text, Field(max_length=LONGEST, examples=["+5511987654321"])]
OwnerId = Annotated[
    Text, BeforeValidator(lambda given: str(given) if type(given) is int else given),
    Field(max_length=63, description="The tenant: its slug or its number."),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 63}, {"type": "integer"}]}),
]  # fmt: skip
Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$", examples=["whatsapp"])]
CONTACT, OURS = "+5511987654321", "+551140041234"


class ConversationIn(BaseModel):
    """Between whom. `from_number` is the contact's, `to_number` yours."""

    model_config = example(owner_id="clinica", from_number=CONTACT, to_number=OURS, channel="whatsapp")
    owner_id: OwnerId
    from_number: Number
    to_number: Number
    channel: Channel = "whatsapp"


class MessageIn(BaseModel):
    """A message. The contact's are inbound and of the owner `user`; all others are outbound.

    `agent` is a person of the company, and hands the conversation over to people; `support` is its automation (a bot, a
    rule); `system` is a notice that is no part of the chat. `conv_id` and the numbers may be left out; where they are
    given they must be the conversation's. `template` and `media_urls` are for what is sent by Twilio.
    """

    model_config = example(conv_id=17, from_number=CONTACT, to_number=OURS, body="Vocês abrem no sábado?",
                           direction="inbound", message_owner="user")  # fmt: skip
    conv_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    from_number: Number | None = None
    to_number: Number | None = None
    body: Annotated[Text, Field(min_length=1, max_length=LONGEST_MESSAGE)]
    direction: Direction
    message_owner: Owner
    template: ApprovedTemplateIn | None = None
    media_urls: MediaUrls = []

    @model_validator(mode="after")
    def _one_who_writes(self) -> Self:
        if (self.direction is Direction.INBOUND) != (self.message_owner is Owner.USER):
            raise ValueError("the contact's messages, and no others, are inbound and of message_owner user")
        if (self.template or self.media_urls) and self.message_owner not in OUTGOING:
            raise ValueError(
                "template and media_urls are for messages that are sent: of message_owner agent or support"
            )
        if self.template and self.media_urls:
            raise ValueError("a template brings its own media: leave media_urls out")
        return self

    @property
    def content(self) -> Content | None:
        """What is to be sent besides the text."""
        if self.template:
            return self.template.content()
        return Content(media_urls=tuple(self.media_urls)) if self.media_urls else None


class CloseIn(BaseModel):
    """Who ends the conversation, and why. Without `by`: a person who is logged in as `agent`, an API key as `support`."""

    model_config = example(by="agent", reason="Consulta marcada")
    by: Owner | None = None
    reason: Annotated[Text, Field(max_length=500)] = ""


class ExtendIn(BaseModel):
    """By how much. Without `minutes`: by the tenant's usual time."""

    model_config = example(minutes=120)
    minutes: Annotated[int, Field(ge=1, le=525_600)] | None = None


class ConversationOut(BaseModel):
    """A conversation."""

    conv_id: int
    owner_id: str = Field(description="The tenant's slug.")
    from_number: str = Field(description="The contact's address.")
    to_number: str = Field(description="Your address.")
    channel: str
    state: State
    contact_id: int | None
    predecessor_id: int | None = Field(description="The conversation of the same two that was closed before this one.")
    created_at: datetime
    updated_at: datetime
    last_activity_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    version: int = Field(description="Counts the changes of the conversation.")
    context: dict[str, Any]

    @classmethod
    def of(cls, conversation: Conversation, owner_id: str) -> Self:
        """As it goes over the wire."""
        return cls(
            conv_id=conversation.id, owner_id=owner_id, from_number=conversation.contact_address,
            to_number=conversation.our_address, channel=conversation.channel, state=conversation.state,
            contact_id=conversation.contact_id, predecessor_id=conversation.predecessor_id,
            created_at=conversation.created_at, updated_at=conversation.updated_at,
            last_activity_at=conversation.last_activity_at, expires_at=conversation.expires_at,
            closed_at=conversation.closed_at, version=conversation.version, context=conversation.context or {},
        )  # fmt: skip


class MediaOut(BaseModel):
    """A file that came with a message. `problem` says why it is not kept."""

    model_config = example(position=0, content_type="image/jpeg", state="kept", bytes=48213, problem=None,
                           url="/conversations/17/messages/4711/media/0")  # fmt: skip
    position: int
    content_type: str
    state: MediaState = Field(description="`kept`: `url` gives it; `waiting`: it is being fetched.")
    bytes: int | None
    problem: str | None
    url: str | None = Field(description="Where to get it, on this server, with the same API key or session.")

    @classmethod
    def of(cls, media: Media, conversation_id: int) -> Self:
        """As it goes over the wire."""
        path = f"/conversations/{conversation_id}/messages/{media.message_id}/media/{media.position}"
        return cls(
            position=media.position, content_type=media.content_type, state=media.state, bytes=media.bytes,
            problem=media.problem, url=path if media.state is MediaState.KEPT else None,
        )  # fmt: skip


class MessageOut(BaseModel):
    """A message. The body is null where it has been deleted, or was media only.

    `delivery` is null where the message is not to be sent: the contact's, a notice, or not by a number of Twilio's.
    """

    id: int
    conv_id: int
    from_number: str
    to_number: str
    body: str | None
    direction: Direction
    message_owner: Owner
    created_at: datetime
    delivery: DeliveryOut | None
    media: list[MediaOut]

    @classmethod
    def of(
        cls, message: Message, conversation: Conversation, delivery: Delivery | None, media: Sequence[Media] = (), *,
        locale: str,
    ) -> Self:  # fmt: skip
        """As it goes over the wire, the delivery in words of the locale."""
        ends = (conversation.contact_address, conversation.our_address)
        sender, receiver = ends if message.direction is Direction.INBOUND else ends[::-1]
        return cls(
            id=message.id, conv_id=message.conversation_id, from_number=sender, to_number=receiver, body=message.body,
            direction=message.direction, message_owner=message.owner, created_at=message.created_at,
            delivery=DeliveryOut.of(delivery, locale) if delivery else None,
            media=[MediaOut.of(file, conversation.id) for file in media],
        )  # fmt: skip


class MessageAdded(MessageOut):
    """The message, and its conversation as it is now: another one than asked for where that was closed."""

    conversation: ConversationOut
    parts: list[int] = Field(
        description="The ids of the messages that the text was sent as, in order: mostly this one."
    )

    @classmethod
    def from_receipts(cls, receipts: Sequence[Receipt], owner_id: str, delivery: Delivery | None, locale: str) -> Self:
        """As it goes over the wire: the first part's message, and the conversation after the last."""
        first, last = receipts[0], receipts[-1]
        message = MessageOut.of(first.message, first.conversation, delivery, locale=locale)
        return cls(
            **message.model_dump(), conversation=ConversationOut.of(last.conversation, owner_id),
            parts=[receipt.message.id for receipt in receipts],
        )  # fmt: skip


class ConversationPage(BaseModel):
    """Conversations, newest first; `next_cursor` is null on the last page."""

    items: list[ConversationOut]
    next_cursor: str | None


class MessagePage(BaseModel):
    """Messages, oldest first. `next_cursor` is null on the last page."""

    items: list[MessageOut]
    next_cursor: str | None
