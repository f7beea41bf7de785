"""Time: when customers write, when a company is open, how long people take."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from statistics import NormalDist
from zoneinfo import ZoneInfo

from prosa.demo.cast import Company

DAY, HOUR = 86400, 3600
_CLOCK = tuple(f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY))
_SPREAD = tuple(math.exp(0.95 * NormalDist().inv_cdf((i + 0.5) / 1024)) for i in range(1024))


def stamp(at: float) -> str:
    """Seconds since the epoch as PostgreSQL reads a `timestamp`, in UTC, to the microsecond."""
    whole = int(at)
    return f"{_day(whole // DAY)} {_CLOCK[whole % DAY]}.{int((at - whole) * 1e6):06d}"


@cache
def _day(number: int) -> str:
    return str(date(1970, 1, 1) + timedelta(days=number))


def around(median: float, rng: Random) -> float:
    """A waiting time in seconds: log-normal, as human answers are (one in ten beyond three medians)."""
    return median * _SPREAD[int(rng.random() * 1024)]


def weekday(local: float) -> int:
    """Monday is 0; the epoch began on a Thursday."""
    return (int(local // DAY) + 3) % 7


def when_open(at: float, company: Company, offset: int, rng: Random) -> float:
    """`at` if the company is open then, else some time after it opens next. `offset`: local time minus UTC, in seconds."""
    local = at + offset
    for _ in range(8):
        opens, closes = company.opening[weekday(local)]
        midnight = local // DAY * DAY
        if local < midnight + opens * HOUR:
            return midnight + opens * HOUR + around(900, rng) - offset
        if local < midnight + closes * HOUR:
            return local - offset
        local = midnight + DAY
    return at


def business_seconds(start: float, end: float, company: Company, offset: int) -> float:
    """The seconds between the two moments that lie within opening hours."""
    total, local, last = 0.0, start + offset, end + offset
    while local < last:
        midnight = local // DAY * DAY
        opens, closes = company.opening[weekday(local)]
        total += max(0.0, min(last, midnight + closes * HOUR) - max(local, midnight + opens * HOUR))
        local = midnight + DAY
    return total


def utc_offset(company: Company, day: date) -> int:
    """Local time minus UTC on that day, in seconds, by the zone's own rules."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    offset = noon.astimezone(ZoneInfo(company.account.timezone)).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def daily_counts(company: Company, days: Sequence[date], total: int, rng: Random) -> list[int]:
    """How many conversations begin on each day: a weekly rhythm on a rising trend, summing up to `total`."""
    growth = [1 + 0.7 * i / len(days) for i in range(len(days))]
    weights = [g * company.busy_days[d.weekday()] * rng.uniform(0.75, 1.25) for g, d in zip(growth, days, strict=True)]
    reached = [round(total * part / sum(weights)) for part in accumulate(weights)]
    return [b - a for a, b in zip([0, *reached], reached, strict=False)]


def starts(company: Company, day: date, count: int, offset: int, rng: Random) -> list[float]:
    """When `count` customers first write on a day (UTC), by the busy hours of the company's own zone."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    shift = offset // HOUR
    busy = list(accumulate(company.busy_hours[(hour + shift) % 24] for hour in range(24)))
    hours = (bisect_right(busy, rng.random() * busy[-1]) for _ in range(count))
    return [midnight + (min(hour, 23) + rng.random()) * HOUR for hour in hours]
