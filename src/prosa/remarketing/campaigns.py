"""Campaigns: a segment that is written to, in variants, with a holdout group that is not, so that the effect can be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from psycopg import errors
from psycopg.rows import kwargs_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid, NotFound
from prosa.remarketing import message_templates, segments, whatsapp_templates
from prosa.remarketing.model import Author
from prosa.remarketing.segments import STORABLE, NameTaken
from prosa.remarketing.wording import preview
from prosa.tenancy import audit


class CampaignState(StrEnum):
    """Paused: nothing is written or sent. Ended: for good."""

    PAUSED = "paused"
    ACTIVE = "active"
    ENDED = "ended"


Id = Annotated[int, Field(ge=1, lt=2**63)]
Cap = Annotated[int, Field(ge=1, lt=2**31)]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=STORABLE)]


class Variant(BaseModel):
    """One way of writing. Within the 24-hour window free text goes out, outside of it the WhatsApp template.

    `author` words the text, or the template's variables: the AI by `instructions`, or the message template, and for a
    WhatsApp template each variable's own jinja2 in `variables`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1, max_length=60, pattern=STORABLE)]
    author: Author
    weight: int = Field(1, ge=1, le=100)
    instructions: str = Field("", max_length=2_000, pattern=STORABLE)
    message_template_id: Id | None = None
    whatsapp_template_id: Id | None = None
    variables: Annotated[
        dict[
            Annotated[str, Field(max_length=60, pattern=STORABLE)],
            Annotated[str, Field(max_length=1_000, pattern=STORABLE)],
        ],
        Field(max_length=50),
    ] = {}

    @model_validator(mode="after")
    def _writes_something(self) -> "Variant":
        if self.author is Author.PERSON:
            raise ValueError("a campaign is written by the AI or from a template")
        if self.author is Author.TEMPLATE and self.message_template_id is None and self.whatsapp_template_id is None:
            raise ValueError("a variant by template needs a message template or a WhatsApp template")
        return self


class CampaignIn(BaseModel):
    """What a campaign is made of. Caps count messages: `cap` in all, `daily_cap` in 24 hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    segment_id: Id
    variants: Annotated[list[Variant], Field(min_length=1, max_length=5)]
    holdout_percent: int = Field(0, ge=0, le=50)
    cap: Cap | None = None
    daily_cap: Cap | None = None
    auto_approve: bool = False
    via_csv: bool = False

    @model_validator(mode="after")
    def _names_differ(self) -> "CampaignIn":
        if len({variant.name for variant in self.variants}) < len(self.variants):
            raise ValueError("two variants have the same name")
        return self


class CampaignChange(BaseModel):
    """What may change while a campaign runs: what is left out stays, and a cap of None is none.

    Its segment, variants and holdout group may not: whoever joined before could not be compared with who joins after.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name | None = None
    state: CampaignState | None = None
    cap: Cap | None = None
    daily_cap: Cap | None = None
    auto_approve: bool | None = None


@dataclass(frozen=True)
class Campaign:
    """A campaign as it is stored."""

    id: int
    name: str
    segment_id: int
    state: CampaignState
    variants: Sequence[Variant]
    holdout_percent: int
    cap: int | None
    daily_cap: int | None
    auto_approve: bool
    via_csv: bool
    created_by: str
    created_at: datetime


class NoSuchCampaign(NotFound):
    """No campaign of this tenant has this id."""

    def __init__(self, campaign_id: int) -> None:
        super().__init__(f"There is no campaign {campaign_id}.")


COLUMNS = """id, name, segment_id, state, variants, holdout_percent, cap, daily_cap, auto_approve, via_csv, created_by,
  created_at"""


def create(
    conn: Conn, tenant: TenantId, given: Mapping[str, Any], *, tenant_variables: Mapping[str, str], actor: str
) -> Campaign:
    """Add a campaign, which is paused at first. Audited. Raises Invalid, NameTaken, and NotFound for what it names."""
    try:
        new = CampaignIn.model_validate(given)
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Invalid(f"This campaign cannot be understood: {found}.") from None
    segments.get(conn, tenant, new.segment_id)
    for variant in new.variants:
        _check(conn, tenant, variant, tenant_variables)
    row = new.model_dump(mode="json", exclude={"variants"}) | {
        "tenant_id": tenant, "created_by": actor, "variants": Jsonb([v.model_dump(mode="json") for v in new.variants]),
    }  # fmt: skip
    sql = f"""insert into campaigns ({", ".join(row)}) values ({", ".join(f"%({name})s" for name in row)})
              returning {COLUMNS}"""
    try:
        with conn.transaction():
            [added] = _rows(conn, sql, row)
    except errors.UniqueViolation:
        raise NameTaken(new.name) from None
    audit.record(conn, tenant, actor, "campaign.create", f"campaign:{added.id}", after={"name": added.name})
    return added


def get(conn: Conn, tenant: TenantId, campaign_id: int) -> Campaign:
    """The campaign. Raises NoSuchCampaign."""
    sql = f"select {COLUMNS} from campaigns where tenant_id = %(tenant)s and id = %(id)s"
    found = _rows(conn, sql, {"tenant": tenant, "id": campaign_id})
    if not found:
        raise NoSuchCampaign(campaign_id)
    return found[0]


def list_campaigns(conn: Conn, tenant: TenantId, *, state: CampaignState | None = None) -> list[Campaign]:
    """The campaigns, the newest first."""
    sql = f"""select {COLUMNS} from campaigns where tenant_id = %(tenant)s and (%(state)s::text is null or state = %(state)s)
              order by id desc"""
    return _rows(conn, sql, {"tenant": tenant, "state": state})


def set_state(conn: Conn, tenant: TenantId, campaign_id: int, state: CampaignState, *, actor: str) -> Campaign:
    """Start, pause or end a campaign. As `change`."""
    return change(conn, tenant, campaign_id, CampaignChange(state=state), actor=actor)


def change(conn: Conn, tenant: TenantId, campaign_id: int, given: CampaignChange, *, actor: str) -> Campaign:
    """Change what may change. Audited. Raises NoSuchCampaign, NameTaken, and Conflict for one that has ended."""
    before = get(conn, tenant, campaign_id)
    said = given.model_dump(mode="json", exclude_unset=True)
    wanted = {name: value for name, value in said.items() if value is not None or name in ("cap", "daily_cap")}
    if not wanted:
        return before
    sql = f"""update campaigns set {", ".join(f"{name} = %({name})s" for name in wanted)}
              where tenant_id = %(tenant)s and id = %(id)s and state <> 'ended' returning {COLUMNS}"""
    try:
        with conn.transaction():
            changed = _rows(conn, sql, {**wanted, "tenant": tenant, "id": campaign_id})
    except errors.UniqueViolation:
        raise NameTaken(wanted["name"]) from None
    if not changed:
        raise Conflict("The campaign has ended.")
    audit.record(conn, tenant, actor, "campaign.change", f"campaign:{campaign_id}",
                 before={name: getattr(before, name) for name in wanted}, after=wanted)  # fmt: skip
    return changed[0]


def variant_of(campaign: Campaign, tenant: TenantId, contact_key: str) -> Variant | None:
    """The contact's variant, None for the holdout group: by a hash of both, so that it is the same whenever it is asked.

    Holdout and variant are drawn by hashes of their own; one drawn from the other's rest would tie them together.
    """
    if _draw(campaign, tenant, contact_key, "holdout") * 100 < campaign.holdout_percent:
        return None
    drawn = _draw(campaign, tenant, contact_key, "variant") * sum(variant.weight for variant in campaign.variants)
    for variant in campaign.variants:
        drawn -= variant.weight
        if drawn < 0:
            return variant
    return campaign.variants[-1]


def _draw(campaign: Campaign, tenant: TenantId, contact_key: str, purpose: str) -> float:
    """A number from 0 to below 1."""
    digest = sha256(f"{purpose} {tenant} {campaign.id} {contact_key}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _check(conn: Conn, tenant: TenantId, variant: Variant, tenant_variables: Mapping[str, str]) -> None:
    if variant.message_template_id is not None:
        message_templates.get(conn, tenant, variant.message_template_id)
    if variant.whatsapp_template_id is None:
        return
    template = whatsapp_templates.get(conn, tenant, variant.whatsapp_template_id)
    if variant.author is Author.TEMPLATE and set(variant.variables) != set(template.variables):
        wanted = ", ".join(template.variables) or "none"
        raise Invalid(f"variant '{variant.name}' must fill the variables of '{template.name}': {wanted}.")
    for source in variant.variables.values():
        preview(source, tenant_variables)


def _campaign(state: str, variants: Sequence[Mapping[str, Any]], **columns: Any) -> Campaign:
    return Campaign(state=CampaignState(state), variants=[Variant.model_validate(v) for v in variants], **columns)


def _rows(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[Campaign]:
    with conn.cursor(row_factory=kwargs_row(_campaign)) as cur:
        return cur.execute(sql.encode(), values).fetchall()
