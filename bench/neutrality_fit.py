"""Fit what tells a neutral text from one that takes a side, over many writers' labelled texts.

    python bench/neutrality_fit.py tests/analysis/labelled/texts_{dev,fresh,second,third,fourth,fifth}.jsonl [--write]

A logistic regression over the features of `prosa.analysis.offline.neutrality`, pulled towards a few weights that are known
beforehand and towards nothing elsewhere. Every writer's texts are judged by weights fitted without them: those are the
figures to believe. `--write` fits over all and writes the table.
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from offline_analysis import macro_f1

from prosa.analysis.offline.sentiment import weighed

Array = NDArray[np.float64]
TARGET = Path(__file__).parents[1] / "src/prosa/analysis/offline/data/neutrality.tsv"
WRITERS = {"fresh": "dev", "test": "dev", "third": "second"}
RAREST = 4  # a word seen in fewer texts is not fitted
PULL, PULL_OF_WORDS = 3.0, 3.0
KNOWN = {
    "rules say neutral": 1.5,
    "both in a sentence": 1.0,
    "evenly": 1.0,
}  # what the weights are pulled towards; the rest to 0
SMALLEST = 0.05  # a smaller weight is left out
HEADER = (
    "# Fitted by bench/neutrality_fit.py, not by hand: feature<TAB>weight in logits; above 0 it speaks for neutral.\n"
)


class Case(NamedTuple):
    kind: str
    truth: str
    by_rules: str
    score: float
    seen: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    written: dict[str, list[Case]] = defaultdict(list)
    for path in options.files:
        written[writer(path)] += cases(path)
    if options.write:
        write(fit([case for cases_ in written.values() for case in cases_]))
    else:
        report(written)


def writer(path: Path) -> str:
    name = path.stem.removeprefix("texts_")
    return WRITERS.get(name, name)


def cases(path: Path) -> list[Case]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        label, score, seen = weighed(row["text"])
        found.append(Case(row["kind"], row["labels"]["sentiment"], label.value, score, seen))
    return found


def fit(known: list[Case]) -> dict[str, float]:
    """Weights in logits by feature, by Newton's method; texts that the rules leave at 0 teach nothing."""
    known = [case for case in known if case.score]
    times = Counter(name for case in known for name in case.seen)
    order = [name for name in sorted(times) if not name.startswith("word ") or times[name] >= RAREST]
    table = np.array([[case.seen.get(name, 0.0) for name in order] for case in known])
    truth = np.array([case.truth == "neutral" for case in known], dtype=np.float64)
    pull = np.array([PULL_OF_WORDS if name.startswith("word ") else PULL for name in order])
    prior = np.array([KNOWN.get(name, 0.0) for name in order])
    weights: Array = np.zeros(len(order))
    for _ in range(20):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        curvature = (table.T * (chance * (1 - chance))) @ table + np.diag(pull)
        step = np.linalg.solve(curvature, table.T @ (chance - truth) + pull * (weights - prior))
        weights = weights - step
        if np.abs(step).max() < 1e-4:
            break
    return dict(zip(order, weights.tolist(), strict=True))


def judged(case: Case, weights: dict[str, float]) -> str:
    neutral = sum(value * weights.get(name, 0.0) for name, value in case.seen.items()) > 0
    return "neutral" if neutral or not case.score else "positive" if case.score > 0 else "negative"


def report(written: dict[str, list[Case]]) -> None:
    """Macro-F1 of each writer's texts by the rules alone, and by weights fitted over the others'."""
    for name, own in written.items():
        weights = fit([case for other, theirs in written.items() if other != name for case in theirs])
        for kind in sorted({case.kind for case in own}):
            texts = [case for case in own if case.kind == kind]
            truth = [case.truth for case in texts]
            rules = macro_f1(truth, [case.by_rules for case in texts])
            fitted = macro_f1(truth, [judged(case, weights) for case in texts])
            print(f"{name:8} {kind:8} {len(texts):4}  rules {rules:.3f}  with neutrality {fitted:.3f}", flush=True)


def write(weights: dict[str, float]) -> None:
    rows = sorted((name, weight) for name, weight in weights.items() if abs(weight) >= SMALLEST)
    TARGET.write_text(HEADER + "".join(f"{name}\t{weight:.2f}\n" for name, weight in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
