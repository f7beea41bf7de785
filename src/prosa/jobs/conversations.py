"""Timers of conversations, and reactions to contacts' messages."""

from datetime import UTC, datetime
from functools import partial

import structlog
from procrastinate import JobContext

from prosa.assistant import service as assistant
from prosa.conversations import messages, outbox, policy, receiving, store, timers
from prosa.conversations.model import NewMessage, Owner
from prosa.db import TenantId
from prosa.jobs.worker import AGAIN, database, in_batches
from prosa.queue import app
from prosa.settings import Settings, get_settings

log = structlog.get_logger()


@app.periodic(cron="* * * * *")
@app.task(name="conversations.tick", queue="conversations", queueing_lock="conversations.tick", pass_context=True)
def tick(context: JobContext, timestamp: int) -> None:
    """Every minute: expire and pause what is due."""
    db, settings, now = database(context), get_settings(), datetime.now(UTC)
    with db.operator() as conn:
        due = [one.tenant_id for one in store.timers(conn) if _is_due(one, settings, now)]
    for tenant in due:
        with db.tenant(tenant) as conn:
            ours = policy.read(conn, tenant, settings)
        expired = in_batches(db, tenant, timers.BATCH, partial(timers.expire_due, now=now))
        paused = in_batches(db, tenant, timers.BATCH, partial(timers.idle_due, policy=ours, now=now))
        if expired or paused:
            log.info("conversations moved by the clock", tenant_id=tenant, expired=expired, paused=paused)


def _is_due(of_tenant: store.Timers, settings: Settings, now: datetime) -> bool:
    """Whether the clock has anything to do for the tenant. The others cost no transaction."""
    since, timeout = of_tenant.silent_since, policy.idle_timeout(of_tenant.config or {}, settings)
    ends = of_tenant.expires_at
    return (ends is not None and ends <= now) or (since is not None and since <= now - timeout)


@app.task(name="conversations.react", queue="conversations", retry=AGAIN, pass_context=True)
def react(context: JobContext, tenant_id: int, conversation_id: int, message_id: int) -> None:
    """React to a contact's message that has been kept. A second run changes nothing."""
    tenant, now = TenantId(tenant_id), datetime.now(UTC)
    with database(context).tenant(tenant) as conn:
        ours = policy.read(conn, tenant, get_settings())
        reaction = receiving.react(conn, tenant, conversation_id, message_id, policy=ours, now=now)
        assistant.request(conn, tenant, conversation_id, message_id)
        if reaction.question:
            new = NewMessage(Owner.SUPPORT, reaction.question, idempotency_key=f"closure:{message_id}")
            receipt = messages.add_message(conn, tenant, conversation_id, new, policy=ours, by="closure", now=now)
            outbox.post(conn, tenant, receipt, now=now)
