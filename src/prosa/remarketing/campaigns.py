"""Campaigns write to a segment, in variants. A holdout group gets no message, so that the effect can be measured."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from psycopg import errors
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Conflict, Invalid, NameTaken, wrong_fields
from prosa.remarketing import message_templates, segments, whatsapp_templates
from prosa.remarketing.campaign_model import (
    ARMS,
    ArmsFixed,
    Campaign,
    CampaignChange,
    CampaignIn,
    CampaignState,
    NoSuchCampaign,
    Variant,
)
from prosa.remarketing.model import Author
from prosa.remarketing.wording import preview
from prosa.tenancy import audit

Form = TypeVar("Form", CampaignIn, CampaignChange)
COLUMNS = """id, name, segment_id, state, variants, holdout_percent, cap, daily_cap, auto_approve, via_csv, created_by,
  created_at"""


def create(
    conn: Conn, tenant: TenantId, given: Mapping[str, Any], *, tenant_variables: Mapping[str, str], actor: str
) -> Campaign:
    """Add a campaign, which is paused at first. Audited. Raises Invalid, NameTaken, and NotFound for anything it names."""
    new = understand(CampaignIn, given)
    _check_arms(conn, tenant, new, tenant_variables)
    row = _columns(new.model_dump(mode="json")) | {"tenant_id": tenant, "created_by": actor}
    sql = f"""insert into campaigns ({", ".join(row)}) values ({", ".join(f"%({name})s" for name in row)})
              returning {COLUMNS}"""
    try:
        with conn.transaction():
            [added] = _rows(conn, sql, row)
    except errors.UniqueViolation:
        raise NameTaken(new.name) from None
    audit.record(conn, tenant, actor, "campaign.create", f"campaign:{added.id}", after={"name": added.name})
    return added


def understand(kind: type[Form], given: Mapping[str, Any]) -> Form:
    """Parse a new campaign or a change. Raises Invalid, which names each field that is wrong."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise Invalid(f"This campaign cannot be understood: {wrong_fields(error)}.") from None


def get(
    conn: Conn, tenant: TenantId, campaign_id: int, *, lock: Literal["", "for share", "for update"] = ""
) -> Campaign:
    """The campaign. `lock` keeps it as it is until the transaction ends. Raises NoSuchCampaign."""
    sql = f"select {COLUMNS} from campaigns where tenant_id = %(tenant)s and id = %(id)s {lock}"
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
    """Start, pause or end a campaign. Like `change`."""
    return change(conn, tenant, campaign_id, CampaignChange(state=state), tenant_variables={}, actor=actor)


def change(
    conn: Conn,
    tenant: TenantId,
    campaign_id: int,
    given: CampaignChange,
    *,
    tenant_variables: Mapping[str, str],
    actor: str,
) -> Campaign:
    """Change what may change. Audited.

    Raises NoSuchCampaign, NameTaken, Conflict if it has ended, ArmsFixed, and like `create` for what new arms name.
    """
    # Nobody joins until we are done (filling holds the campaign as it reads it).
    before = get(conn, tenant, campaign_id, lock="for update")
    said = given.model_dump(mode="json", exclude_unset=True)
    wanted = {name: value for name, value in said.items() if value is not None or name in ("cap", "daily_cap")}
    if not wanted:
        return before
    if before.state is CampaignState.ENDED:
        raise Conflict("The campaign has ended.")
    if wanted.keys() & set(ARMS):
        if has_members(conn, tenant, campaign_id):
            raise ArmsFixed
        _check_arms(conn, tenant, given, tenant_variables)
    sql = f"""update campaigns set {", ".join(f"{name} = %({name})s" for name in wanted)}
              where tenant_id = %(tenant)s and id = %(id)s returning {COLUMNS}"""
    try:
        with conn.transaction():
            [changed] = _rows(conn, sql, {**_columns(wanted), "tenant": tenant, "id": campaign_id})
    except errors.UniqueViolation:
        raise NameTaken(wanted["name"]) from None
    audit.record(conn, tenant, actor, "campaign.change", f"campaign:{campaign_id}",
                 before={name: value for name, value in _as_json(before).items() if name in wanted}, after=wanted)  # fmt: skip
    return changed


def has_members(conn: Conn, tenant: TenantId, campaign_id: int) -> bool:
    """Whether anybody has joined, in any arm."""
    sql = "select exists (select from campaign_members where tenant_id = %s and campaign_id = %s)"
    row = conn.execute(sql, [tenant, campaign_id]).fetchone()
    return bool(row and row[0])


def _check_arms(
    conn: Conn, tenant: TenantId, given: CampaignIn | CampaignChange, tenant_variables: Mapping[str, str]
) -> None:
    """Raise unless everything that the arms name exists and is usable."""
    if given.segment_id is not None:
        segments.get(conn, tenant, given.segment_id)
    for variant in given.variants or ():
        _check(conn, tenant, variant, tenant_variables)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values in the form in which the table takes them."""
    return {name: Jsonb(value) if name == "variants" else value for name, value in values.items()}


def _as_json(campaign: Campaign) -> dict[str, Any]:
    return {**vars(campaign), "variants": [variant.model_dump(mode="json") for variant in campaign.variants]}


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
    return fetch_all(conn, _campaign, sql.encode(), values)
