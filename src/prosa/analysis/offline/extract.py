"""Data that contacts give about themselves: name, goal, and the fields of the tenant's segment."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from prosa.analysis.model import Owner, Utterance
from prosa.analysis.offline import injection, lexicon
from prosa.analysis.offline.phrases import PhraseBook, find, phrase_book
from prosa.analysis.offline.signals import Message
from prosa.analysis.offline.text import plain, shorten

SEGMENTS = ("gym", "education", "health", "retail", "finance", "ecommerce")
GOAL_FIELDS = ("goal", "procedure", "course", "product")
"""Fields that say what the lead is after, by segment."""
LONGEST_GOAL = 80

_NAME = r"([^\W\d_]{2,20}(?:[ ](?:d[aeo]s?[ ])?[^\W\d_]{2,20}){0,3})"
_INTRODUCTION = re.compile(
    r"(?:me\s+chamo|meu\s+nome\s+(?:completo\s+)?(?:é|e|eh)\b|nome(?:\s+completo)?\s*:|my\s+name\s+is|me\s+llamo|mi\s+nombre\s+es)"
    r"\s*:?\s*(?:[oa]\s+)?" + _NAME,
    re.IGNORECASE,
)
_PRESENTATION = re.compile(
    r"\b(?i:(?:eu\s+)?sou\s+[oa]|aqui\s+(?:é|e|eh)\s+[oa]|aqui\s+quem\s+fala\s+(?:é|e)\s+[oa]|quem\s+fala\s+(?:é|e)\s+[oa]"
    r"|(?:it's|i\s+am|i'm|soy))\s+([A-ZÀ-Ý][\w'-]{1,20}(?:[ ](?:d[aeo]s?[ ])?[A-ZÀ-Ý][\w'-]{1,20}){0,3})"
)
_ANSWER = re.compile(r"\s*" + _NAME + r"\s*(?=[^\w\s]|\d|$)")
# "Separado no seu nome." speaks of the name and does not ask for it.
_ASKED_NAME = re.compile(
    r"\b(?:qual|diga|diz|informe|informa|passe|passa|mande|manda|confirme|confirma|preciso|digite|escreva)\b[^.!?]*\bnome\b"
    r"|\bnome\b[^.!?]*\?|quem\s+(?:eu\s+)?falo|como\s+(?:você\s+)?se\s+chama|your name",
    re.IGNORECASE,
)
_GOAL = re.compile(
    r"\b(?:quero|queria|gostaria(?:\s+d[eoa]s?)?|preciso(?:\s+d[eoa]s?)?|pretendo|desejo|tenho\s+interesse\s+(?:em|n[oa]s?)|interesse\s+(?:em|n[oa]s?)"
    r"|procurando|procuro|meu\s+objetivo\s+(?:é|e)|objetivo\s*:|i\s+want(?:\s+to)?|quiero|would\s+like\s+to)\s+"
    r"(?!(?:sim|n[ãa]o|isso|esse|essa|este|esta|d?aquel[ea]|que|pr[aoe]|para|n[oa]s?|d[eoa]s?|[ée]|muito|mt|mto|tudo|nada|só|so)\b)"
    r"([^.!?\n;]{3,200})",
    re.IGNORECASE,
)  # "quero sim", "queria pra quinta" and "quero que …" name nothing that a message could offer
_PLEASE = re.compile(r",?\s+(?:por\s+(?:favor|gentileza)|pfv?r?|please)\W*$", re.IGNORECASE)
_STOP = lexicon.words("no-name")
_FIRST_NAMES = lexicon.words("first-name")
_PARTICLES = ("de", "da", "do", "das", "dos")


def lead_name(history: Sequence[Utterance]) -> str | None:
    """The name by which the contact introduced themselves, or with which they answered when asked for it."""
    for at, said in enumerate(history):
        if said.owner is not Owner.USER:
            continue
        body = shorten(injection.genuine(said.body))
        match = _INTRODUCTION.search(body) or _PRESENTATION.search(body)
        name = _clean_name(match.group(1)) if match else ""
        if not match and at and _was_asked(history[at - 1]):
            name = _answer(body)
        if name:
            return name
    return None


def lead_goal(bodies: Sequence[str], fields: Mapping[str, str]) -> str | None:
    """What the lead is after: a goal the segment knows, else the contact's own words ("quero …")."""
    known = next((fields[field] for field in GOAL_FIELDS if field in fields), None)
    if known:
        return known
    for body in bodies:
        match = _GOAL.search(shorten(body))
        if match:
            return _PLEASE.sub("", match.group(1).strip(" ,:"))[:LONGEST_GOAL].strip() or None
    return None


def segment_fields(messages: Sequence[Message], segment: str | None) -> dict[str, str]:
    """Field to value for a preset segment; without one, the goal field of the segment that fits best."""
    found: dict[str, dict[str, str]] = {}
    for message in messages:
        for sentence in message.sentences:
            for match in find(_presets(), sentence.words):
                preset, field, value = match.value
                found.setdefault(preset, {}).setdefault(field, value)
    chosen = known_segment(segment)
    if chosen:
        return found.get(chosen, {})
    best = max(found.values(), key=len, default={})
    return {field: value for field, value in best.items() if field in GOAL_FIELDS}


def known_segment(segment: str | None) -> str | None:
    """The preset for a segment's name or alias ("academia" is "gym"), or None."""
    name = plain(str(segment or "")).strip()
    name = _aliases().get(name, name)
    return name if name in SEGMENTS else None


@cache
def _aliases() -> Mapping[str, str]:
    return dict(lexicon.rows("aliases"))


@cache
def _presets() -> PhraseBook[tuple[str, str, str]]:
    """Expressions to (segment, field, value)."""
    return phrase_book(
        (expression, (segment, field, value))
        for segment, field, value, expressions in lexicon.rows("segments")
        for expression in expressions.split(" / ")
    )


def _was_asked(previous: Utterance) -> bool:
    return previous.owner in (Owner.AGENT, Owner.BOT) and bool(_ASKED_NAME.search(shorten(previous.body)))


def _answer(body: str) -> str:
    """The name in an answer to "what is your name?".

    Many answer with something else ("prefiro falar com atendente", "odontologia"), and a message that greets them so is
    worse than one without a name: it begins with a first name we know, or is several words written as names are.
    """
    match = _ANSWER.match(body)
    typed = match.group(1) if match else ""
    name = _clean_name(typed)
    as_names_are = all(word == word.capitalize() for word in typed.split() if word not in _PARTICLES)
    return name if plain(name.split(" ")[0]) in _FIRST_NAMES or (" " in name and as_names_are) else ""


def _clean_name(text: str) -> str:
    """The leading words of a candidate that can be a name, capitalised."""
    kept: list[str] = []
    for word in text.split():
        if plain(word) in _STOP and plain(word) not in _PARTICLES:
            break
        kept.append(word.lower() if plain(word) in _PARTICLES else word.capitalize())
    while kept and kept[-1].islower():
        kept.pop()
    return "" if not kept or kept[0].islower() else " ".join(kept)
