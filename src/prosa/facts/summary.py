"""The KPIs of a period and of the one before, from prepared days.

Prepared days hold the AI cost too. Otherwise each request would read a ledger of millions of calls.
"""

from prosa.db import Conn, TenantId
from prosa.facts import day_counts, day_filter, days
from prosa.facts.days import Days
from prosa.facts.model import EVERYTHING, Filter, Kpis, Period


def summary(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> tuple[Kpis, Kpis]:
    """KPIs of the conversations created in the period, and in the period before it."""
    both = Period(period.before.first, period.end)
    found = days.read(conn, tenant, first=both.first, end=both.end, listed=where != EVERYTHING)
    if where != EVERYTHING:
        places = day_filter.places(conn, tenant, found, where, both)
        found = Days(found.first, found.rows.take(places), found.day[places])
    return day_counts.kpis(day_counts.within(found, period).rows), day_counts.kpis(
        day_counts.within(found, period.before).rows
    )
