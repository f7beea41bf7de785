"""The part of a conversation that a model reads: of a long one its beginning, its end, and the telling messages in between."""

from collections.abc import Sequence
from typing import Any

from prosa.analysis.model import Owner, Utterance
from prosa.analysis.offline.signals import contact_messages, find_signals

MOST = 12_000  # characters, about 3,500 tokens
MOST_OF_ONE = 1_500
FIRST, LAST = 6, 14
WHO = {Owner.USER: "contact", Owner.AGENT: "agent", Owner.BOT: "bot"}


def excerpt(history: Sequence[Utterance]) -> list[dict[str, Any]]:
    """The messages as data, oldest first, numbered by their index in `history`; gaps say how many were left out."""
    texts = {at: shorten(said.body) for at, said in enumerate(history) if said.owner in WHO and said.body.strip()}
    kept = set(texts) if sum(map(len, texts.values())) <= MOST else _chosen(history, texts)
    found: list[dict[str, Any]] = []
    skipped = 0
    for at, text in texts.items():
        if at not in kept:
            skipped += 1
            continue
        if skipped:
            found.append({"skipped": skipped})
            skipped = 0
        found.append({"id": at, "from": WHO[history[at].owner], "text": text})
    return found


def shorten(text: str) -> str:
    """A text of MOST_OF_ONE characters or so at most: the beginning and end of a longer one, whose middle is mostly quoted."""
    if len(text) <= MOST_OF_ONE:
        return text
    return f"{text[: MOST_OF_ONE * 2 // 3]} […] {text[-MOST_OF_ONE // 3 :]}"


def _chosen(history: Sequence[Utterance], texts: dict[int, str]) -> set[int]:
    """The messages that fit, by importance: both ends, messages with a signal, the contact's others, the rest; newest first."""
    places = list(texts)
    signals = find_signals(history, contact_messages(history))
    telling = {at for where in signals.values() for at in where}
    ends = [*places[:FIRST], *places[-LAST:]]
    newest = places[::-1]
    order = [
        *ends,
        *(at for at in newest if at in telling),
        *(at for at in newest if history[at].owner is Owner.USER),
        *newest,
    ]
    kept: set[int] = set()
    left = MOST
    for at in dict.fromkeys(order):
        if len(texts[at]) <= left:
            kept.add(at)
            left -= len(texts[at])
    return kept
