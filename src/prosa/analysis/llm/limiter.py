"""Requests and tokens a minute and a day, shared by all workers on all machines: the state is one row in PostgreSQL.

pyrate-limiter's PostgreSQL bucket was weighed and lost: it keeps one row for each unit (a call of 2,000 tokens would write
2,000), refuses at once when two workers meet at its table lock, makes its tables at run time, which the application's roles
may not, and has no place for the provider's Retry-After. Here a worker takes a time slot in one round trip (`llm_take`,
migration 0010) and sleeps until then: nobody polls, and slots are spaced evenly.
"""

import time
from dataclasses import dataclass

from prosa.db import Database, TenantId
from prosa.errors import Unavailable

SHARE = 0.96
"""Of a minute's limit. The rest absorbs delays: two requests may arrive closer together than they were to leave."""
LONGEST_HOLD = 300.0
"""Seconds. A provider that asks for more is asked again then."""


@dataclass(frozen=True)
class Quota:
    """What the provider allows; None does not count."""

    requests_per_minute: int | None = 500
    tokens_per_minute: int | None = 200_000
    requests_per_day: int | None = None
    tokens_per_day: int | None = None


class LimitReached(Unavailable):
    """No slot within the caller's patience; `wait_seconds` says when there is one."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__(f"The limit of requests is reached for the next {wait_seconds:.0f} s.")
        self.wait_seconds = wait_seconds


def take(db: Database, tenant: TenantId, bucket: str, quota: Quota, *, tokens: int, patience: float) -> None:
    """Wait for a slot, for at most `patience` seconds. Raises LimitReached at once if that is not enough."""
    give_up = time.monotonic() + patience
    while True:
        wait = _slot(db, tenant, bucket, quota, tokens=tokens, patience=max(0.0, give_up - time.monotonic()))
        if wait <= 0:
            return
        time.sleep(wait)
        if not hold(db, tenant, bucket, 0):
            return
        # A provider has asked everybody to wait while we slept: our slot is void.


def hold(db: Database, tenant: TenantId, bucket: str, seconds: float) -> bool:
    """Keep everybody from starting for `seconds`. Returns whether the bucket is held now, by this call or an earlier one."""
    with db.tenant(tenant) as conn:
        conn.execute("set local synchronous_commit = off")
        row = conn.execute("select llm_hold(%s, %s)", [bucket, min(seconds, LONGEST_HOLD)]).fetchone()
    return bool(row and row[0])


def _slot(db: Database, tenant: TenantId, bucket: str, quota: Quota, *, tokens: int, patience: float) -> float:
    with db.tenant(tenant) as conn:
        # A crash forgets a second's slots; that is cheaper than the disk.
        conn.execute("set local synchronous_commit = off")
        row = conn.execute(
            """select granted, wait_seconds from llm_take(%s, %s, %s::double precision, %s::double precision,
                 %s::integer, %s::bigint, %s)""",
            [bucket, tokens, _share(quota.requests_per_minute), _share(quota.tokens_per_minute),
             quota.requests_per_day, quota.tokens_per_day, patience],
        ).fetchone()  # fmt: skip
    assert row is not None
    granted, wait = row
    if not granted:
        raise LimitReached(wait)
    return float(wait)


def _share(limit: int | None) -> float | None:
    return None if limit is None else limit * SHARE
