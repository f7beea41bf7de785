"""Packed conversations (prepared.py) as NumPy arrays, one a field: a question about one field reads that array alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prosa.db import Conn, TenantId
from prosa.facts.prepared import FRESH, values

# One conversation. "None" is 0 for an id, NaN for a duration, and -1 for a rating, a category or a sentiment.
# The AI's cost is in hundred-millionths of R$, as fine as the ledger, so sums are exact.
ROW = np.dtype([
    ("inbox", ">i8"), ("agent", ">i8"), ("contact", ">i8"), ("first_response", ">f8"), ("resolution", ">f8"),
    ("ai_cost", ">i8"),
    ("hour", ">i2"), ("state", ">i2"), ("category", ">i2"), ("sentiment", ">i2"), ("csat", ">i2"), ("flags", ">i2"),
])  # fmt: skip
# What lists and segments need as well. Moments are microseconds since EPOCH, NEVER where there was none; a score of -1 is none.
LISTED = np.dtype([
    ("id", ">i8"), ("created", ">i8"), ("last", ">i8"), ("last_contact", ">i8"), ("messages", ">i4"), ("score", ">i2"),
    ("interest", ">i2"),
])  # fmt: skip
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
NEVER = np.iinfo(np.int64).min
FIELDS = tuple(ROW.names or ())
AT_ONCE = 8192  # rows that stay in the processor's cache while they are taken apart, field after field


@dataclass(frozen=True)
class Rows:
    """Conversations as columns: an array for each field of ROW, and of LISTED where those were asked for."""

    columns: dict[str, NDArray[Any]]

    @classmethod
    def unpacked(cls, packed: bytes, layout: np.dtype[Any] = ROW) -> "Rows":
        """The rows in the bytes of prepared days."""
        rows = np.frombuffer(packed, dtype=layout)
        columns = {name: np.empty(len(rows), layout[name].newbyteorder("=")) for name in layout.names or ()}
        for low in range(0, len(rows), AT_ONCE):
            for name, column in columns.items():
                column[low : low + AT_ONCE] = rows[name][low : low + AT_ONCE]
        return cls(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def part(self, low: int, high: int) -> "Rows":
        """The conversations from `low` up to, not including, `high`. Nothing is copied."""
        return Rows({name: column[low:high] for name, column in self.columns.items()})

    def take(self, places: NDArray[np.intp], only: Sequence[str] = FIELDS) -> "Rows":
        """The conversations at these places, in that order, with `only` these fields."""
        return Rows({name: self.columns[name].take(places) for name in only})


@dataclass(frozen=True)
class Days:
    """Conversations in the order of their days. `day` holds the number of each one's day, counted from `first`."""

    first: date
    rows: Rows
    day: NDArray[np.int64]


def read(conn: Conn, tenant: TenantId, *, first: date, end: date, listed: bool = False) -> Days:
    """The conversations created on local days from `first` up to, not including, `end`. `listed` adds the fields of LISTED.

    One statement finds both the days that are prepared and those that are not, so a day that is prepared or forgotten meanwhile
    neither counts twice nor is left out.
    """
    sql = f"""select d.day::date, p.rows {", p.listed" if listed else ""}
              from tenants t
              cross join lateral (
                select date_trunc('day', min(f.created_at) at time zone t.timezone) as earliest,
                  max(f.created_at) at time zone t.timezone as latest
                from conversation_facts f where f.tenant_id = %(tenant)s) f
              cross join lateral generate_series(greatest(f.earliest, %(first)s::date::timestamp),
                least(f.latest, %(end)s::date - interval '1 day'), '1 day') d (day)
              left join prepared_days p on p.tenant_id = %(tenant)s and p.day = d.day::date and p.timezone = t.timezone
              where t.id = %(tenant)s and f.earliest is not null order by d.day"""
    with conn.cursor(binary=True) as cur:
        found = cur.execute(sql.encode(), {"tenant": tenant, "first": first, "end": end}).fetchall()
        if missing := [day for day, rows, *_ in found if rows is None]:
            fresh = {row[0]: row for row in cur.execute(FRESH.encode(), values(tenant, missing))}
            found = [fresh.get(row[0], row) for row in found]
    rows = Rows.unpacked(b"".join(row[1] for row in found))
    if listed:
        rows = Rows(rows.columns | Rows.unpacked(b"".join(row[2] for row in found), LISTED).columns)
    numbers = np.array([(row[0] - first).days for row in found], dtype=np.int64)
    lengths = np.array([len(row[1]) // ROW.itemsize for row in found], dtype=np.int64)
    return Days(first, rows, np.repeat(numbers, lengths))
