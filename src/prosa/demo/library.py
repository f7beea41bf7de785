"""Dialogues ready to be cast.

Pools grow while they are drawn from, up to a cap: small demos never repeat, big ones are cheap.
"""

from itertools import accumulate
from random import Random
from typing import NamedTuple

from prosa.demo.cast import EMAIL, Inbox
from prosa.demo.dialect import restyle
from prosa.demo.grammar import (
    AGENT_NAME,
    CONTACT_NAME,
    GREETING,
    GREETING_LOWER,
    Grammar,
    Scenario,
    Turn,
    expand,
    load,
)
from prosa.demo.rows import text

VARIANTS = 250
"""Dialogues kept per scenario."""


class Dialogue(NamedTuple):
    scenario: Scenario
    turns: list[Turn]


class Library:
    """Draws scenarios and fragments of one segment."""

    def __init__(self, segment: str, rng: Random) -> None:
        self._grammar, self._rng = load(segment), rng
        self._pools: dict[str, list[list[Turn]]] = {}
        self._choices = {kind: _choices(self._grammar, kind) for kind in (None, "bot", "email")}

    def dialogue(self, inbox: Inbox) -> Dialogue:
        """A whole conversation that fits the channel."""
        kind = "email" if inbox.channel_type == EMAIL else "bot" if inbox.bot else None
        scenarios, weights = self._choices[kind]
        scenario = self._rng.choices(scenarios, cum_weights=weights)[0]
        return Dialogue(scenario, self.fragment(scenario.name))

    def fragment(self, name: str) -> list[Turn]:
        """A piece of a conversation, in COPY's text format, names still open."""
        pool = self._pools.setdefault(name, [])
        if len(pool) >= VARIANTS:
            return pool[int(self._rng.random() * VARIANTS)]
        hand = min(1.0, self._rng.random() * 1.1)
        turns = [self._typed(turn, hand) for turn in expand(self._grammar, name, self._rng)]
        pool.append(turns)
        return turns

    def line(self, name: str) -> str:
        """The text of a fragment of one line."""
        return self.fragment(name)[0].text

    def _typed(self, turn: Turn, hand: float) -> Turn:
        letter = "\n" in turn.text  # e-mails are written with care
        said = restyle(turn.text, hand, self._rng) if turn.speaker == "C" and not letter else turn.text
        return turn._replace(text=text(said))


def cast(line: str, first_name: str, agent_name: str, local_hour: int) -> str:
    """The line with names and greeting in it; a customer without a name is simply not addressed."""
    if CONTACT_NAME in line:
        line = line.replace(CONTACT_NAME, first_name) if first_name else _unaddressed(line)
    if GREETING in line or GREETING_LOWER in line:
        greeting = "Bom dia" if 4 <= local_hour < 12 else "Boa tarde" if 12 <= local_hour < 18 else "Boa noite"
        line = line.replace(GREETING, greeting).replace(GREETING_LOWER, greeting.lower())
    return line.replace(AGENT_NAME, agent_name)


def _unaddressed(line: str) -> str:
    for form in (f", {CONTACT_NAME}", f" {CONTACT_NAME}", f"{CONTACT_NAME}, ", CONTACT_NAME):
        line = line.replace(form, "")
    return line


def _choices(grammar: Grammar, kind: str | None) -> tuple[list[Scenario], list[float]]:
    """Scenarios for a kind of inbox with their cumulative weights; e-mail has only its own."""
    fitting = [s for s in grammar.scenarios if s.only == kind or (kind == "bot" and s.only is None)]
    return fitting, list(accumulate(s.weight for s in fitting))
