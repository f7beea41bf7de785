"""Endpoints and deliveries in the database: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.tenancy.webhooks.model import LEASE, Claim, Delivery, DeliveryState, Endpoint, EventType, Outcome

ENDPOINT = "id, url, note, event_types, enabled, failing_since, switched_off_reason, created_at"
DELIVERY = """id, endpoint_id, message_id::text, type, state, attempts, case when state = 'pending' then next_try_at end
  as next_try_at, response_code, error, milliseconds, tried_at, created_at"""


def insert(
    conn: Conn, tenant: TenantId, *, url: str, note: str, event_types: Sequence[EventType], secret: bytes
) -> Endpoint:
    """Add an endpoint, switched on."""
    sql = f"""insert into webhook_endpoints (tenant_id, url, note, event_types, secret_encrypted)
              values (%s, %s, %s, %s, %s) returning {ENDPOINT}"""
    return _endpoints(conn, sql, [tenant, url, note, list(event_types), secret])[0]


def count(conn: Conn, tenant: TenantId) -> int:
    """How many endpoints the tenant has."""
    row = conn.execute("select count(*) from webhook_endpoints where tenant_id = %s", [tenant]).fetchone()
    assert row is not None
    return int(row[0])


def all_of(conn: Conn, tenant: TenantId) -> list[Endpoint]:
    """Every endpoint, the oldest first."""
    return _endpoints(conn, f"select {ENDPOINT} from webhook_endpoints where tenant_id = %s order by id", [tenant])


def find(conn: Conn, tenant: TenantId, endpoint_id: int, *, lock: bool = False) -> Endpoint | None:
    """One endpoint."""
    sql = f"select {ENDPOINT} from webhook_endpoints where tenant_id = %s and id = %s {'for update' if lock else ''}"
    return next(iter(_endpoints(conn, sql, [tenant, endpoint_id])), None)


def save(conn: Conn, tenant: TenantId, changed: Endpoint) -> None:
    """Write what may change of an endpoint, except its secret."""
    conn.execute(
        """update webhook_endpoints set url = %s, note = %s, event_types = %s, enabled = %s, failing_since = %s,
             switched_off_reason = %s where tenant_id = %s and id = %s""",
        [changed.url, changed.note, changed.event_types, changed.enabled, changed.failing_since,
         changed.switched_off_reason, tenant, changed.id],
    )  # fmt: skip


def set_secret(conn: Conn, tenant: TenantId, endpoint_id: int, secret: bytes, *, old_until: datetime) -> None:
    """Set a new secret. The former one also signs for a while."""
    conn.execute(
        """update webhook_endpoints set old_secret_encrypted = secret_encrypted, old_secret_until = %s,
             secret_encrypted = %s where tenant_id = %s and id = %s""",
        [old_until, secret, tenant, endpoint_id],
    )


def delete(conn: Conn, tenant: TenantId, endpoint_id: int) -> None:
    """Delete the endpoint and its deliveries."""
    conn.execute("delete from webhook_endpoints where tenant_id = %s and id = %s", [tenant, endpoint_id])


def deliveries(
    conn: Conn, tenant: TenantId, endpoint_id: int, *, state: DeliveryState | None, before: int | None, limit: int
) -> list[Delivery]:
    """The endpoint's deliveries, the newest first, from after the one of id `before`."""
    sql = f"""select {DELIVERY} from webhook_deliveries
              where tenant_id = %(tenant)s and endpoint_id = %(endpoint)s
                and (%(state)s::text is null or state = %(state)s) and (%(before)s::bigint is null or id < %(before)s)
              order by id desc limit %(limit)s"""
    values = {"tenant": tenant, "endpoint": endpoint_id, "state": state, "before": before, "limit": limit}
    return fetch_all(conn, Delivery, sql.encode(), values)


def again(
    conn: Conn, tenant: TenantId, endpoint_id: int, *, now: datetime, delivery_id: int | None = None,
    failed_since: datetime | None = None, limit: int,
) -> list[int]:  # fmt: skip
    """Make due again one delivery, or the failed ones of events since a time. Returns their ids."""
    return [row[0] for row in conn.execute(
        """update webhook_deliveries d set state = 'pending', attempts = 0, next_try_at = %(now)s
           where d.tenant_id = %(tenant)s and d.id in (
             select id from webhook_deliveries
             where tenant_id = %(tenant)s and endpoint_id = %(endpoint)s
               and case when %(id)s::bigint is not null then id = %(id)s
                        else state = 'failed' and created_at >= %(since)s end
             order by id limit %(limit)s for update)
           returning d.id""",
        {"tenant": tenant, "endpoint": endpoint_id, "id": delivery_id, "since": failed_since, "now": now,
         "limit": limit},
    ).fetchall()]  # fmt: skip


def endpoint_of(conn: Conn, tenant: TenantId, delivery_id: int) -> int | None:
    """The endpoint that a delivery is for; None where it has been deleted."""
    sql = "select endpoint_id from webhook_deliveries where tenant_id = %s and id = %s"
    row = conn.execute(sql, [tenant, delivery_id]).fetchone()
    return int(row[0]) if row else None


def put_off(conn: Conn, tenant: TenantId, delivery_id: int, *, until: datetime, now: datetime) -> bool:
    """Postpone a due delivery. False if it is not due: somebody is sending it, or has postponed it already."""
    sql = """update webhook_deliveries set next_try_at = %(until)s
             where tenant_id = %(tenant)s and id = %(id)s and state = 'pending'
               and next_try_at <= %(now)s + interval '2 seconds'"""  # clocks of two machines differ
    return conn.execute(sql, {"tenant": tenant, "id": delivery_id, "until": until, "now": now}).rowcount > 0


def claim(conn: Conn, tenant: TenantId, delivery_id: int, *, now: datetime) -> Claim | None:
    """Take a due delivery for one try; None if it is done, not due, being sent, or its endpoint is switched off."""
    sql = """update webhook_deliveries d set attempts = attempts + 1, next_try_at = %(until)s, tried_at = %(now)s
             from webhook_endpoints e
             where d.tenant_id = %(tenant)s and d.id = %(id)s and d.state = 'pending'
               and (d.attempts = 0 or d.next_try_at <= %(now)s + interval '2 seconds')  -- clocks of two machines differ
               and e.tenant_id = d.tenant_id and e.id = d.endpoint_id and e.enabled
             returning d.id as delivery_id, e.id as endpoint_id, e.url,
               array_remove(array[e.secret_encrypted, case when e.old_secret_until > %(now)s then e.old_secret_encrypted end],
                 null) as secrets,
               d.message_id::text as message_id, d.type, d.data, d.created_at, d.attempts"""
    values = {"tenant": tenant, "id": delivery_id, "now": now, "until": now + LEASE}
    return fetch_one(conn, Claim, sql, values)


def record(
    conn: Conn, tenant: TenantId, claim: Claim, outcome: Outcome, *, state: DeliveryState, next_try_at: datetime
) -> bool:
    """Keep how a try went. False if the delivery was replayed, or taken up by somebody else, meanwhile."""
    return conn.execute(
        """update webhook_deliveries set state = %s, next_try_at = %s, response_code = %s, error = %s, milliseconds = %s
           where tenant_id = %s and id = %s and state = 'pending' and attempts = %s""",
        [state, next_try_at, outcome.response_code, outcome.error, outcome.milliseconds, tenant, claim.delivery_id,
         claim.attempts],
    ).rowcount > 0  # fmt: skip


def fail_pending(conn: Conn, tenant: TenantId, endpoint_id: int, reason: str) -> None:
    """Mark what waits for a switched-off endpoint as failed. It may be replayed."""
    conn.execute(
        """update webhook_deliveries set state = 'failed', error = %s
           where tenant_id = %s and endpoint_id = %s and state = 'pending'""",
        [reason, tenant, endpoint_id],
    )


def overdue(conn: Conn, *, until: datetime, limit: int) -> list[tuple[TenantId, int]]:
    """Deliveries that have been due since `until` or longer, of all tenants but the suspended. `conn` is the operator's."""
    sql = """select d.tenant_id, d.id from webhook_deliveries d
             join tenants t on t.id = d.tenant_id and t.suspended_at is null
             where d.state = 'pending' and d.next_try_at <= %s order by d.next_try_at limit %s"""
    return [(TenantId(tenant), delivery) for tenant, delivery in conn.execute(sql, [until, limit]).fetchall()]


def forget(conn: Conn, *, before: datetime) -> int:
    """Delete deliveries that are over and older than `before`, of all tenants. `conn` is the operator's."""
    return conn.execute(
        "delete from webhook_deliveries where state <> 'pending' and created_at < %s", [before]
    ).rowcount


def _endpoint(event_types: list[str], **columns: Any) -> Endpoint:
    return Endpoint(event_types=[EventType(kind) for kind in event_types], **columns)


def _endpoints(conn: Conn, sql: str, values: list[Any]) -> list[Endpoint]:
    return fetch_all(conn, _endpoint, sql.encode(), values)
