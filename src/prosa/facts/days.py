"""Packed conversations (prepared.py) as arrays: a year of a large tenant is read in some ten milliseconds."""

from dataclasses import dataclass
from datetime import date
from operator import itemgetter

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
NATIVE = ROW.newbyteorder("=")
Rows = NDArray[np.void]


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
    rows = np.frombuffer(b"".join(packed for _, packed in found), dtype=ROW).astype(NATIVE)
    numbers = np.array([(day - first).days for day, _ in found], dtype=np.int64)
    return Days(first, rows, np.repeat(numbers, [len(packed) // ROW.itemsize for _, packed in found]))
