"""Twilio's webhooks: a contact's message is kept, and answered at once with an empty TwiML document."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from psycopg import Error, OperationalError
from starlette.concurrency import run_in_threadpool

from prosa.api import twilio_signature
from prosa.api.batching import Batcher
from prosa.api.limits import LimitedRoute
from prosa.api.problems import answers
from prosa.api.recent_lookups import RecentLookups
from prosa.api.session import AppSettings, Db
from prosa.api.twilio_signature import Webhook
from prosa.conversations import bulk_receiving, policy
from prosa.conversations.bulk_receiving import Arrival
from prosa.conversations.policy import Policy
from prosa.db import Database, TenantId
from prosa.gateways.twilio import webhooks
from prosa.gateways.twilio.webhooks import InboundMessage
from prosa.queue import QUIETLY
from prosa.settings import Settings
from prosa.sources.twilio import inbound
from prosa.sources.twilio.accounts import WebhookAccount

log = structlog.get_logger()
Arrivals = Batcher[TenantId, Arrival, bool]
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'  # what is answered is sent by a job
FIELDS = ("AccountSid", "MessageSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "ProfileName",
          "Latitude", "Longitude", "ButtonText", "ReferralSourceId", "MessageStatus", "ErrorCode")  # fmt: skip
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": {
            "type": "object",
            "required": ["AccountSid", "MessageSid", "From", "To"],
            "properties": {name: {"type": "string"} for name in FIELDS},
        }}},
    },
    "parameters": [{
        "name": "X-Twilio-Signature", "in": "header", "schema": {"type": "string"},
        "description": "Over PUBLIC_URL, path, query and the form's fields, with the account's auth token.",
    }],
}  # fmt: skip
PROBLEMS = answers({
    403: "Not signed by Twilio for this address", 404: "The number is not connected here", 413: "Too large",
    422: "Not a form of Twilio's", 503: "The database does not answer",
})  # fmt: skip
# The policy of each tenant. A change of timers or words takes effect within ten seconds.
_policies: RecentLookups[Policy] = RecentLookups()
router = APIRouter(prefix="/webhooks/twilio", tags=["twilio"], route_class=LimitedRoute)


@router.get("/health", summary="Whether webhooks of Twilio can be taken")
def health(db: Db, settings: AppSettings) -> dict[str, str]:
    """The addresses to give to Twilio. 503 where the database does not answer."""
    with db.anonymous() as conn:
        conn.execute("select 1")
    prefix = f"{settings.own_url}{router.prefix}"
    return {"status": "ok", "inbound_url": f"{prefix}/inbound", "status_url": f"{prefix}/status"}


@router.post(
    "/inbound", summary="A contact's message", response_class=Response, openapi_extra=FORM,
    responses={200: {"description": "Kept", "content": {"text/xml": {}}}, **PROBLEMS},
)  # fmt: skip
async def receive(request: Request) -> Response:
    """A signed webhook from Twilio about a contact's message. A repeated one changes nothing. Jobs do what follows from it."""
    state = request.app.state  # without FastAPI's injection, which would take a tenth of this route's time
    webhook = await twilio_signature.read(request, state.settings)
    await keep(state.db, state.settings, state.arrivals, webhook)
    state.waker.poke()
    return Response(EMPTY_TWIML, media_type="text/xml")


async def keep(db: Database, settings: Settings, arrivals: Arrivals, webhook: Webhook) -> None:
    """Keep the message. A usual one goes with others of its tenant, in one transaction; an unusual one goes alone."""
    account = await twilio_signature.authenticate(db, settings, webhook, our_number=webhook.form.get("To", ""))
    tenant, now = account.tenant_id, datetime.now(UTC)
    structlog.contextvars.bind_contextvars(tenant_id=tenant)
    message = webhooks.inbound(webhook.form)
    known = _policies.get(tenant)
    ours = known if known is not None else await run_in_threadpool(_read_policy, db, tenant, settings)
    usual = inbound.arrival(message, policy=ours, now=now)
    if usual is None or not await arrivals.do(tenant, usual):
        await run_in_threadpool(_keep_alone, db, account, message, ours, now)


def together(db: Database) -> Arrivals:
    """A batcher that puts the usual messages of one tenant into the database together."""
    return Batcher(partial(_keep_together, db))


def _keep_together(db: Database, tenant: TenantId, arrivals: Sequence[Arrival]) -> Sequence[bool]:
    """Which of the messages were kept by the bulk statement."""
    try:
        return bulk_receiving.receive(db, tenant, arrivals, now=datetime.now(UTC))
    except OperationalError:
        raise
    except Error as error:  # one of them cannot be kept: each must get its own answer
        log.warning("messages not kept together", error=type(error).__name__)
        return [False] * len(arrivals)


def _keep_alone(db: Database, account: WebhookAccount, message: InboundMessage, ours: Policy, now: datetime) -> None:
    with db.tenant(account.tenant_id) as conn:
        conn.execute(QUIETLY)
        inbound.receive(conn, account, message, policy=ours, now=now)


def _read_policy(db: Database, tenant: TenantId, settings: Settings) -> Policy:
    with db.tenant(tenant) as conn:
        return _policies.put(tenant, policy.read(conn, tenant, settings))
