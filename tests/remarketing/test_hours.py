"""Quiet hours and holidays, in the tenant's own zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosa.remarketing.hours import Hours, is_holiday, known_region, next_allowed

SAO_PAULO, MANAUS, NEW_YORK = (ZoneInfo(z) for z in ("America/Sao_Paulo", "America/Manaus", "America/New_York"))
OFFICE = Hours(time(9), time(18), frozenset(range(1, 6)))


def local(text: str, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-03T09:00", "2026-03-03T09:00"),
        ("2026-03-03T17:59:59", "2026-03-03T17:59:59"),
        ("2026-03-03T18:00", "2026-03-04T09:00"),
        ("2026-03-03T08:59", "2026-03-03T09:00"),
        ("2026-03-06T20:00", "2026-03-09T09:00"),  # Friday evening: Monday
        ("2026-12-24T18:30", "2026-12-28T09:00"),  # Christmas is a Friday
    ],
)
def test_the_next_moment_at_which_writing_is_allowed(now: str, expected: str) -> None:
    assert next_allowed(local(now), OFFICE, SAO_PAULO) == local(expected)


def test_the_same_moment_is_quiet_in_one_zone_and_not_in_another() -> None:
    now = datetime(2026, 3, 3, 12, 30, tzinfo=UTC)  # 9:30 in São Paulo, 8:30 in Manaus
    assert next_allowed(now, OFFICE, SAO_PAULO) == now
    assert next_allowed(now, OFFICE, MANAUS) == datetime(2026, 3, 3, 13, tzinfo=UTC)


def test_hours_stay_local_over_a_change_to_summer_time() -> None:
    """New York goes from UTC-5 to UTC-4 on Sunday 2026-03-08."""
    hours = Hours(time(9), time(18), frozenset({5, 1}), country="US")
    assert next_allowed(datetime(2026, 3, 6, 14, tzinfo=UTC), hours, NEW_YORK) == datetime(2026, 3, 6, 14, tzinfo=UTC)
    assert next_allowed(datetime(2026, 3, 7, 14, tzinfo=UTC), hours, NEW_YORK) == datetime(2026, 3, 9, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        (
            "America/New_York",
            datetime(2026, 3, 8, 4, tzinfo=UTC),
            (time(2, 30), time(3, 15)),
        ),  # opens at no moment at all
        ("America/New_York", datetime(2026, 3, 8, 4, tzinfo=UTC), (time(1), time(2, 30))),  # nor does it close
        ("America/New_York", datetime(2026, 11, 1, 3, tzinfo=UTC), (time(0), time(1, 30))),  # closes twice
        ("America/Santiago", datetime(2026, 9, 6, 2, tzinfo=UTC), (time(0), time(0, 30))),  # midnight is left out
    ],
)
def test_where_the_clock_jumps_nobody_is_written_to_outside_the_hours(
    zone: str, night: datetime, hours: tuple[time, time]
) -> None:
    rules = Hours(*hours, weekdays=frozenset(range(1, 8)))
    for minutes in range(0, 600, 5):
        found = next_allowed(night + timedelta(minutes=minutes), rules, ZoneInfo(zone))
        assert found is not None
        assert hours[0] <= found.astimezone(ZoneInfo(zone)).time() < hours[1]


def test_a_states_holiday_is_the_states_alone() -> None:
    revolution = date(2026, 7, 9)  # of 1932: a holiday in São Paulo (Lei estadual 9.497/1997)
    assert is_holiday(revolution, Hours(state="SP"))
    assert not is_holiday(revolution, Hours(state="AM"))
    assert is_holiday(date(2026, 9, 7), Hours(state="AM"))


def test_the_tenants_own_closed_days_count() -> None:
    closed = Hours(time(9), time(18), frozenset(range(1, 6)), closed_days=frozenset({date(2026, 3, 3)}))
    assert next_allowed(local("2026-03-03T10:00"), closed, SAO_PAULO) == local("2026-03-04T09:00")


def test_a_calendar_that_never_opens_says_so() -> None:
    shut = Hours(weekdays=frozenset())
    assert next_allowed(local("2026-03-03T10:00"), shut, SAO_PAULO) is None


def test_unknown_calendars_are_told_from_known_ones() -> None:
    assert known_region("BR", None)
    assert known_region("BR", "SP")
    assert not known_region("BR", "XX")
    assert not known_region("ZZ", None)


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_whatever_comes_out_is_allowed_and_no_earlier(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = next_allowed(now, OFFICE, SAO_PAULO)
    assert found is not None and found >= now
    there = found.astimezone(SAO_PAULO)
    assert time(9) <= there.time() < time(18) and there.isoweekday() <= 5 and not is_holiday(there.date(), OFFICE)
    assert next_allowed(found, OFFICE, SAO_PAULO) == found
