"""Fit how near a lead is to buying (`prosa.analysis.offline.nearness`) over many writers' labelled conversations.

    python bench/conversation_fit.py tests/analysis/labelled/conversations_{dev,second,third,fourth,fifth}.jsonl [--write]

A multinomial logistic regression over named features of the conversations labelled as leads. Every writer's conversations are
judged by weights fitted without them: those are the figures to believe. `--write` fits over all and writes the table.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from offline_analysis import macro_f1, predict

from prosa.analysis.model import Category, Owner, Utterance
from prosa.analysis.offline.conversation import conversation_sentiment
from prosa.analysis.offline.extract import lead_goal, segment_fields
from prosa.analysis.offline.judgement import conversion_score
from prosa.analysis.offline.nearness import features
from prosa.analysis.offline.signals import contact_messages, find_signals

Array = NDArray[np.float64]
Weights = dict[str, dict[str, float]]
TARGET = Path(__file__).parents[1] / "src/prosa/analysis/offline/data/interest.tsv"
LABELS = ("low", "medium", "high")
WRITERS = {"test": "dev", "third": "second"}
PULL = 4.0
RAREST = 3  # a feature seen less often is not fitted
SMALLEST = 0.02  # a smaller weight is left out
HEADER = "# Fitted by bench/conversation_fit.py, not by hand: feature<TAB>interest<TAB>weight in logits.\n"


class Case(NamedTuple):
    truth: str
    is_lead: bool
    found_lead: bool
    seen: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    written: dict[str, list[Case]] = defaultdict(list)
    for path in options.files:
        name = path.stem.removeprefix("conversations_")
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        written[WRITERS.get(name, name)] += [case(row) for row in rows]
    if options.write:
        write(fit([one for theirs in written.values() for one in theirs]))
        return
    for name, own in written.items():
        weights = fit([one for other, theirs in written.items() if other != name for one in theirs])
        found = [judged(one, weights) for one in own]
        print(f"{name:8} {len(own):4}  interest {macro_f1([one.truth for one in own], found):.3f}", flush=True)


def case(row: dict[str, Any]) -> Case:
    history = [Utterance(Owner(said["message_owner"]), said["body"]) for said in row["messages"]]
    messages = contact_messages(history)
    labels, is_lead = row["labels"], predict(row)["is_lead"]
    if not messages:
        return Case(labels["interest"], False, False, {})
    seen = find_signals(history, messages)
    goal = lead_goal([history[m.index].body for m in messages], segment_fields(messages, row.get("segment")))
    points = conversion_score(seen, Category.LEAD, has_goal=goal is not None)
    mood = conversation_sentiment(history, seen)[1]
    named = features(points, seen, messages, history, mood)
    return Case(labels["interest"], labels["category"] == "lead", is_lead, named)


def fit(cases: list[Case]) -> Weights:
    """Weights in logits by feature and label, by accelerated gradient descent on the penalised likelihood."""
    cases = [one for one in cases if one.is_lead]
    times: dict[str, int] = defaultdict(int)
    for one in cases:
        for name in one.seen:
            times[name] += 1
    order = sorted(name for name, seen in times.items() if seen >= RAREST)
    table = np.array([[one.seen.get(name, 0.0) for name in order] for one in cases])
    truth = np.array([[float(one.truth == label) for label in LABELS] for one in cases])
    steepest = 0.5 * np.linalg.norm(table, 2) ** 2 + PULL
    weights: Array = np.zeros((len(order), len(LABELS)))
    ahead, momentum = weights, 1.0
    for _ in range(400):
        sums = np.exp(table @ ahead - (table @ ahead).max(axis=1, keepdims=True))
        slope = table.T @ (sums / sums.sum(axis=1, keepdims=True) - truth) + PULL * ahead
        stepped, next_momentum = ahead - slope / steepest, (1 + (1 + 4 * momentum**2) ** 0.5) / 2
        ahead, weights, momentum = (
            stepped + (momentum - 1) / next_momentum * (stepped - weights),
            stepped,
            next_momentum,
        )
    return {name: dict(zip(LABELS, row, strict=True)) for name, row in zip(order, weights.tolist(), strict=True)}


def judged(one: Case, weights: Weights) -> str:
    if not one.found_lead:
        return "low"
    known = {name: value for name, value in one.seen.items() if name in weights}
    return max(LABELS, key=lambda label: sum(value * weights[name][label] for name, value in known.items()))


def write(weights: Weights) -> None:
    rows = [(name, label, weight) for name, labels in weights.items() for label, weight in labels.items()]
    lines = [f"{name}\t{label}\t{weight:.2f}\n" for name, label, weight in rows if abs(weight) >= SMALLEST]
    TARGET.write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
