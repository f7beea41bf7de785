"""What the routes of campaigns and templates take and give."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from prosa.api.limits import Text
from prosa.api.schema import Shown, example
from prosa.remarketing import campaign_model, effects
from prosa.remarketing.campaign_model import Campaign, CampaignState, Variant
from prosa.remarketing.effects import Report
from prosa.remarketing.model import DraftState
from prosa.remarketing.wording import LONGEST_SOURCE

Source = Annotated[Text, Field(min_length=1, max_length=LONGEST_SOURCE)]


class CampaignIn(campaign_model.CampaignIn):
    """A segment that is written to, in one to five variants, with a holdout group that is not. Caps count messages."""

    model_config = example(
        name="Leads de março", segment_id=1, holdout_percent=10, daily_cap=200,
        variants=[{"name": "a", "author": "ai", "instructions": "Convide para uma aula experimental."},
                  {"name": "b", "author": "template", "message_template_id": 1}],
    )  # fmt: skip


class CampaignChange(campaign_model.CampaignChange):
    """What is to change. A cap of null is none."""

    model_config = example(state="active", daily_cap=100)


class CampaignOut(Shown):
    """A campaign. Paused: nothing is written or sent. Ended: for good."""

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


class ArmOut(Shown):
    """How many people an arm has, and of them were written to, replied and converted. `variant` null: the holdout group."""

    variant: str | None
    people: int
    messaged: int
    replied: int
    converted: int


class CampaignFound(CampaignOut):
    """A campaign with its numbers. `effects` has a sentence for each arm but the first, in the company's language."""

    drafts: dict[DraftState, int]
    arms: list[ArmOut]
    effects: list[str]

    @classmethod
    def found(cls, campaign: Campaign, drafts: Mapping[DraftState, int], report: Report, *, locale: str) -> Self:
        """From the store's."""
        arms = [ArmOut.of(arm) for arm in report.arms]
        sentences = [effects.sentence(effect, locale) for effect in report.effects]
        return cls(**vars(campaign), drafts=dict(drafts), arms=arms, effects=sentences)


class CampaignList(BaseModel):
    """The newest first."""

    items: list[CampaignOut]


class TemplateText(BaseModel):
    """The jinja2 of a template (docs/remarketing.md, Wording)."""

    model_config = example(body="Oi {{ nome }}{% if objetivo %}, ainda pensa em {{ objetivo }}{% endif %}?")
    body: Source


class TemplateIn(TemplateText):
    """A template by its name."""

    model_config = example(name="Ainda pensa?", body="Oi {{ nome }}, aqui é da {{ empresa }}. Ainda quer conhecer?")
    name: Annotated[Text, Field(min_length=1, max_length=120)]


class TemplateOut(Shown):
    """A saved template; `archived_at` is set where it is out of use."""

    id: int
    name: str
    body: str
    updated_by: str
    updated_at: datetime
    archived_at: datetime | None


class TemplateList(BaseModel):
    """By name."""

    items: list[TemplateOut]


class PreviewOut(BaseModel):
    """The text, and the variables that the template uses."""

    text: str
    variables: list[str]


class WhatsAppTemplateOut(Shown):
    """A template at Meta; only one that is `approved` and not `removed` is sent."""

    id: int
    provider: str
    name: str
    language: str
    category: str
    body: str
    variables: list[str]
    status: str
    rejection_reason: str
    removed: bool
    synced_at: datetime


class WhatsAppTemplateList(BaseModel):
    """By name."""

    items: list[WhatsAppTemplateOut]
