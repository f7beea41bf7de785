"""How people put it: runs of one to three words that are heard where conversations end, or where they go on.

`wording.tsv` has what each run is worth, learnt from labelled conversations (`bench/closure_fit.py`), not written by hand.
The grammar of `features.py` says what a message does; its wording decides where that leaves it open.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from prosa.conversations.closure.text import SENTENCE_ENDS

Side = Literal["contact", "ours"]

LONGEST = 3  # words of a run
BEGIN, END = "^", "$"  # where the text begins and ends counts as a word of a run
_SHOWN = 3  # runs that a reason quotes


def runs(words: Sequence[str]) -> Iterator[str]:
    """Every run of up to `LONGEST` neighbours: "^ ok", "ok", "ok $", "^ ok $" of a bare "ok"."""
    marked = (BEGIN, *words, END)
    yield from words
    for length in range(2, LONGEST + 1):
        for start in range(len(marked) - length + 1):
            yield " ".join(marked[start : start + length])


@lru_cache(maxsize=8192)
def weigh(side: Side, words: tuple[str, ...]) -> tuple[float, str]:
    """What the distinct runs of these words are worth together, and the weightiest of them."""
    table = _table()[side]
    found = {run: table[run] for run in runs(words) if run in table}
    shown = sorted(found, key=lambda run: -abs(found[run]))[:_SHOWN]
    return round(sum(found.values()), 3), " · ".join(shown)


def last_sentence(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a message's last sentence. A mark or an emoji behind it counts as a sentence of its own."""
    start = max((at + 1 for at, word in enumerate(words[:-1]) if word in SENTENCE_ENDS), default=0)
    return tuple(words[start:])


def replaced(words: Sequence[str], phrases: Collection[str], by: str = " ") -> tuple[str, ...]:
    """The words with `by` (one word or none) in place of these phrases. Every phrase is plain words between two blanks."""
    text = f" {' '.join(words)} "
    for phrase in phrases:
        while phrase != by and phrase in text:  # said twice in a row, the two share a blank
            text = text.replace(phrase, by)
    return tuple(text.split())


@cache
def _table() -> dict[Side, dict[str, float]]:
    table: dict[Side, dict[str, float]] = {"contact": {}, "ours": {}}
    for line in resources.files(__package__).joinpath("wording.tsv").read_text(encoding="utf-8").splitlines():
        side, run, weight = line.split("\t")
        table["ours" if side == "ours" else "contact"][run] = float(weight)
    return table
