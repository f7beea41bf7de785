"""A tenant's sources, inboxes and agents, whatever the period: the choices that filters offer."""

from dataclasses import dataclass
from datetime import datetime

from prosa.db import Conn, TenantId, fetch_all


@dataclass(frozen=True)
class Named:
    """An inbox or an agent."""

    id: int
    name: str


@dataclass(frozen=True)
class Coverage:
    """How many sources are read, and when the newest conversation began (None: there is none)."""

    sources: int
    newest: datetime | None


def coverage(conn: Conn, tenant: TenantId) -> Coverage:
    """The tenant's sources and newest conversation, whatever the period."""
    sql = """select (select count(*) from sources where tenant_id = %(tenant)s and enabled) as sources,
               (select max(created_at) from conversation_facts where tenant_id = %(tenant)s) as newest"""
    [found] = fetch_all(conn, Coverage, sql, {"tenant": tenant})
    return found


def inboxes(conn: Conn, tenant: TenantId) -> list[Named]:
    """The tenant's inboxes that are or were read, by name."""
    return _named(conn, "select id, name from inboxes where tenant_id = %s and assigned order by name, id", tenant)


def agents(conn: Conn, tenant: TenantId) -> list[Named]:
    """The tenant's agents, including those who left, by name."""
    return _named(conn, "select id, name from agents where tenant_id = %s order by name, id", tenant)


def _named(conn: Conn, sql: str, tenant: TenantId) -> list[Named]:
    return fetch_all(conn, Named, sql.encode(), [tenant])
