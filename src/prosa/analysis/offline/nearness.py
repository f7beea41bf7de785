"""How near a lead is to buying: the signals, those of its last message once more, and the talk's form, weighed by
fitted weights (`data/interest.tsv`)."""

from collections.abc import Sequence
from math import log

from prosa.analysis.model import HIGH_FROM, MEDIUM_FROM, Interest, Owner, Utterance
from prosa.analysis.offline.fitted import likeliest
from prosa.analysis.offline.signals import Message, Seen

BANDS = {
    Interest.LOW: (0, MEDIUM_FROM - 1),
    Interest.MEDIUM: (MEDIUM_FROM, HIGH_FROM - 1),
    Interest.HIGH: (HIGH_FROM, 100),
}


def lead_score(points: int, seen: Seen, messages: Sequence[Message], history: Sequence[Utterance], mood: float) -> int:
    """The conversion score of a lead: its points (`judgement.conversion_score`), moved into the likeliest band."""
    lowest, highest = BANDS[Interest(likeliest("interest", features(points, seen, messages, history, mood)))]
    return max(lowest, min(highest, points))


def features(
    points: int, seen: Seen, messages: Sequence[Message], history: Sequence[Utterance], mood: float
) -> dict[str, float]:
    """Name to value; `points` 0 to 100, `mood` is the conversation's sentiment, -1 to 1."""
    last = messages[-1]
    sentences = [sentence for message in messages for sentence in message.sentences]
    return {
        "always": 1.0,
        "points": points / 50,
        "mood": mood,
        "messages": log(1 + len(messages)),
        "words": log(1 + sum(len(sentence.words) for sentence in sentences)),
        "one message": float(len(messages) == 1),
        "asks": float(any(sentence.is_question for sentence in sentences)),
        "asks last": float(any(sentence.is_question for sentence in last.sentences)),
        "exclaims": min(1.0, sum(sentence.end.count("!") for sentence in sentences) / 4),
        "a person answers": float(any(said.owner is Owner.AGENT for said in history)),
        **{f"signal {signal.name}": 1.0 for signal in seen},
        **{f"last {signal.name}": 1.0 for signal, places in seen.items() if last.index in places},
    }
