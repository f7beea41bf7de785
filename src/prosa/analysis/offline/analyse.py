"""The offline analysis of one conversation: pure, deterministic, well under two milliseconds."""

from collections.abc import Sequence

from prosa.analysis.model import Category, Insight, Utterance, interest_of
from prosa.analysis.offline import extract, summary
from prosa.analysis.offline.company import reactions
from prosa.analysis.offline.conversation import conversation_sentiment
from prosa.analysis.offline.injection import genuine
from prosa.analysis.offline.judgement import categorise, conversion_score
from prosa.analysis.offline.nearness import lead_score
from prosa.analysis.offline.signals import Seen, contact_messages, find_signals

MODEL = "offline-1"


def analyse(history: Sequence[Utterance], *, segment: str | None = None) -> Insight:
    """Understand a conversation, oldest message first; `segment` is a preset of `extract.SEGMENTS` or None.

    Never fails. One message of the contact is enough; without any, the category is `other`.
    """
    messages = contact_messages(history)
    seen = find_signals(history, messages)
    sentiment, sentiment_score = conversation_sentiment(history, seen)
    category, confidence = categorise(seen, messages, sentiment, reactions(history))
    fields = extract.segment_fields(messages, segment)
    bodies = [genuine(history[message.index].body) for message in messages]
    goal = extract.lead_goal(bodies, fields) if category is Category.LEAD else None
    score = conversion_score(seen, category, has_goal=goal is not None)
    if category is Category.LEAD:
        score = lead_score(score, seen, messages, history, sentiment_score)
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


def _evidence(category: Category, seen: Seen) -> tuple[int, ...]:
    """The contact's messages that speak for the category, in order."""
    return tuple(sorted({at for signal, places in seen.items() if signal.category is category for at in places}))
