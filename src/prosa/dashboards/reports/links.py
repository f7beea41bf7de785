"""A link that shows one report to whoever has it, for a while, without a login.

The link itself says what it shows, sealed with SECRET_KEY: nothing is stored, and nothing but that report can be read by it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from prosa.crypto import decrypt, encrypt
from prosa.db import TenantId
from prosa.errors import Invalid, NotFound
from prosa.facts.model import Period

LIFE = timedelta(days=30)
PURPOSE = "report"


class LinkOver(NotFound):
    """The link is made up, was made for something else, or is too old."""


@dataclass(frozen=True)
class Shared:
    """What a link shows."""

    tenant: TenantId
    period: Period
    locale: str


def seal(secret_keys: Sequence[str], shared: Shared, *, now: datetime) -> str:
    """The part of the address that names this report until `now` plus LIFE."""
    said = {
        "for": PURPOSE, "tenant": shared.tenant, "first": str(shared.period.first), "end": str(shared.period.end),
        "locale": shared.locale, "until": int((now + LIFE).timestamp()),
    }  # fmt: skip
    return encrypt(secret_keys, json.dumps(said)).decode()


def open_sealed(secret_keys: Sequence[str], sealed: str, *, now: datetime) -> Shared:
    """What the link shows. Raises LinkOver."""
    try:
        said = json.loads(decrypt(secret_keys, sealed.encode()))
        known = said["for"] == PURPOSE and datetime.fromtimestamp(said["until"], UTC) > now
        period = Period(date.fromisoformat(said["first"]), date.fromisoformat(said["end"]))
    except (Invalid, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise LinkOver("This report's link does not work (any more). Ask for a new one.")
    return Shared(TenantId(said["tenant"]), period, said["locale"])
