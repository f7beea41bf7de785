"""Records what came of a conversation, and takes it back. The caller's own reference makes a repeat harmless."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from prosa.conversations import addresses
from prosa.db import Conn, TenantId
from prosa.errors import Conflict, Invalid, NotFound
from prosa.facts import outcomes, prepared, webhook_events
from prosa.facts.outcomes import NoSuchOutcome, Origin, Outcome, OutcomeKind
from prosa.tenancy import audit

SKEW = timedelta(minutes=10)  # by how much the clock of whoever states it may be ahead of ours
LARGEST = Decimal(10) ** 12


@dataclass(frozen=True)
class Stated:
    """An outcome to state. `reference` is the caller's own name for it, such as an order's number."""

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


def record(
    conn: Conn, tenant: TenantId, conversation_id: int, stated: Stated, *, origin: Origin, actor: str, now: datetime
) -> Recorded:
    """State what came of a conversation. An outcome stated before under the same reference is not stated again.

    Raises NotFound, Invalid for a time in the future or an amount without its currency, and Conflict if the reference was used
    for another conversation.
    """
    _check(stated, now)
    if known := _known(conn, tenant, conversation_id, stated, origin):
        return known
    sql = f"""insert into outcomes as o (tenant_id, conversation_id, kind, at, origin, actor, note, reference, amount, currency)
              select c.tenant_id, c.id, %(kind)s, %(at)s, %(origin)s, %(actor)s, %(note)s, %(reference)s, %(amount)s,
                %(currency)s
              from conversations c where c.tenant_id = %(tenant)s and c.id = %(conversation)s for key share
              on conflict (tenant_id, origin, kind, reference) where reference is not null do nothing
              returning {outcomes.COLUMNS}"""
    values = {**vars(stated), "tenant": tenant, "conversation": conversation_id, "origin": origin, "actor": actor}
    added = outcomes.read(conn, sql, values)
    if not added:
        if known := _known(conn, tenant, conversation_id, stated, origin):  # somebody stated it in this very moment
            return known
        raise NotFound(f"There is no conversation {conversation_id}.")
    prepared.forget(conn, tenant, [conversation_id])
    audit.record(
        conn, tenant, actor, "outcome.record", f"outcome:{added[0].id}", after={"kind": stated.kind, "origin": origin}
    )
    is_news = origin is not Origin.CSV or stated.at > now - webhook_events.NEWS_FOR
    if stated.kind is OutcomeKind.CONVERSION and is_news:
        webhook_events.conversion(
            conn, tenant, conversation_id, outcome_id=added[0].id, at=stated.at, origin=origin, actor=actor,
            amount=stated.amount, currency=stated.currency, reference=stated.reference,
        )  # fmt: skip
    return Recorded(added[0], is_new=True)


def click(
    conn: Conn, tenant: TenantId, conversation_id: int, kind: OutcomeKind, *, actor: str, now: datetime,
    amount: Decimal | None = None,
) -> Outcome:  # fmt: skip
    """Record an outcome that a person states. Stating it again changes nothing until it is taken back.

    `amount` is in R$. Raises NotFound, and Invalid for an impossible amount.
    """
    locked = "select from conversations where tenant_id = %s and id = %s for update"  # two who click at once take turns
    if conn.execute(locked, [tenant, conversation_id]).fetchone() is None:
        raise NotFound(f"There is no conversation {conversation_id}.")
    known = [
        o
        for o in outcomes.of_conversation(conn, tenant, conversation_id)
        if o.kind is kind and o.origin is Origin.PERSON
    ]
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


def find_conversation(
    conn: Conn, tenant: TenantId, *, phone: str | None = None, email: str | None = None, at: datetime
) -> int | None:
    """The conversation that an outcome of `at` belongs to: the contact's last one begun before, or else their first.

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


def _known(conn: Conn, tenant: TenantId, conversation_id: int, stated: Stated, origin: Origin) -> Recorded | None:
    """What was stated under this reference before, even if taken back. Raises Conflict if it was about another conversation."""
    if stated.reference is None:
        return None
    if known := outcomes.by_reference(conn, tenant, origin=origin, kind=stated.kind, reference=stated.reference):
        if known.conversation_id != conversation_id:
            raise Conflict(f"The reference '{stated.reference}' belongs to another conversation.")
        return Recorded(known, is_new=False)
    undone = conn.execute(
        "select from undone_outcomes where tenant_id = %s and origin = %s and kind = %s and reference = %s",
        [tenant, origin, stated.kind, stated.reference],
    ).rowcount
    return Recorded(None, is_new=False) if undone else None
