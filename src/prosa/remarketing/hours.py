"""When a company may write to people on its own initiative: hours, days of the week and holidays, in the tenant's zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LOOK_AHEAD_DAYS = 60  # no calendar is shut for longer

Bounds = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """Local hours from `opens` to before `closes`, on these days (1 Monday to 7 Sunday), never on a holiday.

    `state` adds a state's own holidays to the nation's, such as 9 July in "SP"; `closed_days` are the tenant's own.
    """

    opens: time = time(9)
    closes: time = time(20)
    weekdays: frozenset[int] = frozenset(range(1, 7))
    country: str = "BR"
    state: str | None = None
    closed_days: frozenset[date] = frozenset()


def next_allowed(now: datetime, hours: Hours, zone: ZoneInfo) -> datetime | None:
    """`now` if writing is allowed at once, else the next moment when it is; None if it never is.

    It is computed in local time, so a change to summer time does not move the hours.
    """
    return next((max(now, opens) for opens, closes in _openings(now, hours, zone) if now < closes), None)


def _openings(now: datetime, hours: Hours, zone: ZoneInfo) -> Iterator[Bounds]:
    today = now.astimezone(zone).date()
    for day in (today + timedelta(days=n) for n in range(LOOK_AHEAD_DAYS)):
        if day.isoweekday() in hours.weekdays and day not in hours.closed_days and not is_holiday(day, hours):
            opens, closes = max(_moments(day, hours.opens, zone)), min(_moments(day, hours.closes, zone))
            if opens < closes:
                yield opens, closes


def _moments(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """When the clock shows this time, in UTC: twice the same moment, unless the clock skips or repeats that time (PEP 495).

    Then the later opening and the earlier closing hold, so nobody is written to outside the hours.
    """
    return [datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)]


def is_holiday(day: date, hours: Hours) -> bool:
    """Whether this day is a holiday in the nation or the tenant's state, by the library `holidays`."""
    return day in _holidays(hours.country, hours.state, day.year)


def known_region(country: str, state: str | None) -> bool:
    """Whether the library knows the calendar of this country and, if given, this state."""
    import holidays  # noqa: PLC0415  (slow to import)

    states = holidays.list_supported_countries(include_aliases=False).get(country)
    return states is not None and (state is None or state in states)


@lru_cache(maxsize=256)
def _holidays(country: str, state: str | None, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415

    return frozenset(holidays.country_holidays(country, subdiv=state, years=year))
