"""`prosa sentiment score` and `prosa insight score`: JSON lines in and out, one for one, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial

from prosa.analysis.model import Insight, Owner, Utterance
from prosa.analysis.offline.analyse import analyse, conversation_sentiment
from prosa.analysis.offline.sentiment import sentiment
from prosa.conversations.lines import Item, Score, answer, each, objects, text
from prosa.errors import Invalid

OWNERS = {**{owner.value: owner for owner in Owner}, "support": Owner.AGENT}
"""Owners by their names on the wire; the conversation API also says `support`."""
Analyser = Callable[..., Insight]


def sentiment_lines(lines: Iterable[str]) -> Iterator[Item]:
    """Score each `{"id", "text"}` or `{"id", "history"}`; a bad line gives `{"id", "error"}`."""
    return each(lines, _sentiment)


def insight_lines(lines: Iterable[str], analyser: Analyser = analyse, *, at_once: int = 1) -> Iterator[Item]:
    """Analyse each `{"id", "segment"?, "messages"}`; a bad line gives `{"id", "error"}`.

    `at_once` lines are analysed at the same time, for an analyser that waits for the network. The order stays.
    """
    score = partial(_insight, analyser=analyser)
    return each(lines, score) if at_once == 1 else _each_at_once(lines, score, at_once)


def _each_at_once(lines: Iterable[str], score: Score, at_once: int) -> Iterator[Item]:
    """The results in order, with no more lines in memory than are being worked on."""
    with ThreadPoolExecutor(at_once) as pool:
        waiting: deque[Future[Item]] = deque()
        for line in lines:
            if line.strip():
                waiting.append(pool.submit(answer, line, score))
            if len(waiting) >= at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _sentiment(item: Item) -> Item:
    if "history" not in item and "text" not in item:
        raise Invalid("text: missing, and so is history")
    if item.get("history") not in (None, []):
        label, score = conversation_sentiment(_utterances(item["history"], "history"))
    else:
        label, score = sentiment(text(item, "text"))
    return {"label": label.value, "score": score}


def _insight(item: Item, *, analyser: Analyser) -> Item:
    if "messages" not in item:
        raise Invalid("messages: missing")
    segment = item.get("segment")
    found = analyser(_utterances(item["messages"], "messages"), segment=segment if isinstance(segment, str) else None)
    return {
        "sentiment": found.sentiment.value,
        "category": found.category.value,
        "is_lead": found.is_lead,
        "interest": found.interest.value,
        "conversion_score": found.conversion_score,
        "lead_name": found.lead_name,
        "lead_goal": found.lead_goal,
        "evidence": list(found.evidence),
        "model": found.model,
    }


def _utterances(messages: object, name: str) -> list[Utterance]:
    """Messages out of JSON. An owner that is not known counts as the system: such messages are shown, never judged."""
    return [_utterance(message, f"{name}[{place}].") for place, message in enumerate(objects(messages, name))]


def _utterance(message: Item, at: str) -> Utterance:
    owner = message.get("message_owner")
    known = OWNERS.get(owner, Owner.SYSTEM) if isinstance(owner, str) else Owner.SYSTEM
    return Utterance(known, text(message, "body", at=at), _time(message.get("at")))


def _time(value: object) -> datetime | None:
    """The message's time, which is only carried along: one that cannot be read is no reason to lose the message."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
