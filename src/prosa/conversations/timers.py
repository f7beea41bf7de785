"""The idle and expiry timers of conversations, run by jobs. Two jobs may run at once, or while a message arrives."""

from datetime import datetime

from prosa.conversations import store, webhook_events
from prosa.conversations.model import Reason
from prosa.conversations.policy import Policy
from prosa.conversations.states import State, may_become
from prosa.db import Conn, TenantId

BATCH = 500  # conversations a transaction


def expire_due(conn: Conn, tenant: TenantId, *, now: datetime, limit: int = BATCH) -> int:
    """Close what has expired. Returns how many: `limit` means that there may be more."""
    sources = [state for state in State if may_become(state, State.EXPIRED)]
    expired = store.move_due(
        conn, tenant, to=State.EXPIRED, sources=sources, column="expires_at", until=now,
        actor="job:expire", reason=Reason.EXPIRED, now=now, limit=limit,
    )  # fmt: skip
    webhook_events.expired(conn, tenant, expired, by="job:expire", now=now)
    return len(expired)


def idle_due(conn: Conn, tenant: TenantId, *, policy: Policy, now: datetime, limit: int = BATCH) -> int:
    """Pause what has been silent for the tenant's idle time. Returns how many."""
    sources = [state for state in State if may_become(state, State.IDLE_TIMEOUT)]
    return len(store.move_due(
        conn, tenant, to=State.IDLE_TIMEOUT, sources=sources, column="last_activity_at",
        until=now - policy.idle_timeout, actor="job:idle", reason=Reason.SILENCE, now=now, limit=limit,
    ))  # fmt: skip
