"""What one sentence of a contact says about the company, and whether it is a reproach."""

from functools import cache, lru_cache

from prosa.analysis.offline import courtesy, lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.text import Sentence
from prosa.analysis.offline.valence import Reading, read

MILD_BLAME = 0.6
"""A bad word outside a grievance may be part of the matter ("meu dente quebrou"), so it weighs less."""
OUTSIDER_BLAME = 0.15
"""What a bad word weighs from somebody who has nothing of the company yet: it is nearly always the matter."""
OUTSIDER_PRAISE = 0.7
"""What a good word weighs from such a contact: liking an offer is not yet praise of the company."""
GRIEVANCE_FROM = -2.3
"""A sentence this bad is a grievance even without one of the known expressions."""
BESIDE_GRIEVANCE = 0.5
"""What is left of praise in the same sentence as a grievance."""
ADDRESSED = lexicon.words("addressed")


@lru_cache(maxsize=512)
def appraise(sentence: Sentence, *, outsider: bool) -> tuple[Reading, bool]:
    """What a chat sentence says about the company, and whether it is a grievance.

    A question may be a grievance too ("cadê meu pedido?"); a grievance leaves little of the praise beside it. What an outsider
    (`signals.is_outsider`) says is a grievance only if the sentence is about the company.
    """
    said = courtesy.without_courtesy(sentence)
    reading = read(courtesy.without_matters(said), bare_negation=False)
    if outsider:
        reading = reading._replace(good=reading.good * OUTSIDER_PRAISE)
    if outsider and ADDRESSED.isdisjoint(said.words):
        return Reading(reading.good, reading.bad * OUTSIDER_BLAME), False
    if find(_own_mishaps(), said.words):
        return Reading(reading.good, reading.bad * OUTSIDER_BLAME), False
    grievance = _grievance(said, reading)
    if grievance < 0:
        return Reading(reading.good * BESIDE_GRIEVANCE, grievance), True
    return Reading(reading.good, reading.bad * MILD_BLAME), False


def _grievance(said: Sentence, reading: Reading) -> float:
    """The worst grievance in a sentence; 0 without any."""
    known = min((match.value for match in find(_grievances(), said.words)), default=0.0)
    return min(known, reading.bad) if known or reading.bad + reading.good < GRIEVANCE_FROM else 0.0


@cache
def _grievances() -> PhraseBook[float]:
    return phrase_book((expression, float(value)) for expression, value in lexicon.rows("grievance"))


@cache
def _own_mishaps() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("own"))
