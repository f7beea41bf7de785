"""What a tenant may set about its conversations: the timers, and closure detection.

The feature `conversations` holds them: `{"expiration_minutes": 1440, "idle_timeout_minutes": 60}`, and the feature
`closure` what prosa.conversations.closure.Settings names; switched off, no farewell closes anything. With
`{"ask": true}` a contact whose farewell is only likely is asked, once; `question` words it. The feature `opt_out` holds
words by which contacts leave (prosa.conversations.suppressions).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prosa.conversations import closure, suppressions
from prosa.db import Conn, TenantId
from prosa.settings import Settings
from prosa.tenancy.features import list_features

LONGEST_MINUTES = 10_000_000
QUESTION = "Posso encerrar o atendimento?"
LONGEST_QUESTION = 300  # characters


@dataclass(frozen=True)
class Policy:
    """How long a conversation may be silent, how its end is noticed (None: not at all), and the question about it.

    `secret_keys` open the key under which opt-outs of erased contacts stand (prosa.conversations.aliases).
    """

    expiration: timedelta
    idle_timeout: timedelta
    detection: closure.Settings | None = closure.DEFAULT
    question: str | None = None
    words: suppressions.Words = suppressions.DEFAULT
    secret_keys: Sequence[str] = field(default=(), repr=False)


def read(conn: Conn, tenant: TenantId, settings: Settings) -> Policy:
    """The tenant's policy; the installation's settings where the tenant has none, or none that makes sense."""
    features = {feature.name: feature for feature in list_features(conn, tenant)}
    timers = features["conversations"].config if "conversations" in features else {}
    detection = features.get("closure")
    return Policy(
        _minutes(timers.get("expiration_minutes"), settings.conversation_expiration_minutes),
        idle_timeout(timers, settings),
        closure.DEFAULT if detection is None else _detection(detection.config) if detection.enabled else None,
        _question(detection.config) if detection is not None else None,
        suppressions.words_of(features["opt_out"].config) if "opt_out" in features else suppressions.DEFAULT,
        settings.secret_keys,
    )


def idle_timeout(timers: Mapping[str, Any], settings: Settings) -> timedelta:
    """After how much silence a conversation is paused, by the tenant's feature `conversations`."""
    return _minutes(timers.get("idle_timeout_minutes"), settings.conversation_idle_timeout_minutes)


def _question(config: Mapping[str, Any]) -> str | None:
    """The question to a contact whose farewell is only likely. None if the tenant wants none, or asks a model instead."""
    if config.get("ask") is not True or config.get("ask_model") is True:
        return None
    words = config.get("question")
    return words[:LONGEST_QUESTION] if isinstance(words, str) and words.strip() else QUESTION


def _minutes(value: object, default: int) -> timedelta:
    sensible = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST_MINUTES
    return timedelta(minutes=value if sensible and isinstance(value, int) else default)


def _detection(config: Mapping[str, Any]) -> closure.Settings:
    base = closure.DEFAULT
    return closure.Settings(
        extra_keywords=_words(config.get("extra_keywords")),
        muted_keywords=_words(config.get("muted_keywords")),
        confirm_at=_share(config.get("confirm_at"), base.confirm_at),
        close_at=_share(config.get("close_at"), base.close_at),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()


def _share(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else default
