"""Filters as URL query parameters. The API, the downloads and the dashboards use the same ones."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prosa.conversations.states import State
from prosa.errors import Invalid
from prosa.facts.model import CATEGORIES, RESPONSE_BANDS, SENTIMENTS, Filter
from prosa.facts.outcomes import OutcomeKind
from prosa.facts.selection import MARKS

BigInt = Annotated[int, Field(ge=0, lt=2**63)]


class Asked(BaseModel):
    """The query parameters that choose conversations. List parameters may be repeated."""

    model_config = ConfigDict(extra="ignore")
    inbox: list[BigInt] = Field(default=[], description="Only these inboxes, by id; 0 is none.")
    agent: list[BigInt] = Field(default=[], description="Only these assignees, by id; 0 is nobody.")
    label: list[str] = Field(default=[], description="Only with one of these labels.")
    state: list[State] = Field(default=[], description="Only in one of these states.")
    name: str = Field(default="", max_length=200, description="Part of the contact's name.")
    phone: str = Field(default="", max_length=40, description="Digits of the contact's number.")
    lead: bool | None = Field(default=None, description="Only leads, or only analysed ones that are none.")
    category: list[Literal[CATEGORIES]] = []  # type: ignore[valid-type]
    sentiment: list[Literal[SENTIMENTS]] = []  # type: ignore[valid-type]
    min_score: int | None = Field(default=None, ge=0, le=100, description="Least conversion score.")
    outcome: list[OutcomeKind] = Field(default=[], description="Only with one of these outcomes.")
    mark: list[Literal[tuple(MARKS)]] = Field(default=[], description="All of these hold.")  # type: ignore[valid-type]
    weekday: list[Annotated[int, Field(ge=1, le=7)]] = Field(default=[], description="1 Monday to 7 Sunday.")
    hour: list[Annotated[int, Field(ge=0, le=23)]] = []
    band: list[Annotated[int, Field(ge=-1, le=len(RESPONSE_BANDS))]] = Field(
        default=[], description="Of the first response: up to 5, 15, 60 min, 4 h, 24 h, more; -1: none."
    )

    def filter(self) -> Filter:
        """The parameters as a Filter. Raises Invalid."""
        if any("\x00" in text for text in (*self.label, self.name, self.phone)):
            raise Invalid("Text has no NUL character.")
        return Filter(
            inboxes=tuple(i or None for i in self.inbox), agents=tuple(a or None for a in self.agent),
            labels=tuple(self.label), states=tuple(map(str, self.state)), name=self.name.strip(), phone=self.phone.strip(),
            leads=self.lead, categories=tuple(self.category), sentiments=tuple(self.sentiment),
            min_score=self.min_score, outcomes=tuple(map(str, self.outcome)), marks=tuple(self.mark),
            weekdays=tuple(self.weekday), hours=tuple(self.hour),
            bands=tuple(None if band < 0 else band for band in self.band),
        )  # fmt: skip


LISTS = tuple(name for name, field in Asked.model_fields.items() if field.default == [])


def read(given: Mapping[str, Sequence[str]]) -> Filter:
    """The filter that these URL parameters describe. Unknown parameters and impossible values are ignored."""
    asked: dict[str, Any] = {}
    for name, values in given.items():
        value: Any = [v for v in values if v] if name in LISTS else (values[0] if values else None)
        if name in Asked.model_fields and value not in ([], None, ""):
            try:
                Asked.model_validate({name: value})
            except ValidationError:
                continue
            asked[name] = value
    try:
        return Asked.model_validate(asked).filter()
    except Invalid:
        return Filter()


def write(where: Filter) -> list[tuple[str, str]]:
    """A filter as URL parameters; `read` turns them back into the same filter."""
    numbers = {"inbox": where.inboxes, "agent": where.agents}
    words = {
        "label": where.labels, "state": where.states, "category": where.categories, "sentiment": where.sentiments,
        "outcome": where.outcomes, "mark": where.marks, "weekday": where.weekdays, "hour": where.hours,
    }  # fmt: skip
    query = [(name, str(i or 0)) for name, ids in numbers.items() for i in ids]
    query += [(name, str(value)) for name, values in words.items() for value in values]
    query += [("band", str(-1 if band is None else band)) for band in where.bands]
    query += [(name, text) for name, text in (("name", where.name), ("phone", where.phone)) if text]
    if where.leads is not None:
        query.append(("lead", str(where.leads).lower()))
    return query + ([("min_score", str(where.min_score))] if where.min_score is not None else [])
