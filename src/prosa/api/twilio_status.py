"""Twilio's status webhook: how far a message of ours has come."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from prosa.api import twilio_signature
from prosa.api.limits import LimitedRoute
from prosa.api.session import AppSettings, Db
from prosa.api.twilio import FORM, PROBLEMS
from prosa.api.twilio_signature import Webhook
from prosa.db import Database, TenantId
from prosa.gateways.twilio import webhooks
from prosa.sending import callbacks
from prosa.sending.model import Callback

LONGEST_NUMBER = 19  # digits, so that it fits PostgreSQL's bigint
router = APIRouter(prefix="/webhooks/twilio", tags=["twilio"], route_class=LimitedRoute)


@router.post(
    "/status", summary="How far a message has come", response_class=Response, status_code=204, openapi_extra=FORM,
    responses={204: {"description": "Kept"}, **PROBLEMS},
)  # fmt: skip
async def receive_status(request: Request, db: Db, settings: AppSettings) -> Response:
    """A signed callback from Twilio. It may be repeated, out of order, or about a message that is not known yet."""
    webhook = await twilio_signature.read(request, settings)
    account = await twilio_signature.authenticate(db, settings, webhook, our_number=webhook.form.get("From", ""))
    structlog.contextvars.bind_contextvars(tenant_id=account.tenant_id)
    await run_in_threadpool(_receive, db, account.tenant_id, _callback(webhook))
    return Response(status_code=204)


def _receive(db: Database, tenant: TenantId, callback: Callback) -> None:
    with db.tenant(tenant) as conn:
        callbacks.receive(conn, tenant, callback, now=datetime.now(UTC))


def _callback(webhook: Webhook) -> Callback:
    """What the form says, and what the signed address names (prosa.sending.service). Raises Invalid."""
    said = webhooks.status(webhook.form)
    named = parse_qs(urlsplit(webhook.url).query)
    return Callback(said.sid, said.status, said.error_code, _number(named, "delivery"), _number(named, "attempt"))


def _number(named: dict[str, list[str]], name: str) -> int | None:
    text = named.get(name, [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER else None
