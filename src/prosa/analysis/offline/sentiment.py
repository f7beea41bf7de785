"""The sentiment of a single text: a review, a post, a comment."""

from collections.abc import Iterable
from math import sqrt

from prosa.analysis.model import Sentiment
from prosa.analysis.offline import courtesy
from prosa.analysis.offline.leanings import leaning
from prosa.analysis.offline.neutrality import features, is_neutral
from prosa.analysis.offline.report import is_report
from prosa.analysis.offline.text import sentences
from prosa.analysis.offline.valence import Reading, read

SOFTENING = 15.0
"""How slowly the score approaches ±1 as valences add up (VADER's alpha)."""
DECIDED = 0.12
"""Scores nearer to 0 than this are neutral."""
MIXED = 0.12
"""A text is neutral when praise and blame differ by less than this share of both …"""
MIXED_IN_A_SENTENCE = 0.5
"""… or by less than this where one sentence weighs them against each other: "bom, mas pode melhorar"."""
LAST_SENTENCE = 1.3


def sentiment(text: str) -> tuple[Sentiment, float]:
    """Label and score (-1 to 1) of one text. Never fails; without any known expression: neutral, 0.

    The rules' score says which side a text is on; whether it takes one at all is weighed in `neutrality`.
    """
    label, score, seen = weighed(text)
    if not score:
        return label, score
    if is_neutral(seen):
        return Sentiment.NEUTRAL, score
    return (Sentiment.POSITIVE if score > 0 else Sentiment.NEGATIVE), score


def weighed(text: str) -> tuple[Sentiment, float, dict[str, float]]:
    """The rules' label and score, and the features by which `neutrality` judges (none where nothing is to judge)."""
    parts = [courtesy.without_greetings(sentence) for sentence in sentences(text)]
    if is_report(parts):
        return Sentiment.NEUTRAL, 0.0, {}
    readings = [read(part, bare_negation=True) for part in parts]
    lean = leaning(parts)
    label, score = judge([*_end_weighs_most(readings), Reading(max(lean, 0.0), min(lean, 0.0))])
    return label, score, features(parts, readings, score, label.value)


def _end_weighs_most(readings: list[Reading]) -> list[Reading]:
    """In a text of several sentences the last one concludes."""
    if len(readings) <= 2:
        return readings
    *others, last = readings
    return [*others, last._replace(good=last.good * LAST_SENTENCE, bad=last.bad * LAST_SENTENCE)]


def judge(
    readings: Iterable[Reading], *, negative_to: float = -DECIDED, positive_from: float = DECIDED
) -> tuple[Sentiment, float]:
    """Label and score (-1 to 1) of everything that was read; between the two bounds a score is neutral."""
    readings = list(readings)
    good = sum(reading.good for reading in readings)
    bad = sum(reading.bad for reading in readings)
    total = (good + bad) / (1 + sum(reading.lukewarm for reading in readings))
    score = round(total / sqrt(total * total + SOFTENING), 4)
    mixed = MIXED_IN_A_SENTENCE if any(reading.weighs for reading in readings) else MIXED
    is_mixed = bool(good) and bool(bad) and abs(good + bad) < mixed * (good - bad)
    if is_mixed or negative_to < score < positive_from:
        return Sentiment.NEUTRAL, score
    return (Sentiment.POSITIVE if score > 0 else Sentiment.NEGATIVE), score
