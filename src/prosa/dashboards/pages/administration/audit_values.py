"""Values in entries of the audit log as people write them: words, numbers and dates of the user's language."""

import re
from datetime import date, datetime

from babel import Locale

from prosa.dashboards import gate
from prosa.dashboards.format import DASH
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.i18n import LOCALES, catalogue
from prosa.tenancy.model import Principal

EMPTY: tuple[object, ...] = (None, "", [], {})
LONGEST = 160  # letters of a value
# Words of the program, by the field that holds them, and where the user's words for them stand.
SPOKEN = {"role": "app.role_{}", "segment": "segment.{}", "state": "audit_value.{}", "kind": "audit_value.{}",
          "origin": "audit_value.{}", "scopes": "keys.scope_{}", "event_types": "event.{}", "fields": "column.{}"}  # fmt: skip
SHARES = ("confirm_at", "close_at", "sure_from")  # fields that hold one
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d")


def named(me: Principal, field: str) -> str:
    """A field in the user's words; one without such words stays as it is."""
    return catalogue(gate.locale(me)).get(f"audit_field.{field}", field)


def written(me: Principal, value: object, field: str = "") -> str:
    """The value of a field: lists with commas, nested values each with its name. A long text is cut."""
    if value in EMPTY:
        return DASH
    if isinstance(value, dict):
        return ", ".join(f"{named(me, str(name))} {written(me, inner, str(name))}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(written(me, inner, field) for inner in value)
    if isinstance(value, bool | float | int):
        return _number(me, value, field)
    text = _text(me, str(value), field)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _number(me: Principal, value: float, field: str) -> str:
    """Yes and no, shares, and days of the week by name. Whole numbers stay as they are: one may be the number of something."""
    if isinstance(value, bool):
        return texts(me)(f"lead.{str(value).lower()}")
    if field in SHARES:
        return formats(me).percent(value, 0)
    if field == "weekdays" and value in range(1, 8):
        return str(Locale.parse(gate.locale(me)).days["format"]["abbreviated"][int(value) - 1])
    return formats(me).number(value, 2) if isinstance(value, float) else str(value)


def _text(me: Principal, text: str, field: str) -> str:
    if field == "locale":
        return LOCALES.get(text, text)
    if DAY.fullmatch(text):
        return formats(me).date(date.fromisoformat(text))
    if MOMENT.fullmatch(text):
        return formats(me).moment(datetime.fromisoformat(text))
    return catalogue(gate.locale(me)).get(SPOKEN.get(field, "").format(re.sub(r"[.:]", "_", text)), text)
