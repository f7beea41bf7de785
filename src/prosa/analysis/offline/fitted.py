"""Choosing among classes by fitted weights: each feature adds its weight to each class, and the largest sum wins.

The table `data/interest.tsv` (feature, class, weight in logits) is written by
`bench/conversation_fit.py`.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from prosa.analysis.offline import lexicon


def likeliest(table: str, seen: Mapping[str, float]) -> str:
    """The class that the features speak for most; a feature the table does not know says nothing."""
    sums: dict[str, float] = defaultdict(float)
    for feature, value in seen.items():
        for label, weight in _weights(table).get(feature, ()):
            sums[label] += value * weight
    return max(sums, key=lambda label: sums[label])


@cache
def _weights(table: str) -> Mapping[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for feature, label, weight in lexicon.rows(table):
        found[feature].append((label, float(weight)))
    return found
