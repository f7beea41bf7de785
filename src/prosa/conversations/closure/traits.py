"""What grammar and length say about a message, whatever its words mean."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from prosa.conversations.closure.lexicon import grammar
from prosa.conversations.closure.model import Trait
from prosa.conversations.closure.text import BREAKS, SENTENCE_ENDS
from prosa.conversations.closure.vocabulary import FILLER

T = Trait
_BY_WORD: dict[str, tuple[Trait, ...]] = {}
for _trait, _words in grammar.WORDS.items():
    for _word in _words.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _trait)
_BY_FORM = ((T.DID, grammar.DID), (T.MISTAKEN, grammar.MISTAKEN), (T.ELSEWHERE, grammar.ELSEWHERE))
_LENGTHS = ((3, T.WORDS_3), (6, T.WORDS_6), (10, T.WORDS_10), (16, T.WORDS_16))
_UNEXPLAINED = ((1, T.OTHER_1), (2, T.OTHER_2), (4, T.OTHER_4), (7, T.OTHER_7))
_CHOICE = frozenset({"ou", "or"})


def of_words(words: Sequence[str]) -> Iterator[tuple[Trait, str]]:
    """The traits of the contact's words, each with the words that show it."""
    for word in words:
        for trait in _of_word(word):
            yield trait, word
    if goes := _going_to(words):
        yield T.WILL, goes
    if failing := _denied_verb(words):
        yield T.FAILS, failing
    if not grammar.ANYWAY_WORDS.isdisjoint(words) and (anyway := grammar.ANYWAY.search(" ".join(words))):
        yield T.ANYWAY, anyway.group()


def of_length(words: Sequence[str], unexplained: int) -> Iterator[Trait]:
    """How long the message is, and how many of its content words nothing explains, in steps."""
    length = sum(word not in BREAKS for word in words)
    yield from (trait for least, trait in _LENGTHS if length >= least)
    yield from (trait for least, trait in _UNEXPLAINED if unexplained >= least)


def of_our_turn(words: Sequence[str]) -> Iterator[Trait]:
    """The traits of our side's last turn."""
    if words and words[-1] == "?":
        yield T.WE_ASK_LAST
        question = words[_last_break(words) + 1 :]
        if any(T.ASKS_WORD in _of_word(word) for word in question):
            yield T.WE_ASK_OPENLY
        if not _CHOICE.isdisjoint(question[1:]):
            yield T.WE_ASK_CHOICE
    if not grammar.REFUSES.isdisjoint(words):
        yield T.WE_REFUSE
    if not grammar.NEGATIONS.isdisjoint(words):
        yield T.WE_DENY
    if any(word[0].isdigit() for word in words):
        yield T.WE_QUOTE
    if not grammar.WE_CONDITION.isdisjoint(words):
        yield T.WE_CONDITION
    if any(_is_future(word) for word in words) or _going_to(words):
        yield T.WE_WILL


def echoed(words: Sequence[str], ours: Sequence[str]) -> str:
    """A content word of the contact's that our side said before, or nothing."""
    said = frozenset(ours)
    return next((word for word in words if len(word) > 2 and word in said and word not in FILLER), "")


@lru_cache(maxsize=8192)
def _of_word(word: str) -> tuple[Trait, ...]:
    by_form = () if word in grammar.NOT_DID else tuple(trait for trait, form in _BY_FORM if form.fullmatch(word))
    return _BY_WORD.get(word, ()) + by_form


@lru_cache(maxsize=8192)
def _is_future(word: str) -> bool:
    return grammar.FUTURE.fullmatch(word) is not None


@lru_cache(maxsize=8192)
def _is_failing(verb: str) -> bool:
    return verb not in grammar.HARMLESS and grammar.VERB.fullmatch(verb) is not None


def _last_break(words: Sequence[str]) -> int:
    """Where the sentence before the last one ends, or -1."""
    return next((at for at in range(len(words) - 2, -1, -1) if words[at] in SENTENCE_ENDS), -1)


def _denied_verb(words: Sequence[str]) -> str:
    """The denied verb of a message, such as "não abre"; "não precisa" and the like do not count."""
    if grammar.NEGATIONS.isdisjoint(words):
        return ""
    return next((f"{no} {verb}" for no, verb in pairwise(words) if no in grammar.NEGATIONS and _is_failing(verb)), "")


def _going_to(words: Sequence[str]) -> str:
    """A verb of going with an infinitive, such as "vou pensar"."""
    if grammar.GOES_TO.isdisjoint(words):
        return ""
    pairs = ((go, verb) for go, verb in pairwise(words) if go in grammar.GOES_TO)
    return next((f"{go} {verb}" for go, verb in pairs if grammar.INFINITIVE.fullmatch(verb)), "")
