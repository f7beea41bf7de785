"""The KPIs of a period and of the one before, by the shorter way: out of the prepared days where those can tell, else by SQL.

The prepared days hold what AI cost too, so that a ledger of millions of calls is not looked into for each question.
"""

from dataclasses import replace

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.facts import days, kpis, tally
from prosa.facts.model import EVERYTHING, Filter, Kpis, Period


def summary(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> tuple[Kpis, Kpis]:
    """KPIs of the conversations created in the period, and in the period before it."""
    if replace(where, inboxes=(), agents=()) != EVERYTHING:  # a prepared day knows no more of a conversation
        return (
            kpis.kpis(conn, tenant, period=period, where=where),
            kpis.kpis(conn, tenant, period=period.before, where=where),
        )
    read = days.read(conn, tenant, first=period.before.first, end=period.end)
    both = tally.chosen(read, where.inboxes, where.agents)
    return tally.kpis(tally.within(both, period).rows), tally.kpis(tally.within(both, period.before).rows)
