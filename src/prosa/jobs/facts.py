"""Counts facts again where conversations have changed, and prepares days for the dashboards."""

from datetime import UTC, datetime, timedelta
from functools import partial

from procrastinate import JobContext

from prosa.db import Database
from prosa.facts import prepared, stale
from prosa.jobs.worker import database, in_batches
from prosa.queue import app
from prosa.tenancy.tenants import list_tenants

FACTS_LOOK_BACK = timedelta(days=1)  # each minute; each night everything is looked at
DAYS = 31  # days prepared in one transaction, for which changes of conversations have to wait


@app.periodic(cron="* * * * *")
@app.task(name="facts.follow", queue="facts", queueing_lock="facts.follow", pass_context=True)
def follow_facts(context: JobContext, timestamp: int) -> None:
    """Every minute: count again what changed recently, and prepare the days concerned."""
    refresh_facts(database(context), since=datetime.now(UTC) - FACTS_LOOK_BACK)
    prepare_days(database(context))


@app.periodic(cron="37 2 * * *")
@app.task(name="facts.catch_up", queue="facts", queueing_lock="facts.catch_up", pass_context=True)
def catch_up_facts(context: JobContext, timestamp: int) -> None:
    """Every night: count again whatever changed, however long ago, and prepare every day again."""
    refresh_facts(database(context), since=datetime.min.replace(tzinfo=UTC))
    prepare_days(database(context), anew=True)


def refresh_facts(db: Database, *, since: datetime) -> None:
    """Count again, tenant by tenant, the stale facts of conversations that live here."""
    with db.operator() as conn:
        tenants = stale.tenants_with_stale(conn, since=since)
    for tenant in tenants:
        in_batches(db, tenant, stale.BATCH, partial(stale.refresh_stale, since=since))


def prepare_days(db: Database, *, anew: bool = False) -> None:
    """Prepare, tenant by tenant, the days that are not prepared. `anew` drops all prepared days first."""
    with db.operator() as conn:
        tenants = [tenant.id for tenant in list_tenants(conn)] if anew else prepared.tenants_with_unprepared(conn)
    for tenant in tenants:
        if anew:
            with db.tenant(tenant) as conn:
                prepared.forget_all(conn, tenant)
        in_batches(db, tenant, DAYS, partial(prepared.prepare, limit=DAYS))
