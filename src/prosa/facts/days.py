"""Packed conversations (prepared.py) as arrays, one a field: what looks at one field walks through that alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.facts.prepared import FRESH, missing_days

NEVER_ANSWERED, BOT_RESOLVED, REOPENED, ANALYSED, LEAD, VISITED, CONVERTED = (1 << bit for bit in range(7))

# One conversation. What AI cost counts hundred-millionths of R$, as fine as the ledger, so that sums are exact.
# An id of 0 and a duration that is no number are "none"; a rating, category or sentiment of -1 too.
ROW = np.dtype([
    ("inbox", ">i8"), ("agent", ">i8"), ("contact", ">i8"), ("first_response", ">f8"), ("resolution", ">f8"),
    ("ai_cost", ">i8"),
    ("hour", ">i2"), ("state", ">i2"), ("category", ">i2"), ("sentiment", ">i2"), ("csat", ">i2"), ("flags", ">i2"),
])  # fmt: skip
FIELDS = tuple(ROW.names or ())
AT_ONCE = 8192  # rows that stay in the processor's cache while they are taken apart, field after field


@dataclass(frozen=True)
class Rows:
    """Conversations by the fields of ROW: arrays of one length, in the machine's own byte order."""

    columns: dict[str, NDArray[Any]]

    @classmethod
    def unpacked(cls, packed: bytes) -> "Rows":
        """From the bytes of prepared days."""
        rows = np.frombuffer(packed, dtype=ROW)
        columns = {name: np.empty(len(rows), ROW[name].newbyteorder("=")) for name in FIELDS}
        for low in range(0, len(rows), AT_ONCE):
            for name, column in columns.items():
                column[low : low + AT_ONCE] = rows[name][low : low + AT_ONCE]
        return cls(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def part(self, low: int, high: int) -> "Rows":
        """Those from `low` to before `high`; nothing is copied."""
        return Rows({name: column[low:high] for name, column in self.columns.items()})

    def take(self, places: NDArray[np.intp], only: Sequence[str] = FIELDS) -> "Rows":
        """Those at these places, in that order; of their fields `only` these."""
        return Rows({name: self.columns[name].take(places) for name in only})


@dataclass(frozen=True)
class Days:
    """Conversations in the order of their days: `rows` as ROW says, and beside each the day's number, counted from `first`."""

    first: date
    rows: Rows
    day: NDArray[np.int64]


def read(conn: Conn, tenant: TenantId, *, first: date, end: date) -> Days:
    """The conversations created on local days from `first` to before `end`."""
    sql = """select p.day, p.rows from prepared_days p join tenants t on t.id = p.tenant_id and t.timezone = p.timezone
             where p.tenant_id = %(tenant)s and p.day >= %(first)s and p.day < %(end)s"""
    with conn.cursor(binary=True) as cur:
        found = cur.execute(sql, {"tenant": tenant, "first": first, "end": end}).fetchall()
        if missing := missing_days(conn, tenant, first, end):
            found += cur.execute(FRESH.encode(), missing).fetchall()
    found.sort(key=itemgetter(0))
    rows = Rows.unpacked(b"".join(packed for _, packed in found))
    numbers = np.array([(day - first).days for day, _ in found], dtype=np.int64)
    return Days(first, rows, np.repeat(numbers, [len(packed) // ROW.itemsize for _, packed in found]))
