"""The idle and expiry timers of conversations, run by jobs. Two jobs may run at once, or while a message arrives."""

from datetime import datetime

from prosa.conversations import store, webhook_events
from prosa.conversations.model import Reason
from prosa.conversations.policy import Policy
from prosa.conversations.states import State
from prosa.db import Conn, TenantId

BATCH = 500  # conversations a transaction
EXPIRE = store.Timer("expires_at", State.EXPIRED, actor="job:expire", reason=Reason.EXPIRED)
PAUSE = store.Timer("last_activity_at", State.IDLE_TIMEOUT, actor="job:idle", reason=Reason.SILENCE)


def expire_due(conn: Conn, tenant: TenantId, *, now: datetime, limit: int = BATCH) -> int:
    """Close what has expired. Returns how many: `limit` means that there may be more."""
    expired = store.move_due(conn, tenant, EXPIRE, until=now, now=now, limit=limit)
    webhook_events.expired(conn, tenant, expired, by=EXPIRE.actor, now=now)
    return len(expired)


def idle_due(conn: Conn, tenant: TenantId, *, policy: Policy, now: datetime, limit: int = BATCH) -> int:
    """Pause what has been silent for the tenant's idle time. Returns how many: `limit` means that there may be more."""
    return len(store.move_due(conn, tenant, PAUSE, until=now - policy.idle_timeout, now=now, limit=limit))
