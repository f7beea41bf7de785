"""Small signs that lean a text to one side if nothing stronger speaks. They never outweigh a plain word.

An exclamation mark leans to praise, a quoted promise to blame.
"""

from collections.abc import Sequence
from functools import cache

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.text import Sentence

MOST = 0.9
QUOTED = -0.55
EXCLAIMED = 0.35
SHORTEST = 3
"""Words of a text from which on it can lean; a lone word or greeting does not."""
QUOTES = frozenset('"“”')


def leaning(sentences: Sequence[Sentence]) -> float:
    """The sum of a text's small signs, each kind counted once, between -MOST and MOST."""
    words = [word for sentence in sentences for word in sentence.words]
    if len(words) < SHORTEST:
        return 0.0
    kinds = {match.value for match in find(_book(), words)}
    total = sum(weight for _, weight in kinds)
    if sum(word in QUOTES for word in words) > 1:
        total += QUOTED
    if any("!" in sentence.end and "?" not in sentence.end for sentence in sentences):
        total += EXCLAIMED
    return max(-MOST, min(total, MOST))


@cache
def _book() -> PhraseBook[tuple[str, float]]:
    return phrase_book((expression, (kind, float(weight))) for kind, weight, expression in lexicon.rows("leanings"))
