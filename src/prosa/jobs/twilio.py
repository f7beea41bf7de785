"""The work that follows from Twilio's webhooks."""

from datetime import UTC, datetime

import structlog
from procrastinate import JobContext, RetryStrategy

from prosa.db import TenantId
from prosa.errors import NotFound, Unavailable
from prosa.jobs.worker import DATABASE_GONE, database
from prosa.queue import app
from prosa.settings import get_settings
from prosa.sources.twilio import media
from prosa.tenancy import tenant_deletion

log = structlog.get_logger()

TRIES = 6  # within about an hour: 5 seconds, 25, 2 minutes, 10, 52 apart
RETRY = RetryStrategy(max_attempts=TRIES, exponential_wait=5, retry_exceptions=[Unavailable, *DATABASE_GONE])


@app.task(name="twilio.fetch_media", queue="media", retry=RETRY, pass_context=True)
def fetch_media(context: JobContext, tenant_id: int, message_id: int, account_id: int) -> None:
    """Fetch the files of a contact's message."""
    db, tenant = database(context), TenantId(tenant_id)
    try:
        media.fetch(db, tenant, message_id, account_id, settings=get_settings(), now=datetime.now(UTC))
    except NotFound as error:  # the account was disconnected meanwhile, and its token forgotten
        with db.tenant(tenant) as conn:
            media.give_up(conn, tenant, message_id, str(error))
    except Unavailable as error:
        log.warning("media not fetched", tenant_id=tenant, message_id=message_id, error=str(error))
        if context.job.attempts + 1 < TRIES:
            raise
        with db.tenant(tenant) as conn:
            media.give_up(conn, tenant, message_id, str(error))


@app.task(name="media.forget", queue="media", retry=RETRY, pass_context=True)
def forget_media(context: JobContext, tenant_id: int) -> None:
    """Delete the stored files of contacts who were erased."""
    media.forget(database(context), TenantId(tenant_id), settings=get_settings())


@app.task(name=tenant_deletion.FORGET_FILES, queue="media", retry=RETRY)
def forget_files(tenant_id: int) -> None:
    """Delete the stored files of a tenant that was deleted."""
    media.forget_tenant(TenantId(tenant_id), settings=get_settings())
