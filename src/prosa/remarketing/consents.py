"""The consent ledger: who agreed to be written to or no longer does, how that is known, and what proves it.

Rows are only added. A contact's latest one holds (LGPD, Art. 8 § 5: consent may be withdrawn at any time).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from prosa.conversations import addresses
from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Invalid
from prosa.tenancy import audit


class ConsentOrigin(StrEnum):
    """Where a statement came from."""

    MESSAGE = "message"
    FORM = "form"
    PERSON = "person"
    API = "api"
    CSV = "csv"


@dataclass(frozen=True)
class Consent:
    """One statement; not `granted` means withdrawn. `evidence` says what proves it: a form's name, a message's id."""

    id: int
    contact_key: str
    granted: bool
    origin: ConsentOrigin
    evidence: str
    actor: str
    at: datetime


def record(
    conn: Conn, tenant: TenantId, address: str, *, granted: bool, origin: ConsentOrigin, evidence: str, actor: str,
    at: datetime,
) -> Consent:  # fmt: skip
    """Add a statement. Raises BadAddress, Invalid."""
    if not evidence.strip():
        raise Invalid("A consent needs its evidence: where, when or how the contact gave it.")
    key = addresses.parse(address).key
    sql = """insert into consents (tenant_id, contact_key, granted, origin, evidence, actor, at)
             values (%s, %s, %s, %s, %s, %s, %s) returning id, contact_key, granted, origin, evidence, actor, at"""
    [added] = fetch_all(conn, Consent, sql, [tenant, key, granted, origin, evidence.strip(), actor, at])
    audit.record(conn, tenant, actor, "consent.record", f"consent:{added.id}", after={"granted": granted})
    return added


def latest(conn: Conn, tenant: TenantId, names: Sequence[str]) -> Consent | None:
    """The statement that holds; None if the contact made none. Of two at the same moment, the one recorded later holds.

    `names` are all of the contact's (prosa.conversations.aliases).
    """
    return next(iter(history(conn, tenant, names, limit=1)), None)


def history(conn: Conn, tenant: TenantId, names: Sequence[str], *, limit: int = 100) -> list[Consent]:
    """What the contact stated, the newest first."""
    sql = """select id, contact_key, granted, origin, evidence, actor, at from consents
             where tenant_id = %s and contact_key = any(%s) order by at desc, id desc limit %s"""
    return fetch_all(conn, Consent, sql, [tenant, list(names), limit])
