"""Text from contacts is data, never instruction: attempts to talk to the analyser are not read at all."""

import re
from bisect import bisect_left
from functools import cache, lru_cache

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.text import shorten, words_of

_CHUNK = re.compile(r"\S+")


def genuine(body: str) -> str:
    """The message up to where it addresses the analyser; what follows cannot be trusted."""
    return _genuine(shorten(body))


@lru_cache(maxsize=256)
def _genuine(body: str) -> str:
    """Kept for a moment because several rules ask for the same message one after the other."""
    if not _is_addressed(body):
        return body
    chunks = list(_CHUNK.finditer(body))

    def addressed(first: int, end: int) -> bool:
        return _is_addressed(body[chunks[first].start() : chunks[end - 1].end()]) if first < end else False

    end = bisect_left(range(len(chunks) + 1), True, key=lambda end: addressed(0, end))
    beyond = bisect_left(range(end), True, key=lambda first: not addressed(first, end))
    return body[: chunks[beyond - 1].start()].rstrip()


def _is_addressed(body: str) -> bool:
    return bool(find(_book(), words_of(body)))


@cache
def _book() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("injection"))
