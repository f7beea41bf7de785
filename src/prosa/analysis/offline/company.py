"""What the company's people answered, as a sign of what the contact meant.

An apology answers a complaint, delight answers praise, a price answers a lead. Bots do not count: they thank for everything.
"""

from collections.abc import Sequence
from functools import cache, lru_cache

from prosa.analysis.model import Owner, Utterance
from prosa.analysis.offline import lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.text import words_of


def reactions(history: Sequence[Utterance]) -> frozenset[str]:
    """The kinds of `data/ours.tsv` that occur in what people of the company wrote in reply."""
    first = next((at for at, said in enumerate(history) if said.owner is Owner.USER), len(history))
    replies = (said.body for said in history[first:] if said.owner is Owner.AGENT)
    return frozenset().union(*map(_kinds, replies))


def reply(history: Sequence[Utterance], at: int) -> frozenset[str]:
    """The kinds of what the company, a bot included, answered directly to the message at this place."""
    answer = next(iter(history[at + 1 : at + 2]), None)
    return _kinds(answer.body) if answer and answer.owner in (Owner.AGENT, Owner.BOT) else frozenset()


@lru_cache(maxsize=256)
def _kinds(body: str) -> frozenset[str]:
    """The kinds in one text. Cached, because sentiment and category ask one after the other."""
    return frozenset(match.value for match in find(_book(), words_of(body)))


@cache
def _book() -> PhraseBook[str]:
    return phrase_book((expression, kind) for expression, kind in lexicon.rows("ours"))
