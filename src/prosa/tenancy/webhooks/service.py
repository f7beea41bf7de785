"""What tenants can do with their webhook endpoints. Every change is audited; the secrets never are."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from prosa import crypto
from prosa.db import Conn, TenantId
from prosa.errors import Invalid
from prosa.gateways.guarded_http import check_url
from prosa.gateways.public_addresses import ForbiddenAddress
from prosa.queue import enqueue
from prosa.tenancy import audit
from prosa.tenancy.webhooks import store
from prosa.tenancy.webhooks.emitting import DELIVER, emit_to
from prosa.tenancy.webhooks.model import (
    CHOSEN,
    MOST_ENDPOINTS,
    OLD_SECRET_SIGNS,
    Endpoint,
    EndpointOff,
    EventType,
    NewSecret,
    NoSuchDelivery,
    NoSuchEndpoint,
    TooManyEndpoints,
)

MOST_REPLAYED = 10_000  # deliveries of one request


def add_endpoint(
    conn: Conn, tenant: TenantId, *, url: str, event_types: Sequence[EventType], note: str, actor: str,
    secret_keys: Sequence[str], loopback: bool = False,
) -> NewSecret:  # fmt: skip
    """Add an endpoint with a new secret. `loopback` allows this machine, for development. Raises Invalid, TooManyEndpoints."""
    _check_url(url, loopback=loopback)
    conn.execute("select pg_advisory_xact_lock(hashtextextended('webhook endpoints', %s))", [tenant])  # many at once
    if store.count(conn, tenant) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    secret = new_secret()
    endpoint = store.insert(
        conn, tenant, url=url, note=note, event_types=_chosen(event_types), secret=crypto.encrypt(secret_keys, secret)
    )
    audit.record(conn, tenant, actor, "webhook.create", f"webhook:{endpoint.id}", after=_shown(endpoint))
    return NewSecret(endpoint, secret)


def get_endpoint(conn: Conn, tenant: TenantId, endpoint_id: int, *, lock: bool = False) -> Endpoint:
    """The endpoint. Raises NoSuchEndpoint."""
    found = store.find(conn, tenant, endpoint_id, lock=lock)
    if found is None:
        raise NoSuchEndpoint(endpoint_id)
    return found


def change_endpoint(
    conn: Conn, tenant: TenantId, endpoint_id: int, *, actor: str, url: str | None = None, note: str | None = None,
    event_types: Sequence[EventType] | None = None, enabled: bool | None = None, loopback: bool = False,
) -> Endpoint:  # fmt: skip
    """Change what is given. Switching on forgets earlier failures; what waited while it was off stays failed.

    Raises NoSuchEndpoint, Invalid.
    """
    before = get_endpoint(conn, tenant, endpoint_id, lock=True)
    after = before
    if url is not None:
        _check_url(url, loopback=loopback)
        after = replace(after, url=url)
    if note is not None:
        after = replace(after, note=note)
    if event_types is not None:
        after = replace(after, event_types=_chosen(event_types))
    if enabled is not None and enabled != before.enabled:
        after = replace(after, enabled=enabled, failing_since=None, switched_off_reason=None)
    store.save(conn, tenant, after)
    if before.enabled and not after.enabled:
        store.fail_pending(conn, tenant, endpoint_id, "the endpoint was switched off")
    audit.record(
        conn, tenant, actor, "webhook.change", f"webhook:{endpoint_id}", before=_shown(before), after=_shown(after)
    )
    return after


def delete_endpoint(conn: Conn, tenant: TenantId, endpoint_id: int, *, actor: str) -> None:
    """Delete the endpoint and its deliveries. Raises NoSuchEndpoint."""
    before = get_endpoint(conn, tenant, endpoint_id, lock=True)
    store.delete(conn, tenant, endpoint_id)
    audit.record(conn, tenant, actor, "webhook.delete", f"webhook:{endpoint_id}", before=_shown(before))


def rotate_secret(
    conn: Conn, tenant: TenantId, endpoint_id: int, *, actor: str, secret_keys: Sequence[str], now: datetime
) -> NewSecret:
    """Give the endpoint a new secret. Both sign for a day, so that the receiver has time to change it. Raises NoSuchEndpoint."""
    endpoint = get_endpoint(conn, tenant, endpoint_id, lock=True)
    secret = new_secret()
    encrypted = crypto.encrypt(secret_keys, secret)
    store.set_secret(conn, tenant, endpoint_id, encrypted, old_until=now + OLD_SECRET_SIGNS)
    audit.record(conn, tenant, actor, "webhook.rotate", f"webhook:{endpoint_id}")
    return NewSecret(endpoint, secret)


def send_test(conn: Conn, tenant: TenantId, endpoint_id: int, *, actor: str) -> int:
    """Send the event `test`. Returns the delivery's id. Raises NoSuchEndpoint, EndpointOff."""
    _need_on(get_endpoint(conn, tenant, endpoint_id))
    audit.record(conn, tenant, actor, "webhook.test", f"webhook:{endpoint_id}")
    return emit_to(conn, tenant, endpoint_id, EventType.TEST, {"text": "Olá! Este é um evento de teste do Prosa."})


def replay(
    conn: Conn, tenant: TenantId, endpoint_id: int, *, actor: str, now: datetime, delivery_id: int | None = None,
    failed_since: datetime | None = None,
) -> int:  # fmt: skip
    """Send one delivery again, or all failed ones of events since a time, under their old ids. Returns how many.

    At most 10,000 are replayed at a time, the oldest first. Raises NoSuchEndpoint, NoSuchDelivery, EndpointOff.
    """
    _need_on(get_endpoint(conn, tenant, endpoint_id))
    since = failed_since or now - timedelta(days=30)
    due = store.again(
        conn, tenant, endpoint_id, now=now, delivery_id=delivery_id, failed_since=since, limit=MOST_REPLAYED
    )
    if delivery_id is not None and not due:
        raise NoSuchDelivery(delivery_id)
    for delivery in due:
        enqueue(conn, DELIVER, tenant_id=tenant, delivery_id=delivery)
    audit.record(conn, tenant, actor, "webhook.replay", f"webhook:{endpoint_id}", after={"deliveries": len(due)})
    return len(due)


def new_secret() -> str:
    """192 random bits, in the form that Standard Webhooks prescribes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _check_url(url: str, *, loopback: bool) -> None:
    try:
        check_url(url, loopback=loopback)
    except ForbiddenAddress as error:
        raise Invalid(f"The URL cannot be used: {error}.") from None


def _chosen(event_types: Sequence[EventType]) -> list[EventType]:
    chosen: list[EventType] = [kind for kind in CHOSEN if kind in event_types]
    if not chosen:
        raise Invalid("Choose at least one event type: " + ", ".join(CHOSEN) + ".")
    return chosen


def _need_on(endpoint: Endpoint) -> None:
    if not endpoint.enabled:
        raise EndpointOff


def _shown(endpoint: Endpoint) -> dict[str, object]:
    """A URL for the audit log, without its query, which may hold a token."""
    return {"url": endpoint.url.partition("?")[0], "event_types": endpoint.event_types, "enabled": endpoint.enabled}
