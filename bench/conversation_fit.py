"""Fit how a conversation's sentiment, category and interest follow from its traits (`prosa.analysis.offline.traits`).

    uv run --with scipy python bench/conversation_fit.py FILE ... [--write]

Multinomial logistic regressions over many writers' labelled conversations. Every writer's conversations are judged by weights
fitted without them: those are the figures to believe. `--write` fits over all and writes the tables.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from offline_analysis import macro_f1
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from prosa.analysis.model import Owner, Utterance
from prosa.analysis.offline import judgement
from prosa.analysis.offline.extract import lead_goal, segment_fields
from prosa.analysis.offline.mood import mood
from prosa.analysis.offline.signals import contact_messages, find_signals
from prosa.analysis.offline.traits import ANSWERED, FORM, SAID, TOLD, traits

Array = NDArray[np.float64]
Weights = dict[str, dict[str, float]]
DATA = Path(__file__).parents[1] / "src/prosa/analysis/offline/data"
LABELS = {
    "sentiment": ("negative", "neutral", "positive"),
    "category": ("complaint", "lead", "other", "question", "service"),
    "interest": ("low", "medium", "high"),
}
SAME_WRITER = {"test": "dev", "third": "second"}
PULL, WORD_PULL = 1.0, 4.0  # the strength of the pull towards nothing
UNANSWERED = 0.5  # what a talk without its answers counts
RAREST = 5  # a trait seen less often is not fitted
WRITERS = 4  # a word that fewer of them use is their subject
SMALLEST = 0.03  # a smaller weight is left out
HEADER = "# Fitted by bench/conversation_fit.py, not by hand: trait<TAB>class<TAB>weight in logits.\n"


class Case(NamedTuple):
    writer: str
    labels: dict[str, Any]
    shown: dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    cases = [case for path in options.files for case in read(path)]
    if options.write:
        for target in LABELS:
            write(target, fit(cases, target))
        return
    for writer in dict.fromkeys(case.writer for case in cases):
        own, others = [c for c in cases if c.writer == writer], [c for c in cases if c.writer != writer]
        report(writer, own, {target: fit(others, target) for target in LABELS})


def read(path: Path) -> list[Case]:
    name = path.stem.removeprefix("conversations_")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Case(SAME_WRITER.get(name, name), row["labels"], shown) for row in rows if (shown := read_row(row))]


def read_row(row: dict[str, Any]) -> dict[str, float]:
    history = [Utterance(Owner(said["message_owner"]), said["body"]) for said in row["messages"]]
    messages = contact_messages(history)
    if not messages:
        return {}
    seen = find_signals(history, messages)
    goal = lead_goal([history[m.index].body for m in messages], segment_fields(messages, row.get("segment")))
    shown = traits(history, messages, seen, mood(history, seen))
    return judgement.with_points(shown, judgement.points(seen, has_goal=goal is not None))


def fit(cases: Sequence[Case], target: str) -> Weights:
    """Weights in logits by trait and class: the best of the penalised likelihood, in which every class counts the same."""
    if target == "interest":  # of others it is low
        cases = [case for case in cases if case.labels["category"] == "lead"]
        order, shown = fitted_traits(cases), [case.shown for case in cases]
    else:  # what the contact wants does not depend on the company's answer: so each talk counts once more without it
        order = [name for name in fitted_traits(cases) if not name.startswith(FORM)]
        shown = [*(case.shown for case in cases), *(unanswered(case.shown) for case in cases)]
        cases = [*cases, *cases]
    classes = LABELS[target]
    table, turned = (m := matrix(shown, order)), m.T.tocsr()
    truth = np.array([[float(case.labels[target] == label) for label in classes] for case in cases])
    counts = (truth @ (len(cases) / len(classes) / truth.sum(axis=0)))[:, None]
    if target != "interest":
        counts[len(cases) // 2 :] *= UNANSWERED
    pull = np.array([WORD_PULL if name.startswith((SAID, TOLD)) else PULL for name in order])[:, None]

    def loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(len(order), len(classes))
        logits = table @ weights
        logits -= logits.max(axis=1, keepdims=True)
        total = np.log(np.exp(logits).sum(axis=1, keepdims=True))
        value = (counts * truth * (total - logits)).sum() + (pull * weights * weights).sum() / 2
        slope = turned @ (counts * (np.exp(logits - total) - truth)) + pull * weights
        return float(value), slope.ravel()

    start = np.zeros(len(order) * len(classes))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500, "maxfun": 600}).x
    rows = best.reshape(len(order), len(classes)).tolist()
    return {name: dict(zip(classes, row, strict=True)) for name, row in zip(order, rows, strict=True)}


def unanswered(shown: dict[str, float]) -> dict[str, float]:
    """The same talk as it would be, had the company not answered yet."""
    return {name: value for name, value in shown.items() if not name.startswith((TOLD, ANSWERED))}


def matrix(rows: Sequence[dict[str, float]], order: Sequence[str]) -> csr_matrix:
    index = {name: at for at, name in enumerate(order)}
    known = [(at, index[name], value) for at, row in enumerate(rows) for name, value in row.items() if name in index]
    at, columns, values = zip(*known, strict=True)
    return csr_matrix((values, (at, columns)), shape=(len(rows), len(order)))


def fitted_traits(cases: Sequence[Case]) -> list[str]:
    """The traits that are seen often enough, and the words that are not one writer's."""
    times: dict[str, int] = defaultdict(int)
    writers: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        for name in case.shown:
            times[name] += 1
            writers[name].add(case.writer)
    common = (name for name, seen in times.items() if seen >= RAREST)
    return sorted(n for n in common if not n.startswith((SAID, TOLD)) or len(writers[n]) >= WRITERS)


def report(writer: str, cases: Sequence[Case], weights: dict[str, Weights]) -> None:
    found = {target: [judged(case.shown, weights[target]) for case in cases] for target in LABELS}
    found["is_lead"] = [str(category == "lead") for category in found["category"]]
    found["interest"] = [
        interest if category == "lead" else "low"
        for interest, category in zip(found["interest"], found["category"], strict=True)
    ]
    scores = [f"{t} {macro_f1([str(c.labels[t]) for c in cases], got):.3f}" for t, got in found.items()]
    print(f"{writer:8} {len(cases):4}  " + "  ".join(scores), flush=True)


def judged(shown: dict[str, float], weights: Weights) -> str:
    known = {name: value for name, value in shown.items() if name in weights}
    labels = next(iter(weights.values())).keys()
    return max(labels, key=lambda label: sum(value * weights[name][label] for name, value in known.items()))


def write(target: str, weights: Weights) -> None:
    rows = [(name, label, weight) for name, labels in weights.items() for label, weight in labels.items()]
    lines = [f"{name}\t{label}\t{weight:.2f}\n" for name, label, weight in rows if abs(weight) >= SMALLEST]
    (DATA / f"{target}.tsv").write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
