"""What a negator reaches, and what it does to a valence."""

from prosa.analysis.offline import lexicon
from prosa.analysis.offline.context import CONTRASTS

NEGATORS = lexicon.words("negator")
AFTER_NO = lexicon.words("after-no")
NOT_ONLY = lexicon.words("not-only")
SCANT = lexicon.words("scant")
REMEDIES = lexicon.words("remedy")
BOUNDARIES = CONTRASTS | lexicon.words("boundary")

NEGATION_REACH = 4
NEGATED_GOOD = -0.75
NEGATED_BAD = -0.45
REMEDIED = -0.7
REMEDY_REACH = 3


def covering(words: tuple[str, ...], start: int) -> list[int]:
    """Places of the negators whose scope covers the expression at `start`."""
    places = []
    for at in range(start - 1, max(start - 1 - NEGATION_REACH, -1), -1):
        if words[at] in BOUNDARIES and not _is_verb(words, at):
            break
        if _denies(words, at) or (at == start - 1 and _is_scant(words, at)):
            places.append(at)
    return places


def _is_verb(words: tuple[str, ...], at: int) -> bool:
    """Whether "e" is the verb "é", which has lost its accent: "não é", "que é"."""
    return words[at] == "e" and at > 0 and (words[at - 1] == "que" or words[at - 1] in NEGATORS)


def _is_scant(words: tuple[str, ...], at: int) -> bool:
    """Whether "pouco" denies, as in "pouco útil"; "um pouco útil" only weakens."""
    return words[at] in SCANT and words[at - 1 : at] != ("um",)


def _denies(words: tuple[str, ...], at: int) -> bool:
    """Whether the word denies what follows. "No" does in Spanish and English, not in Portuguese."""
    if words[at] == "no":
        return words[at + 1 : at + 2] != () and words[at + 1] in AFTER_NO
    return words[at] in NEGATORS and not is_not_only(words, at)


def is_not_only(words: tuple[str, ...], at: int) -> bool:
    """Whether the negation denies nothing, as in "não só bonito"."""
    return at + 1 < len(words) and words[at + 1] in NOT_ONLY


def is_remedied(words: tuple[str, ...], start: int) -> bool:
    """Whether the bad is said to be gone: "cura qualquer tristeza", "acabou com a dor"."""
    reach = words[max(start - REMEDY_REACH, 0) : start]
    return not REMEDIES.isdisjoint(reach) and BOUNDARIES.isdisjoint(reach) and NEGATORS.isdisjoint(reach)


def denied(value: float, negators: int) -> float:
    """The value of a denied expression. Two negators count as one: in Portuguese they agree ("não tem nada bom")."""
    if not negators:
        return value
    return value * (NEGATED_GOOD if value > 0 else NEGATED_BAD)
