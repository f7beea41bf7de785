"""The offline analyser's quality on the labelled sets must not fall, and it must stay fast."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

LABELLED = Path(__file__).parent / "labelled"
sys.path.append(str(Path(__file__).parents[2] / "bench"))

import offline_analysis  # noqa: E402 - a script of ours outside the package

FLOORS = [  # conversations: only sets that the weights are not fitted to
    ("conversations_test.jsonl", "sentiment", 0.90),
    ("conversations_test.jsonl", "category", 0.84),
    ("conversations_test.jsonl", "is_lead", 0.93),
    ("conversations_test.jsonl", "interest", 0.88),
    ("conversations_ninth.jsonl", "sentiment", 0.94),
    ("conversations_ninth.jsonl", "category", 0.78),
    ("conversations_ninth.jsonl", "is_lead", 0.92),
    ("conversations_ninth.jsonl", "interest", 0.80),
    ("texts_test.jsonl", "sentiment", 0.87),
    ("texts_second.jsonl", "sentiment", 0.77),
    ("texts_third.jsonl", "sentiment", 0.71),
    ("texts_fourth.jsonl", "sentiment", 0.77),
    ("texts_fifth.jsonl", "sentiment", 0.86),
    ("texts_fresh.jsonl", "sentiment", 0.90),
]


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (LABELLED / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("name", "label", "floor"), FLOORS)
def test_macro_f1_stays_above_its_floor(name: str, label: str, floor: float) -> None:
    labelled = rows(name)
    found = [offline_analysis.predict(row)[label] for row in labelled]
    assert offline_analysis.macro_f1([row["labels"][label] for row in labelled], found) >= floor


def test_the_labelled_sets_are_large_and_varied() -> None:
    conversations = rows("conversations_dev.jsonl") + rows("conversations_test.jsonl")
    assert len(conversations) >= 200
    assert len({row["segment"] for row in conversations if "segment" in row}) == 3
    assert len({json.dumps(row["messages"]) for row in conversations}) == len(conversations)


def test_a_conversation_takes_less_than_two_milliseconds() -> None:
    labelled = rows("conversations_test.jsonl")
    offline_analysis.predict(labelled[0])
    started = time.process_time()
    for row in labelled:
        offline_analysis.predict(row)
    assert (time.process_time() - started) / len(labelled) < 0.002
