"""What a segment can be defined by."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prosa.analysis.model import Category, Interest
from prosa.errors import Invalid, wrong_fields

STORABLE = r"^[^\x00]*$"  # PostgreSQL keeps every character but this one


class Situation(StrEnum):
    """Which side has not answered."""

    ANY = "any"
    NEVER_ANSWERED = "never_answered"  # the contact wrote, and no person ever did (docs/metrics.md)
    FELL_SILENT = "fell_silent"  # a person answered, and the contact has said nothing since


class Recency(StrEnum):
    """How old the contact's last message is: recent up to 24 hours, medium up to 7 days, cold after that (docs/metrics.md)."""

    RECENT = "recent"
    MEDIUM = "medium"
    COLD = "cold"


class Definition(BaseModel):
    """What a segment holds. An empty field does not restrict; `fields` are the insight's, compared without case."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    situation: Situation = Situation.ANY
    leads_only: bool = True
    not_converted: bool = True
    silent_hours: int = Field(24, ge=0, le=24 * 365)  # for fell_silent: how long our last word has had no answer
    categories: tuple[Category, ...] = ()
    interests: tuple[Interest, ...] = ()
    recencies: tuple[Recency, ...] = ()
    inboxes: Annotated[tuple[Annotated[int, Field(ge=1, lt=2**63)], ...], Field(max_length=200)] = ()
    fields: dict[
        Annotated[str, Field(max_length=60, pattern=STORABLE)], Annotated[str, Field(max_length=200, pattern=STORABLE)]
    ] = Field({}, max_length=10)


def define(given: Mapping[str, Any]) -> Definition:
    """The definition in `given`. Raises Invalid, which names the field."""
    try:
        return Definition.model_validate(given)
    except ValidationError as error:
        raise Invalid(f"This segment cannot be understood: {wrong_fields(error)}.") from None
