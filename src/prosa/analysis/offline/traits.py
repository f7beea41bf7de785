"""What a conversation shows as a whole, by name. `fitted` reads the judgements from it.

That is: the signals and where they stand, the mood, the form of the talk, what the company answered, and the words of both
sides.
"""

from collections.abc import Sequence
from math import log

from prosa.analysis.model import Owner, Sentiment, Utterance
from prosa.analysis.offline.company import reactions
from prosa.analysis.offline.signals import Message, Seen, is_small_talk
from prosa.analysis.offline.text import words_of

SAID, TOLD, ANSWERED = "said ", "told ", "answered "
"""What the names of the contact's words, of the company's and of the kinds of its answers begin with."""
FORM = "form "
"""What the names of a talk's outward form begin with. Only how near a lead is follows from it: what somebody wants does not
depend on how long the talk has been, nor on whether the company has answered yet."""


def traits(
    history: Sequence[Utterance], messages: Sequence[Message], seen: Seen, mood: tuple[Sentiment, float]
) -> dict[str, float]:
    """Name -> value. `messages` are the contact's (at least one), `mood` what their words alone say of its feelings."""
    first, last = messages[0], messages[-1]
    sentences = [sentence for message in messages for sentence in message.sentences]
    # Sorted, so that sums do not depend on the order of a set.
    said = sorted({word for sentence in sentences for word in sentence.words})
    told = sorted({word for line in history if line.owner in (Owner.AGENT, Owner.BOT) for word in words_of(line.body)})
    return {
        f"mood {mood[0]}": 1.0,
        "mood": mood[1],
        "small talk": float(not seen and is_small_talk(messages)),
        "no signal": float(not seen),
        "asks": float(any(sentence.is_question for sentence in sentences)),
        "asks last": float(any(sentence.is_question for sentence in last.sentences)),
        "exclaims": min(1.0, sum(sentence.end.count("!") for sentence in sentences) / 4),
        FORM + "any": 1.0,
        FORM + "messages": log(1 + len(messages)),
        FORM + "words": log(1 + sum(len(sentence.words) for sentence in sentences)),
        FORM + "one message": float(len(messages) == 1),
        FORM + "a person answers": float(any(line.owner is Owner.AGENT for line in history)),
        **{f"signal {signal.name}": 1.0 for signal in seen},
        **{f"first {signal.name}": 1.0 for signal, places in seen.items() if first.index in places},
        **{f"last {signal.name}": 1.0 for signal, places in seen.items() if last.index in places},
        **{ANSWERED + kind: 1.0 for kind in reactions(history)},
        **{SAID + word: 1.0 for word in said},
        **{TOLD + word: 1.0 for word in told},
    }
