"""JSON lines in and out, one for one and in order: the form that the `score` commands share."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from prosa.errors import Invalid, ProsaError

Item = dict[str, Any]
"""One JSON object; its contents are checked where they are used."""
Score = Callable[[Item], Item]
ID = re.compile(r'\s*\{\s*"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d{1,18})\s*[,}]')  # where it comes first, as it mostly does


def each(lines: Iterable[str], score: Score) -> Iterator[Item]:
    """What `score` says of each line that is not blank."""
    return (answer(line, score) for line in lines if line.strip())


def answer(line: str, score: Score) -> Item:
    """`{"id", …}` with what `score` says, or `{"id", "error"}` for a line that cannot be read: the lines after it still can.

    The error names the field, what it should be and what it is. The id is null if even that cannot be read.
    """
    identity = None
    try:
        item = _object(line)
        identity = item.get("id")
        return {"id": identity, **score(item)}
    except json.JSONDecodeError as error:
        return {"id": _id(line), "error": f"not JSON: {error}"}
    except (ProsaError, ValueError, RecursionError) as error:
        return {"id": identity, "error": str(error)}


def text(item: Item, name: str, *, at: str = "") -> str:
    """The text of a field; missing and null stand for none (media only). Raises Invalid for anything else."""
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise expected("a string", value, f"{at}{name}")
    return value or ""


def objects(value: object, name: str) -> list[Item]:
    """The objects of a list; null stands for an empty one. Raises Invalid for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise expected("a list", value, name)
    for place, each_one in enumerate(value):
        if not isinstance(each_one, dict):
            raise expected("an object", each_one, f"{name}[{place}]")
    return value


def expected(what: str, got: object, at: str) -> Invalid:
    """The error for a field that is not what it should be."""
    return Invalid(f"{at}: expected {what}, got {_kind(got)}")


def _object(line: str) -> Item:
    try:
        item = json.loads(line, parse_constant=_no_number)
    except RecursionError:
        raise Invalid("not JSON: nested too deeply") from None
    if not isinstance(item, dict):
        raise Invalid(f"expected an object, got {_kind(item)}")
    return item


def _no_number(word: str) -> NoReturn:
    """Refuse NaN and Infinity: JSON has neither, but Python would read them, and write them again."""
    raise Invalid(f"not JSON: {word} is no number")


def _id(line: str) -> Any:
    match = ID.match(line)
    try:
        return json.loads(match[1]) if match else None
    except ValueError:
        return None


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
