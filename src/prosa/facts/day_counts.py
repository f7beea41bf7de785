"""KPIs and counts from prepared days (prepared.py), by the same definitions as in kpis.py, which computes them in SQL.

Everything here is computed from arrays in memory; nothing here queries the database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from prosa.facts.day_flags import ANALYSED, BOT_RESOLVED, CONVERTED, LEAD, NEVER_ANSWERED, REOPENED, VISITED
from prosa.facts.days import FIELDS, Days, Rows
from prosa.facts.model import CATEGORIES, RESPONSE_BANDS, SENTIMENTS, Kpis, Opinions, Period, Volume
from prosa.facts.prepared import STATES


@dataclass(frozen=True)
class Group:
    """An inbox or an agent in a period, with its conversations in the one before. `id` is None for those without one."""

    id: int | None
    conversations: int
    conversations_before: int
    leads: int
    never_answered_rate: float | None
    first_response_median: float | None
    csat_mean: float | None


@dataclass(frozen=True)
class Cohort:
    """Conversations by time to the first response: `band` is its number in RESPONSE_BANDS, None if there never was one."""

    band: int | None
    conversations: int
    leads: int
    conversions: int


def within(days: Days, period: Period) -> Days:
    """The conversations of this period alone. Nothing is copied: it is a piece of the same rows."""
    start = (period.first - days.first).days
    low, high = np.searchsorted(days.day, (start, (period.end - days.first).days))
    return Days(period.first, days.rows.part(low, high), days.day[low:high] - start)


def chosen(days: Days, inboxes: Sequence[int | None] = (), agents: Sequence[int | None] = ()) -> Days:
    """The conversations of these inboxes and assignees alone. Empty does not restrict; None stands for those without one."""
    for name, ids in (("inbox", inboxes), ("agent", agents)):
        if ids:
            kept = np.flatnonzero(np.isin(days.rows[name], [i or 0 for i in ids]))
            days = Days(days.first, days.rows.take(kept), days.day[kept])
    return days


def kpis(rows: Rows) -> Kpis:
    """The KPIs of these conversations."""
    total, flags = len(rows), rows["flags"]
    analysed, leads, visits, conversions, never, by_bot, reopened = (
        int(np.count_nonzero(flags & bit))
        for bit in (ANALYSED, LEAD, VISITED, CONVERTED, NEVER_ANSWERED, BOT_RESOLVED, REOPENED)
    )
    ratings = rows["csat"]
    rated = ratings[ratings >= 0]
    response, resolution = _durations(rows["first_response"]), _durations(rows["resolution"])
    response_median, response_p90 = quantiles(response, 0.5, 0.9)
    resolution_median, resolution_p90 = quantiles(resolution, 0.5, 0.9)
    return Kpis(
        conversations=total, contacts=int(np.count_nonzero(distinct(rows["contact"]))), analysed=analysed,
        leads=leads, lead_rate=_ratio(leads, analysed),
        visits=visits, conversions=conversions, conversion_rate=_ratio(conversions, leads),
        never_answered=never, never_answered_rate=_ratio(never, total),
        first_response_mean=_mean(response), first_response_median=response_median, first_response_p90=response_p90,
        resolution_mean=_mean(resolution), resolution_median=resolution_median, resolution_p90=resolution_p90,
        bot_resolved=by_bot, bot_resolved_rate=_ratio(by_bot, total),
        reopened=reopened, reopened_rate=_ratio(reopened, total),
        csat_mean=_mean(rated), csat_answers=len(rated), csat_answer_rate=_ratio(len(rated), total),
        ai_cost=Decimal(int(rows["ai_cost"].sum())).scaleb(-8) or None,
    )  # fmt: skip


def steps(days: Days, length: int, *, most: int = 62) -> list[Kpis]:
    """The KPIs of each of the first `length` days, or of at most `most` equal spans of days (the last may be shorter)."""
    span = -(-length // most)
    bounds = np.searchsorted(days.day, np.arange(0, length + span, span))
    return [kpis(days.rows.part(low, high)) for low, high in pairwise(bounds)]


def groups(days: Days, field: str, *, only: Sequence[str] = FIELDS) -> Iterator[tuple[int | None, Rows]]:
    """The conversations of each inbox or agent (`field`), the busiest first; None stands for those without one.

    `only` names the fields that the caller needs: bringing each one into the groups' order takes time.
    """
    keys, place = _placed(days.rows[field])
    counts = np.bincount(place, minlength=len(keys))
    # NumPy sorts 16-bit numbers by radix, in a twentieth of the time.
    small = place.astype(np.uint16) if len(keys) < 2**16 else place
    rows = days.rows.take(np.argsort(small, kind="stable"), only)
    ends = np.cumsum(counts)
    for i in np.argsort(-counts, kind="stable"):
        yield int(keys[i]) or None, rows.part(ends[i] - counts[i], ends[i])


def compared(now: Days, before: Days, field: str) -> list[Group]:
    """Each inbox or agent (`field`) with what it did now and how many conversations it had before, the busiest first."""
    keys, place = _placed(before.rows[field])
    counts = np.bincount(place, minlength=len(keys))
    earlier = {int(key) or None: int(count) for key, count in zip(keys, counts, strict=True)}
    found = []
    for key, rows in groups(now, field, only=("flags", "first_response", "csat")):
        leads, never = (int(np.count_nonzero(rows["flags"] & bit)) for bit in (LEAD, NEVER_ANSWERED))
        [median] = quantiles(_durations(rows["first_response"]), 0.5)
        rated = _mean(rows["csat"][rows["csat"] >= 0])
        found.append(Group(key, len(rows), earlier.get(key, 0), leads, _ratio(never, len(rows)), median, rated))
    return found


def volumes(days: Days) -> list[Volume]:
    """Counts per day, and per weekday with hour, in the tenant's time; groups without conversations are left out."""
    length = int(days.day.max(initial=-1)) + 1
    hours = _counted(days.rows, days.day * 24 + days.rows["hour"], length * 24, LEAD, NEVER_ANSWERED)
    by_hour = hours.reshape(length, 24, 3)
    found = [
        Volume("day", days.first + timedelta(days=number), None, None, *counts)
        for number, counts in enumerate(by_hour.sum(axis=1).tolist())
        if counts[0]
    ]
    weekdays = (np.arange(length) + days.first.weekday()) % 7
    for weekday in range(7):
        week = by_hour[weekdays == weekday].sum(axis=0).tolist()
        found += [Volume("hour", None, weekday + 1, hour, *c) for hour, c in enumerate(week) if c[0]]
    return found


def opinions(rows: Rows) -> Opinions:
    """Analysed conversations by sentiment and by category."""
    return Opinions(_named(rows["sentiment"], SENTIMENTS), _named(rows["category"], CATEGORIES))


def states(rows: Rows) -> dict[str, int]:
    """The number of conversations in each state, zeros included."""
    return _named(rows["state"], STATES)


def cohorts(rows: Rows) -> list[Cohort]:
    """How many became leads and conversions, by how long the first response took; the unanswered last."""
    bands = len(RESPONSE_BANDS) + 1
    [never, *counts] = _counted(rows, response_bands(rows["first_response"]) + 1, bands + 1, LEAD, CONVERTED).tolist()
    return [*(Cohort(band, *counts[band]) for band in range(bands)), Cohort(None, *never)]


def response_bands(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number in RESPONSE_BANDS of each duration; -1 for NaN, which means no response."""
    bands = np.where(np.isnan(seconds), -1, 0)
    for end in RESPONSE_BANDS:  # comparing all with each end is quicker than searching the ends for each
        bands += seconds >= end
    return bands


def quantiles(ordered: NDArray[np.float64], *shares: float) -> list[float | None]:
    """PostgreSQL's percentile_cont of sorted values, exact to the last bit: interpolated between the rank's neighbours."""
    if not len(ordered):
        return [None] * len(shares)
    ranks = [share * (len(ordered) - 1) for share in shares]
    ends = [(int(rank), min(int(rank) + 1, len(ordered) - 1)) for rank in ranks]
    return [
        float(ordered[low] + (rank - low) * (ordered[high] - ordered[low]))
        for rank, (low, high) in zip(ranks, ends, strict=True)
    ]


def _counted(rows: Rows, keys: NDArray[np.int64], size: int, one: int, other: int) -> NDArray[np.int64]:
    """For each key from 0 to `size` - 1: conversations in all, those with the flag `one`, and those with the flag `other`."""
    flags = rows["flags"]
    counts = np.bincount(keys * 4 + ((flags & one) != 0) * 2 + ((flags & other) != 0), minlength=size * 4)
    neither, others, ones, both = counts.reshape(size, 4).T
    return np.stack([neither + others + ones + both, ones + both, others + both], axis=1)


def _named(codes: NDArray[np.int16], names: Sequence[str]) -> dict[str, int]:
    """How often each code occurs, by its name; codes are places in `names`."""
    counts = np.bincount(codes + 1, minlength=len(names) + 1)[1:]  # -1 is none of them
    return {name: int(count) for name, count in zip(names, counts, strict=True)}


def _durations(field: NDArray[np.float64]) -> NDArray[np.float64]:
    """The durations without NaN, in order. (NumPy sorts NaN to the end.)"""
    ordered = np.sort(field)
    return ordered[: len(ordered) - np.count_nonzero(np.isnan(ordered))]


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The distinct values, in order. np.unique takes twice to thirty times as long."""
    ordered = np.sort(values)
    first: NDArray[np.bool_] = np.diff(ordered, prepend=ordered[:1] - 1) != 0
    return ordered[first]


def _placed(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """The distinct values in order, and for each value its place among them."""
    keys = distinct(values)
    return keys, np.searchsorted(keys, values)


def _mean(values: NDArray[np.float64] | NDArray[np.int64]) -> float | None:
    return float(values.mean()) if len(values) else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
