"""Fit the weights of closure detection over many writers' labelled cases.

    uv run --with scipy python bench/closure_fit.py FILE ... [--write] [--only NAME ...]

A logistic regression over the named features of a conversation (`features.py`) and the wording of its last turns
(`wording.py`), pulled towards a few weights that are known beforehand (a question keeps a conversation open) and towards
nothing elsewhere. Every writer's cases are judged by weights fitted without them: those are the figures to believe.
`--write` fits over all and writes `weights.py` (then `ruff format` it) and `wording.tsv`.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from prosa.conversations.closure import DEFAULT, Turn
from prosa.conversations.closure.features import features
from prosa.conversations.closure.model import Act, Signal, Trait
from prosa.conversations.closure.wording import runs

Array = NDArray[np.float64]
Weights = dict[str, float]
S, T = Signal, Trait
CLOSURE = Path(__file__).parents[1] / "src/prosa/conversations/closure"
AUTHORS = {"cases": "author", "fresh": "author"}
# hard_53 is nothing but talks in which an old matter decides, which are fewer in life.
CASE_WEIGHT = {"cases": 0.3, "fresh": 0.3, "closure_en_sgd_dev": 0.5, "promises": 80.0, "hard_53": 0.3}
NOT_QUOTED = {"closure_en_sgd_dev"}  # its licence is share-alike: none of its wording comes into the product
RAREST = 5  # a feature seen less often is not fitted
WRITERS = 3  # a run that fewer of them use is their subject rather than their wording
CONTACT, OURS = "contact\t", "ours\t"  # what the names of runs begin with
FEATURE_PULL, RUN_PULL = 4.0, 2.0  # the strength of the pull towards what is known beforehand
SMALLEST_RUN = 0.2  # in logits; a run that is worth less is left out, and the rest fitted again
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
        S.AFTERTHOUGHT: -8.0,
        S.KEEP_OPEN: -10.0,
        S.QUESTION: -4.0,
        T.ASKS_MARK: -20.0,
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
# A score is MIDDLE + SLOPE * logit: odds of 2 to 3, where F1 is best on unseen writers, are asked about; odds of 10 to 1 close.
MIDDLE, SLOPE = 0.63, 0.074
SMALLEST = 0.01  # a smaller weight is left out
ASKED_MARGIN = 0.2  # so that a question scores 0 after whatever was fitted, as nothing at all does


@dataclass(frozen=True)
class Case:
    """A labelled conversation: its features, each by itself and each in its place, and its runs of words."""

    features: frozenset[str]
    runs: frozenset[str]
    label: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", nargs="+", help="judge only these sets")
    options = parser.parse_args()
    sets = {path.stem: read_cases(path) for path in options.files}
    if options.write:
        write(fit(sets))
    else:
        report(sets, options.only or [name for name in sets if name != "promises"])


def read_cases(path: Path) -> list[Case]:
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case(item) for item in items if item.get("label") is not None]


def case(item: dict[str, Any]) -> Case:
    turns = [Turn(turn["message_owner"], turn.get("body")) for turn in item.get("history") or []]
    seen = features(turns, item["message"] or "", DEFAULT)
    named = {"start", f"start:{seen.act}", *seen.found, *(f"{seen.place}/{name}" for name in seen.found)}
    said = {CONTACT + run for run in runs(seen.said)} if seen.said else set[str]()
    told = {OURS + run for run in runs(seen.told)} if seen.told else set[str]()
    return Case(frozenset(map(str, named)), frozenset(said | told), item["label"])


def writer(name: str) -> str:
    return AUTHORS.get(name, name.rstrip("ab") if name.startswith("hard_") else name)


def fit(sets: dict[str, list[Case]]) -> Weights:
    """Weights in logits, by the name of a feature or a run. Few runs tell much: the others are left out."""
    heard: dict[str, set[str]] = {}
    for name, cases in sets.items():
        if name not in NOT_QUOTED:
            for run in {run for case in cases for run in case.runs}:
                heard.setdefault(run, set()).add(writer(name))
    weights = solve(sets, [run for run, writers in heard.items() if len(writers) >= WRITERS])
    return solve(sets, [name for name, weight in weights.items() if "\t" in name and abs(weight) >= SMALLEST_RUN])


def solve(sets: dict[str, list[Case]], chosen: Sequence[str]) -> Weights:
    """The penalised likelihood's best weights; none of `NEVER_RAISES` is above 0 in any place."""
    cases = [(case, CASE_WEIGHT.get(name, 1.0)) for name in sets for case in sets[name]]
    seen = Counter(feature for case, _ in cases for feature in case.features)
    named = sorted(feature for feature, times in seen.items() if is_fitted(feature, times))
    order = [*named, *chosen]
    table = matrix([case.features | case.runs for case, _ in cases], order)
    labels = np.array([case.label for case, _ in cases], dtype=np.float64)
    counts = np.array([weight for _, weight in cases])
    prior = np.array([PRIOR.get(name, 0.0) for name in order])  # type: ignore[call-overload]
    pull = np.array([FEATURE_PULL * (FIRMNESS if f in FIRM else 1.0) for f in named] + [RUN_PULL] * len(chosen))
    bounds = [(None, 0.0 if f.rpartition("/")[2] in NEVER_RAISES else None) for f in named] + [(None, None)] * len(
        chosen
    )

    def loss(weights: Array) -> tuple[float, Array]:
        logit, off = table @ weights, weights - prior
        value = counts @ (np.logaddexp(0, logit) - labels * logit) + pull @ (off * off) / 2
        return float(value), table.T @ (counts * (1 / (1 + np.exp(-logit)) - labels)) + pull * off

    best = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "maxfun": 600})
    return dict(zip(order, best.x.tolist(), strict=True))


def is_fitted(feature: str, times: int) -> bool:
    place, _, name = feature.rpartition("/")
    return feature in PRIOR or (times >= RAREST and not (place and name in FIRM))


def matrix(rows: Iterable[frozenset[str]], order: Sequence[str]) -> csr_matrix:
    index = {name: at for at, name in enumerate(order)}
    columns: list[int] = []
    ends = [0]
    for row in rows:
        columns += [index[name] for name in row if name in index]
        ends.append(len(columns))
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(ends) - 1, len(order)))


def report(sets: dict[str, list[Case]], names: Sequence[str]) -> None:
    for name in names:
        weights = fit({other: cases for other, cases in sets.items() if writer(other) != writer(name)})
        judged = [(case.label, MIDDLE + SLOPE * logit(case, weights)) for case in sets[name]]
        print(f"{name:20} {len(judged):5}  " + "  ".join(figures(judged, at) for at in (0.6, 0.8)), flush=True)


def logit(case: Case, weights: Weights) -> float:
    return sum(weights.get(name, 0.0) for name in case.features | case.runs)


def figures(judged: list[tuple[float, float]], threshold: float) -> str:
    found = [label for label, value in judged if value >= threshold]
    precision, recall = sum(found) / max(len(found), 1), sum(found) / max(sum(label for label, _ in judged), 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"at {threshold}: P {precision:.3f} R {recall:.3f} F1 {f1:.3f}"


def write(weights: Weights) -> None:
    """Lay the weights out as the tables that `rules.py` adds up."""
    shares = {name: SLOPE * weight for name, weight in weights.items()}
    put = sorted(f"{name}\t{share:.3f}\n" for name, share in shares.items() if "\t" in name)
    (CLOSURE / "wording.tsv").write_text("".join(put), encoding="utf-8")
    scaled = {name: round(share, 3) for name, share in shares.items() if "\t" not in name}
    scaled[T.ASKS_MARK] = round(scaled[T.ASKS_MARK] - ASKED_MARGIN, 3)
    start = {act: round(MIDDLE + scaled["start"] + scaled.get(f"start:{act}", 0.0), 3) for act in Act}
    worth = {f: w for f, w in scaled.items() if "/" not in f and not f.startswith("start") and abs(w) >= SMALLEST}
    places: dict[str, dict[str, float]] = {}
    for feature, weight in scaled.items():
        place, _, name = feature.rpartition("/")
        if place and abs(weight) >= SMALLEST:
            places.setdefault(place, {})[name] = weight
    (CLOSURE / "weights.py").write_text(
        '"""What every feature is worth, as shares of a score: fitted by `bench/closure_fit.py`, not by hand."""\n\n'
        "# Where our last turn leaves a conversation before a word of the contact's is read.\n"
        f"START = {json.dumps({str(act): weight for act, weight in start.items()}, indent=4)}\n\n"
        f"# A feature's worth everywhere, and what its place adds to it.\nWORTH = {json.dumps(worth, indent=4)}\n\n"
        f"IN_PLACE: dict[str, dict[str, float]] = {json.dumps(places, indent=4)}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
