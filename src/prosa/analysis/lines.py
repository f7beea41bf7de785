"""`prosa sentiment score` and `prosa insight score`: JSON lines in and out, one for one, in order."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from prosa.analysis.model import Insight, Owner, Utterance
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.offline.conversation import conversation_sentiment
from prosa.analysis.offline.sentiment import sentiment
from prosa.errors import Invalid, ProsaError

OWNERS = {**{owner.value: owner for owner in Owner}, "support": Owner.AGENT}
"""Owners by their names on the wire; the conversation API also says `support`."""
Item = dict[str, Any]
"""One JSON object; its contents are checked where they are used."""
Analyser = Callable[..., Insight]


def sentiment_lines(lines: Iterable[str]) -> Iterator[Item]:
    """Score each `{"id", "text"}` or `{"id", "history"}`; a bad line gives `{"id", "error"}`."""
    return _each(lines, _sentiment)


def insight_lines(lines: Iterable[str], analyser: Analyser = analyse, *, at_once: int = 1) -> Iterator[Item]:
    """Analyse each `{"id", "segment"?, "messages"}`; a bad line gives `{"id", "error"}`.

    `at_once`: so many lines are in work at a time, for an analyser that waits for the network; the order stays.
    """
    score = partial(_insight, analyser=analyser)
    return _each(lines, score) if at_once == 1 else _each_at_once(lines, score, at_once)


def utterances(messages: object) -> list[Utterance]:
    """Messages as JSON gives them. An unknown owner counts as the system's: it is shown and never judged.

    Raises Invalid where `messages` is no list of objects; null stands for no messages.
    """
    if messages is None:
        return []
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise Invalid("the messages must be a list of objects")
    return [_utterance(message) for message in messages]


def _each(lines: Iterable[str], score: Callable[[Item], Item]) -> Iterator[Item]:
    return (_line(line, score) for line in lines if line.strip())


def _each_at_once(lines: Iterable[str], score: Callable[[Item], Item], at_once: int) -> Iterator[Item]:
    """In order, and no more lines in memory than are in work."""
    with ThreadPoolExecutor(at_once) as pool:
        waiting: deque[Future[Item]] = deque()
        for line in lines:
            if line.strip():
                waiting.append(pool.submit(_line, line, score))
            if len(waiting) >= at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _line(line: str, score: Callable[[Item], Item]) -> Item:
    item: Item = {}
    try:
        item = _object(line)
        return {"id": item.get("id"), **score(item)}
    except (ProsaError, ValueError, RecursionError) as error:
        return {"id": item.get("id"), "error": str(error)}


def _object(line: str) -> Item:
    item = json.loads(line)
    if not isinstance(item, dict):
        raise Invalid("a line must be one JSON object")
    return item


def _sentiment(item: Item) -> Item:
    if "history" not in item and "text" not in item:
        raise Invalid("text or history is missing")
    if item.get("history") not in (None, []):
        label, score = conversation_sentiment(utterances(item["history"]))
    else:
        label, score = sentiment(_text(item.get("text")))
    return {"label": label.value, "score": score}


def _insight(item: Item, *, analyser: Analyser) -> Item:
    if "messages" not in item:
        raise Invalid("messages is missing")
    segment = item.get("segment")
    found = analyser(utterances(item["messages"]), segment=segment if isinstance(segment, str) else None)
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


def _utterance(message: Item) -> Utterance:
    owner = message.get("message_owner")
    known = OWNERS.get(owner, Owner.SYSTEM) if isinstance(owner, str) else Owner.SYSTEM
    return Utterance(known, _text(message.get("body")), _time(message.get("at")))


def _text(value: object) -> str:
    """Null stands for no text (media without a caption)."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(f"a text must be a string, not {type(value).__name__}")
    return value


def _time(value: object) -> datetime | None:
    """A time is only carried along; one that cannot be read is no reason to lose the message."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
