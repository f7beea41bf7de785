"""The schedule of the ETL: every half hour what has changed, and every night also what no timestamp shows."""

import random
from contextlib import suppress

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued

from prosa.db import Database
from prosa.db.opening import Logins
from prosa.facts.label_rules import refresh_with_labels
from prosa.jobs.worker import database
from prosa.queue import app, enqueue
from prosa.settings import get_settings
from prosa.sources import etl
from prosa.sources.model import EVERY_MINUTES, Mode
from prosa.sources.stop import Stop

log = structlog.get_logger()

# So that the sources of an installation, and many installations, do not all start on the half hour.
ETL_JITTER_SECONDS = 180


@app.periodic(cron=f"*/{EVERY_MINUTES} * * * *", periodic_id="incremental")
@app.task(name="etl.schedule", queue="etl", queueing_lock="etl.schedule", pass_context=True)
def schedule_etl(context: JobContext, timestamp: int) -> None:
    """Every half hour: enqueue a run for each Chatwoot server, unless its last one still waits."""
    enqueue_runs(database(context), Mode.INCREMENTAL)


@app.periodic(cron="40 2 * * *", periodic_id="reconcile")
@app.task(name="etl.schedule_reconcile", queue="etl", queueing_lock="etl.schedule_reconcile", pass_context=True)
def schedule_reconcile(context: JobContext, timestamp: int) -> None:
    """Every night: the same, but also for what no timestamp shows."""
    enqueue_runs(database(context), Mode.RECONCILE)


def enqueue_runs(db: Database, mode: Mode) -> None:
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
    """Read one Chatwoot server for the tenants that share it. If the worker ends before it is done, another goes on."""
    db = database(context)
    stop: Stop = context.additional_context["stop"]
    assert db.platform_dsn is not None
    logins = Logins(owner="", app=db.app_dsn, platform=db.platform_dsn)
    for result in etl.run(
        logins, get_settings().secret_keys, slugs=slugs, mode=Mode(mode), refresh=refresh_with_labels, stop=stop
    ):
        log.info("etl run", **etl.report(result))
    if stop.told:
        with suppress(AlreadyEnqueued), db.operator() as conn:
            enqueue(conn, "etl.read", lock=context.job.lock, once=context.job.queueing_lock, slugs=slugs, mode=mode)
