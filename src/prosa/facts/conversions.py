"""Stating, finding and taking back what came of a conversation. Each outcome says who stated it, and by which ad it came.

An estimate of the AI never enters here (docs/domain.md, rule 12). The teller's own reference makes a repeat harmless.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.rows import kwargs_row

from prosa.conversations import addresses
from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid, NotFound
from prosa.facts import prepared, telling
from prosa.facts.outcomes import LABEL_IS_NEWS, Origin, OutcomeKind
from prosa.tenancy import audit

SKEW = timedelta(minutes=10)  # a teller's clock may be ahead of ours by so much
LARGEST = Decimal(10) ** 12
# Of `outcomes o`. The ad that brought the contact is the last one that he answered before, in any conversation of his: looked up
# and not kept, so that whoever stated the outcome needs to know nothing of ads, and an erasure leaves nothing of it. A source may
# know him as another contact: then by his number, with the ninth digit as in addresses.matching_key.
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


@dataclass(frozen=True)
class Stated:
    """An outcome to state. `reference` is the teller's own name for it, such as an order's number."""

    kind: OutcomeKind
    at: datetime
    note: str = ""
    reference: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Recorded:
    """The outcome, and whether this call stated it. None where it was stated before and taken back."""

    outcome: Outcome | None
    is_new: bool


class NoSuchOutcome(NotFound):
    """No outcome of this tenant has this id."""

    def __init__(self, outcome_id: int) -> None:
        super().__init__(f"There is no conversion {outcome_id}.")


def record(
    conn: Conn, tenant: TenantId, conversation_id: int, stated: Stated, *, origin: Origin, actor: str, now: datetime
) -> Recorded:
    """State what came of a conversation. One that was stated under the same reference is not stated again.

    Raises NotFound, Invalid for a time to come or an amount without its currency, and Conflict where the reference was
    used for another conversation.
    """
    _check(stated, now)
    if stated.reference is not None:
        if known := _by_reference(conn, tenant, origin, stated):
            if known.conversation_id != conversation_id:
                raise Conflict(f"The reference '{stated.reference}' belongs to another conversation.")
            return Recorded(known, is_new=False)
        if _was_undone(conn, tenant, origin, stated):
            return Recorded(None, is_new=False)
    sql = f"""insert into outcomes as o (tenant_id, conversation_id, kind, at, origin, actor, note, reference, amount, currency)
              select c.tenant_id, c.id, %(kind)s, %(at)s, %(origin)s, %(actor)s, %(note)s, %(reference)s, %(amount)s,
                %(currency)s
              from conversations c where c.tenant_id = %(tenant)s and c.id = %(conversation)s for key share
              on conflict (tenant_id, origin, kind, reference) where reference is not null do nothing
              returning {COLUMNS}"""
    values = {**vars(stated), "tenant": tenant, "conversation": conversation_id, "origin": origin, "actor": actor}
    added = _rows(conn, sql, values)
    if not added:
        if stated.reference is not None and (known := _by_reference(conn, tenant, origin, stated)):
            return Recorded(known, is_new=False)  # somebody stated it in this very moment
        raise NotFound(f"There is no conversation {conversation_id}.")
    prepared.forget(conn, tenant, [conversation_id])
    audit.record(
        conn, tenant, actor, "outcome.record", f"outcome:{added[0].id}", after={"kind": stated.kind, "origin": origin}
    )
    is_news = origin is not Origin.CSV or stated.at > now - LABEL_IS_NEWS  # an old list is told to nobody
    if stated.kind is OutcomeKind.CONVERSION and is_news:
        telling.conversion(
            conn, tenant, conversation_id, outcome_id=added[0].id, at=stated.at, origin=origin, actor=actor,
            amount=stated.amount, currency=stated.currency, reference=stated.reference,
        )  # fmt: skip
    return Recorded(added[0], is_new=True)


def click(
    conn: Conn, tenant: TenantId, conversation_id: int, kind: OutcomeKind, *, actor: str, now: datetime,
    amount: Decimal | None = None,
) -> Outcome:  # fmt: skip
    """A person says that this came of the conversation. Once: said again, nothing changes, until it is taken back.

    `amount` is in R$. Raises NotFound, and Invalid for an amount that cannot be.
    """
    sql = (
        "select from conversations where tenant_id = %s and id = %s for update"  # two who click at once do so in turns
    )
    if conn.execute(sql, [tenant, conversation_id]).fetchone() is None:
        raise NotFound(f"There is no conversation {conversation_id}.")
    known = [o for o in of_conversation(conn, tenant, conversation_id) if o.kind is kind and o.origin is Origin.PERSON]
    if known:
        return known[0]
    stated = Stated(kind, now, amount=amount, currency="BRL" if amount is not None else None)
    found = record(conn, tenant, conversation_id, stated, origin=Origin.PERSON, actor=actor, now=now)
    assert found.outcome is not None  # only what has a reference may have been stated before
    return found.outcome


def undo(conn: Conn, tenant: TenantId, outcome_id: int, *, actor: str, now: datetime) -> None:
    """Take an outcome back. It is remembered, so that a label rule or a repeated import does not state it again.

    Raises NoSuchOutcome.
    """
    rows = conn.execute(
        """with gone as (delete from outcomes where tenant_id = %(tenant)s and id = %(id)s returning *)
           insert into undone_outcomes (tenant_id, outcome_id, conversation_id, kind, at, origin, actor, reference, undone_by,
             undone_at)
           select tenant_id, id, conversation_id, kind, at, origin, actor, reference, %(by)s, %(now)s from gone
           returning conversation_id""",
        {"tenant": tenant, "id": outcome_id, "by": actor, "now": now},
    ).fetchall()
    if not rows:
        raise NoSuchOutcome(outcome_id)
    prepared.forget(conn, tenant, [row[0] for row in rows])
    audit.record(conn, tenant, actor, "outcome.undo", f"outcome:{outcome_id}")


def of_conversation(conn: Conn, tenant: TenantId, conversation_id: int) -> list[Outcome]:
    """What came of this conversation, oldest first."""
    sql = f"select {COLUMNS} from outcomes o where tenant_id = %(tenant)s and conversation_id = %(id)s order by at, id"
    return _rows(conn, sql, {"tenant": tenant, "id": conversation_id})


def page(conn: Conn, tenant: TenantId, *, before_id: int | None = None, limit: int = 50) -> list[Outcome]:
    """Outcomes, the last stated first, from before the one of id `before_id`."""
    sql = f"""select {COLUMNS} from outcomes o where tenant_id = %(tenant)s
                and (%(before)s::bigint is null or id < %(before)s) order by id desc limit %(limit)s"""
    return _rows(conn, sql, {"tenant": tenant, "before": before_id, "limit": limit})


def find_conversation(
    conn: Conn, tenant: TenantId, *, phone: str | None = None, email: str | None = None, at: datetime
) -> int | None:
    """The conversation that an outcome of `at` belongs to: the contact's last one begun before, else his first.

    A Brazilian mobile number is found with and without the ninth digit. Raises BadAddress.
    """
    key = addresses.parse(phone).key if phone else None
    row = conn.execute(
        """with contact as (
             select id from contacts where tenant_id = %(tenant)s
               and (phone = any(%(spellings)s) or address_key = %(key)s or lower(email) = lower(%(email)s))
           )
           select id from conversations where tenant_id = %(tenant)s
             and (contact_id in (select id from contact) or (contact_key = %(key)s and source <> 'chatwoot'))
           order by created_at <= %(at)s desc, abs(extract(epoch from created_at - %(at)s)), id limit 1""",
        {"tenant": tenant, "key": key, "spellings": addresses.spellings(key) if key else [], "email": email and email.strip(),
         "at": at},
    ).fetchone()  # fmt: skip
    return row[0] if row else None


def _check(stated: Stated, now: datetime) -> None:
    if stated.at > now + SKEW:
        raise Invalid("What came of a conversation is stated once it has happened: the time lies ahead.")
    if (stated.amount is None) != (stated.currency is None):
        raise Invalid("An amount needs its currency, and a currency its amount.")
    if stated.amount is not None and not 0 <= stated.amount < LARGEST:
        raise Invalid("The amount is negative or too large.")


def _by_reference(conn: Conn, tenant: TenantId, origin: Origin, stated: Stated) -> Outcome | None:
    sql = f"""select {COLUMNS} from outcomes o where tenant_id = %(tenant)s and origin = %(origin)s and kind = %(kind)s
                and reference = %(reference)s"""
    values = {"tenant": tenant, "origin": origin, "kind": stated.kind, "reference": stated.reference}
    return next(iter(_rows(conn, sql, values)), None)


def _was_undone(conn: Conn, tenant: TenantId, origin: Origin, stated: Stated) -> bool:
    row = conn.execute(
        """select exists (select from undone_outcomes where tenant_id = %s and origin = %s and kind = %s and reference = %s)""",
        [tenant, origin, stated.kind, stated.reference],
    ).fetchone()
    return bool(row and row[0])


def _outcome(kind: str, origin: str, **columns: Any) -> Outcome:
    return Outcome(kind=OutcomeKind(kind), origin=Origin(origin), **columns)


def _rows(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[Outcome]:
    with conn.cursor(row_factory=kwargs_row(_outcome)) as cur:
        return cur.execute(sql.encode(), values).fetchall()
