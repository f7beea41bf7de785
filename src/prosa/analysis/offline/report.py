"""News and announcements tell of good and bad things without feeling: "Acidente deixa trânsito lento"."""

from collections.abc import Sequence

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.text import Sentence

PERSONAL = lexicon.words("personal")
REPORTING = lexicon.words("reporting")
SCHEDULED = lexicon.words("scheduled")
HEADLINE = 7
"""Words within which a headline has its verb."""


def is_report(sentences: Sequence[Sentence]) -> bool:
    """Whether a text reads like a headline or a notice.

    Nobody speaks of themselves or to somebody, nothing is stressed or laughed at, and it has a headline's verb or a notice's
    participle.
    """
    words = [word for sentence in sentences for word in sentence.words]
    if any("!" in sentence.end or sentence.stressed for sentence in sentences) or not PERSONAL.isdisjoint(words):
        return False
    if any(_is_emoji(word) for word in words):
        return False
    return not REPORTING.isdisjoint(words[1:HEADLINE]) or _is_notice(words)


def _is_notice(words: Sequence[str]) -> bool:
    """Whether it has a participle with a date or time: "Show adiado para 14/3", "abastecimento suspenso das 9h às 17h"."""
    return not SCHEDULED.isdisjoint(words) and any(word[0].isdigit() for word in words)


def _is_emoji(word: str) -> bool:
    return ord(word[0]) > 0x2190
