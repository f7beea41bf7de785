"""The analyser that asks a model: what it is asked, what it may answer, and the rules that bound its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, Field, create_model

from prosa.analysis.llm.calls import Answer, Question
from prosa.analysis.llm.excerpt import excerpt
from prosa.analysis.llm.prompt import load
from prosa.analysis.llm.prompt_injection import spoken
from prosa.analysis.model import Category, Insight, Owner, Sentiment, Utterance, interest_of
from prosa.analysis.offline import text
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.offline.judgement import NOT_A_LEAD_AT_MOST, UNDECIDED_AT_MOST

PROMPT = "insight.v1"
PURPOSE = "analysis"
MOST_EVIDENCE = 5
MAX_TOKENS = 600
UNSURE = 0.5


class Verdict(BaseModel):
    """What a model says about a conversation."""

    summary: str
    sentiment: Sentiment
    sentiment_score: Annotated[float, Field(ge=-1, le=1)]
    category: Category
    conversion_score: Annotated[int, Field(ge=0, le=100)]
    lead_name: str | None
    lead_goal: str | None
    next_step: str
    evidence: list[int]
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Reading:
    """A conversation as it is judged, without what contacts say to the analyser instead of the company."""

    history: Sequence[Utterance]
    tampered: bool


def read(history: Sequence[Utterance]) -> Reading:
    """Cut each contact's message where it begins to address the analyser."""
    clean = [replace(said, body=spoken(said.body)) if said.owner is Owner.USER else said for said in history]
    tampered = any(after.body != text.shorten(said.body) for said, after in zip(history, clean, strict=True)
                   if said.owner is Owner.USER)  # fmt: skip
    return Reading(clean, tampered)


def ask_about(
    reading: Reading, *, segment: str | None, fields: Mapping[str, str], conversation_id: int | None = None,
    messages: Sequence[int] = (),
) -> Question[Verdict]:  # fmt: skip
    """The question about a conversation. `messages` are the ids of all of the history's; those sent go on record."""
    shown = excerpt(reading.history)
    sent = tuple(messages[item["id"]] for item in shown if "id" in item) if messages else ()
    company = {"segment": segment or "unknown", "fields": dict(fields)}
    return Question(
        PURPOSE, load(PROMPT), {"company": company, "messages": shown}, form(fields), conversation_id, sent, MAX_TOKENS
    )


def form(fields: Mapping[str, str]) -> type[Verdict]:
    """The schema of a verdict with the tenant's fields, each of which may be null."""
    wanted: dict[str, Any] = {name: (str | None, Field(description=about)) for name, about in fields.items()}
    named = create_model("Fields", **wanted)
    return create_model("Verdict", __base__=Verdict, fields=(named, ...))


def to_insight(answer: Answer[Verdict], reading: Reading, *, segment: str | None) -> Insight:
    """The verdict within bounds that hold whatever the model says, and whoever talked it into that.

    Leads and bands follow from category and score. There is no lead without a lead's category, no high score without a message
    that shows it, and no name that nobody wrote. If a contact tried to talk to the analyser, the score is never above that of
    the offline analyser, which reads by rules.
    """
    said = answer.value
    history = reading.history
    evidence = [at for at in dict.fromkeys(said.evidence) if 0 <= at < len(history) and history[at].owner is Owner.USER]
    category, score, confidence = said.category, said.conversion_score, said.confidence
    if reading.tampered:
        rules = analyse(history, segment=segment)
        category = rules.category if category is Category.LEAD else category
        score, confidence = min(score, rules.conversion_score), min(confidence, UNSURE)
    if category is not Category.LEAD:
        score = min(score, NOT_A_LEAD_AT_MOST)
    if not evidence:
        score, confidence = min(score, UNDECIDED_AT_MOST), min(confidence, UNSURE)
    return Insight(
        sentiment=said.sentiment,
        sentiment_score=said.sentiment_score,
        category=category,
        is_lead=category is Category.LEAD,
        interest=interest_of(score),
        conversion_score=score,
        summary=said.summary.strip()[:500],
        next_step=said.next_step.strip()[:300],
        confidence=confidence,
        model=answer.model,
        lead_name=_name(said.lead_name, history),
        lead_goal=(said.lead_goal or "").strip()[:120] or None,
        fields=_fields(said),
        evidence=tuple(sorted(evidence[:MOST_EVIDENCE])),
        prompt_version=answer.prompt_version,
        tokens=answer.tokens,
        cost_usd=answer.cost_usd,
    )


def _name(name: str | None, history: Sequence[Utterance]) -> str | None:
    """The lead's name, if each of its words was written in the conversation."""
    words = text.plain(name or "").split()
    written = text.plain(" ".join(said.body for said in history))
    return (name or "").strip()[:80] if words and all(word in written for word in words) else None


def _fields(said: Verdict) -> dict[str, str]:
    found: BaseModel = getattr(said, "fields")  # noqa: B009  (its type is made at run time)
    return {key: str(value).strip()[:200] for key, value in found.model_dump().items() if str(value or "").strip()}
