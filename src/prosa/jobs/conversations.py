"""What the clock does to conversations."""

from datetime import UTC, datetime
from functools import partial

import structlog
from procrastinate import JobContext

from prosa.conversations import policy, timers
from prosa.conversations.store import tenants_with_open
from prosa.jobs.worker import database, in_batches
from prosa.queue import app
from prosa.settings import get_settings

log = structlog.get_logger()


@app.periodic(cron="* * * * *")
@app.task(name="conversations.tick", queue="conversations", queueing_lock="conversations.tick", pass_context=True)
def tick(context: JobContext, timestamp: int) -> None:
    """Every minute: expire and pause what is due."""
    db, settings = database(context), get_settings()
    with db.operator() as conn:
        tenants = tenants_with_open(conn)
    for tenant in tenants:
        with db.tenant(tenant) as conn:
            ours = policy.read(conn, tenant, settings)
        now = datetime.now(UTC)
        expired = in_batches(db, tenant, timers.BATCH, partial(timers.expire_due, now=now))
        paused = in_batches(db, tenant, timers.BATCH, partial(timers.idle_due, policy=ours, now=now))
        if expired or paused:
            log.info("conversations moved by the clock", tenant_id=tenant, expired=expired, paused=paused)
