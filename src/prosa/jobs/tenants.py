"""Deletes tenants whose grace period has ended."""

from datetime import UTC, datetime

import structlog
from procrastinate import JobContext

from prosa.errors import NotFound
from prosa.jobs.worker import database
from prosa.queue import app
from prosa.tenancy import tenant_deletion

log = structlog.get_logger()


@app.periodic(cron="52 3 * * *")
@app.task(name="tenants.delete_due", queue="maintenance", queueing_lock="tenants.delete_due", pass_context=True)
def delete_due(context: JobContext, timestamp: int) -> None:
    """Every night: delete what is due, each tenant in a transaction of its own."""
    db, now = database(context), datetime.now(UTC)
    with db.operator() as conn:
        found = tenant_deletion.due(conn, now=now)
    for tenant in found:
        try:
            with db.operator() as conn:
                rows = tenant_deletion.delete(conn, tenant.id, actor="job:tenants", now=now)
        except NotFound:
            continue  # kept after all
        log.info("tenant deleted", tenant_id=tenant.id, slug=tenant.slug, rows=sum(rows.values()))
