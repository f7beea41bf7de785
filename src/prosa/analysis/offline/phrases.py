"""Finding expressions in plain words.

An expression is words with single blanks between them: `nao funciona`. In it `demor*` stands for any word
that begins so, `marcar|agendar` for either word, `#` for a number in digits or words, and `..` for up to
four words of anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
GAP = 4
SHORTEST_STEM = 2
NUMBER = "#"
NUMERALS = frozenset(
    [
        "dois", "duas", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze",
        "quinze", "vinte", "trinta", "quarenta", "cinquenta", "cem", "mil", "dos", "cuatro", "siete",
        "ocho", "nueve", "diez", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ]
)  # fmt: skip


class Part(NamedTuple):
    """The alternatives for one word: whole words, and stems."""

    words: frozenset[str]
    stems: tuple[str, ...]


ANYTHING = Part(frozenset({".."}), ())


@dataclass(frozen=True)
class Match(Generic[T]):
    """Words `start` to `end` (exclusive) are the expression that carries `value`."""

    start: int
    end: int
    value: T


Rest = tuple[tuple[Part, ...], T]
"""What must follow the word or words under which an expression is filed, and its value."""


@dataclass(frozen=True, eq=False)
class PhraseBook(Generic[T]):
    """Expressions, filed so that each word of a text costs only a few dictionary look-ups.

    They are filed by their first two words if both are whole words, as most are, or else by the first word or stem.
    """

    pairs: Mapping[tuple[str, str], list[Rest[T]]]
    words: Mapping[str, list[Rest[T]]]
    stems: Mapping[str, list[Rest[T]]]
    first_of_pairs: frozenset[str]
    stem_starts: frozenset[str]


def phrase_book(entries: Iterable[tuple[str, T]]) -> PhraseBook[T]:
    """Index expressions; the first part must not be a gap."""
    pairs: dict[tuple[str, str], list[Rest[T]]] = defaultdict(list)
    words: dict[str, list[Rest[T]]] = defaultdict(list)
    stems: dict[str, list[Rest[T]]] = defaultdict(list)
    for expression, value in entries:
        first, *rest = (_part(alternatives) for alternatives in expression.split(" "))
        if rest and rest[0] != ANYTHING and _is_plain(first) and _is_plain(rest[0]):
            for pair in product(first.words, rest[0].words):
                pairs[pair].append((tuple(rest[1:]), value))
            continue
        for shelf, keys in ((words, first.words), (stems, first.stems)):
            for key in keys:
                shelf[key].append((tuple(rest), value))
    starts = frozenset(stem[:SHORTEST_STEM] for stem in stems)
    return PhraseBook(dict(pairs), dict(words), dict(stems), frozenset(first for first, _ in pairs), starts)


def find_at(book: PhraseBook[T], words: Sequence[str], start: int) -> list[Match[T]]:
    """Every expression that begins at word `start`."""
    if words[start] not in book.first_of_pairs and not _under(book, words[start]):
        return []
    found = []
    following = words[start + 1] if start + 1 < len(words) else ""
    for used, filed in ((1, _under(book, words[start])), (2, book.pairs.get((words[start], following), ()))):
        for rest, value in filed:
            end = _end(rest, words, start + used) if rest else start + used
            if end:
                found.append(Match(start, end, value))
    return found


@lru_cache(maxsize=100_000)
def _under(book: PhraseBook[T], word: str) -> list[Rest[T]]:
    """The expressions that are filed under one word. Mostly there are none; the cache saves looking again."""
    found = list(book.words.get(word, ()))
    if is_number(word):
        found += book.words.get(NUMBER, ())
    if word[:SHORTEST_STEM] in book.stem_starts:
        for length in range(SHORTEST_STEM, len(word) + 1):
            found += book.stems.get(word[:length], ())
    return found


def find(book: PhraseBook[T], words: Sequence[str]) -> list[Match[T]]:
    """Every expression in the words, overlapping ones included."""
    return [match for start in range(len(words)) for match in find_at(book, words, start)]


def is_number(word: str) -> bool:
    """Whether a plain word is a number: "15", "4,5", "quinze"."""
    return word[0].isdigit() or word in NUMERALS


def _is_plain(part: Part) -> bool:
    return not part.stems and NUMBER not in part.words


@lru_cache(maxsize=10_000)
def _part(alternatives: str) -> Part:
    """One part of an expression. Cached, because the same parts return in many expressions."""
    words = alternatives.split("|")
    whole = frozenset(word for word in words if not word.endswith("*"))
    return Part(whole, tuple(word[:-1] for word in words if word.endswith("*")))


def _end(parts: Sequence[Part], words: Sequence[str], at: int) -> int:
    """Where the parts end if they begin at word `at`; 0 if they do not."""
    part, rest = parts[0], parts[1:]
    if part == ANYTHING:
        ends = (_end(rest, words, at + skipped) for skipped in range(GAP + 1))
        return next((end for end in ends if end), 0)
    if at < len(words) and _fits(words[at], part):
        return _end(rest, words, at + 1) if rest else at + 1
    return 0


def _fits(word: str, part: Part) -> bool:
    return word in part.words or word.startswith(part.stems) or (NUMBER in part.words and is_number(word))
