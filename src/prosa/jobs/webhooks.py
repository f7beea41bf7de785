"""Outgoing webhooks: delivering them, and going on where a worker was killed."""

from datetime import UTC, datetime, timedelta

import structlog
from procrastinate import JobContext

from prosa.db import TenantId
from prosa.jobs.worker import database, unless_suspended
from prosa.queue import app, enqueue
from prosa.settings import get_settings
from prosa.tenancy.webhooks import delivering, store
from prosa.tenancy.webhooks.emitting import DELIVER
from prosa.tenancy.webhooks.pacing import Paces

log = structlog.get_logger()

OVERDUE = timedelta(minutes=5)  # a delivery whose job is that late has none
KEEP = timedelta(days=30)  # they hold what contacts wrote
BATCH = 1000
PACES = Paces()  # of this worker process


@app.task(name=DELIVER, queue="webhooks", pass_context=True)
@unless_suspended
def deliver(context: JobContext, tenant_id: int, delivery_id: int) -> None:
    """Make one try of one delivery."""
    settings = get_settings()
    delivering.deliver(
        database(context), TenantId(tenant_id), delivery_id, paces=PACES, secret_keys=settings.secret_keys,
        now=datetime.now(UTC), loopback=settings.api_debug,
    )  # fmt: skip


@app.periodic(cron="*/5 * * * *")
@app.task(name="webhooks.sweep", queue="webhooks", queueing_lock="webhooks.sweep", pass_context=True)
def sweep(context: JobContext, timestamp: int) -> None:
    """Every five minutes: take up what a killed worker left, and delete what is long over."""
    now = datetime.now(UTC)
    with database(context).operator() as conn:
        left = store.overdue(conn, until=now - OVERDUE, limit=BATCH)
        for tenant, delivery in left:
            enqueue(conn, DELIVER, tenant_id=tenant, delivery_id=delivery)
        forgotten = store.forget(conn, before=now - KEEP)
    if left or forgotten:
        log.info("webhooks swept", taken_up=len(left), forgotten=forgotten)
