"""The valence of one sentence: the words' own, moved by negation, intensity and contrast (after VADER).

The method is that of Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis
of Social Media Text" (2014); the word lists and the numbers are Prosa's.
"""

from typing import NamedTuple

from prosa.analysis.offline import lexicon, negation
from prosa.analysis.offline.context import (
    CONTRASTS,
    Valence,
    in_context,
    is_mock_praise,
    is_mocking_tail,
    is_taken_back,
)
from prosa.analysis.offline.phrases import Match, find_at
from prosa.analysis.offline.text import Sentence

BARE_NEGATION = -0.6
IMPLIED = 0.7


class Reading(NamedTuple):
    """Sums over a sentence: what is good (>= 0), what is bad (<= 0), and how often it is lukewarm.

    It also says whether the sentence weighs one against the other ("bonito, mas fraco").
    """

    good: float
    bad: float
    lukewarm: int = 0
    weighs: bool = False


def read(sentence: Sentence, *, bare_negation: bool) -> Reading:
    """Sum up a sentence.

    With `bare_negation`, a "não" that negates no known word counts as mildly bad, as in reviews ("não veio o cabo"). In chats
    it is mostly an answer.
    """
    found, lukewarm, negations = _expressions(sentence)
    if bare_negation and not sentence.is_question:
        found += [Valence(at, at + 1, BARE_NEGATION) for at in negations]
    found += _implied(sentence.words, found)
    values = [in_context(sentence, valence) for valence in found]
    if is_taken_back(sentence.words) or is_mock_praise(sentence.words, values):
        values = [-abs(value) for value in values]
    if is_mocking_tail(sentence.words, found, values):
        values = [-abs(value) for value in values]
    loudness = 1 + 0.1 * min(sentence.end.count("!"), 3)
    good = sum(value for value in values if value > 0) * loudness
    bad = sum(value for value in values if value < 0) * loudness
    weighs = bool(good) and bool(bad) and not CONTRASTS.isdisjoint(sentence.words)
    return Reading(good, bad, lukewarm, weighs)


def _expressions(sentence: Sentence) -> tuple[list[Valence], int, list[int]]:
    """Known expressions with negation and boosters applied; how many are lukewarm; idle negators' places."""
    words = sentence.words
    found: list[Valence] = []
    lukewarm = 0
    free = {at for at, word in enumerate(words) if word in ("nao", "nunca") and not negation.is_not_only(words, at)}
    at = 0
    while at < len(words):
        match = _longest(words, at)
        if match is None:
            at += 1
            continue
        free -= set(range(match.start, match.end))
        if match.value == 0:
            lukewarm += 1
        else:
            negators = [] if words[match.start] in negation.NEGATORS else negation.covering(words, match.start)
            free -= set(negators)
            value = negation.denied(match.value, len(negators)) * _boost(words, match.start, match.end)
            if match.value < 0 and not negators and negation.is_remedied(words, match.start):
                value *= negation.REMEDIED
            found.append(Valence(match.start, match.end, value))
        at = match.end
    return found, lukewarm, sorted(free)


def _implied(words: tuple[str, ...], found: list[Valence]) -> list[Valence]:
    """What a contrast implies: "É bonito, mas …" says the opposite, even if what follows has no known words."""
    contrasts = [at for at, word in enumerate(words) if word in CONTRASTS]
    if not contrasts or not found or any(valence.start > contrasts[-1] for valence in found):
        return []
    total = sum(valence.value for valence in found)
    implied = -IMPLIED if total > 0 else IMPLIED
    return [Valence(len(words) - 1, len(words), implied)] if contrasts[-1] < len(words) - 2 else []


def _longest(words: tuple[str, ...], at: int) -> Match[float] | None:
    """The longest known expression at a word; an exact word wins over a stem of the same length."""
    single = lexicon.valence(words[at])
    best = None if single is None else Match(at, at + 1, single)
    for match in find_at(lexicon.expressions(), words, at):
        if best is None or match.end > best.end:
            best = match
    return best


def _boost(words: tuple[str, ...], start: int, end: int) -> float:
    """The factor of the intensifiers around an expression, between 0.5 and 1.8."""
    boosters = lexicon.boosters()
    before = words[max(start - 2, 0) : start]
    after = words[end : end + 1] if words[end : end + 1] in (("demais",), ("mesmo",), ("d+",)) else ()
    share = sum(boosters.get(word, 0.0) for word in (*before, *after))
    return min(max(1 + share, 0.5), 1.8)
