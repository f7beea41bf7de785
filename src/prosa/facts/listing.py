"""Conversations as a list to search, sort and page through. Rows have the same columns as an export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosa.db import Conn, TenantId, fetch_all
from prosa.db.connection import bigints
from prosa.errors import Invalid
from prosa.facts import conditions, day_filter, days
from prosa.facts.days import Rows
from prosa.facts.metrics import columns
from prosa.facts.model import EVERYTHING, Filter, Period
from prosa.facts.selection import BOUNDS, WITHIN, parameters, restriction


class Sort(StrEnum):
    """What a list is ordered by."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ACTIVITY = "activity"  # the latest message first
    SCORE = "score"  # the highest conversion score first
    SLOWEST = "slowest"  # the longest first response first
    LONGEST = "longest"  # most messages first


NOT_OURS = "This cursor is none of ours: pass on what the last page gave as `next`."
# The sort key of each order, largest first. Rows with equal keys are ordered by id, largest first. Orders that begin with the
# smallest value negate their key.
KEYS: dict[Sort, Callable[[Rows], NDArray[Any]]] = {
    Sort.NEWEST: lambda rows: rows["created"],
    Sort.OLDEST: lambda rows: -rows["created"],
    Sort.ACTIVITY: lambda rows: rows["last"],
    Sort.SCORE: lambda rows: rows["score"],
    Sort.SLOWEST: lambda rows: np.where(np.isnan(rows["first_response"]), -np.inf, rows["first_response"]),
    Sort.LONGEST: lambda rows: rows["messages"],
}


@dataclass(frozen=True)
class Page:
    """Rows by the names of docs/metrics.md, and the cursor of the next page (None: this was the last).

    `total`: how many rows all pages have together, if that was asked.
    """

    rows: list[dict[str, Any]]
    next: str | None
    total: int | None = None


@dataclass(frozen=True)
class Waiting:
    """A conversation whose contact waits for an answer since `since`, their last message."""

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
    """Up to `limit` conversations of the period after the cursor `after`, and how many there are in all.

    Raises Invalid for a cursor that did not come from a page in this order.
    """
    found = days.read(conn, tenant, first=period.first, end=period.end, listed=True)
    chosen = day_filter.places(conn, tenant, found, where, period)
    keys = KEYS[sort](found.rows)[chosen]
    ids = found.rows["id"][chosen] * (-1 if sort is Sort.OLDEST else 1)
    best = largest(keys, ids, limit + 1, behind=_position(after, sort, keys) if after else None)
    rows = by_id(conn, tenant, [abs(number) for number in ids[best[:limit]].tolist()])
    last = f"{sort}~{keys[best[limit - 1]].item()}~{ids[best[limit - 1]].item()}" if len(best) > limit else None
    return Page(rows, last, len(chosen))


def newest(
    conn: Conn,
    tenant: TenantId,
    *,
    period: Period,
    where: Filter = EVERYTHING,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Up to `limit` conversations of the period after the cursor `after`, the newest first.

    They are found in the index of creation times and not counted, so that no page reads the whole period. Raises Invalid as
    `page` does.
    """
    behind = "and (f.created_at, f.conversation_id) < (%(after_at)s, %(after_id)s)" if after else ""
    sql = f"""with {BOUNDS} select f.created_at, f.conversation_id from conversation_facts f
              where f.tenant_id = %(tenant)s and {WITHIN} {behind} {restriction(where)}
              order by f.created_at desc, f.conversation_id desc limit %(limit)s"""
    at, number = _moment(after) if after else (None, None)
    values = {**parameters(tenant, where, period), "after_at": at, "after_id": number, "limit": limit + 1}
    found = conn.execute(sql.encode(), values).fetchall()
    rows = by_id(conn, tenant, [conversation for _, conversation in found[:limit]])
    return Page(rows, f"{found[limit - 1][0].isoformat()}~{found[limit - 1][1]}" if len(found) > limit else None)


def largest(
    keys: NDArray[Any], ids: NDArray[np.int64], limit: int, *, behind: tuple[Any, int] | None = None
) -> NDArray[np.intp]:
    """The places of the `limit` largest by key and id, in that order; with `behind`, of those after that key and id."""
    places = np.arange(len(keys))
    if behind:
        key, number = behind
        places = np.flatnonzero((keys < key) | (keys == key) & (ids < number))
    if len(places) > limit:  # all that are as large as the last wanted one: fewer to sort
        least = np.partition(keys[places], len(places) - limit)[len(places) - limit]
        places = places[keys[places] >= least]
    return places[np.lexsort((ids[places], keys[places]))[::-1][:limit]]


def by_id(conn: Conn, tenant: TenantId, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These conversations, in this order. Those that the connection may not see are left out.

    Each is looked up on its own (LIMIT 1). Many tenants have rows with the same ids, and in a join PostgreSQL would expect all
    of those, and rather read every contact of the tenant.
    """
    sql = f"""select r.* from unnest(%(ids)s::bigint[]) with ordinality as asked (id, place)
              cross join lateral (
                select {", ".join(column.key for column in columns())} from conversation_rows
                where tenant_id = %(tenant)s and conversation_id = asked.id limit 1) r
              order by asked.place"""
    return fetch_all(conn, dict, sql.encode(), {"tenant": tenant, "ids": bigints(ids)})


def waiting(conn: Conn, tenant: TenantId, *, where: Filter = EVERYTHING, limit: int = 100) -> list[Waiting]:
    """Open conversations whose last public message is a contact's, whenever they began; the longest waiting come first."""
    sql = f"""select f.conversation_id, p.name as contact, p.phone, i.name as inbox, a.name as assignee,
                f.last_contact_message_at as since, f.last_message_text as text
              from conversation_facts f
              left join contacts p on p.tenant_id = f.tenant_id and p.id = f.contact_id
              left join inboxes i on i.tenant_id = f.tenant_id and i.id = f.inbox_id
              left join agents a on a.tenant_id = f.tenant_id and a.id = f.assignee_id
              where f.tenant_id = %(tenant)s and {conditions.AWAITING_REPLY} {restriction(where)}
              order by f.last_contact_message_at, f.conversation_id limit %(limit)s"""
    return fetch_all(conn, Waiting, sql.encode(), {**parameters(tenant, where), "limit": limit})


def _position(cursor: str, sort: Sort, keys: NDArray[Any]) -> tuple[Any, int]:
    """The key and id of the last row of the page before, by which `page` orders."""
    try:
        order, key, number = cursor.split("~")
        if order == sort:
            return keys.dtype.type(key), int(np.int64(number))
    except (ValueError, OverflowError):
        pass
    raise Invalid(NOT_OURS)


def _moment(cursor: str) -> tuple[datetime, int]:
    """When the last row of the page before was created, and its id."""
    try:
        text, number = cursor.split("~")
        moment, conversation = datetime.fromisoformat(text), int(number)
        if moment.tzinfo and 0 <= conversation < 2**63:  # without an offset it would be a moment of the session's zone
            return moment, conversation
    except ValueError:
        pass
    raise Invalid(NOT_OURS)
