"""Fit the weights of closure detection over many writers' labelled cases.

    python bench/closure_fit.py FILE ... [--write] [--strength 2]

A logistic regression over the named features, pulled towards a few weights that are known beforehand (a question keeps
a conversation open) and towards nothing elsewhere. Every writer's cases are judged by weights fitted without them: those
are the figures to believe. `--write` fits over all and writes `weights.py` (then `ruff format` it).
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosa.conversations.closure import DEFAULT, Turn
from prosa.conversations.closure.features import features
from prosa.conversations.closure.model import Act, Signal, Trait

Array = NDArray[np.float64]
Row = set[str]
S, T = Signal, Trait
TARGET = Path(__file__).parents[1] / "src/prosa/conversations/closure/weights.py"
AUTHORS = {"cases": "author", "fresh": "author"}
CASE_WEIGHT = {"cases": 0.3, "fresh": 0.3, "closure_en_sgd_dev": 0.2, "promises": 20.0}
RAREST = 5  # a feature seen less often is not fitted
PRIOR = {  # in logits
    **{
        S.FAREWELL: 2.5,
        S.END_REQUEST: 3.0,
        S.NO_MORE: 2.0,
        S.WITHDRAWAL: 2.0,
        S.THANKS: 1.0,
        S.AMBIGUOUS_FAREWELL: 1.5,
    },
    **{
        S.AFTERTHOUGHT: -6.0,
        S.KEEP_OPEN: -8.0,
        S.QUESTION: -4.0,
        T.ASKS_MARK: -8.0,
        S.REQUEST: -2.5,
        S.PROBLEM: -2.0,
        S.HOLD: -2.0,
    },
    **{S.PAYLOAD: -3.0, S.WAITING: -1.0, S.BUT: -0.5, S.OBJECTION: -1.0, T.UNANSWERED: -2.0},
}
FIRM = {T.ASKS_MARK, S.AFTERTHOUGHT, S.KEEP_OPEN}  # what is known of these hardly moves, and holds in every place
FIRMNESS = 20.0
NEVER_RAISES = frozenset(  # so that asking for something more cannot bring the end nearer
    {
        S.AFTERTHOUGHT,
        S.KEEP_OPEN,
        S.QUESTION,
        S.REQUEST,
        S.PROBLEM,
        S.HOLD,
        S.BUT,
        S.PAYLOAD,
        T.ASKS_WORD,
        T.ASKS_ABILITY,
        T.TO_US,
    }
    | {
        T.OF_SELF,
        T.ECHOES,
        T.FAILS,
        T.DEMANDS,
        T.WILL_SEND,
        T.WORDS_3,
        T.WORDS_6,
        T.WORDS_10,
        T.WORDS_16,
        T.OTHER_1,
        T.OTHER_2,
        T.OTHER_4,
        T.OTHER_7,
    }
)
# A score is MIDDLE + SLOPE * logit: an even chance is asked about, odds of 8 to 1 close.
MIDDLE, SLOPE = 0.6, 0.105
SMALLEST = 0.015  # a smaller weight is left out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--strength", type=float, default=2.0, help="of the pull towards the weights known beforehand")
    options = parser.parse_args()
    sets = {path.stem: read_cases(path) for path in options.files}
    if options.write:
        write(fit(list(sets), sets, options.strength))
    else:
        report(sets, options.strength)


def read_cases(path: Path) -> list[tuple[Row, int]]:
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row(item), item["label"]) for item in items if item.get("label") is not None]


def row(item: dict[str, Any]) -> Row:
    """The features of a case: each by itself, and each in its place."""
    turns = [Turn(turn["message_owner"], turn.get("body")) for turn in item.get("history") or []]
    seen = features(turns, item["message"] or "", DEFAULT)
    return {"start", f"start:{seen.act}", *seen.found, *(f"{seen.place}/{name}" for name in seen.found)}


def writer(name: str) -> str:
    return AUTHORS.get(name, name.rstrip("ab") if name.startswith("hard_") else name)


def fit(names: list[str], sets: dict[str, list[tuple[Row, int]]], strength: float) -> dict[str, float]:
    """Weights in logits, by feature; no weight of `NEVER_RAISES` is above 0 in any place."""
    cases = [(found, label, CASE_WEIGHT.get(name, 1.0)) for name in names for found, label in sets[name]]
    seen = Counter(feature for found, _, _ in cases for feature in found)
    order = sorted(feature for feature, times in seen.items() if is_fitted(feature, times))
    labels = np.array([label for _, label, _ in cases], dtype=np.float64)
    counts = np.array([weight for _, _, weight in cases])
    zeroed: set[str] = set()
    while True:
        free = [feature for feature in order if feature not in zeroed]
        solved = solve(
            matrix([found for found, _, _ in cases], free), labels, counts, priors(free), pulls(free, strength)
        )
        weights = dict(zip(free, solved.tolist(), strict=True))
        if not (raising := {f for f in weights if raises(f, weights)}):
            return weights
        zeroed |= raising


def is_fitted(feature: str, times: int) -> bool:
    place, _, name = feature.rpartition("/")
    return feature in PRIOR or (times >= RAREST and not (place and name in FIRM))


def raises(feature: str, weights: dict[str, float]) -> bool:
    name = feature.rpartition("/")[2]
    total = weights[feature] + (weights.get(name, 0.0) if name != feature else 0.0)
    return name in NEVER_RAISES and weights[feature] > 0 and total > 0


def priors(order: list[str]) -> Array:
    return np.array([PRIOR.get(feature, 0.0) for feature in order])


def pulls(order: list[str], strength: float) -> Array:
    return np.array([strength * (FIRMNESS if feature in FIRM else 1.0) for feature in order])


def matrix(rows: list[Row], order: list[str]) -> Array:
    index = {feature: at for at, feature in enumerate(order)}
    table = np.zeros((len(rows), len(order)))
    for at, found in enumerate(rows):
        table[at, [index[feature] for feature in found if feature in index]] = 1.0
    return table


def solve(table: Array, labels: Array, counts: Array, prior: Array, pull: Array) -> Array:
    """Newton's method for the penalised likelihood."""
    weights = prior.copy()
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        gradient = table.T @ (counts * (chance - labels)) + pull * (weights - prior)
        curvature = (table.T * (counts * chance * (1 - chance))) @ table + np.diag(pull)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-4:
            break
    return weights


def report(sets: dict[str, list[tuple[Row, int]]], strength: float) -> None:
    for name, cases in sets.items():
        if name == "promises":
            continue
        weights = fit([other for other in sets if writer(other) != writer(name)], sets, strength)
        judged = [(label, MIDDLE + SLOPE * sum(weights.get(f, 0.0) for f in found)) for found, label in cases]
        print(f"{name:20} {len(judged):5}  " + "  ".join(figures(judged, at) for at in (0.6, 0.8)), flush=True)


def figures(judged: list[tuple[int, float]], threshold: float) -> str:
    found = [label for label, value in judged if value >= threshold]
    precision, recall = sum(found) / max(len(found), 1), sum(found) / max(sum(label for label, _ in judged), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"at {threshold}: P {precision:.3f} R {recall:.3f} F1 {f1:.3f}"


def write(weights: dict[str, float]) -> None:
    """Lay the weights out as the tables that `rules.py` adds up."""
    scaled = {feature: round(SLOPE * weight, 2) for feature, weight in weights.items()}
    start = {act: round(MIDDLE + scaled["start"] + scaled.get(f"start:{act}", 0.0), 2) for act in Act}
    worth = {f: w for f, w in scaled.items() if "/" not in f and not f.startswith("start") and abs(w) >= SMALLEST}
    places: dict[str, dict[str, float]] = {}
    for feature, weight in scaled.items():
        place, _, name = feature.rpartition("/")
        if place and abs(weight) >= SMALLEST:
            places.setdefault(place, {})[name] = weight
    TARGET.write_text(
        '"""What every feature is worth, as shares of a score: fitted by `bench/closure_fit.py`, not by hand."""\n\n'
        "# Where our last turn leaves a conversation before a word of the contact's is read.\n"
        f"START = {json.dumps({str(act): weight for act, weight in start.items()}, indent=4)}\n\n"
        f"# A feature's worth everywhere, and what its place adds to it.\nWORTH = {json.dumps(worth, indent=4)}\n\n"
        f"IN_PLACE: dict[str, dict[str, float]] = {json.dumps(places, indent=4)}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
