"""Every task and schedule, thin: a task opens its transactions and calls the service that does the work."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued

from prosa.conversations import policy, timers
from prosa.conversations.store import tenants_with_open
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.db.opening import Logins
from prosa.facts import stale
from prosa.facts.refresh import refresh
from prosa.queue import app, enqueue, worker_app
from prosa.settings import get_settings
from prosa.sources import etl
from prosa.sources.model import Mode
from prosa.tenancy.tenants import list_tenants

log = structlog.get_logger()

ETL_JITTER_SECONDS = (
    180  # so that the sources of an installation, and many installations, do not all start on the half hour
)
KEEP_JOBS_HOURS = 7 * 24
FACTS_LOOK_BACK = timedelta(days=1)  # each minute; each night everything is looked at
KEEP_SESSIONS = "7 days"  # after they ended, so that "who was logged in last week" has an answer


def run_worker(db: Database, *, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT; running jobs get five seconds to finish."""
    if db.platform_dsn is None:
        raise RuntimeError("the worker needs the platform's login")
    with worker_app(db.platform_dsn) as worker:
        worker.run_worker(concurrency=concurrency, shutdown_graceful_timeout=5, additional_context={"db": db})


def database(context: JobContext) -> Database:
    """The worker's database, for tasks with `pass_context=True`."""
    found = context.additional_context["db"]
    assert isinstance(found, Database)
    return found


@app.periodic(cron="17 * * * *")
@app.task(name="maintenance.clean", queue="maintenance", queueing_lock="maintenance.clean", pass_context=True)
def clean(context: JobContext, timestamp: int) -> None:
    """Every hour: forget what is over."""
    with database(context).operator() as conn:
        sessions = conn.execute(
            """delete from sessions
               where least(expires_at, coalesce(revoked_at, expires_at)) < now() - %s::interval""",
            [KEEP_SESSIONS],
        ).rowcount
    log.info("cleaned", sessions=sessions)


@app.periodic(cron="27 3 * * *")
@app.task(name="maintenance.forget_jobs", queue="maintenance", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Every night: finished jobs older than a week."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS)


@app.periodic(cron="*/30 * * * *", periodic_id="incremental")
@app.task(name="etl.schedule", queue="etl", queueing_lock="etl.schedule", pass_context=True)
def schedule_etl(context: JobContext, timestamp: int) -> None:
    """Every half hour: a run for each Chatwoot server, unless its last one still waits."""
    _enqueue_runs(database(context), Mode.INCREMENTAL)


@app.periodic(cron="40 2 * * *", periodic_id="reconcile")
@app.task(name="etl.schedule_reconcile", queue="etl", queueing_lock="etl.schedule_reconcile", pass_context=True)
def schedule_reconcile(context: JobContext, timestamp: int) -> None:
    """Every night: the same, also for what no timestamp shows."""
    _enqueue_runs(database(context), Mode.RECONCILE)


def _enqueue_runs(db: Database, mode: Mode) -> None:
    with db.operator() as conn:
        servers = etl.tenants_by_server(conn)
    for server, slugs in servers.items():
        jitter = random.randint(0, ETL_JITTER_SECONDS)  # noqa: S311  (no secret)
        try:
            with db.operator() as conn:
                enqueue(conn, "etl.read", lock=f"etl {server}", once=f"etl {mode} {server}", after_seconds=jitter,
                        slugs=slugs, mode=mode.value)  # fmt: skip
        except AlreadyEnqueued:
            log.info("etl run still waits", server=server)


@app.task(name="etl.read", queue="etl", pass_context=True)
def read(context: JobContext, slugs: list[str], mode: str) -> None:
    """Read one Chatwoot server for the tenants that share it."""
    db = database(context)
    assert db.platform_dsn is not None
    logins = Logins(owner="", app=db.app_dsn, platform=db.platform_dsn)
    for result in etl.run(logins, get_settings().secret_keys, slugs=slugs, mode=Mode(mode), refresh=refresh):
        log.info("etl run", **etl.report(result))


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


def in_batches(db: Database, tenant: TenantId, size: int, work: Callable[[Conn, TenantId], int]) -> int:
    """Do `work`, a transaction at a time, until it finds less than a full batch. Returns how much it found in all."""
    total, found = 0, size
    while found == size:
        with db.tenant(tenant) as conn:
            found = work(conn, tenant)
        total += found
    return total
