"""Choosing among classes by fitted weights: each trait adds its weight to each class, and the largest sum wins.

The tables `data/{sentiment,category,interest}.tsv` (trait, class, weight in logits) are written by
`bench/conversation_fit.py`.
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from math import exp

from prosa.analysis.offline import lexicon


def chances(table: str, seen: Mapping[str, float]) -> dict[str, float]:
    """How likely each class is (0 to 1, adding up to 1). A trait that the table does not know says nothing."""
    weights = _weights(table)
    sums: dict[str, float] = defaultdict(float)
    for name, value in seen.items():
        for label, weight in weights.get(name, ()):
            sums[label] += value * weight
    most = max(sums.values())
    shares = {label: exp(logit - most) for label, logit in sums.items()}
    total = sum(shares.values())
    return {label: share / total for label, share in shares.items()}


@cache
def _weights(table: str) -> Mapping[str, list[tuple[str, float]]]:
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for feature, label, weight in lexicon.rows(table):
        found[feature].append((label, float(weight)))
    return found
