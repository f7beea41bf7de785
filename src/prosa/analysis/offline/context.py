"""What surrounds an expression moves its valence: emphasis, contrast, wishes, questions, quotation, irony."""

from collections.abc import Sequence
from typing import NamedTuple

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.text import Sentence

CONTRASTS = lexicon.words("contrast")
CONCESSIONS = lexicon.words("concession")
WISHES = lexicon.words("wish")
QUOTES = frozenset("\"“”'‘’«»")
IRONIC = lexicon.words("ironic")
CONGRATULATIONS = lexicon.words("congratulation")
FOR = lexicon.words("for")
MOCKABLE = lexicon.words("mockable")
LONGEST_TAIL = 3
FAINT = 1.5  # praise below this ("bem") does not speak against mockery

STRESSED = 1.25
BEFORE_CONTRAST = 0.6
AFTER_CONTRAST = 1.4
CONCEDED = 0.4
WISHED = -0.3
ASKED_GOOD = 0.0
ASKED_BAD = 0.6
BESIDE_IRONY = 0.3


class Valence(NamedTuple):
    """An expression's place in its sentence and its value there."""

    start: int
    end: int
    value: float


def in_context(sentence: Sentence, valence: Valence) -> float:
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
        value *= BESIDE_IRONY
    return value


def _follows(words: tuple[str, ...], start: int, openers: frozenset[str]) -> bool:
    """Whether the expression stands in the clause that one of these words opens ("apesar de", "podia ser")."""
    for at in range(start - 1, max(start - 8, -1), -1):
        if words[at] in openers:
            return True
        if words[at] in (",", ";"):
            return False
    return False


def is_taken_back(words: tuple[str, ...]) -> bool:
    """Whether praise is taken back at once: "Adorei, só que não"."""
    return "sqn" in words or _says(words, ("so", "que", "nao"))


def is_mock_praise(words: tuple[str, ...], values: list[float]) -> bool:
    """Whether something bad is praised: "Parabéns pela demora"."""
    thanked = any(
        word in CONGRATULATIONS and not FOR.isdisjoint(words[at + 1 : at + 3]) for at, word in enumerate(words)
    )
    return thanked and any(value < -1 for value in values)


def is_mocking_tail(words: tuple[str, ...], found: Sequence[Valence], values: Sequence[float]) -> bool:
    """Whether bare praise ends nothing but bad news: "App fora do ar no dia do pagamento, sensacional"."""
    tail = max((at for at, word in enumerate(words) if word == ","), default=len(words))
    after = words[tail + 1 :]
    if not after or len(after) > LONGEST_TAIL or MOCKABLE.isdisjoint(after) or not CONTRASTS.isdisjoint(after):
        return False
    head = [value for valence, value in zip(found, values, strict=True) if valence.start < tail]
    return bool(head) and max(head) < FAINT and min(head) < -1


def _says(words: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))
