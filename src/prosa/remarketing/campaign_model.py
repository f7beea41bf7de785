"""What a campaign is made of: a segment, variants with weights, a holdout group, caps; and which arm a contact falls into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from prosa.db import TenantId
from prosa.errors import Conflict, NotFound
from prosa.remarketing.definition import STORABLE
from prosa.remarketing.model import Author

MOST_VARIANTS = 5
MOST_HOLDOUT = 50  # percent


class CampaignState(StrEnum):
    """Paused: nothing is written or sent. Ended: for good."""

    PAUSED = "paused"
    ACTIVE = "active"
    ENDED = "ended"


Id = Annotated[int, Field(ge=1, lt=2**63)]
Cap = Annotated[int, Field(ge=1, lt=2**31)]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=STORABLE)]


class Variant(BaseModel):
    """One way of writing. Within the 24-hour window free text is sent, outside of it the WhatsApp template.

    `author` words the text, or the template's variables: either the AI, by `instructions`, or the message template; for a
    WhatsApp template, `variables` holds each variable's own jinja2.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1, max_length=60, pattern=STORABLE)]
    author: Author
    weight: int = Field(1, ge=1, le=100)
    instructions: str = Field("", max_length=2_000, pattern=STORABLE)
    message_template_id: Id | None = None
    whatsapp_template_id: Id | None = None
    variables: Annotated[
        dict[
            Annotated[str, Field(max_length=60, pattern=STORABLE)],
            Annotated[str, Field(max_length=1_000, pattern=STORABLE)],
        ],
        Field(max_length=50),
    ] = {}

    @model_validator(mode="after")
    def _writes_something(self) -> "Variant":
        if self.author is Author.PERSON:
            raise ValueError("a campaign is written by the AI or from a template")
        if self.author is Author.TEMPLATE and self.message_template_id is None and self.whatsapp_template_id is None:
            raise ValueError("a variant by template needs a message template or a WhatsApp template")
        return self


def _names_differ(variants: list[Variant]) -> list[Variant]:
    if len({variant.name for variant in variants}) < len(variants):
        raise ValueError("two variants have the same name")
    return variants


Variants = Annotated[list[Variant], Field(min_length=1, max_length=MOST_VARIANTS), AfterValidator(_names_differ)]
Holdout = Annotated[int, Field(ge=0, le=MOST_HOLDOUT)]
ARMS = ("segment_id", "variants", "holdout_percent")


class CampaignIn(BaseModel):
    """What a campaign is made of. Caps count messages: `cap` in all, `daily_cap` in 24 hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    segment_id: Id
    variants: Variants
    holdout_percent: Holdout = 0
    cap: Cap | None = None
    daily_cap: Cap | None = None
    auto_approve: bool = False
    via_csv: bool = False


class CampaignChange(BaseModel):
    """What is to change. What is left out stays; a cap of None means no cap. Drafts that are written stay as they are.

    The arms (segment, variants, holdout group) may change until the first contact has joined: those who joined before could not
    be compared with those who join after.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name | None = None
    state: CampaignState | None = None
    cap: Cap | None = None
    daily_cap: Cap | None = None
    auto_approve: bool | None = None
    via_csv: bool | None = None
    segment_id: Id | None = None
    variants: Variants | None = None
    holdout_percent: Holdout | None = None


@dataclass(frozen=True)
class Campaign:
    """A campaign as it is stored."""

    id: int
    name: str
    segment_id: int
    state: CampaignState
    variants: Sequence[Variant]
    holdout_percent: int
    cap: int | None
    daily_cap: int | None
    auto_approve: bool
    via_csv: bool
    created_by: str
    created_at: datetime


class ArmsFixed(Conflict):
    """Segment, variants and holdout group cannot change once a contact has joined."""

    def __init__(self) -> None:
        super().__init__("Contacts have joined already: segment, variants and holdout group stay as they are.")


class NoSuchCampaign(NotFound):
    """No campaign of this tenant has this id."""

    def __init__(self, campaign_id: int) -> None:
        super().__init__(f"There is no campaign {campaign_id}.")


def variant_of(campaign: Campaign, tenant: TenantId, contact_key: str) -> Variant | None:
    """The contact's variant; None for the holdout group. It is drawn by a hash, so the answer is always the same.

    Holdout and variant are drawn by two different hashes: with one hash for both, the two draws would depend on each other.
    """
    if _draw(campaign, tenant, contact_key, "holdout") * 100 < campaign.holdout_percent:
        return None
    drawn = _draw(campaign, tenant, contact_key, "variant") * sum(variant.weight for variant in campaign.variants)
    for variant in campaign.variants:
        drawn -= variant.weight
        if drawn < 0:
            return variant
    return campaign.variants[-1]


def _draw(campaign: Campaign, tenant: TenantId, contact_key: str, purpose: str) -> float:
    """A number from 0 up to, not including, 1."""
    digest = sha256(f"{purpose} {tenant} {campaign.id} {contact_key}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
