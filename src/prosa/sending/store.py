"""Deliveries and status callbacks in the database: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from prosa.conversations.addresses import Address
from prosa.conversations.model import Pair
from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.sending.model import Callback, Delivery, Letter, State

COLUMNS = "id, conversation_id, message_id, state::text, attempts, due_at, provider_sid, error_code, problem"
TIMES = {State.SENT: "sent_at", State.DELIVERED: "delivered_at", State.READ: "read_at",
         **dict.fromkeys((State.FAILED, State.REFUSED, State.SUPPRESSED), "failed_at")}  # fmt: skip


def lock(conn: Conn, tenant: TenantId, message_id: int) -> Delivery | None:
    """The message's delivery, which nobody else can change until the transaction ends."""
    sql = f"select {COLUMNS} from deliveries where tenant_id = %(tenant)s and message_id = %(message)s for update"
    return _one(conn, sql, {"tenant": tenant, "message": message_id})


def lock_by_callback(conn: Conn, tenant: TenantId, callback: Callback) -> Delivery | None:
    """The delivery that a callback is about, by its SID, or by the attempt that the callback's address names.

    A message whose outcome is unknown is found again by that address.
    """
    sql = f"""select {COLUMNS} from deliveries
              where tenant_id = %(tenant)s and (provider_sid = %(sid)s
                or (provider_sid is null and id = %(delivery)s and attempts = %(attempt)s))
              order by provider_sid nulls last for update"""
    values = {
        "tenant": tenant,
        "sid": callback.provider_sid,
        "delivery": callback.delivery,
        "attempt": callback.attempt,
    }
    return _one(conn, sql, values)


def letter(conn: Conn, tenant: TenantId, delivery: Delivery) -> Letter | None:
    """What the delivery is to send; None if the message was deleted, or its contact erased."""
    row = conn.execute(
        """select c.channel, c.contact_address, c.contact_key, c.our_address, c.our_key, m.body,
             d.content_sid, coalesce(d.content_variables, '{}'), d.media_urls
           from deliveries d
           join messages m on m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id and m.id = d.message_id
           join conversations c on c.tenant_id = d.tenant_id and c.id = d.conversation_id
           where d.tenant_id = %s and d.id = %s and not m.deleted""",
        [tenant, delivery.id],
    ).fetchone()
    if row is None:
        return None
    channel, contact, contact_key, ours, our_key, body, template, variables, media = row
    pair = Pair(channel, Address(contact, contact_key), Address(ours, our_key))
    return Letter(pair, body, template, variables, tuple(media))


def deferred_before(conn: Conn, tenant: TenantId, delivery: Delivery) -> datetime | None:
    """When the last of the conversation's earlier messages that the provider turned away is tried again; None if none is."""
    row = conn.execute(
        """select max(due_at) from deliveries where tenant_id = %s and conversation_id = %s and message_id < %s
           and state = 'queued' and attempts > 0""",
        [tenant, delivery.conversation_id, delivery.message_id],
    ).fetchone()
    return row[0] if row else None


def set_claimed(conn: Conn, tenant: TenantId, delivery_id: int, *, now: datetime) -> int:
    """Claim a queued delivery that is locked. Returns the attempt's number."""
    row = conn.execute(
        """update deliveries set state = 'claimed', attempts = attempts + 1, claimed_at = %s, due_at = %s, problem = null
           where tenant_id = %s and id = %s and state = 'queued' returning attempts""",
        [now, now, tenant, delivery_id],
    ).fetchone()
    assert row is not None
    return int(row[0])


def set_state(
    conn: Conn, tenant: TenantId, delivery_id: int, state: State, *, now: datetime, sid: str | None = None,
    error_code: int | None = None, problem: str | None = None,
) -> None:  # fmt: skip
    """Change the state of a locked delivery. An earlier error is forgotten."""
    time = TIMES.get(state)
    stamp = f", {time} = coalesce({time}, %(now)s)" if time else ""
    sql = f"""update deliveries set state = %(state)s, provider_sid = coalesce(provider_sid, %(sid)s),
                error_code = %(code)s, problem = %(problem)s {stamp}
              where tenant_id = %(tenant)s and id = %(id)s"""
    values = {"tenant": tenant, "id": delivery_id, "state": state, "sid": sid, "code": error_code, "problem": problem,
              "now": now}  # fmt: skip
    conn.execute(sql.encode(), values)


def set_queued(conn: Conn, tenant: TenantId, delivery_id: int, *, due_at: datetime, problem: str | None = None) -> None:
    """Let a locked delivery wait for its next try: it was certainly not taken, or a person wants it sent again."""
    conn.execute(
        """update deliveries set state = 'queued', due_at = %s, problem = %s, provider_sid = null, error_code = null,
             sent_at = null, delivered_at = null, read_at = null, failed_at = null
           where tenant_id = %s and id = %s""",
        [due_at, problem, tenant, delivery_id],
    )


def lock_lost_claims(conn: Conn, tenant: TenantId, *, claimed_before: datetime, limit: int) -> list[Delivery]:
    """Deliveries that were claimed before this time and have no outcome, except those that somebody is recording now."""
    sql = f"""select {COLUMNS} from deliveries
              where tenant_id = %(tenant)s and state = 'claimed' and due_at < %(before)s
              order by due_at limit %(limit)s for update skip locked"""
    return _many(conn, sql, {"tenant": tenant, "before": claimed_before, "limit": limit})


def take_overdue(
    conn: Conn, tenant: TenantId, *, due_before: datetime, now: datetime, limit: int
) -> list[tuple[int, int]]:
    """Queued deliveries that no job came for, as (conversation, message), in order; they count as due anew."""
    return conn.execute(
        """with overdue as (
             select id from deliveries where tenant_id = %(tenant)s and state = 'queued' and due_at < %(before)s
             order by due_at, id limit %(limit)s for update skip locked
           )
           update deliveries d set due_at = %(now)s from overdue
           where d.tenant_id = %(tenant)s and d.id = overdue.id returning d.conversation_id, d.message_id""",
        {"tenant": tenant, "before": due_before, "now": now, "limit": limit},
    ).fetchall()


def find(conn: Conn, tenant: TenantId, message_id: int) -> Delivery | None:
    """The message's delivery; None if it is not to be sent."""
    return of_messages(conn, tenant, [message_id]).get(message_id)


def of_messages(conn: Conn, tenant: TenantId, message_ids: Sequence[int]) -> dict[int, Delivery]:
    """The deliveries of these messages, by message; messages that were never meant to be sent have none."""
    sql = f"select {COLUMNS} from deliveries where tenant_id = %(tenant)s and message_id = any(%(ids)s)"
    found = _many(conn, sql, {"tenant": tenant, "ids": list(message_ids)})
    return {delivery.message_id: delivery for delivery in found}


def keep_callback(conn: Conn, tenant: TenantId, callback: Callback, *, now: datetime) -> bool:
    """Keep a provider's callback. False if it is a repeat."""
    return bool(
        conn.execute(
            """insert into status_callbacks (tenant_id, provider_sid, status, error_code, named_delivery, named_attempt,
                 received_at)
               values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
            [tenant, callback.provider_sid, callback.status, callback.error_code, callback.delivery, callback.attempt,
             now],
        ).rowcount
    )  # fmt: skip


def held_callbacks(conn: Conn, tenant: TenantId, *, limit: int) -> list[Callback]:
    """Held callbacks whose delivery has become known, oldest first.

    Twilio also reports what others send by the same account. Such callbacks wait in vain, and must not keep ours waiting.
    """
    sql = """select provider_sid, status, error_code, named_delivery as delivery, named_attempt as attempt
             from status_callbacks c where tenant_id = %(tenant)s and applied_at is null and (
               exists (select from deliveries where tenant_id = %(tenant)s and provider_sid = c.provider_sid)
               or exists (select from deliveries where tenant_id = %(tenant)s and provider_sid is null
                          and id = c.named_delivery and attempts = c.named_attempt))
             order by received_at limit %(limit)s"""
    return fetch_all(conn, Callback, sql, {"tenant": tenant, "limit": limit})


def mark_applied(conn: Conn, tenant: TenantId, callback: Callback, *, now: datetime) -> None:
    """Note that the callback has found its delivery."""
    conn.execute(
        "update status_callbacks set applied_at = %s where tenant_id = %s and provider_sid = %s and status = %s",
        [now, tenant, callback.provider_sid, callback.status],
    )


def forget_callbacks(conn: Conn, tenant: TenantId, *, before: datetime, held_before: datetime) -> int:
    """Delete callbacks that are old, and those that matched no message. Returns how many."""
    return conn.execute(
        """delete from status_callbacks where tenant_id = %s
           and (received_at < %s or (applied_at is null and received_at < %s))""",
        [tenant, before, held_before],
    ).rowcount


def tenants_with_work(conn: Conn) -> list[TenantId]:
    """Tenants, not suspended, with deliveries that wait, or callbacks that are held. `conn` is the operator's."""
    rows = conn.execute(
        """select id from tenants t where t.suspended_at is null and (
             exists (select from deliveries d where d.tenant_id = t.id and d.state in ('queued', 'claimed'))
             or exists (select from status_callbacks c where c.tenant_id = t.id and c.applied_at is null)) order by 1"""
    ).fetchall()
    return [TenantId(row[0]) for row in rows]


def _many(conn: Conn, sql: str, values: dict[str, Any]) -> list[Delivery]:
    return fetch_all(conn, Delivery, sql.encode(), values)


def _one(conn: Conn, sql: str, values: dict[str, Any]) -> Delivery | None:
    return fetch_one(conn, Delivery, sql.encode(), values)
