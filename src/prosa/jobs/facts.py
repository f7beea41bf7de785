"""Facts are counted anew where their conversations have changed."""

from datetime import UTC, datetime, timedelta
from functools import partial

from procrastinate import JobContext

from prosa.db import Database
from prosa.facts import stale
from prosa.jobs.worker import database, in_batches
from prosa.queue import app
from prosa.tenancy.tenants import list_tenants

FACTS_LOOK_BACK = timedelta(days=1)  # each minute; each night everything is looked at


@app.periodic(cron="* * * * *")
@app.task(name="facts.follow", queue="facts", queueing_lock="facts.follow", pass_context=True)
def follow_facts(context: JobContext, timestamp: int) -> None:
    """Every minute: count anew what has changed of late."""
    refresh_facts(database(context), since=datetime.now(UTC) - FACTS_LOOK_BACK)


@app.periodic(cron="37 2 * * *")
@app.task(name="facts.catch_up", queue="facts", queueing_lock="facts.catch_up", pass_context=True)
def catch_up_facts(context: JobContext, timestamp: int) -> None:
    """Every night: count anew whatever has changed, however long ago."""
    refresh_facts(database(context), since=datetime.min.replace(tzinfo=UTC))


def refresh_facts(db: Database, *, since: datetime) -> None:
    """Count anew, tenant by tenant, the facts of conversations that live here."""
    with db.operator() as conn:
        tenants = [tenant.id for tenant in list_tenants(conn)]
    for tenant in tenants:
        in_batches(db, tenant, stale.BATCH, partial(stale.refresh_stale, since=since))
