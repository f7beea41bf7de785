"""`prosa closure score`: one JSON object a line in, one object a line out."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from prosa.conversations.closure.model import DEFAULT, Settings, Turn
from prosa.conversations.closure.rules import score


def score_lines(lines: Iterable[str], settings: Settings = DEFAULT) -> Iterator[dict[str, Any]]:
    """Score every line, in order; blank lines are skipped.

    In: `{"id", "history": [{"message_owner", "body"}, …], "message", "metadata"?}`. Out: `{"id", "score",
    "action", "reasons": [{"name", "weight", "text"}, …]}`, or `{"id", "error"}` for a line that cannot be
    read. Owners other than "user" (agent, bot, system, support …) are our side. A missing or null history,
    body or metadata, or a null message (media only), counts as empty.
    """
    for line in lines:
        if line.strip():
            yield _score_line(line, settings)


def _score_line(line: str, settings: Settings) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"not JSON: {error}"}
    if not isinstance(item, dict):
        return {"id": None, "error": f"expected an object, got {_kind(item)}"}
    identity = item.get("id")
    if "message" not in item:
        return {"id": identity, "error": "message: missing"}
    try:
        verdict = score(
            _history(item.get("history")),
            _text(item, "message"),
            metadata=_metadata(item.get("metadata")),
            settings=settings,
        )
    except TypeError as error:
        return {"id": identity, "error": str(error)}
    reasons = [asdict(reason) for reason in verdict.reasons]
    return {"id": identity, "score": verdict.score, "action": verdict.action, "reasons": reasons}


def _history(value: object) -> list[Turn]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"history: expected a list, got {_kind(value)}")
    return [_turn(turn, place) for place, turn in enumerate(value)]


def _turn(value: object, place: int) -> Turn:
    if not isinstance(value, dict):
        raise TypeError(f"history[{place}]: expected an object, got {_kind(value)}")
    return Turn(
        str(value.get("message_owner") or "").strip().lower(), _text(value, "body", f"history[{place}].")
    )


def _text(item: dict[str, Any], key: str, prefix: str = "") -> str:
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{prefix}{key}: expected a string, got {_kind(value)}")
    return value or ""


def _metadata(value: object) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise TypeError(f"metadata: expected an object, got {_kind(value)}")
    return value or {}


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
