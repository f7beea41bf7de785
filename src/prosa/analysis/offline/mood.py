"""What the words of a conversation say by themselves of how the contact felt about the company, the end counting most."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from prosa.analysis.model import Owner, Sentiment, Utterance
from prosa.analysis.offline import lexicon
from prosa.analysis.offline.company import reactions
from prosa.analysis.offline.grievances import appraise
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.sentiment import judge
from prosa.analysis.offline.signals import Seen, contact_messages, find_signals, is_outsider
from prosa.analysis.offline.text import Sentence, words_of
from prosa.analysis.offline.valence import Reading

FIRST_MESSAGE, LAST_MESSAGE = 1.0, 1.3
"""Weights of the contact's first and last message; those between lie between."""
NEGATIVE_TO, POSITIVE_FROM = -0.33, 0.54
"""Between these scores a conversation is neutral: most customers only want something done, and a single
"gostei" is not yet praise of the company."""
RELIEF = 3.0
"""What a grievance loses when the contact says at the end that it was settled."""
SORRY, DELIGHT = -1.3, 1.2
"""What an apology or delight in the company's answers adds: not enough alone to leave neutral ground."""
PRAISE = 2.6
"""From here on a last message settles a grievance by praise alone."""
RATED_WELL, RATED_BADLY = 9, 6
RATING = 3.0
"""What an answer of 9 or 10 ("de 0 a 10?") adds, or one of at most 6 takes away (Net Promoter Score's bounds)."""
_REACTIONS = (("sorry", SORRY), ("delight", DELIGHT))
AT_THE_END = 2
"""How many of the contact's last messages are the end."""


def mood(history: Sequence[Utterance], seen: Seen | None = None) -> tuple[Sentiment, float]:
    """Label and score (-1 to 1) from the contact's messages; what others write does not count.

    `seen` are the conversation's signals (`find_signals`), where they are known already.
    """
    said = contact_messages(history)
    outsider = is_outsider(find_signals(history, said) if seen is None else seen)
    messages = [message.sentences for message in said]
    readings = [_weighted(_message(parts, outsider), _weight(at, len(messages))) for at, parts in enumerate(messages)]
    last = readings[-1:]
    readings += _ratings(history)
    readings += _answered(reactions(history))
    bad = sum(reading.bad for reading in readings)
    ends_well = any(_is_settled(parts) for parts in messages[-AT_THE_END:]) or _is_praise(last)
    if bad < 0 and ends_well:
        readings.append(Reading(min(RELIEF, -bad), 0.0))
    return judge(readings, negative_to=NEGATIVE_TO, positive_from=POSITIVE_FROM)


def _answered(found: frozenset[str]) -> list[Reading]:
    return [Reading(max(weight, 0.0), min(weight, 0.0)) for kind, weight in _REACTIONS if kind in found]


def _ratings(history: Sequence[Utterance]) -> list[Reading]:
    """What bare numbers say that answer a question for a rating from 0 to 10."""
    found = []
    for asked, answer in pairwise(history):
        rating = answer.body.strip()
        if answer.owner is Owner.USER and asked.owner is not Owner.USER and rating.isdecimal() and int(rating) <= 10:
            if _asks_rating(asked.body) and int(rating) >= RATED_WELL:
                found.append(Reading(RATING, 0.0))
            elif _asks_rating(asked.body) and int(rating) <= RATED_BADLY:
                found.append(Reading(0.0, -RATING))
    return found


def _asks_rating(body: str) -> bool:
    return {"0", "10"} <= set(words_of(body))


def _message(parts: Sequence[Sentence], outsider: bool) -> Reading:
    readings = [appraise(part, outsider=outsider)[0] for part in parts]
    return Reading(sum(r.good for r in readings), sum(r.bad for r in readings))


@cache
def _settled() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("settled"))


def _is_settled(parts: Sequence[Sentence]) -> bool:
    return any(not part.is_question and any(find(_settled(), part.words)) for part in parts)


def _is_praise(last: Sequence[Reading]) -> bool:
    return any(reading.good >= PRAISE and reading.good > 2 * -reading.bad for reading in last)


def _weight(at: int, messages: int) -> float:
    return 1.0 if messages == 1 else FIRST_MESSAGE + (LAST_MESSAGE - FIRST_MESSAGE) * at / (messages - 1)


def _weighted(reading: Reading, weight: float) -> Reading:
    return Reading(reading.good * weight, reading.bad * weight)
