"""Every task and schedule, thin: a task opens its transactions and calls the service that does the work."""

import random

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued

from prosa.db import Database
from prosa.db.opening import Logins
from prosa.facts.refresh import refresh
from prosa.queue import app, enqueue, worker_app
from prosa.settings import get_settings
from prosa.sources import etl
from prosa.sources.model import Mode

log = structlog.get_logger()

ETL_JITTER_SECONDS = 180  # so that the sources of an installation, and many installations, do not all start on the half hour
KEEP_JOBS_HOURS = 7 * 24
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
