"""What an analysis says about a conversation, whoever made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

HIGH_FROM = 70
MEDIUM_FROM = 40


class Sentiment(StrEnum):
    """How the contact feels about the company."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Category(StrEnum):
    """What the contact came for.

    lead: may buy, enrol or book; service: a customer's request; question: information only; complaint: the
    contact says that something went wrong; other: none of these (spam, wrong number, supplier, greeting).
    """

    LEAD = "lead"
    SERVICE = "service"
    QUESTION = "question"
    COMPLAINT = "complaint"
    OTHER = "other"


class Interest(StrEnum):
    """How near a purchase is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Owner(StrEnum):
    """Who wrote a message; `user` is the contact."""

    USER = "user"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


@dataclass(frozen=True)
class Utterance:
    """One message as an analyser reads it; `body` is empty for media without a caption."""

    owner: Owner
    body: str
    at: datetime | None = None


@dataclass(frozen=True)
class Insight:
    """What was understood. `sentiment_score` is -1 to 1, `conversion_score` 0 to 100, `confidence` 0 to 1.

    `evidence` holds indexes into the analysed messages, of contact messages only. The score is an estimate,
    never a conversion; evidence and a person's correction are kept because of LGPD art. 20.
    """

    sentiment: Sentiment
    sentiment_score: float
    category: Category
    is_lead: bool
    interest: Interest
    conversion_score: int
    summary: str
    next_step: str
    confidence: float
    model: str
    lead_name: str | None = None
    lead_goal: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[int, ...] = ()
    prompt_version: str = ""
    tokens: int | None = None
    cost_usd: Decimal | None = None


def interest_of(conversion_score: int) -> Interest:
    """The band of a conversion score (docs/metrics.md): high from 70, medium from 40, low below."""
    if conversion_score >= HIGH_FROM:
        return Interest.HIGH
    return Interest.MEDIUM if conversion_score >= MEDIUM_FROM else Interest.LOW
