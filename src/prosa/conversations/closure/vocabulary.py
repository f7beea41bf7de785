"""The dictionaries put together, and every text brought to their words."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from prosa.conversations.closure import lexicon
from prosa.conversations.closure.model import Act, Signal
from prosa.conversations.closure.phrases import split
from prosa.conversations.closure.text import fold, plain, tokens

CONTACT_LEXICONS: Sequence[Mapping[Signal, str]] = [module.CONTACT for module in lexicon.ALL]
AGENT_LEXICONS: Sequence[Mapping[Act, str]] = [module.AGENT for module in lexicon.ALL]


class Word(NamedTuple):
    """A token in the dictionaries' spelling, and as it was written."""

    plain: str
    raw: str


def _choices(phrases: str) -> set[str]:
    """Every single word that a list of phrases can consist of."""
    parts = [choice for element in split(phrases) for part in element for choice in part.rstrip("?").split("|")]
    return {part[:-1] + end for part in parts if part.endswith("@") for end in ("o", "a", "os", "as")} | {
        part for part in parts if not part.endswith("@")
    }


_SLANG = {fold(word): fold(meaning) for module in lexicon.ALL for word, meaning in module.SLANG.items()}
_ONE_WORD_SLANG = {word: meaning for word, meaning in _SLANG.items() if " " not in meaning}
FILLER = frozenset(
    _ONE_WORD_SLANG.get(word, word) for module in lexicon.ALL for word in _choices(module.FILLER.replace("\n", " "))
)
_TYPO_TARGETS = tuple(word for module in lexicon.ALL for word in module.TYPO_TARGETS.split())
_KNOWN = (
    frozenset(word for module in lexicon.ALL for word in module.TYPO_EXCEPTIONS.split())
    | FILLER
    | {
        word
        for lexica in (CONTACT_LEXICONS, AGENT_LEXICONS)
        for one in lexica
        for text in one.values()
        for word in _choices(text)
    }
    | set(_TYPO_TARGETS)
)


@lru_cache(maxsize=16384)
def _words(token: str) -> tuple[Word, ...]:
    spelled = plain(token, known=_KNOWN, slang=_SLANG, typo_targets=_TYPO_TARGETS)
    return tuple(Word(word, token) for word in spelled.split())


def words(text: str) -> list[Word]:
    """The words and marks of a text: "Obg!!" becomes obrigado, !, !."""
    return list(chain.from_iterable(map(_words, tokens(text))))


def plain_phrase(elements: Sequence[str]) -> list[str]:
    """A dictionary's phrase in the spelling that `words` gives to a text: slang of one word resolved."""
    return [
        "|".join(_ONE_WORD_SLANG.get(choice, choice) for choice in element.rstrip("?").split("|"))
        + ("?" if element.endswith("?") else "")
        for element in elements
    ]
