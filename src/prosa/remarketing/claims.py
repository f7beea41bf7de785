"""Claiming a draft to send it, and recording the result. No transaction stays open during the network call.

A claim asks every rule again (gate.py), and the draft counts as sent from then on. So a process that dies between the claim
and the provider's answer may leave a message unsent, but never has it sent twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from prosa.db import Conn, TenantId
from prosa.remarketing import store
from prosa.remarketing.gate import ask, decide
from prosa.remarketing.model import AFTER_SENT, Draft, DraftState
from prosa.remarketing.policy import Policy

S = DraftState
ATTEMPTS = 5  # of a draft that surely did not go out
BACKOFF = timedelta(minutes=2)  # doubled with each attempt
LOST_AFTER = timedelta(minutes=10)  # a claim of which nothing was heard since


def claim(
    conn: Conn, tenant: TenantId, draft_id: int, *, policy: Policy, secret_keys: Sequence[str], by: str, now: datetime
) -> Draft | None:  # fmt: skip
    """Take a scheduled draft that is due.

    None if it is not due, if a rule forbids it (it is then suppressed, with the reason), or if a rule makes it wait (it is then
    due later).

    Claims of one tenant run one after the other, since each counts what the ones before it have taken.
    """
    lock_sending(conn, tenant)
    draft = store.get(conn, tenant, draft_id, lock=True)
    if draft.state is not S.SCHEDULED or draft.due_at is None or draft.due_at > now or not policy.is_on:
        return None
    verdict = decide(draft, ask(conn, tenant, draft, policy, secret_keys=secret_keys, now=now), policy, now=now)
    if verdict.reason is None:
        return _one(conn, tenant, draft, S.CLAIMED, by=by, now=now,
                    changes={"claimed_at": now, "attempts": draft.attempts + 1})  # fmt: skip
    if verdict.until is None:
        _one(conn, tenant, draft, S.SUPPRESSED, by=by, now=now, reason=verdict.reason)
    else:
        store.set_columns(conn, tenant, draft_id, {"due_at": verdict.until, "reason": verdict.reason}, now=now)
    return None


def lock_sending(conn: Conn, tenant: TenantId) -> None:
    """Hold the tenant's lock of sending until the transaction ends.

    It is one lock for a tenant and not one for a contact: a claim counts the contact's messages, the campaign's and the whole
    company's (Meta's messaging limit), and two that count at the same time would both find room for one.
    """
    conn.execute("select pg_advisory_xact_lock(hashtextextended('remarketing of tenant ' || %s::bigint, 0))", [tenant])


def record(
    conn: Conn, tenant: TenantId, draft_id: int, to: DraftState, *, by: str, now: datetime, reason: str = "",
    message_id: int | None = None,
) -> Draft | None:  # fmt: skip
    """Record what became of a claimed draft. None if it has moved on already."""
    changes: dict[str, Any] = {"message_id": message_id} if message_id is not None else {}
    if to in (S.SENT, *AFTER_SENT):
        changes["sent_at"] = now
    before = (S.CLAIMED, S.UNKNOWN) if to is not S.UNKNOWN else (S.CLAIMED,)
    moved = store.move(conn, tenant, [draft_id], to, of=before, by=by, now=now, reason=reason, changes=changes)
    return moved[0] if moved else None


def release(conn: Conn, tenant: TenantId, draft: Draft, *, by: str, now: datetime, reason: str) -> Draft | None:
    """Let a claimed draft that certainly was not sent be tried again, each time later. After five attempts it has failed."""
    if draft.attempts >= ATTEMPTS:
        return record(conn, tenant, draft.id, S.FAILED, by=by, now=now, reason=reason)
    changes = {"claimed_at": None, "due_at": now + BACKOFF * 2 ** (draft.attempts - 1)}
    moved = store.move(
        conn, tenant, [draft.id], S.SCHEDULED, of=(S.CLAIMED,), by=by, now=now, reason=reason, changes=changes
    )
    return moved[0] if moved else None


def set_message(conn: Conn, tenant: TenantId, draft: Draft, message_id: int, *, now: datetime) -> Draft:
    """Keep which message in the store a claimed draft has become."""
    return store.set_columns(conn, tenant, draft.id, {"message_id": message_id}, now=now)


def _one(conn: Conn, tenant: TenantId, draft: Draft, to: DraftState, **how: Any) -> Draft:
    [moved] = store.move(conn, tenant, [draft.id], to, of=(draft.state,), **how)
    return moved


def give_up_lost(conn: Conn, tenant: TenantId, *, by: str, now: datetime) -> int:
    """Mark claimed drafts as unknown if nothing was heard of them since: their process died. Returns how many.

    A draft that has become a message in the store is not lost: its delivery has a state of its own.
    """
    rows = conn.execute(
        """select id from drafts where tenant_id = %s and state = 'claimed' and message_id is null and claimed_at < %s""",
        [tenant, now - LOST_AFTER],
    ).fetchall()
    return len(
        store.move(conn, tenant, [row[0] for row in rows], S.UNKNOWN, of=(S.CLAIMED,), by=by, now=now, reason="lost")
    )
