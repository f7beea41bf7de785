"""Conversations as a list that people search, sort and leaf through; what a row says is what an export's row says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import class_row, dict_row

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import Invalid
from prosa.facts import days, sieve
from prosa.facts.days import Rows
from prosa.facts.metrics import columns
from prosa.facts.model import EVERYTHING, Filter, Period
from prosa.facts.selection import parameters, restriction


class Sort(StrEnum):
    """What a list is ordered by."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ACTIVITY = "activity"  # the latest message first
    SCORE = "score"  # the highest conversion score first
    SLOWEST = "slowest"  # the longest first response first
    LONGEST = "longest"  # most messages first


# What the rows of prepared days are ordered by, the largest first; those of one key by their ids, the largest first too.
# Turned round, the least comes first.
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
    """Rows by the names of docs/metrics.md, and the place behind which the next page goes on (None: this was the last).

    `total`: how many there are on all pages together.
    """

    rows: list[dict[str, Any]]
    next: str | None
    total: int


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
    """Up to `limit` conversations of the period behind the place `after`. Raises Invalid for a place that is none of ours."""
    found = days.read(conn, tenant, first=period.first, end=period.end, listed=True)
    chosen = sieve.places(conn, tenant, found, where, period)
    keys = KEYS[sort](found.rows)[chosen]
    ids = found.rows["id"][chosen] * (-1 if sort is Sort.OLDEST else 1)
    best = largest(keys, ids, limit + 1, behind=_place(after, sort, keys) if after else None)
    rows = by_id(conn, tenant, [abs(number) for number in ids[best[:limit]].tolist()])
    last = f"{sort}~{keys[best[limit - 1]].item()}~{ids[best[limit - 1]].item()}" if len(best) > limit else None
    return Page(rows, last, len(chosen))


def largest(
    keys: NDArray[Any], ids: NDArray[np.int64], limit: int, *, behind: tuple[Any, int] | None = None
) -> NDArray[np.intp]:
    """The places of the `limit` largest by key and id, in that order; of those `behind` a key and an id."""
    places = np.arange(len(keys))
    if behind:
        key, number = behind
        places = np.flatnonzero((keys < key) | (keys == key) & (ids < number))
    if len(places) > limit:  # all that are as large as the last wanted one: fewer to sort
        least = np.partition(keys[places], len(places) - limit)[len(places) - limit]
        places = places[keys[places] >= least]
    return places[np.lexsort((ids[places], keys[places]))[::-1][:limit]]


def by_id(conn: Conn, tenant: TenantId, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These conversations, in this order; those that the connection does not see are left out."""
    sql = f"""select {", ".join(column.key for column in columns())} from conversation_rows
              where tenant_id = %(tenant)s and conversation_id = any(%(ids)s)"""
    with conn.cursor(row_factory=dict_row) as cur:
        found = {row["conversation_id"]: row for row in cur.execute(sql.encode(), {"tenant": tenant, "ids": list(ids)})}
    return [found[i] for i in ids if i in found]


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


def _place(text: str, sort: Sort, keys: NDArray[Any]) -> tuple[Any, int]:
    """The key and the id that a place names. Raises Invalid for none of ours, and for one of another order."""
    try:
        order, key, number = text.split("~")
        if order == sort:
            return keys.dtype.type(key), int(np.int64(number))
    except (ValueError, OverflowError):
        pass
    raise Invalid("This place is none of ours.")
