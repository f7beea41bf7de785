"""Reports that tenants have scheduled."""

from datetime import UTC, date, datetime

import structlog
from procrastinate import JobContext, RetryStrategy

from prosa.db import TenantId
from prosa.errors import Unavailable
from prosa.facts.model import Period
from prosa.gateways import mail
from prosa.jobs.worker import database, unless_suspended
from prosa.queue import app, enqueue
from prosa.settings import get_settings
from prosa.tenancy.tenants import working_tenants

log = structlog.get_logger()

# A mail server that is away: after about 1, 4, 16 minutes, then hours.
RETRY = RetryStrategy(max_attempts=6, exponential_wait=4, wait=60, retry_exceptions=[Unavailable])


@app.periodic(cron="5 * * * *")
@app.task(name="reports.schedule", queue="reports", queueing_lock="reports.schedule", pass_context=True)
def schedule_reports(context: JobContext, timestamp: int) -> None:
    """Every hour: enqueue a job for each recipient of each report that is due. What cannot be mailed stays due."""
    from prosa.dashboards.reports import schedules  # noqa: PLC0415  (with it comes Streamlit)

    if not mail.is_configured(get_settings()):
        return
    db = database(context)
    with db.operator() as conn:
        tenants = [tenant.id for tenant in working_tenants(conn)]
    for tenant in tenants:
        with db.tenant(tenant) as conn:
            now = schedules.local_time(datetime.now(UTC), conn, tenant)
            for order in schedules.read(conn, tenant):
                period = schedules.due(order, now)
                if period is None or not schedules.claim(conn, tenant, order, period):
                    continue
                for recipient in order.recipients:
                    enqueue(conn, "reports.send", tenant_id=tenant, first=str(period.first), end=str(period.end),
                            to=recipient, locale=order.locale)  # fmt: skip
                log.info("report due", tenant_id=tenant, frequency=order.frequency, recipients=len(order.recipients))


@app.task(name="reports.send", queue="reports", retry=RETRY, pass_context=True)
@unless_suspended
def send_report(context: JobContext, tenant_id: int, first: str, end: str, to: str, locale: str) -> None:
    """Mail one report to one person."""
    from prosa.dashboards.reports import delivery  # noqa: PLC0415

    period = Period(date.fromisoformat(first), date.fromisoformat(end))
    delivery.send(database(context), get_settings(), TenantId(tenant_id), period, to=to, locale=locale)
