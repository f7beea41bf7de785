"""Filters on prepared days: the same conditions as in selection.py, evaluated on NumPy arrays instead of by SQL.

Prepared days hold no names, labels or notes. For those the database returns the matching ids, which are then looked up in
the arrays.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from prosa.db import Conn, TenantId
from prosa.facts.day_counts import response_bands
from prosa.facts.day_flags import ANALYSED, AWAITING, BOT_RESOLVED, CONVERTED, LEAD, NEVER_ANSWERED, REOPENED, VISITED
from prosa.facts.days import Days, Rows
from prosa.facts.model import CATEGORIES, SENTIMENTS, Filter, Period
from prosa.facts.outcomes import OutcomeKind
from prosa.facts.prepared import STATES
from prosa.facts.selection import BOUNDS, OF_CONVERSATION, asked_contacts, parameters

Mask = NDArray[np.bool_]
OUTCOMES = {OutcomeKind.VISIT: VISITED, OutcomeKind.CONVERSION: CONVERTED}
MARKS: Mapping[str, Callable[[Rows], Mask]] = {
    "never_answered": lambda rows: flagged(rows, NEVER_ANSWERED),
    "awaiting_reply": lambda rows: flagged(rows, AWAITING),
    "bot_resolved": lambda rows: flagged(rows, BOT_RESOLVED),
    "reopened": lambda rows: flagged(rows, REOPENED),
    "analysed": lambda rows: flagged(rows, ANALYSED),
    "answered": lambda rows: ~np.isnan(rows["first_response"]),
    "resolved": lambda rows: ~np.isnan(rows["resolution"]),
    "rated": lambda rows: rows["csat"] >= 0,
}
ASKED_OF_CONVERSATION = ("teams", "labels", "sources")


def places(conn: Conn, tenant: TenantId, found: Days, where: Filter, period: Period) -> NDArray[np.intp]:
    """The positions in `found` of the conversations that match the filter. `found` is the period, read with `listed`."""
    through = np.ones(len(found.rows), dtype=bool)
    for condition in _on_arrays(found, where):
        through &= condition
    for field, sql in _by_query(where):
        through &= np.isin(found.rows[field], ids(conn, f"with {BOUNDS} {sql}", parameters(tenant, where, period)))
    return np.flatnonzero(through)


def flagged(rows: Rows, flags: int) -> Mask:
    """Which rows have at least one of these flags (prosa.facts.day_flags)."""
    has: Mask = (rows["flags"] & flags) != 0
    return has


def ids(conn: Conn, sql: str, values: Mapping[str, object]) -> NDArray[np.int64]:
    """The ids that a query finds. They arrive packed in one value: 100,000 separate rows would take a tenth of a second."""
    packed = f"select coalesce(string_agg(int8send(found.id), ''), '') from ({sql}) found (id)"
    with conn.cursor(binary=True) as cur:
        [(answer,)] = cur.execute(packed.encode(), values).fetchall()
    return np.frombuffer(answer, ">i8").astype(np.int64)


def _on_arrays(found: Days, where: Filter) -> Iterator[Mask]:
    """Conditions on fields that prepared days have, as masks."""
    rows = found.rows
    for field, chosen in (("inbox", where.inboxes), ("agent", where.agents)):
        if chosen:
            yield np.isin(rows[field], [number or 0 for number in chosen])
    for field, words, names in (
        ("state", where.states, STATES), ("category", where.categories, CATEGORIES),
        ("sentiment", where.sentiments, SENTIMENTS),
    ):  # fmt: skip
        if words:
            yield np.isin(rows[field], [names.index(word) for word in words])
    if where.weekdays:
        yield np.isin((found.day + found.first.weekday()) % 7 + 1, where.weekdays)
    if where.hours:
        yield np.isin(rows["hour"], where.hours)
    if where.bands:
        yield np.isin(response_bands(rows["first_response"]), [-1 if band is None else band for band in where.bands])
    if where.leads is not None:
        yield rows["flags"] & (ANALYSED | LEAD) == (ANALYSED | LEAD if where.leads else ANALYSED)
    if where.min_score is not None:
        yield rows["score"] >= where.min_score
    if where.outcomes:
        yield flagged(rows, sum(flag for kind, flag in OUTCOMES.items() if kind in where.outcomes))
    yield from (MARKS[mark](rows) for mark in where.marks if mark in MARKS)


def _by_query(where: Filter) -> Iterator[tuple[str, str]]:
    """Conditions on anything else: each a field, and a query for the ids that it may have."""
    if contacts := asked_contacts(where):
        yield "contact", contacts
    if rest := [OF_CONVERSATION[name] for name in ASKED_OF_CONVERSATION if getattr(where, name)]:
        yield (
            "id",
            f"""select c.id from conversations c
                        where c.tenant_id = %(tenant)s and {" and ".join(rest)}
                          and c.created_at >= (select since from bounds) and c.created_at < (select until from bounds)""",
        )
    if "noted" in where.marks:
        yield "id", "select conversation_id from notes where tenant_id = %(tenant)s"
