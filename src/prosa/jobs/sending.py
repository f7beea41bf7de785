"""Sending: a job for each message, and a sweep for what a killed worker left behind."""

from datetime import UTC, datetime

import structlog
from procrastinate import JobContext

from prosa.db import TenantId
from prosa.gateways.twilio.messages import messenger
from prosa.jobs.worker import database
from prosa.queue import app
from prosa.sending import callbacks, service, store
from prosa.settings import get_settings
from prosa.tenancy.tenants import list_tenants

log = structlog.get_logger()


@app.task(name="sending.send_message", queue="sending", pass_context=True)
def send_message(context: JobContext, tenant_id: int, message_id: int) -> None:
    """Send one message, if it still awaits sending."""
    settings = get_settings()
    gateway, now = messenger(settings.twilio_api_base_url), datetime.now(UTC)
    tenant = TenantId(tenant_id)
    outcome = service.deliver(database(context), tenant, message_id, gateway=gateway, settings=settings, now=now)
    log.info("sending", tenant_id=tenant_id, message_id=message_id,
             outcome=type(outcome).__name__.lower() if outcome else "nothing to send")  # fmt: skip


@app.periodic(cron="* * * * *")
@app.task(name="sending.sweep", queue="sending", queueing_lock="sending.sweep", pass_context=True)
def sweep(context: JobContext, timestamp: int) -> None:
    """Every minute: mark lost claims as unknown, send what no job came for, and match held callbacks."""
    db, now = database(context), datetime.now(UTC)
    with db.operator() as conn:
        tenants = store.tenants_with_work(conn)
    for tenant in tenants:
        with db.tenant(tenant) as conn:
            unknown, overdue = service.sweep(conn, tenant, now=now)
            matched = callbacks.match_held(conn, tenant, now=now)
        if unknown or overdue or matched:
            log.info("sending swept", tenant_id=tenant, unknown=unknown, overdue=overdue, matched=matched)


@app.periodic(cron="47 3 * * *")
@app.task(name="sending.forget_callbacks", queue="maintenance", queueing_lock="sending.forget", pass_context=True)
def forget_callbacks(context: JobContext, timestamp: int) -> None:
    """Every night: delete callbacks that are old, or that matched no message."""
    db, now = database(context), datetime.now(UTC)
    with db.operator() as conn:
        tenants = [TenantId(tenant.id) for tenant in list_tenants(conn)]
    for tenant in tenants:
        with db.tenant(tenant) as conn:
            forgotten = callbacks.forget(conn, tenant, now=now)
        if forgotten:
            log.info("callbacks forgotten", tenant_id=tenant, callbacks=forgotten)
