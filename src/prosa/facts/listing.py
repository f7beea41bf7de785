"""Conversations as a list that people search, sort and leaf through; what a row says is what an export's row says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row, dict_row

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import Invalid
from prosa.facts.metrics import columns
from prosa.facts.model import EVERYTHING, Filter, Period
from prosa.facts.selection import BOUNDS, INSIGHT_WITHIN, WITHIN, parameters, restriction


class Sort(StrEnum):
    """What a list is ordered by."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ACTIVITY = "activity"  # the latest message first
    SCORE = "score"  # the highest conversion score first
    SLOWEST = "slowest"  # the longest first response first
    LONGEST = "longest"  # most messages first


def _moment(text: str) -> datetime:
    """Without an offset it would be a moment of the session's zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


@dataclass(frozen=True)
class _Order:
    """A key of `conversation_facts f` that is never null, how a cursor's text becomes one, and whether the least comes first."""

    key: str
    parse: Callable[[str], Any] = float
    ascending: bool = False
    join: str = ""


_INSIGHTS = f"""left join insights n on n.tenant_id = f.tenant_id and n.conversation_id = f.conversation_id
  and {INSIGHT_WITHIN}"""
ORDERS = {
    Sort.NEWEST: _Order("f.created_at", _moment),
    Sort.OLDEST: _Order("f.created_at", _moment, ascending=True),
    Sort.ACTIVITY: _Order("coalesce(f.last_message_at, f.created_at)", _moment),
    Sort.SCORE: _Order("coalesce(n.conversion_score, -1)", int, join=_INSIGHTS),
    Sort.SLOWEST: _Order("coalesce(f.first_response_seconds, '-infinity')"),
    Sort.LONGEST: _Order("f.messages_total", int),
}


@dataclass(frozen=True)
class Page:
    """Rows by the names of docs/metrics.md, and the cursor of the next page (None: this was the last)."""

    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True)
class Waiting:
    """A conversation whose contact waits for an answer since `since`, his last message."""

    conversation_id: int
    contact: str | None
    phone: str | None
    inbox: str | None
    assignee: str | None
    since: datetime
    text: str | None


def page(
    conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING, sort: Sort = Sort.NEWEST,
    after: str | None = None, limit: int = 50,
) -> Page:  # fmt: skip
    """Up to `limit` conversations of the period after the cursor `after`. Raises Invalid for one that no page has given."""
    order = ORDERS[sort]
    direction, beyond = ("", ">") if order.ascending else ("desc", "<")
    behind = f"and ({order.key}, f.conversation_id) {beyond} (%(key)s, %(id)s)" if after else ""
    sql = f"""with {BOUNDS}
              select {order.key}, f.conversation_id from conversation_facts f {order.join}
              where f.tenant_id = %(tenant)s and {WITHIN} {behind} {restriction(where, bounded=True, joined=bool(order.join))}
              order by {order.key} {direction}, f.conversation_id {direction} limit %(limit)s"""
    key, number = _position(after, order) if after else (None, None)
    values = {**parameters(tenant, where, period), "key": key, "id": number, "limit": limit + 1}
    found = conn.execute(sql.encode(), values).fetchall()
    rows = by_id(conn, tenant, [row[1] for row in found[:limit]])
    return Page(rows, f"{found[limit - 1][0]}~{found[limit - 1][1]}" if len(found) > limit else None)


def by_id(conn: Conn, tenant: TenantId, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These conversations, in this order; those that the connection does not see are left out."""
    sql = f"""select {", ".join(column.key for column in columns())} from conversation_rows
              where tenant_id = %(tenant)s and conversation_id = any(%(ids)s)"""
    with conn.cursor(row_factory=dict_row) as cur:
        found = {row["conversation_id"]: row for row in cur.execute(sql.encode(), {"tenant": tenant, "ids": list(ids)})}
    return [found[i] for i in ids if i in found]


def count(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> int:
    """How many conversations of the period the filter lets through."""
    sql = f"""with {BOUNDS} select count(*) from conversation_facts f
              where f.tenant_id = %(tenant)s and {WITHIN} {restriction(where, bounded=True)}"""
    row: Any = conn.execute(sql.encode(), parameters(tenant, where, period)).fetchone()
    return int(row[0])


def waiting(conn: Conn, tenant: TenantId, *, where: Filter = EVERYTHING, limit: int = 100) -> list[Waiting]:
    """Open conversations whose last public message is a contact's, whenever they began; who waits longest comes first."""
    sql = f"""select f.conversation_id, p.name as contact, p.phone, i.name as inbox, a.name as assignee,
                f.last_contact_message_at as since, f.last_message_text as text
              from conversation_facts f
              left join contacts p on p.tenant_id = f.tenant_id and p.id = f.contact_id
              left join inboxes i on i.tenant_id = f.tenant_id and i.id = f.inbox_id
              left join agents a on a.tenant_id = f.tenant_id and a.id = f.assignee_id
              where f.tenant_id = %(tenant)s and f.last_sender = 'contact' and not f.closed {restriction(where)}
              order by f.last_contact_message_at, f.conversation_id limit %(limit)s"""
    with conn.cursor(row_factory=class_row(Waiting)) as cur:
        return cur.execute(sql.encode(), {**parameters(tenant, where), "limit": limit}).fetchall()


def _position(cursor: str, order: _Order) -> tuple[Any, int]:
    """The last row of the page before: its key and its conversation's id."""
    key, _, number = cursor.partition("~")
    try:
        position = order.parse(key), int(number)
    except ValueError:
        position = None, -1
    if not 0 <= position[1] < 2**63:
        raise Invalid("This cursor is none of ours: pass on what the last page gave as `next`.")
    return position
