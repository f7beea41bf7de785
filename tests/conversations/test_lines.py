"""The three `score` commands tell a bad line in one form: its id where it can be read, the field, and what was expected."""

import pytest

from prosa.analysis.lines import insight_lines, sentiment_lines
from prosa.conversations.closure import score_lines

COMMANDS = [score_lines, sentiment_lines, insight_lines]


@pytest.mark.parametrize("score", COMMANDS)
@pytest.mark.parametrize(
    ("line", "identity", "error"),
    [
        ('{"id": "a7", "history": [', "a7", "not JSON"),
        ('{"id": 7, nope}', 7, "not JSON"),
        ('{"id": "a\\"b", nope}', 'a"b', "not JSON"),
        ("{nope", None, "not JSON"),
        ('{"id": NaN}', None, "NaN is no number"),
        ('["id", 7]', None, "expected an object, got a list"),
        ("null", None, "expected an object, got null"),
        ('{"id": 7}', 7, "missing"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_in_one_form(score: object, line: str, identity: object, error: str) -> None:
    (answer,) = score([line])
    assert list(answer) == ["id", "error"]
    assert answer["id"] == identity
    assert error in answer["error"]


@pytest.mark.parametrize(
    ("score", "field"), [(score_lines, "history"), (sentiment_lines, "history"), (insight_lines, "messages")]
)
@pytest.mark.parametrize(
    ("value", "error"),
    [
        ('"x"', ": expected a list, got a string"),
        ("[{}, 5]", "[1]: expected an object, got a number"),
        ('[{"message_owner": "user", "body": ["oi"]}]', "[0].body: expected a string, got a list"),
    ],
)
def test_the_wrong_field_is_named_by_its_place(score: object, field: str, value: str, error: str) -> None:
    (answer,) = score([f'{{"id": 1, "message": "oi", "{field}": {value}}}'])
    assert answer == {"id": 1, "error": field + error}
