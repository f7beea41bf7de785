"""Twilio's webhooks: a contact's message is kept, and answered at once with an empty TwiML document."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from prosa.api import twilio_signature
from prosa.api.limits import LimitedRoute
from prosa.api.problems import Problem
from prosa.api.recently import Recently
from prosa.api.session import AppSettings, Db
from prosa.api.twilio_signature import Webhook
from prosa.conversations import policy
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.gateways.twilio import webhooks
from prosa.queue import QUIETLY
from prosa.settings import Settings
from prosa.sources.twilio import inbound

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
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}
    for status, text in {
        403: "Not signed by Twilio for this address", 404: "The number is not connected here", 413: "Too large",
        422: "Not a form of Twilio's", 503: "The database does not answer",
    }.items()
}  # fmt: skip
_policies: Recently[Policy] = Recently()  # by tenant; a change of timers or words takes effect within ten seconds
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
async def receive(request: Request, db: Db, settings: AppSettings) -> Response:
    """Signed by Twilio. A repeated one changes nothing. What follows from the message is a job's."""
    webhook = await twilio_signature.read(request, settings)
    await run_in_threadpool(_receive, db, settings, webhook)
    request.app.state.waker.poke()
    return Response(EMPTY_TWIML, media_type="text/xml")


def _receive(db: Database, settings: Settings, webhook: Webhook) -> None:
    account = twilio_signature.authenticate(db, settings, webhook, our_number=webhook.form.get("To", ""))
    tenant, now = account.tenant_id, datetime.now(UTC)
    structlog.contextvars.bind_contextvars(tenant_id=tenant)
    message = webhooks.inbound(webhook.form)
    ours = _policies.get_or(tenant, partial(_read_policy, db, tenant, settings))
    if not inbound.receive_quickly(db, account, message, policy=ours, now=now):
        with db.tenant(tenant) as conn:
            conn.execute(QUIETLY)
            inbound.receive(conn, account, message, policy=ours, now=now)


def _read_policy(db: Database, tenant: TenantId, settings: Settings) -> Policy:
    with db.tenant(tenant) as conn:
        return policy.read(conn, tenant, settings)
