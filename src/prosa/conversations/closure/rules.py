"""The rules: what each signal is worth, and how our side's last turn changes that.

A score is a sum of weights. A bare thank-you stays in the middle band (0.6 to 0.8): most contacts who say
it leave, but many write once more; the context has to lift it. A plain goodbye closes by itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from prosa.conversations.closure.agent import Stance, stance
from prosa.conversations.closure.model import DEFAULT, Act, Action, Reason, Settings, Signal, Turn, Verdict
from prosa.conversations.closure.reading import DENIALS, Reading, read
from prosa.conversations.closure.weights import (
    ANSWER,
    ANSWERS_ONE_ONLY,
    CLOSING,
    CONTEXT,
    CONTRADICTED,
    EXPECTS_ANSWER,
    FAREWELLS,
    LEAVES,
    LEFT_OVER,
    OPEN,
    OPEN_MATTER,
    OWES,
    RESIDUE,
    SECONDARY_SHARE,
    SETTLING,
    SHORT_ANSWERS,
    STRONG,
)

S = Signal
_PAST = re.compile(r"\w{2,}(?:ou|eu|iu|ei|i)|veio|vieram|\w{3,}ram")
_THIRD_PERSON = re.compile(r"\w{2,}(?:ou|eu|iu)|veio|vieram|\w{3,}ram")
_BEFORE_VERB = frozenset({"sim", "si", "ja", "agora", "opa", "oi", "ah"})
_RUN = 8  # messages of one run that are read, from the newest


def score(
    history: Sequence[Turn],
    message: str | None,
    *,
    metadata: Mapping[str, Any] | None = None,
    settings: Settings = DEFAULT,
) -> Verdict:
    """How likely it is that the contact leaves with `message`, the newest one (`history`: oldest first).

    Metadata may hold `can_close` (a boolean; decides alone), `goal_achieved` (a boolean) and
    `pending_actions` (a list). Never raises on any text.
    """
    facts = metadata or {}
    if isinstance(can_close := facts.get("can_close"), bool):
        return _verdict([Reason("metadata:can_close", float(can_close))], settings)
    reading = read(message or "", settings)
    ours, unanswered = _last_turns(history)
    before = stance(ours, max_chars=settings.max_chars)
    if before.act is Act.ASKS and reading.opening[:1] and _is_outcome(reading.opening[0], before.question):
        before = replace(before, act=Act.ASKS_IF_SOLVED)
    if before.act is Act.ASKS_IF_SOLVED and _repeats_verb(reading, before.question):
        reading.signals.setdefault(S.SOLVED, " ".join(reading.opening))
    reasons = [
        *_closing(reading, before),
        *_open(reading, before),
        *_unanswered([read(text, settings) for text in unanswered], reading),
        *_metadata(facts),
    ]
    return _verdict(reasons, settings)


def is_afterthought(message: str | None, settings: Settings = DEFAULT) -> bool:
    """Whether a message takes a farewell back: "na verdade, mais uma coisa". Undoes a closure."""
    return read(message or "", settings).has(S.AFTERTHOUGHT, S.KEEP_OPEN)


def _verdict(reasons: Sequence[Reason], settings: Settings) -> Verdict:
    total = round(min(1.0, max(0.0, sum(reason.weight for reason in reasons))), 3)
    action: Action = "close" if total >= settings.close_at else "confirm" if total >= settings.confirm_at else "none"
    return Verdict(total, action, tuple(reasons))


def _last_turns(history: Sequence[Turn]) -> tuple[list[str], list[str]]:
    """The run of our last messages, and what the contact has written since, each oldest first and bounded."""
    ours: list[str] = []
    since: list[str] = []
    for turn in reversed(history):
        if turn.owner == "user":
            if ours:
                break
            since.append(turn.body or "")
        elif turn.body:
            ours.append(turn.body)
    return ours[:_RUN][::-1], since[:_RUN][::-1]


def _closing(reading: Reading, before: Stance) -> list[Reason]:
    """The signal that says most in this place counts fully, every other one adds a share."""
    context = CONTEXT[before.act]
    given = {signal: text for signal, text in reading.signals.items() if signal in CLOSING}
    if not given:
        return []
    lead = max(given, key=lambda signal: CLOSING[signal] + context.get(signal, 0.0))
    reasons = [Reason(lead, CLOSING[lead], given[lead])]
    if shift := context.get(lead, 0.0):
        reasons.append(Reason(f"our_turn:{before.act}", shift))
    parts = {S.NO, S.THANKS} if lead is S.DECLINE else {S.DECLINE}
    reasons += [
        Reason(signal, round(CLOSING[signal] * SECONDARY_SHARE, 3), text)
        for signal, text in given.items()
        if signal is not lead and signal not in parts
    ]
    if reading.residue:
        weight = RESIDUE[min(reading.residue, len(RESIDUE) - 1)]
        plain = lead in {*STRONG, S.DECLINE, S.THANKS} or context.get(lead, 0.0) >= SETTLING
        reasons.append(Reason("other_content", weight / 2 if plain else weight))
    if before.asks_several and lead in SHORT_ANSWERS:
        reasons.append(Reason("answers_one_only", ANSWERS_ONE_ONLY))
    in_an_answer = reading.residue and before.act in EXPECTS_ANSWER and not reading.has(S.POSTPONE, S.WITHDRAWAL)
    if in_an_answer and lead in FAREWELLS:
        reasons.append(Reason("may_be_an_answer", -0.3))
    return reasons


def _is_outcome(first: str, question: frozenset[str]) -> bool:
    """Whether we asked how something went: the answer has the same form as the question ("Cedeu?" "Cedeu."), where
    of what the contact did itself it would not ("Pagou?" "Paguei.")."""
    return first in question and bool(_THIRD_PERSON.fullmatch(first))


def _repeats_verb(reading: Reading, question: frozenset[str]) -> bool:
    """Whether a message opens with our question's verb, as Portuguese says yes: "Chegou?" "Chegou, sim"."""
    said = [word for word in reading.opening if word.isalpha() and word not in _BEFORE_VERB]
    if not said or not DENIALS.isdisjoint(said[:2]):
        return False
    first = said[0]
    return bool(_PAST.fullmatch(first)) and any(word[:-1] == first[:-1] or word == first + "u" for word in question)


def _open(reading: Reading, before: Stance) -> list[Reason]:
    """What says that the conversation goes on."""
    reasons = [Reason(signal, OPEN[signal], text) for signal, text in reading.signals.items() if signal in OPEN]
    if reading.has(S.WAITING) and not before.acts & OWES:
        reasons.append(Reason("waits_for_no_reply", 0.4))
    reasons += [
        Reason("leaves_anyway", weight)
        for signal, weight in LEFT_OVER.items()
        if reading.has(signal) and reading.ends_with(LEAVES, signal)
    ]
    wanted = CONTRADICTED.get(before.act)
    if wanted and reading.has(wanted) and not reading.has(*STRONG, S.ONLY_THAT):
        reasons.append(Reason("wants_to_go_on", -0.9, reading.signals[wanted]))
    if reading.has(S.NUMBER) and before.act in EXPECTS_ANSWER:
        reasons.append(Reason("answers_us", ANSWER, reading.signals[S.NUMBER]))
    if Act.PROMISES in before.acts and before.act is not Act.PROMISES:
        reasons.append(Reason("we_promised", -0.1))
    return reasons


def _unanswered(since: Sequence[Reading], reading: Reading) -> list[Reason]:
    """Messages of the contact that we have not answered yet."""
    if any(earlier.has(*OPEN_MATTER) for earlier in since) and not reading.has(S.WITHDRAWAL, S.SOLVED):
        return [Reason("unanswered", -0.3 if reading.has(*STRONG) else -0.6)]
    if any(earlier.has(S.THANKS, *STRONG) for earlier in since):
        return [Reason("already_closing", 0.15)]
    return []


def _metadata(facts: Mapping[str, Any]) -> list[Reason]:
    reasons = []
    if isinstance(achieved := facts.get("goal_achieved"), bool):
        reasons.append(Reason("metadata:goal_achieved", 0.3 if achieved else -0.2))
    if isinstance(pending := facts.get("pending_actions"), list | tuple):
        reasons.append(Reason("metadata:pending_actions", -0.4 if pending else 0.2))
    return reasons
