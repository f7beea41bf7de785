"""Runs the AI features on contacts' messages."""

from datetime import UTC, datetime

import structlog
from procrastinate import JobContext

from prosa.analysis.llm import ask
from prosa.assistant import service, store
from prosa.assistant.model import Feature, Task
from prosa.db import TenantId
from prosa.jobs.worker import AGAIN, database, unless_suspended
from prosa.queue import app
from prosa.settings import get_settings

log = structlog.get_logger()
BATCH = 500


@app.task(name=service.RUN, queue="assistant", retry=AGAIN, pass_context=True)
@unless_suspended
def run(context: JobContext, tenant_id: int, conversation_id: int, message_id: int, feature: str) -> None:
    """Run one feature on one message."""
    task = Task(TenantId(tenant_id), conversation_id, message_id, Feature(feature))
    found = service.run(database(context), task, ask=ask, settings=get_settings(), clock=lambda: datetime.now(UTC))
    if found:
        log.info("assistant", tenant_id=tenant_id, message_id=message_id, feature=feature, state=found.state,
                 reason=found.error, action=found.result.get("action"), tokens=found.tokens)  # fmt: skip


@app.periodic(cron="*/5 * * * *")
@app.task(name="assistant.sweep", queue="assistant", queueing_lock="assistant.sweep", pass_context=True)
def sweep(context: JobContext, timestamp: int) -> None:
    """Every five minutes: hand on what a killed worker left."""
    with database(context).operator() as conn:
        for task in store.left(conn, now=datetime.now(UTC), limit=BATCH):
            service.send(conn, task)
