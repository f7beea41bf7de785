"""Politeness is not praise, and naming a matter is not blame: both are taken out before the sentiment is read."""

from collections.abc import Iterable
from functools import cache

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, find_at, phrase_book
from prosa.analysis.offline.text import Sentence

ACKNOWLEDGEMENT = 6
"""A sentence of at most so many words, all assent and small words, judges nothing: "Perfeito, obrigada!"."""
SMALL = lexicon.words("small")


def without_greetings(sentence: Sentence) -> Sentence:
    """The sentence without "bom dia", "tudo bem?" and the like."""
    return _without(sentence, ("greeting",))


def without_courtesy(sentence: Sentence) -> Sentence:
    """What is left of a chat sentence without greetings and thanks; nothing of one that only agrees."""
    if len(sentence.words) <= ACKNOWLEDGEMENT and is_courtesy(sentence):
        return sentence._replace(words=(), stressed=frozenset())
    return _without(_without_opening(sentence), ("greeting", "thanks"))


def _without_opening(sentence: Sentence) -> Sentence:
    """The sentence without the assent that opens it: "Maravilha, passo amanhã"."""
    lengths = [match.end for match in find_at(_book(("assent",)), sentence.words, 0)] if sentence.words else []
    opening = max(lengths, default=0)
    if not opening or sentence.words[opening : opening + 1] != (",",):
        return sentence
    return _keep(sentence, range(opening + 1, len(sentence.words)))


def without_matters(sentence: Sentence) -> Sentence:
    """The sentence without the words for what chats are about ("dor", "cancelar", "troca")."""
    return _without(sentence, ("matter",))


def is_courtesy(sentence: Sentence) -> bool:
    """Whether a sentence holds only greeting, thanks and assent."""
    return SMALL.issuperset(_without(sentence, ("greeting", "thanks", "assent")).words)


@cache
def _book(kinds: tuple[str, ...]) -> PhraseBook[str]:
    return phrase_book((expression, kind) for expression, kind in lexicon.rows("courtesy") if kind in kinds)


def _without(sentence: Sentence, kinds: tuple[str, ...]) -> Sentence:
    gone = {at for match in find(_book(kinds), sentence.words) for at in range(match.start, match.end)}
    if not gone:
        return sentence
    return _keep(sentence, [at for at in range(len(sentence.words)) if at not in gone])


def _keep(sentence: Sentence, places: Iterable[int]) -> Sentence:
    kept = list(places)
    words = tuple(sentence.words[at] for at in kept)
    stressed = frozenset(new for new, old in enumerate(kept) if old in sentence.stressed)
    return sentence._replace(words=words, stressed=stressed)
