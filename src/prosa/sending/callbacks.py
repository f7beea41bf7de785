"""The provider's status callbacks (docs/domain.md, rule 20): they come twice, in any order, and even before we know the SID."""

from datetime import datetime, timedelta

from prosa.db import Conn, TenantId
from prosa.sending import state_changes, store
from prosa.sending.model import Callback, State, after_status
from prosa.sending.service import heed_error

HELD_FOR = timedelta(days=3)  # after that no message will be found for it
KEPT_FOR = timedelta(days=30)
BATCH = 500


def receive(conn: Conn, tenant: TenantId, callback: Callback, *, now: datetime) -> bool:
    """Keep one callback and apply it. False if it is a repeat. One about an unknown message is held."""
    is_new = store.keep_callback(conn, tenant, callback, now=now)
    if is_new and apply(conn, tenant, callback, now=now):
        store.mark_applied(conn, tenant, callback, now=now)
    return is_new


def apply(conn: Conn, tenant: TenantId, callback: Callback, *, now: datetime) -> bool:
    """Move the callback's delivery forward. Returns whether there is such a delivery."""
    delivery = store.lock_by_callback(conn, tenant, callback)
    if delivery is None:
        return False
    state = after_status(delivery.state, callback.status)
    if state is not delivery.state or delivery.provider_sid is None:
        code = callback.error_code if state is State.FAILED else None
        state_changes.move(conn, tenant, delivery, state, sid=callback.provider_sid, error_code=code, now=now)
    letter = store.letter(conn, tenant, delivery) if callback.error_code else None
    if letter:
        heed_error(conn, tenant, letter.pair, callback.error_code, now=now)
    return True


def match_held(conn: Conn, tenant: TenantId, *, now: datetime) -> int:
    """Apply callbacks whose message has become known since. Returns how many."""
    matched = 0
    for callback in store.held_callbacks(conn, tenant, limit=BATCH):
        if apply(conn, tenant, callback, now=now):
            store.mark_applied(conn, tenant, callback, now=now)
            matched += 1
    return matched


def forget(conn: Conn, tenant: TenantId, *, now: datetime) -> int:
    """Delete callbacks that have served their purpose, or that found no message. Returns how many."""
    return store.forget_callbacks(conn, tenant, before=now - KEPT_FOR, held_before=now - HELD_FOR)
