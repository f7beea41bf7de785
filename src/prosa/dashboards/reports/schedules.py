"""Schedules of reports: which report goes to whom, and when. Times are the tenant's. Each period is reported once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from prosa.dashboards.i18n import LOCALES
from prosa.dashboards.reports.content import last_week
from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Invalid, NotFound
from prosa.facts import periods
from prosa.facts.model import Period
from prosa.tenancy import audit

MOST_RECIPIENTS = 20
ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")


class Frequency(StrEnum):
    """How often."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True)
class Schedule:
    """One scheduled report. `told_until`: the end (exclusive) of the last period that was sent."""

    id: int
    frequency: Frequency
    recipients: list[str]
    hour: int
    locale: str
    told_until: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequency", Frequency(self.frequency))


COLUMNS = "id, frequency::text, recipients, hour, locale, told_until"


def period_before(frequency: Frequency, today: date) -> Period:
    """The last whole week or month before `today`."""
    return last_week(today) if frequency is Frequency.WEEKLY else periods.preset("last_month", today)


def due(schedule: Schedule, now: datetime) -> Period | None:
    """The period to report at the tenant's local time `now`: it is over, it was not sent, and its hour has come. Or None."""
    period = period_before(schedule.frequency, now.date())
    hour_has_come = now.date() > period.end or now.hour >= schedule.hour
    return period if period.end > schedule.told_until and hour_has_come else None


def read(conn: Conn, tenant: TenantId) -> list[Schedule]:
    """A tenant's scheduled reports."""
    sql = f"select {COLUMNS} from report_schedules where tenant_id = %s order by id"
    return fetch_all(conn, Schedule, sql.encode(), [tenant])


def add(
    conn: Conn, tenant: TenantId, *, frequency: Frequency, recipients: Sequence[str], hour: int, locale: str, actor: str,
) -> int:  # fmt: skip
    """Schedule a report. The present period is the first to be reported. Returns its id. Raises Invalid."""
    found = list(dict.fromkeys(r.strip() for r in recipients if r.strip()))
    wrong = [r for r in found if not ADDRESS.fullmatch(r)]
    if not found or wrong or len(found) > MOST_RECIPIENTS:
        raise Invalid(
            f"A report goes to 1 to {MOST_RECIPIENTS} e-mail addresses; not one: {', '.join(wrong) or 'none given'}."
        )
    if not 0 <= hour <= 23 or locale not in LOCALES:
        raise Invalid("The hour goes from 0 to 23, and the language is pt_BR or en.")
    told = period_before(frequency, periods.today(conn, tenant)).end
    row = conn.execute(
        """insert into report_schedules (tenant_id, frequency, recipients, hour, locale, told_until, created_by)
           values (%s, %s, %s, %s, %s, %s, %s) returning id""",
        [tenant, frequency.value, found, hour, locale, told, actor],
    ).fetchone()
    assert row
    after = {"frequency": frequency.value, "recipients": len(found), "hour": hour}
    audit.record(conn, tenant, actor, "report.schedule", after=after)
    return int(row[0])


def remove(conn: Conn, tenant: TenantId, schedule_id: int, *, actor: str) -> None:
    """Cancel a scheduled report. Raises NotFound."""
    gone = conn.execute("delete from report_schedules where tenant_id = %s and id = %s", [tenant, schedule_id]).rowcount
    if not gone:
        raise NotFound("There is no such scheduled report.")
    audit.record(conn, tenant, actor, "report.unschedule", before={"id": schedule_id})


def claim(conn: Conn, tenant: TenantId, schedule: Schedule, period: Period) -> bool:
    """Mark the period as reported. False if another worker was first, or the schedule is gone."""
    return bool(conn.execute(
        "update report_schedules set told_until = %s where tenant_id = %s and id = %s and told_until < %s",
        [period.end, tenant, schedule.id, period.end]).rowcount)  # fmt: skip


def local_time(now: datetime, conn: Conn, tenant: TenantId) -> datetime:
    """The moment in the tenant's time zone. Raises NotFound."""
    row = conn.execute(
        "select %s::timestamptz at time zone timezone from tenants where id = %s", [now, tenant]
    ).fetchone()
    if row is None:
        raise NotFound("There is no such tenant.")
    moment: datetime = row[0]
    return moment
