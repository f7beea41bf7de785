"""Finds the features that speak for and against an end: the acts of both sides, the grammar, and the course so far."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

from prosa.conversations.closure import traits
from prosa.conversations.closure.agent import Stance, stance
from prosa.conversations.closure.contact import DENIALS, Reading, read, spelled
from prosa.conversations.closure.model import Act, Settings, Signal, Trait, Turn
from prosa.conversations.closure.wording import replaced

S, T = Signal, Trait
CLOSINGS = frozenset(
    {S.END_REQUEST, S.FAREWELL, S.NO_MORE, S.AMBIGUOUS_FAREWELL, S.ONLY_THAT, S.WITHDRAWAL, S.THANKS, S.WISH}
    | {S.SOLVED, S.PRAISE, S.RECIPROCAL, S.POSTPONE, S.PLAN, S.ACK}
)
OPENINGS = frozenset(
    {S.AFTERTHOUGHT, S.KEEP_OPEN, S.QUESTION, S.REQUEST, S.PROBLEM, S.OBJECTION, S.HOLD, S.WAITING, S.BUT}
)
# Acts after which the same words mean the same: the weights are told apart by place.
PLACE = {
    Act.ASKS_TO_CLOSE: "permission",
    Act.OFFERS_HELP: "offer",
    Act.ASKS_IF_SOLVED: "solved",
    Act.ASKS_IF_BROKEN: "broken",
    Act.ASKS_RATING: "rating",
    Act.SAYS_GOODBYE: "settled",
    Act.CONFIRMS_DONE: "settled",
    Act.STATES: "told",
    Act.GREETS: "told",
    Act.UPSELLS: "sale",
    Act.PROPOSES: "sale",
    Act.ASKS_FOR_MORE_ITEMS: "order",
    Act.INSTRUCTS: "instruction",
    Act.PROMISES: "owed",
    Act.SILENT: "nothing",
}
FORM = "form"  # any other act asks for an answer
NOTICE = "notice"  # we began, and asked nothing
PLACES = frozenset({*PLACE.values(), FORM, NOTICE})
_LEAVES = frozenset({S.WITHDRAWAL, S.FAREWELL, S.POSTPONE})
_LEFT_OVER = (S.PROBLEM, S.OBJECTION, S.BUT, S.HOLD)
_OPEN_MATTER = (S.QUESTION, S.REQUEST, S.PROBLEM, S.AFTERTHOUGHT, S.HOLD, S.WAITING)
_BEFORE = {
    T.ASKED_BEFORE: (S.QUESTION, S.REQUEST),
    T.TROUBLED_BEFORE: (S.PROBLEM,),
    T.AGREED_BEFORE: (S.YES, S.GO_AHEAD),
    T.CLOSED_BEFORE: (S.THANKS, S.FAREWELL),
    T.HELD_BEFORE: (S.HOLD,),
}
_PAST = re.compile(r"\w{2,}(?:ou|eu|iu|ei|i)|veio|vieram|\w{3,}ram")
_THIRD_PERSON = re.compile(r"\w{2,}(?:ou|eu|iu)|veio|vieram|\w{3,}ram")
_BEFORE_VERB = frozenset({"sim", "si", "ja", "agora", "opa", "oi", "ah"})
_GOODBYE = " tchau "  # what a tenant's own keyword is worth; a word of the contact between two blanks
_HANDED_OVER = re.compile(r"\[[^][]+\]|https?://|[\N{PAPERCLIP}\N{HEAVY CHECK MARK}\N{WHITE HEAVY CHECK MARK}]")
_COURSE = 16  # messages that are read for what we promised, from the newest
_RUN = 8  # messages of one run that are read, from the newest


@dataclass(frozen=True)
class Features:
    """What was found in a conversation. `act`: our side's last act. `found`: every feature, with the words that show it.

    `said` and `told` are the words whose wording counts: the contact's, and the end of our last message.
    """

    act: Act
    found: dict[str, str]
    said: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The column of weights that holds after our side's act."""
        place = PLACE.get(self.act, FORM)
        return NOTICE if place in ("told", "settled") and T.UNPROMPTED in self.found else place


def features(history: Sequence[Turn], message: str, settings: Settings) -> Features:
    """Read a conversation (oldest first) and the contact's newest message. A message without words has no features."""
    ours, unanswered, earlier, owed = _last_turns(history)
    reading, before = read(message, settings), _stance(ours, settings.max_chars)
    if before.act is Act.ASKS and reading.words[:1] and _is_outcome(reading.words[0], before.question):
        before = replace(before, act=Act.ASKS_IF_SOLVED)
    if before.act is Act.ASKS_IF_SOLVED and _repeats_verb(reading, before.question):
        reading.signals.setdefault(S.SOLVED, reading.words[0])
    if not reading.words:
        return Features(before.act, {})
    found: dict[str, str] = {signal.value: text for signal, text in reading.signals.items()}
    for trait, word in traits.of_words(reading.words):
        found.setdefault(trait, word)
    found |= dict.fromkeys(traits.of_length(reading.words, reading.residue), "")
    found |= dict.fromkeys(_agreement(reading), "")
    found |= dict.fromkeys(_ours(before), "")
    if echo := traits.echoed(reading.words, before.words):
        found[T.ECHOES] = echo
    found |= dict.fromkeys(_course([_reread(text, settings) for text in unanswered], earlier, settings), "")
    if owed and Act.PROMISES in _stance((owed,), settings.max_chars).acts:
        found[T.OWED_BEFORE] = ""
        if _is_still_owed(before, found):
            before = replace(before, act=Act.PROMISES)
    if _owes(history[-_COURSE:], settings):
        found[T.OWED_EARLIER] = ""
    if reading.asks:  # however a question is put, it keeps a conversation open
        return Features(before.act, found)
    said = replaced(reading.words, spelled(settings.muted_keywords))
    return Features(before.act, found, replaced(said, spelled(settings.extra_keywords), by=_GOODBYE), before.ending)


@lru_cache(maxsize=4096)
def _reread(text: str, settings: Settings) -> Reading:
    """An earlier message of the contact. It is read again with each message that follows, so it is cached: do not change it."""
    return read(text, settings)


@lru_cache(maxsize=4096)
def _stance(ours: tuple[str, ...], max_chars: int) -> Stance:
    """The stance of our side's messages.

    Cached, because our texts are often repeated, and are read again with each message that follows.
    """
    return stance(ours, max_chars=max_chars)


def _last_turns(history: Sequence[Turn]) -> tuple[tuple[str, ...], list[str], str | None, str]:
    """The last turns, bounded in number and each oldest first.

    These are: the run of our last messages, what the contact has written since, what the contact had written before that run,
    and our message before that.
    """
    ours: list[str] = []
    since: list[str] = []
    for at, turn in enumerate(reversed(history)):
        if turn.owner != "user":
            ours += [turn.body] if turn.body else []
        elif ours:
            before = history[: len(history) - at]
            previous = next((turn.body for turn in reversed(before) if turn.owner != "user" and turn.body), "")
            return tuple(ours[:_RUN][::-1]), since[:_RUN][::-1], turn.body or "", previous or ""
        else:
            since.append(turn.body or "")
    return tuple(ours[:_RUN][::-1]), since[:_RUN][::-1], None, ""


def _agreement(reading: Reading) -> Iterator[Trait]:
    """How the signals of one message fit together."""
    closing = CLOSINGS & reading.signals.keys()
    if reading.asks:
        yield T.ASKS_MARK
    if not reading.signals:
        yield T.SAYS_NOTHING_KNOWN
    if len(closing) > 1:
        yield T.CLOSES_TWICE
    if closing and not reading.residue and not reading.has(*OPENINGS):
        yield T.PURE
    if any(reading.has(signal) and reading.ends_with(_LEAVES, signal) for signal in _LEFT_OVER):
        yield T.LEAVES_LAST
    elif reading.has(*_OPEN_MATTER):
        yield T.DEMANDS


def _ours(before: Stance) -> Iterator[str]:
    """Everything our last turn did besides what decides, and its traits."""
    yield from (f"we:{act}" for act in before.acts if act is not before.act)
    yield from traits.of_our_turn(before.words)
    if before.asks_several:
        yield T.WE_ASK_SEVERAL


def _course(since: Sequence[Reading], earlier: str | None, settings: Settings) -> Iterator[Trait]:
    """What the contact had said before our turn, and after it without an answer."""
    if any(reading.has(*_OPEN_MATTER) for reading in since):
        yield T.UNANSWERED
    if any(reading.has(S.THANKS, S.FAREWELL) for reading in since):
        yield T.CLOSED_BEFORE
    if earlier is None:
        yield T.UNPROMPTED
    else:
        told = _reread(earlier, settings)
        yield from (trait for trait, signals in _BEFORE.items() if told.has(*signals))


def _is_still_owed(now: Stance, found: Collection[str]) -> bool:
    """Whether a promise of the turn before stands: what we said since answers another question of the contact."""
    told = now.act in (Act.STATES, Act.SAYS_GOODBYE) and Act.CONFIRMS_DONE not in now.acts
    return told and (T.ASKED_BEFORE in found or T.TROUBLED_BEFORE in found)


def _owes(history: Sequence[Turn], settings: Settings) -> bool:
    """Whether our side still owes something that it promised before our last two turns.

    It does unless we have since confirmed that something is done or handed something over (a link, or a file, which may come
    without a word), or the contact has said that it is solved.
    """
    turns, promised = 0, 0
    for theirs, run in groupby(history, key=lambda turn: turn.owner == "user"):
        bodies = tuple(turn.body or "" for turn in run)
        if theirs:
            if promised and any(_reread(body, settings).has(S.SOLVED) for body in bodies):
                promised = 0
            continue
        turns += 1
        acts = _stance(bodies, settings.max_chars).acts
        if Act.PROMISES in acts:
            promised = turns
        elif promised and (
            Act.CONFIRMS_DONE in acts or any(not body.strip() or _HANDED_OVER.search(body) for body in bodies)
        ):
            promised = 0
    return promised > 0 and turns - promised >= 2


def _is_outcome(first: str, question: frozenset[str]) -> bool:
    """Whether we asked how something went, and the answer says so.

    The answer then has the same form as the question ("Cedeu?" "Cedeu."). About the contact's own doing it would not
    ("Pagou?" "Paguei.").
    """
    return first in question and bool(_THIRD_PERSON.fullmatch(first))


def _repeats_verb(reading: Reading, question: frozenset[str]) -> bool:
    """Whether a message opens with our question's verb, as Portuguese says yes: "Chegou?" "Chegou, sim"."""
    said = [word for word in reading.words[:4] if word.isalpha() and word not in _BEFORE_VERB]
    if not said or not DENIALS.isdisjoint(said[:2]):
        return False
    first = said[0]
    return bool(_PAST.fullmatch(first)) and any(word[:-1] == first[:-1] or word == first + "u" for word in question)
