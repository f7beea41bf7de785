from datetime import UTC, date, datetime, timedelta
from random import Random

from prosa.demo.cast import CORPO_E_VIDA, SORRISO_REAL
from prosa.demo.rhythm import HOUR, business_seconds, daily_counts, stamp, starts, utc_offset, when_open

MANAUS = -4 * HOUR


def seconds(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


def test_a_stamp_is_utc_to_the_microsecond() -> None:
    assert stamp(seconds(2026, 2, 28, 23, 59, 59) + 0.25) == "2026-02-28 23:59:59.250000"


def test_the_offset_is_the_zones_own() -> None:
    assert utc_offset(SORRISO_REAL, date(2026, 11, 20)) == MANAUS
    assert utc_offset(CORPO_E_VIDA, date(2026, 11, 20)) == -3 * HOUR


def test_who_writes_on_saturday_evening_is_answered_on_monday_morning() -> None:
    saturday_evening = seconds(2026, 11, 21, 23)
    answered = when_open(saturday_evening, SORRISO_REAL, MANAUS, Random(1))
    monday_opening = seconds(2026, 11, 23, 12)
    assert monday_opening <= answered < monday_opening + 8 * HOUR


def test_within_opening_hours_nobody_waits_for_the_door() -> None:
    tuesday_noon = seconds(2026, 11, 24, 16)
    assert when_open(tuesday_noon, SORRISO_REAL, MANAUS, Random(1)) == tuesday_noon


def test_business_seconds_skip_the_night_and_the_sunday() -> None:
    friday_17h, monday_9h = seconds(2026, 11, 20, 21), seconds(2026, 11, 23, 13)
    assert business_seconds(friday_17h, monday_9h, SORRISO_REAL, MANAUS) == (1 + 4 + 1) * HOUR


def test_days_add_up_to_the_total_and_grow() -> None:
    days = [date(2026, 8, 23) + timedelta(days=i) for i in range(91)]
    counts = daily_counts(CORPO_E_VIDA, days, 5000, Random(1))
    assert sum(counts) == 5000
    assert sum(counts[-28:]) > 1.2 * sum(counts[:28])


def test_customers_write_by_the_clock_of_the_companys_zone() -> None:
    moments = starts(SORRISO_REAL, date(2026, 11, 24), 4000, MANAUS, Random(1))
    by_hour = [0] * 24
    for moment in moments:
        by_hour[datetime.fromtimestamp(moment + MANAUS, UTC).hour] += 1
    assert by_hour[9] > by_hour[12] > by_hour[23]  # morning rush, lunch dip, night
    assert sum(by_hour[0:5]) == 0
