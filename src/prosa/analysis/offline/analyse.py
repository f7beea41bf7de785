"""The offline analysis of one conversation: pure, deterministic, well under two milliseconds."""

from collections.abc import Sequence

from prosa.analysis.model import Category, Insight, Sentiment, Utterance, interest_of
from prosa.analysis.offline import extract, judgement, summary
from prosa.analysis.offline.injection import genuine
from prosa.analysis.offline.mood import mood
from prosa.analysis.offline.signals import Message, Seen, contact_messages, find_signals
from prosa.analysis.offline.traits import traits

MODEL = "offline-1"
UNSURE = 0.3
"""How sure the category is where the contact has said nothing."""
UNFELT = (Sentiment.NEUTRAL, 0.0)


def analyse(history: Sequence[Utterance], *, segment: str | None = None) -> Insight:
    """Understand a conversation, oldest message first; `segment` is a preset of `extract.SEGMENTS` or None.

    Never fails. One message of the contact is enough; without any, the category is `other`.
    """
    messages = contact_messages(history)
    seen = find_signals(history, messages)
    shown = _shown(history, messages, seen)
    sentiment, sentiment_score = judgement.sentiment_of(shown) if shown else UNFELT
    category, confidence = judgement.category_of(shown) if shown else (Category.OTHER, UNSURE)
    fields = extract.segment_fields(messages, segment)
    bodies = [genuine(history[message.index].body) for message in messages]
    goal = extract.lead_goal(bodies, fields) if category is Category.LEAD else None
    score = judgement.conversion_score(category, seen, shown, has_goal=goal is not None)
    return Insight(
        sentiment=sentiment,
        sentiment_score=sentiment_score,
        category=category,
        is_lead=category is Category.LEAD,
        interest=interest_of(score),
        conversion_score=score,
        summary=summary.summary(category, seen, goal, len(messages)),
        next_step=summary.next_step(category, seen, history),
        confidence=confidence,
        model=MODEL,
        lead_name=extract.lead_name(history),
        lead_goal=goal,
        fields=fields,
        evidence=_evidence(category, seen),
    )


def conversation_sentiment(history: Sequence[Utterance]) -> tuple[Sentiment, float]:
    """How the contact felt about the company: label, and score from -1 to 1."""
    messages = contact_messages(history)
    shown = _shown(history, messages, find_signals(history, messages))
    return judgement.sentiment_of(shown) if shown else UNFELT


def _shown(history: Sequence[Utterance], messages: Sequence[Message], seen: Seen) -> dict[str, float]:
    return traits(history, messages, seen, mood(history, seen)) if messages else {}


def _evidence(category: Category, seen: Seen) -> tuple[int, ...]:
    """The contact's messages that speak for the category, in order."""
    return tuple(sorted({at for signal, places in seen.items() if signal.category is category for at in places}))
