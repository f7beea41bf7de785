"""What the contact's messages show, one named signal each; `data/signals.tsv` says what a signal is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from prosa.analysis.model import Category, Owner, Utterance
from prosa.analysis.offline import courtesy, injection, lexicon
from prosa.analysis.offline.company import reply
from prosa.analysis.offline.grievances import appraise
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.text import Sentence, sentences, words_of

GRIEVANCE_VOTE = 4.0
DECISIONS = frozenset({"wants_to_buy", "wants_to_enrol", "wants_to_book", "asks_slot", "accepts", "booked"})
"""Signals of a step towards the purchase; only with one of them can a lead reach the high band."""
DENIAL_REACH = 2
ASSENTS = lexicon.words("assent")
LONGEST_ANSWER = 6
"""Words of a message that is mere answer to what the company asked."""


@dataclass(frozen=True)
class Signal:
    """`vote` says how surely it is of `category` (`is_outsider` counts from 1 on); `points` go into the score."""

    name: str
    category: Category
    vote: float
    points: int
    label: str


@dataclass(frozen=True)
class Message:
    """A contact's message as it was read: its place among all messages, and its sentences."""

    index: int
    sentences: tuple[Sentence, ...]

    @property
    def words(self) -> list[str]:
        return [word for sentence in self.sentences for word in sentence.words]


GRIEVANCE = Signal("grievance", Category.COMPLAINT, GRIEVANCE_VOTE, -20, "reclamou")


def contact_messages(history: Sequence[Utterance]) -> list[Message]:
    """The contact's messages that say something; attempts to instruct the analyser are left out."""
    read = (
        Message(index, sentences(injection.genuine(said.body)))
        for index, said in enumerate(history)
        if said.owner is Owner.USER
    )
    return [message for message in read if message.sentences]


Seen = Mapping[Signal, Sequence[int]]
"""Signals with the indexes of the messages that show them."""


def find_signals(history: Sequence[Utterance], messages: Sequence[Message]) -> dict[Signal, list[int]]:
    """Each signal that was seen, with the indexes of the messages that show it, in order of appearance."""
    seen: dict[Signal, list[int]] = {}
    for message in messages:
        for signal in _signals_of(message, history):
            places = seen.setdefault(signal, [])
            if message.index not in places:
                places.append(message.index)
    outsider = is_outsider(seen)
    grievances = [message.index for message in messages if _complains(message, outsider)]
    return {**seen, GRIEVANCE: grievances} if grievances else seen


def is_outsider(seen: Seen) -> bool:
    """Whether the contact has nothing of the company yet: it wants to buy, sell or get hired.

    It asks for nothing that only customers ask for. What such a contact finds bad is its own matter ("meu dente está péssimo").
    """
    kinds = {signal.category for signal in seen if signal.vote >= 1}
    return not kinds.isdisjoint((Category.LEAD, Category.OTHER)) and Category.SERVICE not in kinds


def _complains(message: Message, outsider: bool) -> bool:
    return any(appraise(sentence, outsider=outsider)[1] for sentence in message.sentences)


@cache
def catalogue() -> Mapping[str, Signal]:
    """All signals by name."""
    known = {
        name: Signal(name, Category(category), float(vote), int(points), label)
        for name, category, vote, points, label in lexicon.rows("signals")
    }
    return {**known, GRIEVANCE.name: GRIEVANCE}


@cache
def _book() -> PhraseBook[Signal]:
    return phrase_book((expression, catalogue()[name]) for name, expression in lexicon.rows("signal_expressions"))


@cache
def _reminders() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("reminders"))


@cache
def _offers() -> PhraseBook[bool]:
    return phrase_book((expression, True) for (expression,) in lexicon.rows("offers"))


def _signals_of(message: Message, history: Sequence[Utterance]) -> list[Signal]:
    found = [
        match.value
        for sentence in message.sentences
        for match in find(_book(), sentence.words)
        if not (match.value.name in DECISIONS and _is_denied(sentence, match.start))
    ]
    answer, asked = _answer(message), _before(message.index, history)
    if answer and _reminds(asked):
        found.append(catalogue()["uses_account"])
    elif answer and _is_offer(asked):
        found.append(catalogue()[answer])
    if not _reminds(asked) and "booked" in reply(history, message.index):
        found.append(catalogue()["booked"])
    return found


def _is_denied(sentence: Sentence, start: int) -> bool:
    """Whether the contact denies it: "Não quero comprar", but not "vocês não têm vaga?"."""
    return not sentence.is_question and "nao" in sentence.words[max(start - DENIAL_REACH, 0) : start]


def _answer(message: Message) -> str | None:
    """The signal that a short answer to an offer gives: "sim", "quinta de manhã", "agora não"."""
    words = message.words
    if len(words) > LONGEST_ANSWER or any(sentence.is_question for sentence in message.sentences):
        return None
    if "nao" in words:
        return "hesitates"
    return None if ASSENTS.isdisjoint(words) else "accepts"


def _is_offer(body: str) -> bool:
    """Whether the company's message asks to book, sell or enrol; the context of a yes, never evidence."""
    return "?" in body and bool(find(_offers(), words_of(body)))


def _reminds(body: str) -> bool:
    """Whether the company's message reminds of what is booked already: whoever says yes to it is a customer."""
    return bool(find(_reminders(), words_of(body)))


def _before(index: int, history: Sequence[Utterance]) -> str:
    """What the company wrote last before a message; empty if nothing."""
    earlier = (said.body for said in reversed(history[:index]) if said.owner in (Owner.AGENT, Owner.BOT))
    return next(earlier, "")


def is_small_talk(messages: Sequence[Message]) -> bool:
    """Whether the contact wrote nothing but greetings, thanks and assent."""
    return all(courtesy.is_courtesy(sentence) for message in messages for sentence in message.sentences)
