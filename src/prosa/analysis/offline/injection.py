"""Text from contacts is data, never instruction: attempts to talk to the analyser are not read at all."""

from functools import cache

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.text import words_of


def genuine(body: str) -> str:
    """The message up to the first sentence that addresses the analyser; the rest of it cannot be trusted."""
    if not _is_addressed(body):
        return body
    kept = ""
    for piece in _pieces(body):
        if _is_addressed(kept + piece):
            break
        kept += piece
    return kept


def _pieces(body: str) -> list[str]:
    """The body cut after every sentence end and comma, nothing lost."""
    pieces, start = [], 0
    for at, char in enumerate(body):
        if char in ".!?;,:\n":
            pieces.append(body[start : at + 1])
            start = at + 1
    return [*pieces, body[start:]]


def _is_addressed(body: str) -> bool:
    return any(find(_book(), words_of(body)))


@cache
def _book() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("injection"))
