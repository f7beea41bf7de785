"""Emits an event in the transaction that caused it: no event is lost, and none is sent for a change that was rolled back."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from prosa.db import Conn, TenantId
from prosa.tenancy.webhooks.model import EventType

DELIVER = "webhooks.deliver"  # the task, by name: it stands on a floor above


def emit(
    conn: Conn, tenant: TenantId, kind: EventType, data: Mapping[str, Any], *, conversation_id: int | None = None
) -> None:
    """Tell the tenant's endpoints that listen to this kind of event. If none does, nothing is written.

    `data` is what they get besides `owner_id`: JSON throughout, with times as ISO 8601. `conversation_id` says whose personal
    data it holds, for export and erasure.
    """
    if not listens(conn, tenant, kind):  # the usual case, and several times cheaper to find out than by the insert
        return
    rows = conn.execute(
        """insert into webhook_deliveries (tenant_id, endpoint_id, type, data, conversation_id)
           select e.tenant_id, e.id, %(type)s, jsonb_build_object('owner_id', t.slug) || %(data)s, %(conversation)s::bigint
           from webhook_endpoints e join tenants t on t.id = e.tenant_id
           where e.tenant_id = %(tenant)s and e.enabled and %(type)s = any(e.event_types)
           order by e.id returning id""",
        {"tenant": tenant, "type": kind, "data": Jsonb(dict(data)), "conversation": conversation_id},
    ).fetchall()
    for (delivery,) in rows:
        _enqueue(conn, tenant, delivery)


def listens(conn: Conn, tenant: TenantId, kind: EventType) -> bool:
    """Whether any endpoint listens to this kind of event, for callers whose data is expensive to gather."""
    sql = "select from webhook_endpoints where tenant_id = %s and enabled and %s = any(event_types) limit 1"
    return conn.execute(sql, [tenant, kind]).fetchone() is not None


def emit_to(conn: Conn, tenant: TenantId, endpoint_id: int, kind: EventType, data: Mapping[str, Any]) -> int:
    """Send the event to one endpoint, whatever events it has chosen. Returns the delivery's id."""
    row = conn.execute(
        """insert into webhook_deliveries (tenant_id, endpoint_id, type, data)
           select %(tenant)s, %(endpoint)s, %(type)s, jsonb_build_object('owner_id', t.slug) || %(data)s
           from tenants t where t.id = %(tenant)s returning id""",
        {"tenant": tenant, "endpoint": endpoint_id, "type": kind, "data": Jsonb(dict(data))},
    ).fetchone()
    assert row is not None
    _enqueue(conn, tenant, row[0])
    return int(row[0])


def _enqueue(conn: Conn, tenant: TenantId, delivery_id: int) -> None:
    from prosa.queue import enqueue  # noqa: PLC0415  (slow to import, and an ETL run mostly tells nobody anything)

    enqueue(conn, DELIVER, tenant_id=tenant, delivery_id=delivery_id)
