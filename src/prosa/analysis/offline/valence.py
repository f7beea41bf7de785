"""The valence of one sentence: the words' own, moved by negation, intensity and contrast (after VADER).

The method is that of Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis
of Social Media Text" (2014); the word lists and the numbers are Prosa's.
"""

from typing import NamedTuple

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import Match, find_at
from prosa.analysis.offline.text import Sentence

NEGATORS = lexicon.words("negator")
AFTER_NO = lexicon.words("after-no")
NOT_ONLY = lexicon.words("not-only")
CONTRASTS = lexicon.words("contrast")
CONCESSIONS = lexicon.words("concession")
BOUNDARIES = CONTRASTS | lexicon.words("boundary")
WISHES = lexicon.words("wish")
QUOTES = frozenset("\"“”'‘’«»")
IRONIC = lexicon.words("ironic")
CONGRATULATIONS = lexicon.words("congratulation")
SCANT = lexicon.words("scant")
FOR = lexicon.words("for")

NEGATION_REACH = 4
NEGATED_GOOD = -0.75
NEGATED_BAD = -0.45
BARE_NEGATION = -0.6
STRESSED = 1.25
IMPLIED = 0.7
BEFORE_CONTRAST = 0.6
AFTER_CONTRAST = 1.4
CONCEDED = 0.4
WISHED = -0.3
ASKED_GOOD = 0.0
ASKED_BAD = 0.6


class Valence(NamedTuple):
    """An expression's place in its sentence and its value there."""

    start: int
    end: int
    value: float


class Reading(NamedTuple):
    """Sums over a sentence: what is good (>= 0), what is bad (<= 0), and how often it is lukewarm."""

    good: float
    bad: float
    lukewarm: int


def read(sentence: Sentence, *, bare_negation: bool) -> Reading:
    """Sum up a sentence. With `bare_negation`, a "não" that negates no known word counts as mildly bad, as in
    reviews ("não veio o cabo"); in chats it is mostly an answer."""
    found, lukewarm, negations = _expressions(sentence)
    if bare_negation and not sentence.is_question:
        found += [Valence(at, at + 1, BARE_NEGATION) for at in negations]
    found += _implied(sentence.words, found)
    values = [_in_context(sentence, valence) for valence in found]
    if _is_taken_back(sentence.words) or _is_mock_praise(sentence.words, values):
        values = [-abs(value) for value in values]
    loudness = 1 + 0.1 * min(sentence.end.count("!"), 3)
    good = sum(value for value in values if value > 0) * loudness
    bad = sum(value for value in values if value < 0) * loudness
    return Reading(good, bad, lukewarm)


def _expressions(sentence: Sentence) -> tuple[list[Valence], int, list[int]]:
    """Known expressions with negation and boosters applied; how many are lukewarm; idle negators' places."""
    words = sentence.words
    found: list[Valence] = []
    lukewarm = 0
    free = {at for at, word in enumerate(words) if word in ("nao", "nunca") and not _not_only(words, at)}
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
            negators = [] if words[match.start] in NEGATORS else _negators(words, match.start)
            free -= set(negators)
            value = _negated(match.value, len(negators)) * _boost(words, match.start, match.end)
            found.append(Valence(match.start, match.end, value))
        at = match.end
    return found, lukewarm, sorted(free)


def _implied(words: tuple[str, ...], found: list[Valence]) -> list[Valence]:
    """ "É bonito, mas …": a contrast implies the opposite even where its words are unknown."""
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


def _negators(words: tuple[str, ...], start: int) -> list[int]:
    """Places of the negators whose scope covers the expression at `start`."""
    places = []
    for at in range(start - 1, max(start - 1 - NEGATION_REACH, -1), -1):
        if words[at] in BOUNDARIES:
            break
        if _denies(words, at) or (at == start - 1 and _is_scant(words, at)):
            places.append(at)
    return places


def _is_scant(words: tuple[str, ...], at: int) -> bool:
    """ "Pouco útil" denies, "um pouco útil" only lessens."""
    return words[at] in SCANT and words[at - 1 : at] != ("um",)


def _denies(words: tuple[str, ...], at: int) -> bool:
    """Whether the word denies what follows. "No" does in Spanish and English, not in Portuguese."""
    if words[at] == "no":
        return words[at + 1 : at + 2] != () and words[at + 1] in AFTER_NO
    return words[at] in NEGATORS and not _not_only(words, at)


def _not_only(words: tuple[str, ...], at: int) -> bool:
    return at + 1 < len(words) and words[at + 1] in NOT_ONLY


def _negated(value: float, negators: int) -> float:
    """A denied value. Two negators count as one: in Portuguese they agree ("não tem nada bom")."""
    if not negators:
        return value
    return value * (NEGATED_GOOD if value > 0 else NEGATED_BAD)


def _boost(words: tuple[str, ...], start: int, end: int) -> float:
    """The factor of the intensifiers around an expression, between 0.5 and 1.8."""
    boosters = lexicon.boosters()
    before = words[max(start - 2, 0) : start]
    after = words[end : end + 1] if words[end : end + 1] in (("demais",), ("mesmo",), ("d+",)) else ()
    share = sum(boosters.get(word, 0.0) for word in (*before, *after))
    return min(max(1 + share, 0.5), 1.8)


def _in_context(sentence: Sentence, valence: Valence) -> float:
    """The value after emphasis, contrast, concession, question and quotation."""
    words, value = sentence.words, valence.value
    if any(at in sentence.stressed for at in range(valence.start, valence.end)):
        value *= STRESSED
    contrasts = [at for at, word in enumerate(words) if word in CONTRASTS]
    if contrasts:
        value *= BEFORE_CONTRAST if valence.start < contrasts[-1] else AFTER_CONTRAST
    if _follows(words, valence.start, CONCESSIONS):
        value *= CONCEDED
    if value > 0 and _follows(words, valence.start, WISHES):
        value *= WISHED
    if sentence.is_question and sentence.end.count("?") < 3:
        value *= ASKED_GOOD if value > 0 else ASKED_BAD
    quoted = words[valence.start - 1 : valence.start] and words[valence.start - 1] in QUOTES
    if value > 0 and quoted and words[valence.end : valence.end + 1] and words[valence.end] in QUOTES:
        value *= -1
    if value > 0 and not IRONIC.isdisjoint(words):
        value *= 0.3
    return value


def _follows(words: tuple[str, ...], start: int, openers: frozenset[str]) -> bool:
    """Whether the expression stands in the clause that one of the words opens ("apesar de", "podia ser")."""
    for at in range(start - 1, max(start - 8, -1), -1):
        if words[at] in openers:
            return True
        if words[at] in (",", ";"):
            return False
    return False


def _is_taken_back(words: tuple[str, ...]) -> bool:
    """ "Adorei, só que não"."""
    return "sqn" in words or _says(words, ("so", "que", "nao"))


def _is_mock_praise(words: tuple[str, ...], values: list[float]) -> bool:
    """ "Parabéns pela demora": congratulations or thanks for something bad."""
    thanked = any(
        word in CONGRATULATIONS and not FOR.isdisjoint(words[at + 1 : at + 3])
        for at, word in enumerate(words)
    )
    return thanked and any(value < -1 for value in values)


def _says(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))
