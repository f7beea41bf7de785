"""What came of conversations: visits and conversions that somebody stated, each with its origin and the ad behind it.

An AI's estimate never enters here (docs/domain.md, rule 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import NotFound

# The columns of `outcomes o`, with the ad that brought the contact: the last ad that they answered before the outcome, in any of
# their conversations. It is looked up and not kept. So whoever states an outcome needs to know nothing of ads, and an erasure
# leaves nothing of it. A source may know the contact as another one, who is then found by their number, with the ninth digit as
# in addresses.matching_key.
COLUMNS = r"""o.id, o.conversation_id, o.kind::text, o.at, o.origin, o.actor, o.note, o.reference, o.amount, o.currency,
  o.created_at, (
    select jsonb_strip_nulls(jsonb_build_object('ad_id', r.ad_id, 'source_type', r.source_type, 'source_url', r.source_url,
      'headline', r.headline, 'click_id', r.click_id))
    from conversations mine
    left join contacts p on p.tenant_id = mine.tenant_id and p.id = mine.contact_id
    cross join lateral (
      select mine.id
      union select c.id from conversations c where c.tenant_id = mine.tenant_id and c.contact_id = mine.contact_id
      union select c.id from conversations c where c.tenant_id = mine.tenant_id and c.source <> 'chatwoot' and c.contact_key
        in (mine.contact_key, regexp_replace(p.phone, '^\+55([1-9]{2})([6-9]\d{7})$', '+55\19\2'))) as theirs
    join ad_referrals r on r.tenant_id = mine.tenant_id and r.conversation_id = theirs.id
    where mine.tenant_id = o.tenant_id and mine.id = o.conversation_id and r.created_at <= o.at
    order by r.created_at desc limit 1) as referral"""


class OutcomeKind(StrEnum):
    """What came of a conversation."""

    VISIT = "visit"
    CONVERSION = "conversion"


class Origin(StrEnum):
    """Who stated it."""

    PERSON = "person"
    LABEL_RULE = "label_rule"
    API = "api"
    CSV = "csv"


@dataclass(frozen=True)
class Outcome:
    """A visit or a conversion. `referral` is the click-to-WhatsApp ad that it goes back to, if any."""

    id: int
    conversation_id: int
    kind: OutcomeKind
    at: datetime
    origin: Origin
    actor: str
    note: str
    reference: str | None
    amount: Decimal | None
    currency: str | None
    referral: Mapping[str, str] | None
    created_at: datetime


class NoSuchOutcome(NotFound):
    """No outcome of this tenant has this id."""

    def __init__(self, outcome_id: int) -> None:
        super().__init__(f"There is no conversion {outcome_id}.")


def of_conversation(conn: Conn, tenant: TenantId, conversation_id: int) -> list[Outcome]:
    """What came of this conversation, oldest first."""
    sql = f"select {COLUMNS} from outcomes o where tenant_id = %(tenant)s and conversation_id = %(id)s order by at, id"
    return read(conn, sql, {"tenant": tenant, "id": conversation_id})


def page(conn: Conn, tenant: TenantId, *, before_id: int | None = None, limit: int = 50) -> list[Outcome]:
    """Outcomes, the last stated first, from before the one of id `before_id`."""
    sql = f"""select {COLUMNS} from outcomes o where tenant_id = %(tenant)s
                and (%(before)s::bigint is null or id < %(before)s) order by id desc limit %(limit)s"""
    return read(conn, sql, {"tenant": tenant, "before": before_id, "limit": limit})


def by_reference(conn: Conn, tenant: TenantId, *, origin: Origin, kind: OutcomeKind, reference: str) -> Outcome | None:
    """The outcome that was stated under this reference."""
    sql = f"""select {COLUMNS} from outcomes o where tenant_id = %(tenant)s and origin = %(origin)s and kind = %(kind)s
                and reference = %(reference)s"""
    values = {"tenant": tenant, "origin": origin, "kind": kind, "reference": reference}
    return next(iter(read(conn, sql, values)), None)


def read(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[Outcome]:
    """The outcomes of a statement that returns COLUMNS."""
    return fetch_all(conn, Outcome, sql.encode(), values)
