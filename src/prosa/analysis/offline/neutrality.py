"""Whether a text that praises or blames takes a side at all: a three-star review does both, or only describes.

A logistic regression over a few named features and common words. What each is worth is in `data/neutrality.tsv`, which
`bench/neutrality_fit.py` writes; which side a text takes is never decided here."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import log, sqrt

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.context import CONCESSIONS, CONTRASTS
from prosa.analysis.offline.text import Sentence
from prosa.analysis.offline.valence import Reading

SOFTENING = 15.0
"""How slowly a sum of valences approaches 1 (as in `sentiment.judge`)."""
TURN = 0.1
"""A sentence at least this good beside one at least this bad is a turn."""
PLAIN = 0.8
"""Praise or blame from here on is plain; below, it may be a mere "não"."""
EVEN = 0.6
"""Praise and blame are even when the lesser has at least this share of the greater."""
WORD = 0.5
"""The value of a word's feature: words move the verdict less than the named features do."""


def is_neutral(seen: Mapping[str, float]) -> bool:
    """Whether neutrality is likelier than a side, given a text's `features`."""
    weights = _weights()
    return sum(value * weights.get(name, 0.0) for name, value in seen.items()) > 0


def features(parts: Sequence[Sentence], readings: Sequence[Reading], score: float, verdict: str) -> dict[str, float]:
    """Name to value (mostly 0 to 1). `readings` belong to `parts`, one each; `score` and `verdict` are the rules'."""
    words = [word for part in parts for word in part.words]
    return _of_rules(readings, score, verdict) | _of_form(parts, words) | _of_words(words)


def _of_rules(readings: Sequence[Reading], score: float, verdict: str) -> dict[str, float]:
    """What the lexicon found, and how evenly."""
    good, bad = sum(reading.good for reading in readings), -sum(reading.bad for reading in readings)
    totals = [_squashed(reading.good + reading.bad) for reading in readings] or [0.0]
    worst, best = min(totals), max(totals)
    return {
        f"rules say {verdict}": 1.0,
        "strength": abs(score),
        "praise": _squashed(good),
        "blame": _squashed(bad),
        "praise and blame": _squashed(min(good, bad)),
        "only one of them": float((good > 0) != (bad > 0)),
        "imbalance": ((good - bad) / (good + bad)) ** 2 if good + bad else 0.0,
        "lukewarm": min(2.0, sum(reading.lukewarm for reading in readings)),
        "both in a sentence": float(any(reading.good > PLAIN and -reading.bad > PLAIN for reading in readings)),
        "evenly": float(min(good, bad) > EVEN * max(good, bad)),
        "weighs in a sentence": float(any(reading.weighs for reading in readings)),
        "worst sentence": worst,
        "best sentence": best,
        "turns": float(worst < -TURN and best > TURN),
    }


def _of_form(parts: Sequence[Sentence], words: Sequence[str]) -> dict[str, float]:
    return {
        "always": 1.0,
        "length": log(max(len(words), 1)),
        "contrast": float(not CONTRASTS.isdisjoint(words)),
        "concession": float(not CONCESSIONS.isdisjoint(words)),
        "exclaims": float(any("!" in part.end for part in parts)),
        "asks": float(any(part.is_question for part in parts)),
    }


def _of_words(words: Sequence[str]) -> dict[str, float]:
    """Words and pairs of neighbours; "^" and "$" are the text's borders."""
    pairs = (f"{first}_{second}" for first, second in pairwise(["^", *words, "$"]))
    return {f"word {name}": WORD for name in (*words, *pairs)}


def _squashed(total: float) -> float:
    return total / sqrt(total * total + SOFTENING)


@cache
def _weights() -> Mapping[str, float]:
    return {name: float(weight) for name, weight in lexicon.rows("neutrality")}
