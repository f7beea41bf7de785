"""Finding expressions in plain words.

An expression is words with single blanks between them: `nao funciona`. In it `demor*` stands for any word
that begins so, `marcar|agendar` for either word, and `..` for up to four words of anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")
GAP = 4
SHORTEST_STEM = 2

Part = tuple[str, ...]
"""The alternatives for one word; the gap is `("..",)`."""


@dataclass(frozen=True)
class Match(Generic[T]):
    """Words `start` to `end` (exclusive) are the expression that carries `value`."""

    start: int
    end: int
    value: T


@dataclass(frozen=True, eq=False)
class PhraseBook(Generic[T]):
    """Expressions by their first word, so that each word of a text costs a few dictionary look-ups."""

    words: Mapping[str, list[tuple[tuple[Part, ...], T]]]
    stems: Mapping[str, list[tuple[tuple[Part, ...], T]]]


def phrase_book(entries: Iterable[tuple[str, T]]) -> PhraseBook[T]:
    """Index expressions; the first part must not be a gap."""
    words: dict[str, list[tuple[tuple[Part, ...], T]]] = defaultdict(list)
    stems: dict[str, list[tuple[tuple[Part, ...], T]]] = defaultdict(list)
    for expression, value in entries:
        first, *rest = (tuple(part.split("|")) for part in expression.split(" "))
        for word in first:
            shelf, key = (stems, word[:-1]) if word.endswith("*") else (words, word)
            shelf[key].append((tuple(rest), value))
    return PhraseBook(dict(words), dict(stems))


def find_at(book: PhraseBook[T], words: Sequence[str], start: int) -> Iterator[Match[T]]:
    """Every expression that begins at word `start`."""
    for rest, value in _candidates(book, words[start]):
        end = _end(rest, words, start + 1) if rest else start + 1
        if end:
            yield Match(start, end, value)


@lru_cache(maxsize=100_000)
def _candidates(book: PhraseBook[T], word: str) -> list[tuple[tuple[Part, ...], T]]:
    """The expressions that may begin with a word. Most words begin none: remembering that saves time."""
    found = list(book.words.get(word, ()))
    for length in range(SHORTEST_STEM, len(word) + 1):
        found += book.stems.get(word[:length], ())
    return found


def find(book: PhraseBook[T], words: Sequence[str]) -> Iterator[Match[T]]:
    """Every expression in the words, overlapping ones included."""
    for start in range(len(words)):
        yield from find_at(book, words, start)


def _end(parts: Sequence[Part], words: Sequence[str], at: int) -> int:
    """Where the parts end if they stand at word `at`, else 0."""
    if not parts:
        return at
    part, rest = parts[0], parts[1:]
    if part == ("..",):
        ends = (_end(rest, words, at + skipped) for skipped in range(GAP + 1))
        return next((end for end in ends if end), 0)
    if at < len(words) and any(_fits(pattern, words[at]) for pattern in part):
        return _end(rest, words, at + 1)
    return 0


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
