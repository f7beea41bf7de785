"""Periods as people name them: today, the last 7 days, this month, or from one day to another."""

from datetime import date, timedelta

from prosa.db import Conn, TenantId
from prosa.errors import Invalid, NotFound
from prosa.facts.model import Period

DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}
PRESETS = (*DAYS, "month", "last_month")
EARLIEST = date(2000, 1, 1)
LONGEST = timedelta(days=3660)


def preset(name: str, today: date) -> Period:
    """The period of this name (one of PRESETS), `today` included; a month is the calendar's. Raises Invalid."""
    tomorrow = today + timedelta(days=1)
    if name in DAYS:
        return Period(tomorrow - timedelta(days=DAYS[name]), tomorrow)
    if name == "month":
        return Period(today.replace(day=1), tomorrow)
    if name == "last_month":
        end = today.replace(day=1)
        return Period((end - timedelta(days=1)).replace(day=1), end)
    raise Invalid(f"There is no period '{name}'. There are: {', '.join(PRESETS)}.")


def between(first: date, last: date) -> Period:
    """From one local day to another, both included. Raises Invalid before the year 2000, and for more than 10 years."""
    if not (EARLIEST <= first <= last < date.max and last - first < LONGEST):
        raise Invalid(f"A period goes from a day to a later one, from {EARLIEST} on, over at most {LONGEST.days} days.")
    return Period(first, last + timedelta(days=1))


def today(conn: Conn, tenant: TenantId) -> date:
    """The present day in the tenant's zone. Raises NotFound for a tenant that the connection may not see."""
    row = conn.execute("select (now() at time zone timezone)::date from tenants where id = %s", [tenant]).fetchone()
    if row is None:
        raise NotFound("There is no such tenant.")
    day: date = row[0]
    return day
