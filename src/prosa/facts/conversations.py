"""Conversations as rows, newest first, page by page; and the names that they can be chosen by."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import Invalid
from prosa.facts.metrics import columns
from prosa.facts.model import EVERYTHING, Filter, Period
from prosa.facts.selection import BOUNDS, WITHIN, parameters, restriction


@dataclass(frozen=True)
class Cursor:
    """The last row of a page: the next page goes on behind it."""

    created_at: datetime
    conversation_id: int

    def __str__(self) -> str:
        return f"{self.created_at.isoformat()}~{self.conversation_id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The cursor that was written so. Raises Invalid."""
        moment, _, number = text.partition("~")
        try:
            cursor = cls(datetime.fromisoformat(moment), int(number))
        except ValueError:
            raise Invalid("This cursor is none of ours: pass on what the last page gave as `next`.") from None
        if cursor.created_at.tzinfo is None or not 0 <= cursor.conversation_id < 2**63:
            raise Invalid("This cursor is none of ours: pass on what the last page gave as `next`.")
        return cursor


@dataclass(frozen=True)
class Named:
    """An inbox or an agent."""

    id: int
    name: str


@dataclass(frozen=True)
class Coverage:
    """What there is at all: sources that are read, and when the newest conversation began (None: there is none)."""

    sources: int
    newest: datetime | None


def newest(
    conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING, limit: int = 100,
    after: Cursor | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Up to `limit` conversations of the period, the newest first, as the columns of docs/metrics.md by name.

    The page is found in the index of creation times; only its rows are then looked up.
    """
    behind = "and (f.created_at, f.conversation_id) < (%(after_at)s, %(after_id)s)" if after else ""
    sql = f"""with {BOUNDS}, page as (
                select f.conversation_id from conversation_facts f
                where f.tenant_id = %(tenant)s and {WITHIN} {behind} {restriction(where)}
                order by f.created_at desc, f.conversation_id desc limit %(limit)s)
              select {", ".join(f"r.{column.key}" for column in columns())} from conversation_rows r
              where r.tenant_id = %(tenant)s and r.conversation_id = any(array(select conversation_id from page))
              order by r.created_at desc, r.conversation_id desc"""
    values = {
        **parameters(tenant, where, period),
        "limit": limit,
        "after_at": after and after.created_at,
        "after_id": after and after.conversation_id,
    }
    with conn.cursor(row_factory=dict_row) as cur:
        return cur.execute(sql.encode(), values).fetchall()


def cursor_after(rows: list[dict[str, Any]], *, limit: int) -> Cursor | None:
    """Where the next page begins; None where this one was not full, so that there is none."""
    return Cursor(rows[-1]["created_at"], rows[-1]["conversation_id"]) if len(rows) == limit else None


def coverage(conn: Conn, tenant: TenantId) -> Coverage:
    """What the tenant has at all, of any period."""
    sql = """select (select count(*) from sources where tenant_id = %(tenant)s and enabled) as sources,
               (select max(created_at) from conversation_facts where tenant_id = %(tenant)s) as newest"""
    with conn.cursor(row_factory=class_row(Coverage)) as cur:
        [found] = cur.execute(sql, {"tenant": tenant}).fetchall()
    return found


def inboxes(conn: Conn, tenant: TenantId) -> list[Named]:
    """The tenant's inboxes that are or were read, by name."""
    return _named(conn, "select id, name from inboxes where tenant_id = %s and assigned order by name, id", tenant)


def agents(conn: Conn, tenant: TenantId) -> list[Named]:
    """The tenant's agents, those who left too, by name."""
    return _named(conn, "select id, name from agents where tenant_id = %s order by name, id", tenant)


def _named(conn: Conn, sql: str, tenant: TenantId) -> list[Named]:
    with conn.cursor(row_factory=class_row(Named)) as cur:
        return cur.execute(sql.encode(), [tenant]).fetchall()
