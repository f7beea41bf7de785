"""A small language for phrases, and a trie that finds the longest phrase at each place of a text.

A list of phrases is a string: phrases separated by commas or lines, in lower case; accents do not matter.
`a|b` is a choice, `a?` may be left out, `obrigad@` stands for -o, -a, -os, -as, `<inf>` for a Portuguese or
Spanish infinitive, `<ger>` for a gerund, `<num>` for a number, and `*` for up to three words of one sentence.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from prosa.conversations.closure.text import SENTENCE_ENDS, fold

K = TypeVar("K", bound=StrEnum)
_GAP = 3
_INFINITIVE = ("ar", "er", "ir")


@dataclass
class Node(Generic[K]):
    """A place in the trie; `kind` says what the phrase means that ends here."""

    children: dict[str, "Node[K]"] = field(default_factory=dict)
    kind: K | None = None


class Match(NamedTuple, Generic[K]):
    """A phrase found at tokens[start:end]."""

    kind: K
    start: int
    end: int


def compile_phrases(lexicons: Sequence[Mapping[K, str]], spell: Callable[[Sequence[str]], Sequence[str]]) -> Node[K]:
    """One trie of every language's phrases, each spelled by `spell`.

    A phrase listed twice keeps the kind that its enum names first.
    """
    root: Node[K] = Node()
    for lexicon in lexicons:
        for kind, phrases in lexicon.items():
            for phrase in split(phrases):
                add(root, spell(phrase), kind)
    return root


def split(phrases: str) -> Iterator[list[str]]:
    """The phrases of a list, each as its elements."""
    for phrase in fold(phrases).replace("\n", ",").split(","):
        if elements := phrase.split():
            yield elements


def add(root: Node[K], elements: Sequence[str], kind: K) -> None:
    """Write one phrase into the trie."""
    places = [root]
    for element in elements:
        optional = element.endswith("?")
        words = [word for choice in element.rstrip("?").split("|") for word in _endings(choice)]
        reached = [place.children.setdefault(word, Node()) for place in places for word in words]
        places = places + reached if optional else reached
    for place in places:
        if place.kind is None or _rank(kind) < _rank(place.kind):
            place.kind = kind


@lru_cache(maxsize=256)
def _rank(kind: StrEnum) -> int:
    return list(type(kind)).index(kind)


def find(root: Node[K], words: Sequence[str]) -> list[Match[K]]:
    """Phrases from left to right, the longest first, without overlaps."""
    keys = [_keys(word) for word in words]
    matches: list[Match[K]] = []
    start = 0
    opening = root.children
    while start < len(words):
        here = keys[start]  # one key, or two
        if here[0] not in opening and here[-1] not in opening:
            start += 1
            continue
        end, kind = _longest(root, keys, start)
        if kind is None:
            start += 1
        else:
            matches.append(Match(kind, start, end))
            start = end
    return matches


def _longest(root: Node[K], keys: Sequence[tuple[str, ...]], start: int) -> tuple[int, K | None]:
    """End and kind of the longest phrase from `start`; of equally long ones the more literal."""
    best_end, best_kind = start, None
    paths = [(root, start, 0)]  # a place in the trie, a place in the text, words that may still be skipped
    length = len(keys)
    while paths:
        node, at, gap = paths.pop()
        if at > best_end and node.kind is not None:
            best_end, best_kind = at, node.kind
        children = node.children
        if at == length or not (children or gap):
            continue
        here = keys[at]
        if gap and here[0] not in SENTENCE_ENDS:
            paths.append((node, at + 1, gap - 1))
        if "*" in children:
            paths.append((children["*"], at, _GAP))
        for key in reversed(here):
            if key in children:
                paths.append((children[key], at + 1, 0))
    return best_end, best_kind


@lru_cache(maxsize=8192)
def _keys(word: str) -> tuple[str, ...]:
    if word[0].isdigit():
        return (word, "<num>")
    if len(word) > 3 and word.endswith(_INFINITIVE):
        return (word, "<inf>")
    if len(word) > 4 and word.endswith("ndo"):
        return (word, "<ger>")
    return (word,)


def _endings(word: str) -> list[str]:
    return [word[:-1] + ending for ending in ("o", "a", "os", "as")] if word.endswith("@") else [word]
