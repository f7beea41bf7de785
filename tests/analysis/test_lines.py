"""The contract of `prosa sentiment score` and `prosa insight score`."""

import json
from typing import Any

import pytest

from prosa.analysis.lines import insight_lines, sentiment_lines


def sentiments(*items: object) -> list[dict[str, Any]]:
    return list(sentiment_lines(json.dumps(item) for item in items))


def insights(*items: object) -> list[dict[str, Any]]:
    return list(insight_lines(json.dumps(item) for item in items))


def test_sentiment_answers_with_the_promised_keys_in_order() -> None:
    history = [
        {"message_owner": "user", "body": "péssimo atendimento"},
        {"message_owner": "agent", "body": "oi"},
    ]
    text, talk = sentiments({"id": 1, "text": "amei"}, {"id": "b", "history": history})
    assert list(text) == list(talk) == ["id", "label", "score"]
    assert (text["id"], text["label"], talk["id"], talk["label"]) == (1, "positive", "b", "negative")


def test_an_empty_history_leaves_the_text_to_speak() -> None:
    (found,) = sentiments({"id": 1, "text": "péssimo", "history": []})
    assert found["label"] == "negative"


def test_insight_answers_with_the_promised_keys_in_order() -> None:
    messages = [{"message_owner": "user", "body": "Quero me matricular!", "at": "2026-03-02T09:00:00-03:00"}]
    (found,) = insights({"id": 7, "segment": "gym", "messages": messages})
    assert list(found) == [
        "id", "sentiment", "category", "is_lead", "interest", "conversion_score", "lead_name", "lead_goal",
        "evidence", "model",
    ]  # fmt: skip
    assert (found["category"], found["is_lead"], found["evidence"]) == ("lead", True, [0])
    json.dumps(found)


@pytest.mark.parametrize(
    "bad", ["{", "[]", "3", '{"id": 2}', '{"id": 2, "messages": 5}', '{"id": 2, "text": 5}', "[" * 100_000]
)
def test_a_bad_line_gives_an_error_and_the_stream_goes_on(bad: str) -> None:
    good = json.dumps({"id": 9, "text": "amei", "messages": []})
    for answers in (list(sentiment_lines([bad, good])), list(insight_lines([bad, good]))):
        assert next(iter(answers[0])) == "id"
        assert "error" in answers[0] or "messages" in bad
        assert answers[1]["id"] == 9
        assert "error" not in answers[1]


def test_an_error_keeps_the_id() -> None:
    (answer,) = insights({"id": "x", "messages": "none"})
    assert list(answer) == ["id", "error"]
    assert answer["id"] == "x"


def test_blank_lines_are_skipped() -> None:
    assert list(sentiment_lines(["\n", "  "])) == []


def test_nulls_unknown_owners_bad_times_and_huge_bodies_are_coped_with() -> None:
    messages = [
        {"message_owner": "user", "body": None, "at": None},
        {"message_owner": "martian", "body": "quero comprar"},
        {"message_owner": None, "body": "quero comprar", "at": "yesterday"},
        {},
        {"message_owner": ["user"], "body": "quero comprar"},
        {"message_owner": "user", "body": "x" * 2_000_000},
    ]
    (found,) = insights({"id": None, "segment": 5, "messages": messages})
    assert (found["category"], found["evidence"]) == ("other", [])
    assert sentiments({"id": 1, "text": None}) == [{"id": 1, "label": "neutral", "score": 0.0}]
    assert insights({"id": 1, "messages": None})[0]["category"] == "other"
