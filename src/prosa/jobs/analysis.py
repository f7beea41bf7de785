"""The schedule of analysis: fresh conversations every minute, the backlog at night; all tenants in turn."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from procrastinate import JobContext

from prosa.analysis import service
from prosa.analysis.llm import batches, keys
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.run import run
from prosa.db import Database, TenantId
from prosa.jobs.worker import database
from prosa.queue import app
from prosa.settings import get_settings
from prosa.sources.stop import Stop
from prosa.tenancy.model import Tenant
from prosa.tenancy.tenants import working_tenants

log = structlog.get_logger()

FRESH = timedelta(hours=24)  # age of the contact's last message: for so long free text may be sent
ONE_RUN = 50.0  # seconds; then the next run looks for fresh ones first
OFFLINE_BATCHES = 1000  # conversations of one tenant in a run, about five seconds of work
NIGHT = (22, 6)  # hours of the tenant's own zone


@app.periodic(cron="* * * * *")
@app.task(name="analysis.follow", queue="analysis", queueing_lock="analysis.follow", pass_context=True)
def follow(context: JobContext, timestamp: int) -> None:
    """Every minute: analyse what is new, by the model if there is one, else offline; at night, what is old."""
    db = database(context)
    tenants = _tenants(db)
    lines = keys.lines(db, [tenant.id for tenant in tenants], get_settings())
    stop: Stop = context.additional_context["stop"]
    analyse_all(db, lines, tenants, now=datetime.now(UTC), is_told=lambda: stop.told)


@app.periodic(cron="*/5 * * * *")
@app.task(name="analysis.fetch_batches", queue="analysis", queueing_lock="analysis.fetch_batches", pass_context=True)
def fetch_batches(context: JobContext, timestamp: int) -> None:
    """Every five minutes: fetch the answers of batches that the provider has finished."""
    db = database(context)
    for tenant in _tenants(db):
        with db.tenant(tenant.id) as conn:
            line = keys.line(conn, tenant.id, get_settings())
        if line:
            batches.fetch(db, tenant.id, line)


def analyse_all(
    db: Database, lines: Mapping[TenantId, Line], tenants: Sequence[Tenant], *, now: datetime,
    is_told: Callable[[], bool] = lambda: False,
) -> None:  # fmt: skip
    """Analyse once for all tenants, by the model if they have a line, else offline; fresh conversations first.

    Nothing more is begun once `is_told`, which means that the worker is ending.
    """
    late = _timer(ONE_RUN, is_told)
    for tenant in tenants:
        if tenant.id not in lines and not is_told():
            service.analyse_tenant(db, tenant.id, limit=OFFLINE_BATCHES)
    if not lines or is_told():
        return
    fresh = run(db, lines, since=now - FRESH, is_late=late)
    awake = {tenant.id for tenant in tenants if not is_night(tenant, now)}
    sleeping = {tenant: line for tenant, line in lines.items() if tenant not in awake | fresh.stopped}
    for tenant_id, line in sleeping.items():
        if not is_told():
            batches.submit(db, tenant_id, line)
    old = run(db, sleeping, is_late=late) if sleeping else None
    counts = fresh.counts + (old.counts if old else service.Counts())
    if counts.analysed or counts.skipped:
        log.info("analysed", analysed=counts.analysed, skipped=counts.skipped, offline=counts.offline,
                 cost_usd=float(counts.cost_usd))  # fmt: skip


def is_night(tenant: Tenant, now: datetime) -> bool:
    """Whether it is night for the tenant's people: then the backlog is in nobody's way."""
    begins, ends = NIGHT
    hour = now.astimezone(ZoneInfo(tenant.timezone)).hour
    return hour >= begins or hour < ends


def _tenants(db: Database) -> list[Tenant]:
    with db.operator() as conn:
        return working_tenants(conn)


def _timer(seconds: float, is_told: Callable[[], bool]) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: is_told() or time.monotonic() > end
