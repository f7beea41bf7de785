"""`prosa closure score`: an answer for every line, whatever stands in it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prosa.conversations.closure import score_lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_answers_come_in_order_with_their_reasons() -> None:
    lines = [
        json.dumps({"id": 1, "history": [{"message_owner": "agent", "body": "Certo."}], "message": "tchau"}),
        json.dumps({"id": "b", "message": "qual o preço?"}),
    ]
    first, second = score_lines(lines)
    assert (first["id"], first["action"]) == (1, "close")
    assert first["reasons"][0]["name"] == "farewell"
    assert first["reasons"][0]["text"] == "tchau"
    assert first["reasons"][0]["weight"] > 0.2
    assert (second["id"], second["score"], second["action"]) == ("b", 0.0, "none")


@pytest.mark.parametrize(
    ("line", "identity", "error"),
    [
        ("{nope", None, "not JSON"),
        ("[" * 100_000, None, "not JSON"),
        ("[1]", None, "expected an object, got a list"),
        ('{"id": 7}', 7, "message: missing"),
        ('{"id": 7, "message": 3}', 7, "message: expected a string, got a number"),
        ('{"id": 7, "message": "oi", "history": "x"}', 7, "history: expected a list, got a string"),
        ('{"id": 7, "message": "oi", "history": [null]}', 7, "history[0]: expected an object, got null"),
        (
            '{"id": 7, "message": "oi", "history": [{"body": []}]}',
            7,
            "history[0].body: expected a string, got a list",
        ),
        ('{"id": 7, "message": "oi", "metadata": true}', 7, "metadata: expected an object, got a boolean"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_the_next_is_scored(line: str, identity: object, error: str) -> None:
    bad, good = score_lines([line, '{"id": 8, "message": "tchau"}'])
    assert bad["id"] == identity
    assert error in bad["error"]
    assert good["action"] == "close"


def test_nulls_and_unknown_owners_are_accepted() -> None:
    item = {
        "id": None,
        "history": [
            {"message_owner": "support", "body": "Posso ajudar em algo mais?"},
            {"message_owner": None},
        ],
        "message": "não",
        "metadata": None,
    }
    (answer,) = score_lines([json.dumps(item)])
    assert answer["action"] == "close"


def test_a_message_of_media_only_goes_on() -> None:
    (answer,) = score_lines(['{"id": 1, "history": null, "message": null}'])
    assert (answer["score"], answer["action"], answer["reasons"]) == (0.0, "none", [])


def test_blank_lines_are_skipped() -> None:
    assert list(score_lines(["", "  \n"])) == []


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "history", "message", "metadata"), JSON)))
def test_any_object_gets_one_answer(item: dict[str, object]) -> None:
    (answer,) = score_lines([json.dumps(item)])
    assert ("error" in answer) != ("score" in answer)
    assert json.loads(json.dumps(answer)) == answer
