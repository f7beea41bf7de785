"""The audit log: append-only, for every role of the application."""

from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from prosa.db import Conn, fetch_all
from prosa.tenancy.model import AuditEntry

_address: ContextVar[str | None] = ContextVar("audit_address", default=None)


def come_from(address: str | None) -> None:
    """Set the address of whoever acts in this context. Each request and each run of a page calls it first.

    It is kept in the context and not passed as a parameter: a caller who forgot to pass it would write an entry without an
    address.
    """
    _address.set(address)


def address() -> str | None:
    """The address of whoever acts in this context, for code that writes its entry itself."""
    return _address.get()


def record(
    conn: Conn,
    tenant: int,
    actor: str,
    action: str,
    object: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one entry, in the transaction that it reports.

    `actor` is 'user:7', 'apikey:3', 'cli:maria' or 'job:etl'; `action` is '<noun>.<verb>'; `object` is '<noun>:<id>'. Secrets
    and message texts do not belong here: entries are never removed.
    """
    conn.execute(
        """insert into audit_log (tenant_id, actor, action, object, before, after, address)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        [
            tenant,
            actor,
            action,
            object,
            *(None if state is None else Jsonb(state) for state in (before, after)),
            address(),
        ],
    )


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to list: the beginning of the action ('user.'), the actor, and the period."""

    action: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_entries(
    conn: Conn, tenant: int, *, where: AuditFilter = AuditFilter(), before_id: int | None = None, limit: int = 100
) -> list[AuditEntry]:
    """The newest entries first; `before_id` continues after the last one of the page before."""
    sql = """select tenant_id, id, at, actor, action, object, before, after, address from audit_log
             where tenant_id = %(tenant)s and (%(before)s::bigint is null or id < %(before)s)
               and starts_with(action, %(action)s) and (%(actor)s = '' or actor = %(actor)s)
               and (%(since)s::timestamptz is null or at >= %(since)s)
               and (%(until)s::timestamptz is null or at < %(until)s)
             order by id desc limit %(limit)s"""
    values = {"tenant": tenant, "before": before_id, "limit": limit, **asdict(where)}
    return fetch_all(conn, AuditEntry, sql, values)


def list_actors(conn: Conn, tenant: int) -> list[str]:
    """Everybody and everything that has done something in this tenant."""
    rows = conn.execute("select distinct actor from audit_log where tenant_id = %s order by actor", [tenant])
    return [row[0] for row in rows]
