"""The score: the sum of the weights of all features of the conversation, and of its wording.

A bare thank-you stays in the middle band (0.6 to 0.8): most contacts who say it leave, but many write once more; the context
has to lift it. A plain goodbye closes by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from prosa.conversations.closure import wording
from prosa.conversations.closure.contact import read
from prosa.conversations.closure.features import PLACES, Features, features
from prosa.conversations.closure.model import DEFAULT, Action, Reason, Settings, Signal, Turn, Verdict
from prosa.conversations.closure.weights import IN_PLACE, START, WORTH

WORTH_IN_PLACE = {
    place: {name: round(WORTH.get(name, 0.0) + here.get(name, 0.0), 3) for name in sorted({*WORTH, *here})}
    for place in PLACES
    for here in [IN_PLACE.get(place, {})]
}


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
    seen = features(history, message or "", settings)
    return _verdict([*_weigh(seen), *_metadata(facts)], settings)


def is_afterthought(message: str | None, settings: Settings = DEFAULT) -> bool:
    """Whether a message takes a farewell back: "na verdade, mais uma coisa". Undoes a closure."""
    return read(message or "", settings).has(Signal.AFTERTHOUGHT, Signal.KEEP_OPEN)


def _weigh(seen: Features) -> list[Reason]:
    """The weight of each feature that has one, and where our last turn leaves the conversation.

    A message without a word or a sign ends nothing.
    """
    if not seen.found:
        return []
    worth = WORTH_IN_PLACE[seen.place]
    reasons = [Reason(name, worth.get(name, 0.0), text) for name, text in seen.found.items()]
    reasons += [
        Reason("wording", *wording.weigh("contact", seen.said)),
        Reason("our_wording", *wording.weigh("ours", seen.told)),
        Reason(f"our_turn:{seen.act}", START[seen.act]),
    ]
    return [reason for reason in reasons if reason.weight or reason.name.startswith("our_turn")]


def _verdict(reasons: Sequence[Reason], settings: Settings) -> Verdict:
    total = round(min(1.0, max(0.0, sum(reason.weight for reason in reasons))), 3)
    action: Action = "close" if total >= settings.close_at else "confirm" if total >= settings.confirm_at else "none"
    return Verdict(total, action, tuple(reasons))


def _metadata(facts: Mapping[str, Any]) -> list[Reason]:
    reasons = []
    if isinstance(achieved := facts.get("goal_achieved"), bool):
        reasons.append(Reason("metadata:goal_achieved", 0.3 if achieved else -0.2))
    if isinstance(pending := facts.get("pending_actions"), list | tuple):
        reasons.append(Reason("metadata:pending_actions", -0.4 if pending else 0.2))
    return reasons
