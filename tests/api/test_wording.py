"""What Pydantic finds wrong is told in words that name what is expected, and never the input."""

from datetime import date, datetime
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from prosa.api.wording import SAID, WITH_FACTS, explain, place


class Everything(BaseModel):
    """A field of each kind that the API takes."""

    number: int = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    text: Annotated[str, Field(min_length=1, max_length=5)] = "a"
    entries: Annotated[list[int], Field(max_length=2)] = []
    at: datetime | None = None
    day: date | None = None
    word: Literal["a", "b"] = "a"
    yes: bool = True
    inner: dict[str, int] = {}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("number", "segredo", "must be a whole number"),
        ("number", 1.5, "must be a whole number"),
        ("share", 2, "must be less than 1.0"),
        ("text", "", "must not be empty"),
        ("text", "segredo", "must have at most 5 characters; it has 7"),
        ("entries", [1, 2, 3], "must have at most 2 entries; it has 3"),
        ("entries", "segredo", "must be a list: […]"),
        ("at", "segredo", "must be a date and a time, such as 2026-03-02T09:00:00-03:00"),
        ("day", "2026-02-30", "must be a date that exists, such as 2026-03-02"),
        ("word", "segredo", "must be 'a' or 'b'"),
        ("yes", "segredo", "must be true or false"),
        ("inner", [], "must be an object: {…}"),
    ],
)
def test_the_words_say_what_is_expected(field: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate({field: value})
    [error] = refused.value.errors()
    assert (place(error), explain(error)) == (field, words)


def test_a_kind_of_error_that_nobody_listed_still_has_words() -> None:
    error = {"type": "new_kind", "loc": ("body", "x"), "msg": "Input should be something new", "input": "segredo"}
    assert explain(error) == "must be something new"
    assert "new_kind" not in {*SAID, *WITH_FACTS}
