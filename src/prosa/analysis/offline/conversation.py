"""The sentiment of a whole conversation: how the contact felt about the company, the end counting most."""

from collections.abc import Sequence
from functools import cache, lru_cache

from prosa.analysis.model import Owner, Sentiment, Utterance
from prosa.analysis.offline import courtesy, injection, lexicon
from prosa.analysis.offline.company import reactions
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.sentiment import judge
from prosa.analysis.offline.text import Sentence, sentences
from prosa.analysis.offline.valence import Reading, read

FIRST_MESSAGE, LAST_MESSAGE = 1.0, 1.3
"""Weights of the contact's first and last message; those between lie between."""
MILD_BLAME = 0.6
"""A bad word outside a grievance may be part of the matter ("meu dente quebrou"), so it weighs less."""
GRIEVANCE_FROM = -2.3
"""A sentence this bad is a grievance even without one of the known expressions."""
NEGATIVE_TO, POSITIVE_FROM = -0.35, 0.5
"""Between these scores a conversation is neutral: most customers only want something done, and a single
"gostei" is not yet praise of the company."""
BESIDE_GRIEVANCE = 0.5
"""What is left of praise in the same sentence as a grievance."""
RELIEF = 3.0
"""What a grievance loses when the contact says at the end that it was settled."""
SORRY, DELIGHT = -1.2, 1.2
"""What an apology or delight in the company's answers adds: not enough alone to leave neutral ground."""
PRAISE = 2.6
"""From here on a last message settles a grievance by praise alone."""
_REACTIONS = (("sorry", SORRY), ("delight", DELIGHT))
AT_THE_END = 2
"""How many of the contact's last messages are the end."""


def conversation_sentiment(history: Sequence[Utterance]) -> tuple[Sentiment, float]:
    """Label and score (-1 to 1) from the contact's messages; what others write does not count."""
    bodies = [injection.genuine(said.body) for said in history if said.owner is Owner.USER]
    messages = [parts for parts in map(sentences, bodies) if parts]
    readings = [_weighted(_message(parts), _weight(at, len(messages))) for at, parts in enumerate(messages)]
    last = readings[-1:]
    readings += _answered(reactions(history))
    bad = sum(reading.bad for reading in readings)
    ends_well = any(_is_settled(parts) for parts in messages[-AT_THE_END:]) or _is_praise(last)
    if bad < 0 and ends_well:
        readings.append(Reading(min(RELIEF, -bad), 0.0))
    return judge(readings, negative_to=NEGATIVE_TO, positive_from=POSITIVE_FROM)


def _answered(found: frozenset[str]) -> list[Reading]:
    return [Reading(max(weight, 0.0), min(weight, 0.0)) for kind, weight in _REACTIONS if kind in found]


def is_grievance(sentence: Sentence) -> bool:
    """Whether a chat sentence says that something went wrong."""
    return _appraised(sentence)[1]


def _message(parts: Sequence[Sentence]) -> Reading:
    readings = [_appraised(part)[0] for part in parts]
    return Reading(sum(r.good for r in readings), sum(r.bad for r in readings))


@lru_cache(maxsize=256)
def _appraised(sentence: Sentence) -> tuple[Reading, bool]:
    """What a chat sentence says of the company, and whether it is a grievance.

    Grievances hold in questions too ("cadê meu pedido?"), and leave little of the praise beside them.
    """
    said = courtesy.without_courtesy(sentence)
    reading = read(courtesy.without_matters(said), bare_negation=False)
    grievance = _grievance(said, reading)
    if grievance < 0:
        return Reading(reading.good * BESIDE_GRIEVANCE, grievance), True
    return Reading(reading.good, reading.bad * MILD_BLAME), False


def _grievance(said: Sentence, reading: Reading) -> float:
    """The worst grievance of a sentence, 0 without any."""
    known = min((match.value for match in find(_grievances(), said.words)), default=0.0)
    return min(known, reading.bad) if known or reading.bad + reading.good < GRIEVANCE_FROM else 0.0


@cache
def _grievances() -> PhraseBook[float]:
    return phrase_book((expression, float(value)) for expression, value in lexicon.rows("grievance"))


@cache
def _settled() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("settled"))


def _is_settled(parts: Sequence[Sentence]) -> bool:
    return any(not part.is_question and any(find(_settled(), part.words)) for part in parts)


def _is_praise(last: Sequence[Reading]) -> bool:
    return any(reading.good >= PRAISE and not reading.bad for reading in last)


def _weight(at: int, messages: int) -> float:
    return 1.0 if messages == 1 else FIRST_MESSAGE + (LAST_MESSAGE - FIRST_MESSAGE) * at / (messages - 1)


def _weighted(reading: Reading, weight: float) -> Reading:
    return Reading(reading.good * weight, reading.bad * weight)
