"""What an installation and a tenant want of the language model.

The installation has one where OPENAI_API_KEY is set, and then it is on for every tenant; a tenant may bring its own key
(prosa.analysis.llm.keys). A tenant may switch the feature `ai` off, and configure it:
`{"offline_fallback": true, "batch": true, "fields": [{"name": "plan", "about": "which plan, such as monthly"}],
"own_limits": {"requests_per_minute": 60}}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.limiter import Quota
from prosa.db import Conn, TenantId
from prosa.errors import Invalid
from prosa.settings import Settings
from prosa.tenancy.features import get_feature, set_feature

FEATURE = "ai"
MOST_FIELDS = 20
LONGEST_ABOUT = 200  # letters of what a field is about
LIMITS = ("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day")
MOST_OF_A_LIMIT = 2_000_000_000


@dataclass(frozen=True)
class Policy:
    """What a tenant wants of the model.

    `offline_fallback`: the offline analyser steps in where the model cannot. `fields`: name -> what to look for. `own_limits`,
    by the names of LIMITS, are what the provider allows the tenant's own account; for those left out, the installation's hold.
    """

    wanted: bool = True
    offline_fallback: bool = True
    batch: bool = True
    fields: Mapping[str, str] | None = None
    own_limits: Mapping[str, int] = field(default_factory=dict)


def read(conn: Conn, tenant: TenantId) -> Policy:
    """The tenant's policy; a setting that makes no sense counts as not set."""
    feature = get_feature(conn, tenant, FEATURE)
    if feature is None:
        return Policy()
    config = feature.config
    return Policy(
        wanted=feature.enabled,
        offline_fallback=config.get("offline_fallback") is not False,
        batch=config.get("batch") is not False,
        fields=_fields(config.get("fields")),
        own_limits=_limits(config.get("own_limits")),
    )


def set_own_limits(conn: Conn, tenant: TenantId, limits: Mapping[str, int | None], *, actor: str) -> None:
    """Set what the provider allows the tenant's own account; for None and what is left out the installation's limits hold.

    Audited. Raises Invalid.
    """
    wanted = {name: value for name, value in limits.items() if value is not None}
    if not (wanted.keys() <= set(LIMITS) and all(map(_is_limit, wanted.values()))):
        raise Invalid(f"A limit is one of {', '.join(LIMITS)}, and a whole number from 1 to {MOST_OF_A_LIMIT}.")
    change(conn, tenant, {"own_limits": wanted}, actor=actor)


def change(
    conn: Conn, tenant: TenantId, config: Mapping[str, Any], *, actor: str, enabled: bool | None = None,
) -> None:  # fmt: skip
    """Change these settings of the tenant; the others stay. Audited.

    `enabled` says whether the tenant wants the model; None leaves that as it is.
    """
    before = get_feature(conn, tenant, FEATURE)
    on = enabled if enabled is not None else before is None or before.enabled
    merged = {**(before.config if before else {}), **config}
    set_feature(conn, tenant, FEATURE, enabled=on, config=merged, actor=actor)


def _fields(value: Any) -> Mapping[str, str] | None:
    if not isinstance(value, list):
        return None
    named = {
        item["name"]: str(item.get("about") or "")[:LONGEST_ABOUT]
        for item in value
        if isinstance(item, dict) and _is_name(item.get("name"))
    }
    return dict(list(named.items())[:MOST_FIELDS])


def _limits(value: Any) -> Mapping[str, int]:
    given = value if isinstance(value, dict) else {}
    return {name: given[name] for name in LIMITS if _is_limit(given.get(name))}


def _is_limit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_OF_A_LIMIT


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and re.fullmatch(r"(?!model_)[a-zA-Z][a-zA-Z0-9_]{0,39}", name) is not None


def line(settings: Settings, *, patience: float = 60.0) -> Line | None:
    """The way to the installation's model; None without a key."""
    return line_by(settings.openai_api_key, settings, patience=patience) if settings.openai_api_key else None


def line_by(
    key: str,
    settings: Settings,
    *,
    patience: float,
    payer: TenantId | None = None,
    own_limits: Mapping[str, int] | None = None,
) -> Line:
    """The way to the model by this key.

    `payer` is the tenant whose key it is, with the limits of its account. None: it is the installation's key.
    """
    quota = Quota(**{name: (own_limits or {}).get(name, getattr(settings, f"openai_{name}")) for name in LIMITS})
    gateway = _gateway(key, settings.openai_model, settings.openai_base_url)
    return Line(gateway, quota, patience, has_batches=gateway.host == "api.openai.com", payer=payer)


@lru_cache(maxsize=64)
def _gateway(api_key: str, model: str, base_url: str | None) -> Any:
    """One client for each key in this process: a client keeps its connections."""
    from prosa.gateways.llm.openai import OpenAiGateway  # noqa: PLC0415  (slow to import)

    return OpenAiGateway(api_key=api_key, model=model, base_url=base_url)
