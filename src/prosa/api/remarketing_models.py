"""What the routes of remarketing take and give."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from prosa.api.conversation_models import Number
from prosa.api.limits import LARGEST_ID, Text
from prosa.api.schema import Shown, example
from prosa.remarketing.consents import Consent, ConsentOrigin
from prosa.remarketing.definition import Definition
from prosa.remarketing.model import Author, DraftState, Reason, Via
from prosa.remarketing.segments import Segment
from prosa.remarketing.wording import LONGEST_TEXT

DraftId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Variables = Annotated[
    dict[Annotated[Text, Field(max_length=60)], Annotated[Text, Field(max_length=1024)]], Field(max_length=50)
]
Body = Annotated[Text, Field(min_length=1, max_length=LONGEST_TEXT)]


class SegmentIn(BaseModel):
    """A set of conversations by its description."""

    model_config = example(name="Sem resposta", definition={"situation": "never_answered", "interests": ["high"]})
    name: Annotated[Text, Field(min_length=1, max_length=120)]
    definition: Annotated[dict[str, Any], Field(description="See docs/remarketing.md.")]


class SizeOut(BaseModel):
    """How many conversations a segment holds now, of how many contacts, and how many of these may be written to.

    `reachable` contacts have a WhatsApp or SMS address, are not blocked or suppressed, and gave their consent if that is
    needed.
    """

    conversations: int
    contacts: int
    reachable: int


class SegmentOut(BaseModel):
    """A saved segment; `size` is counted now, where one segment is asked for."""

    id: int
    name: str
    definition: Definition
    updated_at: datetime
    size: SizeOut | None = None

    @classmethod
    def of(cls, segment: Segment, size: SizeOut | None = None) -> Self:
        """From the store's."""
        return cls(
            id=segment.id, name=segment.name, definition=segment.definition, updated_at=segment.updated_at, size=size
        )


class SegmentList(BaseModel):
    """By name."""

    items: list[SegmentOut]


class DraftIn(BaseModel):
    """A message to a conversation's contact: free text, or a WhatsApp template with its variables."""

    model_config = example(conversation_id=17, body="Oi, Ana! Ainda quer conhecer a academia?")
    conversation_id: DraftId
    body: Body | None = None
    whatsapp_template_id: DraftId | None = None
    variables: Variables = {}


class DraftChange(BaseModel):
    """Another text, or other variables, of the version that was read."""

    model_config = example(version=3, body="Oi, Ana! Posso te ligar amanhã?")
    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    body: Body | None = None
    variables: Variables | None = None


class Choice(BaseModel):
    """Which drafts; `versions`, by id, refuse those that have changed since they were read."""

    model_config = example(ids=[17, 18], versions={"17": 0, "18": 2})
    ids: Annotated[list[DraftId], Field(min_length=1, max_length=500)]
    versions: dict[DraftId, Annotated[int, Field(ge=0, le=2**31 - 1)]] | None = None


class ScheduleIn(Choice):
    """Drafts to send: now if `at` is left out. In quiet hours and on holidays they wait for the next opening."""

    at: datetime | None = None


class RejectIn(Choice):
    """Drafts to reject, and why."""

    reason: Annotated[Text, Field(max_length=500)] = ""


class DraftOut(Shown):
    """A draft. `reason` says why it is in its state, or why it waits."""

    id: int
    conversation_id: int
    campaign_id: int | None
    variant: str | None
    via: Via
    body: str
    whatsapp_template_id: int | None
    variables: dict[str, str]
    author: Author
    state: DraftState
    reason: str
    version: int
    created_at: datetime
    approved_by: str | None
    due_at: datetime | None
    sent_at: datetime | None
    message_id: int | None


class DraftWritten(DraftOut):
    """A new draft, and what would forbid sending it as things are now."""

    warnings: list[Reason]


class DraftPage(BaseModel):
    """The newest first."""

    items: list[DraftOut]
    next_cursor: str | None


class DoneOut(BaseModel):
    """The drafts that were moved, and the ids of those that could not be: gone, changed, or in another state."""

    items: list[DraftOut]
    refused: list[int]


class ConsentIn(BaseModel):
    """What a contact stated, and what proves it."""

    model_config = example(phone="+5511987654321", granted=True, evidence="formulário do site, 2026-03-02 14:10")
    phone: Number
    granted: bool
    evidence: Annotated[Text, Field(min_length=1, max_length=1000)]
    at: datetime | None = None


class ConsentOut(BaseModel):
    """One statement of the ledger."""

    id: int
    contact: str
    granted: bool
    origin: ConsentOrigin
    evidence: str
    at: datetime

    @classmethod
    def of(cls, consent: Consent) -> Self:
        """The statement as callers see it: `contact` is the key of their address."""
        return cls(id=consent.id, contact=consent.contact_key, granted=consent.granted, origin=ConsentOrigin(consent.origin),
                   evidence=consent.evidence, at=consent.at)  # fmt: skip


class ConsentList(BaseModel):
    """The newest first: it is the one that holds."""

    items: list[ConsentOut]
