"""Dialogues from text files: a small language that a copywriter can read and extend.

    = dia: segunda | terça | quarta            a value, the same wherever `<dia>` stands in one dialogue
    == oferta                                  a fragment; several of one name are alternatives
    A Temos horário [livre|vago] <dia>.        `[a|b]` is decided anew each time, may nest, be empty
    C {q:Abre domingo|E o preço}?              `{q:…}`: the same place in all groups named q of one dialogue,
    A& {q:Sim!|Cem reais.}                     so that answers fit; `&`: only if the line before was said
    === preco weight=9 labels=lead mood=good   a scenario: a fragment that a dialogue can start from
    @abertura                                  another fragment's lines here
    C? Tem estacionamento?                     `?` leaves the line out half of the time
    A~ Conseguiu pensar?                       `~` comes after a long silence
    C (audio)                                  media only: image, audio, video or file

Lines are spoken by C the contact, A the agent, B the bot, and N is the agent's private note. `<cliente>`,
`<agente>` and `<saudacao>` (good morning, afternoon or evening) stay open until the dialogue is cast.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from random import Random
from typing import NamedTuple

CONTACT_NAME, AGENT_NAME, GREETING, GREETING_LOWER = "\x01", "\x02", "\x03", "\x04"
OPEN_PLACES = re.compile("[\x01-\x04]")
_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
_ALIGNED = re.compile(r"\{(\w+):([^{}]*)\}")
_VALUE = re.compile(r"<(\w+)>")
_LINE = re.compile(r"([CABN])([?~&]{0,2}) (.+)")


class Turn(NamedTuple):
    speaker: str
    text: str
    pause: bool


class Line(NamedTuple):
    speaker: str
    text: str
    optional: bool
    pause: bool
    joined: bool


@dataclass(frozen=True)
class Scenario:
    name: str
    weight: float
    labels: tuple[str, ...]
    mood: str
    team: str | None
    only: str | None
    """The channel it belongs to (`email`), if not to all."""


@dataclass(frozen=True)
class Grammar:
    values: Mapping[str, list[str]] = field(default_factory=dict)
    fragments: Mapping[str, list[list[Line | str]]] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()


@cache
def load(segment: str) -> Grammar:
    """The grammar of one segment, with what is common to all."""
    folder = resources.files("prosa.demo") / "texts"
    names = ("common.txt", f"{segment}.txt")
    return parse("\n".join((folder / name).read_text(encoding="utf-8") for name in names))


def parse(source: str) -> Grammar:
    """Read the language above; ValueError names the line that is none of it."""
    values: dict[str, list[str]] = {}
    fragments: dict[str, list[list[Line | str]]] = {}
    scenarios: list[Scenario] = []
    lines: list[Line | str] = []
    for raw in filter(None, map(str.strip, source.splitlines())):
        if raw.startswith("=="):
            name, *options = raw.lstrip("= ").split()
            lines = []
            fragments.setdefault(name, []).append(lines)
            if raw.startswith("==="):
                scenarios.append(_scenario(name, dict(option.split("=") for option in options)))
        elif raw.startswith("="):
            name, _, choices = raw[1:].partition(":")
            values[name.strip()] = [choice.strip() for choice in choices.split(" | ")]
        elif not raw.startswith("#"):
            lines.append(_line(raw))
    return Grammar(values, fragments, tuple(scenarios))


def _scenario(name: str, options: dict[str, str]) -> Scenario:
    labels = tuple(filter(None, options.get("labels", "").split(",")))
    weight, mood = float(options["weight"]), options.get("mood", "neutral")
    return Scenario(name, weight, labels, mood, options.get("team"), options.get("only"))


def _line(raw: str) -> Line | str:
    if raw.startswith("@"):
        return raw[1:]
    spoken = _LINE.fullmatch(raw)
    if spoken is None:
        raise ValueError(f"not a line of a dialogue: {raw!r}")
    speaker, marks, text = spoken.groups()
    return Line(speaker, text.replace("\\n", "\n"), "?" in marks, "~" in marks, "&" in marks)


def expand(grammar: Grammar, name: str, rng: Random) -> list[Turn]:
    """One dialogue: alternatives chosen, values bound, names still open."""
    return _Dialogue(grammar, rng).lines_of(name)


class _Dialogue:
    """What one dialogue has already decided."""

    def __init__(self, grammar: Grammar, rng: Random) -> None:
        self.grammar, self.rng = grammar, rng
        self.bound = {"cliente": CONTACT_NAME, "agente": AGENT_NAME, "saudacao": GREETING}
        self.places: dict[str, int] = {}

    def lines_of(self, fragment: str) -> list[Turn]:
        turns: list[Turn] = []
        said = True
        for line in self.rng.choice(self.grammar.fragments[fragment]):
            if isinstance(line, str):
                if not line.endswith("?") or self.rng.random() < 0.5:
                    turns += self.lines_of(line.removesuffix("?"))
                continue
            said = (said or not line.joined) and (not line.optional or self.rng.random() < 0.5)
            if said:
                turns.append(Turn(line.speaker, self.vary(line.text), line.pause))
        return turns

    def vary(self, text: str) -> str:
        while "[" in text:
            text = _INNERMOST.sub(lambda found: self.rng.choice(found[1].split("|")), text)
        return _VALUE.sub(self.value, _ALIGNED.sub(self.aligned, text))

    def aligned(self, found: re.Match[str]) -> str:
        choices = found[2].split("|")
        return choices[self.places.setdefault(found[1], self.rng.randrange(len(choices)))]

    def value(self, found: re.Match[str]) -> str:
        key = found[1]
        if key not in self.bound:
            self.bound[key] = self.vary(self.rng.choice(self.grammar.values[key]))
        return self.bound[key]
