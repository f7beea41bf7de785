"""Text from contacts is data, never instruction: attempts to talk to the analyser are not read at all."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import Match, PhraseBook, find, phrase_book
from prosa.analysis.offline.text import shorten, words_of

_CHUNK = re.compile(r"\S+")
_DETERMINERS = frozenset(
    [
        "o", "a", "os", "as", "no", "na", "do", "da", "ao", "pelo", "pela", "um", "uma", "esse", "essa", "este", "esta",
        "seu", "sua", "meu", "minha", "nosso", "nossa", "el", "la", "del", "al", "su", "mi", "un", "una", "the", "your",
        "this", "our", "my",
    ]
)  # fmt: skip


def genuine(body: str) -> str:
    """The message up to where it addresses the analyser; what follows cannot be trusted."""
    return _genuine(shorten(body))


@lru_cache(maxsize=256)
def _genuine(body: str) -> str:
    """`genuine` of one text. Cached, because several rules ask for the same message one after the other."""
    if not _is_addressed(body):
        return body
    chunks = list(_CHUNK.finditer(body))

    def addressed(first: int, end: int) -> bool:
        return _is_addressed(body[chunks[first].start() : chunks[end - 1].end()]) if first < end else False

    end = bisect_left(range(len(chunks) + 1), True, key=lambda end: addressed(0, end))
    beyond = bisect_left(range(end), True, key=lambda first: not addressed(first, end))
    return body[: chunks[beyond - 1].start()].rstrip()


def _is_addressed(body: str) -> bool:
    words = words_of(body)
    return any(not _is_talked_about(words, match) for match in find(_book(), words))


def _is_talked_about(words: Sequence[str], match: Match[bool]) -> bool:
    """Whether "o sistema: deu erro" is a report about a system. A speaker's name in a transcript has no article."""
    return words[match.end - 1] == ":" and match.start > 0 and words[match.start - 1] in _DETERMINERS


@cache
def _book() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("injection"))
