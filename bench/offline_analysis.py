"""Quality and speed of the offline analyser on labelled JSON lines.

    python bench/offline_analysis.py tests/analysis/labelled/*_dev.jsonl [--errors]

A line has `labels` (any of sentiment, category, is_lead, interest) and either `text` or `messages`.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prosa.analysis.model import Owner, Utterance
from prosa.analysis.offline.analyse import analyse
from prosa.analysis.offline.sentiment import sentiment

Row = dict[str, Any]


def predict(row: Row) -> Row:
    """The labels that the analyser gives to a row."""
    if "text" in row:
        return {"sentiment": sentiment(row["text"])[0].value}
    history = [Utterance(Owner(said["message_owner"]), said["body"]) for said in row["messages"]]
    found = analyse(history, segment=row.get("segment"))
    return {
        "sentiment": found.sentiment.value,
        "category": found.category.value,
        "is_lead": found.is_lead,
        "interest": found.interest.value,
    }


def f1_per_class(truth: Sequence[object], found: Sequence[object]) -> dict[str, tuple[float, float, float]]:
    """Precision, recall and F1 (0 to 1) of each class that occurs in the truth."""
    hits = Counter(wanted for wanted, got in zip(truth, found, strict=True) if wanted == got)
    wanted_count, got_count = Counter(truth), Counter(found)
    scores = {}
    for label in sorted(wanted_count, key=str):
        precision = hits[label] / got_count[label] if got_count[label] else 0.0
        recall = hits[label] / wanted_count[label]
        f1 = 2 * precision * recall / (precision + recall) if hits[label] else 0.0
        scores[str(label)] = (precision, recall, f1)
    return scores


def macro_f1(truth: Sequence[object], found: Sequence[object]) -> float:
    """The mean F1 of the classes, each counting the same."""
    scores = f1_per_class(truth, found)
    return sum(f1 for _, _, f1 in scores.values()) / len(scores)


def report(path: Path, *, show_errors: bool) -> None:
    """Print F1 per label and class for one file, then the milliseconds a row took."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    predict(rows[0])  # loads the word lists
    started = time.process_time()
    found = [predict(row) for row in rows]
    took = (time.process_time() - started) * 1000 / len(rows)
    print(f"{path.name}: {len(rows)} rows, {took:.2f} ms of CPU each")
    for label in rows[0]["labels"].keys() & found[0].keys():
        truth = [row["labels"][label] for row in rows]
        got = [result[label] for result in found]
        print(f"  {label:10} macro-F1 {macro_f1(truth, got):.3f}")
        for name, (precision, recall, f1) in f1_per_class(truth, got).items():
            print(f"    {name:10} precision {precision:.2f}  recall {recall:.2f}  F1 {f1:.2f}")
        for row, wanted, mine in zip(rows, truth, got, strict=True):
            if show_errors and wanted != mine:
                print(f"      {row['id']}: {wanted} -> {mine}: {said(row)}")


def said(row: Row) -> str:
    """What a row says, in one line."""
    return row.get("text") or " | ".join(f"{m['message_owner'][0]}: {m['body']}" for m in row["messages"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--errors", action="store_true", help="list every wrong row")
    arguments = parser.parse_args()
    for file in arguments.files:
        report(file, show_errors=arguments.errors)
