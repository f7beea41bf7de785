"""What an installation and a tenant want of the language model.

The installation has one where OPENAI_API_KEY is set, and then it is on for every tenant; a tenant may bring its own key
(prosa.analysis.llm.keys). A tenant may switch the feature `ai` off, and configure it:
`{"offline_fallback": true, "batch": true, "fields": [{"name": "plan", "about": "which plan, such as monthly"}]}`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.limiter import Quota
from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy.features import get_feature

FEATURE = "ai"
MOST_FIELDS = 20


@dataclass(frozen=True)
class Policy:
    """`offline_fallback`: the offline analyser steps in where the model cannot. `fields`: name to what to look for."""

    wanted: bool = True
    offline_fallback: bool = True
    batch: bool = True
    fields: Mapping[str, str] | None = None


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
    )


def _fields(value: Any) -> Mapping[str, str] | None:
    if not isinstance(value, list):
        return None
    named = {
        item["name"]: str(item.get("about") or "")[:200]
        for item in value
        if isinstance(item, dict) and _is_name(item.get("name"))
    }
    return dict(list(named.items())[:MOST_FIELDS])


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and re.fullmatch(r"(?!model_)[a-zA-Z][a-zA-Z0-9_]{0,39}", name) is not None


def line(settings: Settings, *, patience: float = 60.0) -> Line | None:
    """The way to the installation's model; None without a key."""
    return line_by(settings.openai_api_key, settings, patience=patience) if settings.openai_api_key else None


def line_by(key: str, settings: Settings, *, patience: float, payer: TenantId | None = None) -> Line:
    """The way to the model by this key. `payer` is the tenant whose key it is; None: it is the installation's."""
    quota = Quota(
        requests_per_minute=settings.openai_requests_per_minute,
        tokens_per_minute=settings.openai_tokens_per_minute,
        requests_per_day=settings.openai_requests_per_day,
        tokens_per_day=settings.openai_tokens_per_day,
    )
    gateway = _gateway(key, settings.openai_model, settings.openai_base_url)
    return Line(gateway, quota, patience, has_batches=gateway.host == "api.openai.com", payer=payer)


@lru_cache(maxsize=64)
def _gateway(api_key: str, model: str, base_url: str | None) -> Any:
    """One client a key and process: it keeps its connections."""
    from prosa.gateways.llm.openai import OpenAiGateway  # noqa: PLC0415  (slow to import)

    return OpenAiGateway(api_key=api_key, model=model, base_url=base_url)
