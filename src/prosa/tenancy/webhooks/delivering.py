"""One attempt at one delivery: wait for the endpoint's turn, claim, send without an open transaction, record the result."""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from standardwebhooks.webhooks import Webhook

from prosa import __version__, crypto
from prosa.db import Conn, Database, TenantId
from prosa.errors import Invalid
from prosa.gateways.guarded_http import post
from prosa.gateways.public_addresses import NoAnswer
from prosa.queue import enqueue
from prosa.tenancy import audit
from prosa.tenancy.webhooks import store
from prosa.tenancy.webhooks.emitting import DELIVER
from prosa.tenancy.webhooks.model import Claim, DeliveryState, Outcome, reason_to_switch_off, wait_after
from prosa.tenancy.webhooks.pacing import Paces

JITTER = 0.1  # of a wait, so that what failed together does not come back together
log = structlog.get_logger()


def deliver(
    db: Database,
    tenant: TenantId,
    delivery_id: int,
    *,
    paces: Paces,
    secret_keys: Sequence[str],
    now: datetime,
    loopback: bool = False,
) -> Outcome | None:
    """Try a delivery that is due. None if there is nothing to do, or not yet. `loopback` as in guarded_http.post.

    If the process is killed before it has kept the answer, the delivery is tried again. So a receiver may get an event twice,
    under one webhook-id.
    """
    with db.tenant(tenant) as conn:
        endpoint = tenant, store.endpoint_of(conn, tenant, delivery_id)
    with paces.turn(endpoint) as wait:
        with db.tenant(tenant) as conn:
            if wait:
                put_off(conn, tenant, delivery_id, wait, now=now)
                return None
            claim = store.claim(conn, tenant, delivery_id, now=now)
        if claim is None:
            return None
        outcome = send(claim, secret_keys=secret_keys, now=now, loopback=loopback)
        paces.note(endpoint, outcome.milliseconds / 1000, answered=outcome.response_code is not None)
    with db.tenant(tenant) as conn:
        keep(conn, tenant, claim, outcome, now=now)
    log.info("webhook tried", tenant_id=tenant, endpoint=claim.endpoint_id, delivery=delivery_id, type=claim.type,
             attempt=claim.attempts, code=outcome.response_code, error=outcome.error, ms=outcome.milliseconds)  # fmt: skip
    return outcome


def put_off(conn: Conn, tenant: TenantId, delivery_id: int, seconds: int, *, now: datetime) -> None:
    """Postpone a due delivery without counting a try."""
    if store.put_off(conn, tenant, delivery_id, until=now + timedelta(seconds=seconds), now=now):
        enqueue(conn, DELIVER, after_seconds=seconds, tenant_id=tenant, delivery_id=delivery_id)


def send(claim: Claim, *, secret_keys: Sequence[str], now: datetime, loopback: bool) -> Outcome:
    """POST the event, signed as Standard Webhooks 1.0 prescribes."""
    body = json.dumps(
        {"type": claim.type, "timestamp": claim.created_at.astimezone(UTC).isoformat(), "data": claim.data},
        ensure_ascii=False,
    )
    message_id, sent_at = f"msg_{claim.message_id}", now.astimezone(UTC)
    started = time.perf_counter()
    code, error = None, None
    try:
        keys = [Webhook(crypto.decrypt(secret_keys, bytes(secret))) for secret in claim.secrets]
        headers = {
            "Content-Type": "application/json", "User-Agent": f"Prosa/{__version__}", "webhook-id": message_id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": " ".join(key.sign(message_id, sent_at, body) for key in keys),
        }  # fmt: skip
        code = post(claim.url, body.encode(), headers=headers, loopback=loopback).status
    except (NoAnswer, Invalid) as reason:
        error = str(reason)
    return Outcome(code, error, round((time.perf_counter() - started) * 1000))


def keep(conn: Conn, tenant: TenantId, claim: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Keep how a try went, plan the next one, and note the endpoint's health."""
    wait = None if outcome.is_success else wait_after(claim.attempts)
    state = DeliveryState.PENDING if wait else DeliveryState.DELIVERED if outcome.is_success else DeliveryState.FAILED
    seconds = int((wait or timedelta()).total_seconds() * random.uniform(1, 1 + JITTER))  # noqa: S311  (no secret)
    due = now + timedelta(seconds=seconds)
    if store.record(conn, tenant, claim, outcome, state=state, next_try_at=due) and wait:
        enqueue(conn, DELIVER, after_seconds=seconds, tenant_id=tenant, delivery_id=claim.delivery_id)
    _note_health(conn, tenant, claim, outcome, now=now)


def _note_health(conn: Conn, tenant: TenantId, claim: Claim, outcome: Outcome, *, now: datetime) -> None:
    endpoint = store.find(conn, tenant, claim.endpoint_id, lock=True)
    if endpoint is None or not endpoint.enabled:  # deleted or switched off meanwhile
        return
    if outcome.is_success:
        if endpoint.failing_since is not None:
            store.save(conn, tenant, replace(endpoint, failing_since=None))
        return
    since = endpoint.failing_since or now
    if reason := reason_to_switch_off(outcome, failing_since=since, now=now):
        off = replace(endpoint, failing_since=since, enabled=False, switched_off_reason=reason)
        store.save(conn, tenant, off)
        store.fail_pending(conn, tenant, endpoint.id, "the endpoint was switched off")
        audit.record(
            conn, tenant, "job:webhooks", "webhook.switch_off", f"webhook:{endpoint.id}", after={"reason": reason}
        )
    elif endpoint.failing_since is None:
        store.save(conn, tenant, replace(endpoint, failing_since=since))
