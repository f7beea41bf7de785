"""Sizes of segments, and the conversations in them, from the prepared days, which are read once for all segments of a page.

The conditions are those of matching.py, which has them in SQL for the campaigns.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosa.db import Conn, TenantId
from prosa.facts import day_counts, day_filter, days
from prosa.facts.day_filter import Mask, flagged
from prosa.facts.day_flags import ANALYSED, CONVERTED, LEAD, NEVER_ANSWERED, OURS_LAST
from prosa.facts.days import EPOCH, NEVER, Rows
from prosa.facts.listing import largest
from prosa.facts.model import CATEGORIES
from prosa.facts.prepared import INTERESTS
from prosa.remarketing.definition import Definition, Recency, Situation
from prosa.remarketing.matching import CONDITIONS, parameters


@dataclass(frozen=True)
class Size:
    """How many conversations a segment holds at the moment, and of how many contacts.

    A contact whom a source knows twice counts twice here; the caps of campaigns count them once.
    """

    conversations: int
    contacts: int


def sizes(conn: Conn, tenant: TenantId, definitions: Sequence[Definition], *, now: datetime) -> list[Size]:
    """The size of each of these segments."""
    if not definitions:
        return []
    rows = _all(conn, tenant)
    return [_size(rows, _places(conn, tenant, rows, definition, now)) for definition in definitions]


def newest(
    conn: Conn, tenant: TenantId, definition: Definition, *, now: datetime, skip: int, limit: int
) -> tuple[Size, list[int]]:
    """The segment's size, and `limit` of its conversations after the first `skip`, the newest message first."""
    rows = _all(conn, tenant)
    places = _places(conn, tenant, rows, definition, now)
    ids = rows["id"][places]
    best = largest(rows["last"][places], ids, skip + limit)[skip:]
    return _size(rows, places), ids[best].tolist()


def _all(conn: Conn, tenant: TenantId) -> Rows:
    return days.read(conn, tenant, first=date.min, end=date.max, listed=True).rows


def _size(rows: Rows, places: NDArray[np.intp]) -> Size:
    return Size(len(places), int(np.count_nonzero(day_counts.distinct(rows["contact"][places]))))


def _places(conn: Conn, tenant: TenantId, rows: Rows, definition: Definition, now: datetime) -> NDArray[np.intp]:
    through = flagged(rows, ANALYSED) & (rows["last_contact"] != NEVER)
    for condition in _conditions(rows, definition, now):
        through &= condition
    if definition.fields:
        sql = f"select n.conversation_id from insights n where n.tenant_id = %(tenant)s and {CONDITIONS['fields']}"
        through &= np.isin(rows["id"], day_filter.ids(conn, sql, parameters(tenant, definition, now)))
    return np.flatnonzero(through)


def _conditions(rows: Rows, definition: Definition, now: datetime) -> Iterator[Mask]:
    if definition.leads_only:
        yield flagged(rows, LEAD)
    if definition.not_converted:
        yield ~flagged(rows, CONVERTED)
    if definition.situation is Situation.NEVER_ANSWERED:
        yield flagged(rows, NEVER_ANSWERED)
    if definition.situation is Situation.FELL_SILENT:
        yield flagged(rows, OURS_LAST) & (rows["last"] <= _ago(now, timedelta(hours=definition.silent_hours)))
    if definition.categories:
        yield np.isin(rows["category"], [CATEGORIES.index(category) for category in definition.categories])
    if definition.interests:
        yield np.isin(rows["interest"], [INTERESTS.index(interest) for interest in definition.interests])
    if definition.inboxes:
        yield np.isin(rows["inbox"], definition.inboxes)
    if definition.recencies:
        yield np.logical_or.reduce([RECENT[recency](rows["last_contact"], now) for recency in definition.recencies])


RECENT: Mapping[Recency, Callable[[NDArray[Any], datetime], Mask]] = {
    Recency.RECENT: lambda at, now: at > _ago(now, timedelta(hours=24)),
    Recency.MEDIUM: lambda at, now: (at <= _ago(now, timedelta(hours=24))) & (at > _ago(now, timedelta(days=7))),
    Recency.COLD: lambda at, now: at <= _ago(now, timedelta(days=7)),
}


def _ago(now: datetime, span: timedelta) -> int:
    """A moment this long ago, in the unit of prepared days: microseconds since EPOCH."""
    return (now - span - EPOCH) // timedelta(microseconds=1)
