"""Validation errors in plain words. Pydantic's own messages name its internals, such as "items" for characters."""

from collections.abc import Callable, Mapping
from typing import Any

Error = Mapping[str, Any]
"""One of Pydantic's errors: `type`, `loc`, `msg`, `input` and mostly `ctx`."""

# What a text must look like, by the regular expression that says so in the API's models.
PATTERNS = {
    "^[a-z][a-z0-9_]{0,31}$": "must be 1 to 32 small letters, digits and _, such as whatsapp",
    "^[A-Z]{3}$": "must be the three capital letters of a currency, such as BRL",
    r"^[\x21-\x7e]+$": "must be letters, digits and signs of ASCII, without spaces",
    r"^https://[^\s]+$": "must be an address that begins with https://",
    "^[A-Za-z0-9_]{1,40}$": "must be named by 1 to 40 letters, digits and _",
    "^HX[0-9a-fA-F]{32}$": "must be a template's ContentSid: HX and 32 hexadecimal digits",
}
FRACTION = "must be a whole number"
NUMBER = "must be a number"
OBJECT = "must be an object: {…}"
MOMENT = "must be a date and a time, such as 2026-03-02T09:00:00-03:00"
DAY = "must be a date that exists, such as 2026-03-02"
SAID: dict[str, str] = {
    "missing": "is missing", "extra_forbidden": "is not known here", "string_type": "must be a text in quotes",
    "int_type": FRACTION, "int_parsing": FRACTION, "int_from_float": FRACTION, "int_parsing_size": FRACTION,
    "float_type": NUMBER, "float_parsing": NUMBER, "finite_number": NUMBER,
    "decimal_type": NUMBER, "decimal_parsing": NUMBER,
    "bool_type": "must be true or false", "bool_parsing": "must be true or false",
    "list_type": "must be a list: […]", "dict_type": OBJECT, "model_type": OBJECT, "model_attributes_type": OBJECT,
    "datetime_type": MOMENT, "datetime_parsing": MOMENT, "datetime_from_date_parsing": MOMENT,
    "date_type": DAY, "date_parsing": DAY, "date_from_datetime_parsing": DAY, "date_from_datetime_inexact": DAY,
}  # fmt: skip
WITH_FACTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "enum": lambda facts: f"must be {facts['expected']}",
    "literal_error": lambda facts: f"must be {facts['expected']}",
    "greater_than_equal": lambda facts: f"must be {facts['ge']} or more",
    "greater_than": lambda facts: f"must be more than {facts['gt']}",
    "less_than_equal": lambda facts: f"must be {facts['le']} or less",
    "less_than": lambda facts: f"must be less than {facts['lt']}",
    "string_pattern_mismatch": lambda facts: PATTERNS.get(facts["pattern"], f"must match {facts['pattern']}"),
    "value_error": lambda facts: str(facts["error"]),
}
NO_JSON = "was not sent as JSON: send an object with the header Content-Type: application/json"


def explain(error: Error) -> str:
    """What is wrong and what is expected, without the input itself, which may be personal."""
    kind, facts = error["type"], error.get("ctx", {})
    if kind == "json_invalid":
        return "is not JSON" + (f": {facts['error']}" if facts.get("error") else "")
    if tuple(error["loc"]) == ("body",) and (kind == "missing" or isinstance(error.get("input"), bytes)):
        return NO_JSON
    if kind.endswith(("too_long", "too_short")):
        return _length(kind, facts, error.get("input"))
    if kind in WITH_FACTS:
        return WITH_FACTS[kind](facts)
    return SAID.get(kind) or error["msg"].replace("Input should", "must")


def place(error: Error) -> str:
    """Where it is wrong, without Pydantic's names for its validators ("function-after[<function … at 0x7f…>]")."""
    if error["type"] == "json_invalid":
        return "body"
    return ".".join(str(part) for part in error["loc"] if "[" not in str(part))


def _length(kind: str, facts: Mapping[str, Any], value: object) -> str:
    bound = f"at most {facts['max_length']}" if kind.endswith("too_long") else f"at least {facts['min_length']}"
    if facts.get("min_length") == 1:
        return "must not be empty"
    what = "characters" if isinstance(value, str) else "entries"
    has = f"; it has {len(value)}" if isinstance(value, str | list | dict) else ""
    return f"must have {bound} {what}{has}"
