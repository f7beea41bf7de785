"""The KPIs of a period and of the one before, out of the prepared days.

They hold what AI cost too, so that a ledger of millions of calls is not looked into for each question.
"""

from prosa.db import Conn, TenantId
from prosa.facts import days, sieve, tally
from prosa.facts.days import Days
from prosa.facts.model import EVERYTHING, Filter, Kpis, Period


def summary(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> tuple[Kpis, Kpis]:
    """KPIs of the conversations created in the period, and in the period before it."""
    both = Period(period.before.first, period.end)
    found = days.read(conn, tenant, first=both.first, end=both.end, listed=where != EVERYTHING)
    if where != EVERYTHING:
        places = sieve.places(conn, tenant, found, where, both)
        found = Days(found.first, found.rows.take(places), found.day[places])
    return tally.kpis(tally.within(found, period).rows), tally.kpis(tally.within(found, period.before).rows)
