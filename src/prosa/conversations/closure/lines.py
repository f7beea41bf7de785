"""`prosa closure score`: one JSON object a line in, one object a line out."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from prosa.conversations.closure.model import DEFAULT, Settings, Turn
from prosa.conversations.closure.rules import score
from prosa.conversations.lines import Item, each, expected, objects, text
from prosa.errors import Invalid


def score_lines(lines: Iterable[str], settings: Settings = DEFAULT) -> Iterator[Item]:
    """Score every line, in order; blank lines are skipped.

    In: `{"id", "history": [{"message_owner", "body"}, …], "message", "metadata"?}`. Out: `{"id", "score",
    "action", "reasons": [{"name", "weight", "text"}, …]}`, or `{"id", "error"}` for a line that cannot be
    read. Owners other than "user" (agent, bot, system, support …) are our side. A missing or null history,
    body or metadata, or a null message (media only), counts as empty.
    """
    return each(lines, partial(_score, settings=settings))


def _score(item: Item, *, settings: Settings) -> Item:
    if "message" not in item:
        raise Invalid("message: missing")
    history = [_turn(turn, place) for place, turn in enumerate(objects(item.get("history"), "history"))]
    verdict = score(history, text(item, "message"), metadata=_metadata(item.get("metadata")), settings=settings)
    reasons = [asdict(reason) for reason in verdict.reasons]
    return {"score": verdict.score, "action": verdict.action, "reasons": reasons}


def _turn(turn: Item, place: int) -> Turn:
    return Turn(str(turn.get("message_owner") or "").strip().lower(), text(turn, "body", at=f"history[{place}]."))


def _metadata(value: object) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise expected("an object", value, "metadata")
    return value or {}
