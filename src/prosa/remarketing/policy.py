"""The rules that a tenant sets for its remarketing: the feature `remarketing` and its configuration.

`{"hours": {"opens": "09:00", "closes": "20:00", "weekdays": [1, 2, 3, 4, 5, 6], "country": "BR", "state": "SP", "closed_days":
["2026-12-24"]}, "contact_cap": {"messages": 1, "days": 7}, "messaging_limit": 250, "require_consent": false,
"attribution_days": 14, "tone": "próximo e direto", "variables": {"empresa": "Academia Sol"}}`. Whatever is left out has a
default. A configuration that makes no sense is an error and not a default: nothing is sent then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prosa.conversations import suppressions
from prosa.conversations.suppressions import Words
from prosa.db import Conn, TenantId
from prosa.errors import Invalid, NotFound, wrong_fields
from prosa.remarketing.hours import Hours, known_region
from prosa.tenancy.features import list_features, set_feature

FEATURE = "remarketing"
# Unique contacts in 24 hours to whom the company may write first, by Meta's tiers (docs/domain.md, rule 27); None: unlimited.
MESSAGING_TIERS = (250, 2_000, 10_000, 100_000, None)


@dataclass(frozen=True)
class Policy:
    """The tenant's rules. `messaging_limit` counts unique contacts in 24 hours; None means no limit."""

    zone: ZoneInfo
    company: str
    locale: str
    enabled: bool
    hours: Hours = field(default_factory=Hours)
    contact_messages: int = 1
    contact_period: timedelta = timedelta(days=7)
    messaging_limit: int | None = 250
    require_consent: bool = False
    attribution: timedelta = timedelta(days=14)
    tone: str = "próximo, educado e direto"
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stop_words: Words = suppressions.DEFAULT
    suspended: bool = False

    @property
    def is_on(self) -> bool:
        """Whether anything is written or sent. Nothing is for a suspended company, whatever it has switched on."""
        return self.enabled and not self.suspended


class HoursIn(BaseModel):
    """The values of prosa.remarketing.hours.Hours."""

    model_config = ConfigDict(extra="forbid")
    opens: time = Hours.opens
    closes: time = Hours.closes
    weekdays: frozenset[Annotated[int, Field(ge=1, le=7)]] = Hours.weekdays
    country: str = Hours.country
    state: str | None = None
    closed_days: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _make_sense(self) -> "HoursIn":
        if self.opens >= self.closes or self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("the hours must close after they open, on the same local day")
        if not self.weekdays:
            raise ValueError("at least one day of the week must be open")
        if not known_region(self.country, self.state):
            raise ValueError("the holidays of this country or state are not known")
        return self


class ContactCap(BaseModel):
    """How many messages one contact may get in how many days."""

    model_config = ConfigDict(extra="forbid")
    messages: Annotated[int, Field(ge=1, le=50)] = 1
    days: Annotated[int, Field(ge=1, le=365)] = 7


class PolicyIn(BaseModel):
    """The configuration as it is stored."""

    model_config = ConfigDict(extra="forbid")
    hours: HoursIn = HoursIn()
    contact_cap: ContactCap = ContactCap()
    messaging_limit: Annotated[int, Field(ge=1)] | None = 250
    require_consent: bool = False
    attribution_days: int = Field(14, ge=1, le=90)
    tone: str = Field(Policy.tone, max_length=500)
    variables: dict[
        Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,40}$")], Annotated[str, Field(max_length=500)]
    ] = {}


def read(conn: Conn, tenant: TenantId) -> Policy:
    """The tenant's policy; switched off if nobody has switched it on. Raises Invalid, NotFound."""
    row = conn.execute(
        "select timezone, name, locale, suspended_at is not null from tenants where id = %s", [tenant]
    ).fetchone()
    if row is None:
        raise NotFound("There is no such tenant.")
    features = {feature.name: feature for feature in list_features(conn, tenant)}
    feature, words = features.get(FEATURE), features.get("opt_out")
    given = _parse(feature.config if feature else {})
    return Policy(
        zone=ZoneInfo(row[0]), company=row[1], locale=row[2], enabled=bool(feature and feature.enabled),
        hours=Hours(**given.hours.model_dump()), contact_messages=given.contact_cap.messages,
        contact_period=timedelta(days=given.contact_cap.days), messaging_limit=given.messaging_limit,
        require_consent=given.require_consent, attribution=timedelta(days=given.attribution_days), tone=given.tone,
        variables=MappingProxyType(given.variables), stop_words=suppressions.words_of(words.config if words else {}),
        suspended=row[3],
    )  # fmt: skip


def save(conn: Conn, tenant: TenantId, config: Mapping[str, Any], *, enabled: bool, actor: str) -> Policy:
    """Save the policy, and return it. Audited. Raises Invalid, which names the field."""
    _parse(config)
    set_feature(conn, tenant, FEATURE, enabled=enabled, actor=actor, config=dict(config))
    return read(conn, tenant)


def _parse(config: Mapping[str, Any]) -> PolicyIn:
    try:
        return PolicyIn.model_validate(config)
    except ValidationError as error:
        raise Invalid(f"The rules of remarketing cannot be read: {wrong_fields(error)}.") from None
