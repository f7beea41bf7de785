"""Features that work on single messages: what there is, what a tenant can set, and what they leave behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from prosa.db import TenantId
from prosa.tenancy.model import Feature as Setting


class Feature(StrEnum):
    """A feature, by the name under which its results are kept."""

    SENTIMENT = "sentiment"  # how the contact feels
    REPLY = "reply"  # answers the contact
    ENDING = "ending"  # whether a likely farewell is one


class State(StrEnum):
    """What became of one feature's work on one message."""

    CLAIMED = "claimed"
    DONE = "done"
    SKIPPED = "skipped"  # there was a reason not to: `error` names it
    FAILED = "failed"


CLOSURE = "closure"  # the tenant's feature that `ending` belongs to: {"ask_model": true}
WAIT_SECONDS = 4  # before answering: people write in several messages, and the last one supersedes the others
LEASE = timedelta(minutes=5)  # longer than the model may take; then the worker that claimed is thought dead
GIVE_UP = timedelta(hours=1)  # after that a message is too old to be answered
LONGEST_REPLY = 1000  # characters
LONGEST_SETTING = 20_000
TO_PERSON = "Vou chamar uma pessoa da nossa equipe para continuar com você."


@dataclass(frozen=True)
class Task:
    """One feature's work on one message."""

    tenant: TenantId
    conversation_id: int
    message_id: int
    feature: Feature


@dataclass(frozen=True)
class Result:
    """What is kept of a task. `cost` is in US$; `error` is a word for programs, never a text that anybody wrote."""

    state: State
    result: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    prompt_version: str = ""
    tokens: int = 0
    cost: float = 0.0
    error: str | None = None


@dataclass(frozen=True)
class Kept:
    """A result as it is stored. `reason` is the word for why nothing was done; `cost_usd` is in US dollars."""

    message_id: int
    feature: str
    state: State
    model: str | None
    prompt_version: str
    result: Mapping[str, Any]
    reason: str | None
    tokens: int
    cost_usd: float
    milliseconds: int | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class ReplySettings:
    """What a tenant says about replies: how to write, what is true, and from which confidence on it may be said."""

    prompt: str = ""
    facts: str = ""
    sure_from: float = 0.7
    to_person: str = TO_PERSON


@dataclass(frozen=True)
class Line:
    """One message of the chat, as a model reads it."""

    id: int
    owner: str
    body: str
    at: datetime


def wanted(settings: Sequence[Setting], *, likely_farewell: bool) -> list[Feature]:
    """The features to run on a message: those that the tenant has switched on."""
    by_name = {setting.name: setting for setting in settings if setting.enabled}
    found = [feature for feature in (Feature.SENTIMENT, Feature.REPLY) if feature in by_name]
    closure = by_name.get(CLOSURE)
    if likely_farewell and closure and closure.config.get("ask_model") is True:
        found.append(Feature.ENDING)
    return found


def reply_settings(config: Mapping[str, Any]) -> ReplySettings:
    """The tenant's settings. What makes no sense counts as not set. `facts` may be one text or a list of texts."""
    facts, sure = config.get("facts"), config.get("sure_from")
    if isinstance(facts, list):
        facts = "\n".join(f"- {fact}" for fact in facts if isinstance(fact, str))
    return ReplySettings(
        prompt=_text(config.get("prompt")),
        facts=_text(facts),
        sure_from=float(sure) if isinstance(sure, int | float) and 0 <= sure <= 1 else ReplySettings.sure_from,
        to_person=_text(config.get("to_person"))[:LONGEST_REPLY] or TO_PERSON,
    )


def _text(value: object) -> str:
    return value.strip()[:LONGEST_SETTING] if isinstance(value, str) else ""
