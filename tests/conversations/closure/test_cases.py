"""Labelled cases: `cases.jsonl` by the rules' author, `pt_dev.jsonl` by someone who had not seen them."""

import json
from pathlib import Path

import pytest

from prosa.conversations.closure import Turn, score

HERE = Path(__file__).parent
Judged = list[tuple[int, float]]


def judged(name: str) -> Judged:
    items = [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]
    return [
        (
            item["label"],
            score(
                [Turn(turn["message_owner"], turn["body"]) for turn in item["history"]],
                item["message"],
                metadata=item.get("metadata"),
            ).score,
        )
        for item in items
    ]


def precision_and_f1(cases: Judged, threshold: float) -> tuple[float, float]:
    found = [label for label, value in cases if value >= threshold]
    precision = sum(found) / len(found)
    recall = sum(found) / sum(label for label, _ in cases)
    return precision, 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(("name", "floor"), [("cases.jsonl", 0.95), ("pt_dev.jsonl", 0.90)])
def test_most_endings_are_noticed_and_little_else(name: str, floor: float) -> None:
    _, f1 = precision_and_f1(judged(name), 0.6)
    assert f1 >= floor


@pytest.mark.parametrize("name", ["cases.jsonl", "pt_dev.jsonl"])
def test_what_closes_by_itself_is_almost_always_right(name: str) -> None:
    precision, _ = precision_and_f1(judged(name), 0.8)
    assert precision >= 0.95
