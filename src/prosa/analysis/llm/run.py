"""Analysing by a model: conversations of all tenants in turn, a few of each, in threads that wait for the network.

Conversations are claimed in the database, so any number of processes on any number of machines share the work. A heartbeat
renews the claims; those of a process that was killed are free again half a minute later. Memory holds no more than what is
claimed.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from prosa.analysis.llm import attempts, ledger
from prosa.analysis.llm.attempts import LEASE, Claim
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.one_conversation import Outcome, Stop, analyse_one
from prosa.analysis.service import Counts
from prosa.db import Database, TenantId

log = logging.getLogger(__name__)

TURN = 8  # conversations of one tenant before the next one's turn, so that a huge tenant does not starve a small one
THREADS = 8
OUTAGE = 10  # conversations in a row that failed in passing: the provider is down, and the next run tries again
Report = Callable[[TenantId, Counts], None]


@dataclass(frozen=True)
class Ended:
    """What a run has done, and the tenants that could not go on: no budget, a refused key, or a provider that is down."""

    counts: Counts
    stopped: frozenset[TenantId]


@dataclass
class _Run:
    """What the threads of one run share. `in_hand` is (tenant, conversation): each tenant's source numbers its own from 1.

    `failures` in a row are counted by the limiter's bucket.
    """

    lines: Mapping[TenantId, Line]
    limit: int | None
    deadline: Callable[[], bool]
    broken_off: bool = False
    in_hand: set[tuple[TenantId, int]] = field(default_factory=set)
    stopped: set[TenantId] = field(default_factory=set)
    failures: Counter[str] = field(default_factory=Counter)
    taken: Counter[TenantId] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_over(self) -> bool:
        return self.broken_off or self.deadline() or self.stopped >= self.lines.keys()

    def turn(self, tenant: TenantId) -> int:
        """How many conversations the tenant may have in its next turn."""
        if tenant in self.stopped:
            return 0
        return TURN if self.limit is None else min(TURN, self.limit - self.taken[tenant])

    def ended(self, tenant: TenantId, outcome: Outcome) -> None:
        """Note who cannot go on. A fault of the key or the provider stops everyone who asks by the same account."""
        bucket = self.lines[tenant].bucket
        self.failures[bucket] = self.failures[bucket] + 1 if outcome.passing else 0
        if outcome.stop is Stop.ACCOUNT or self.failures[bucket] >= OUTAGE:
            self.stopped |= {other for other, line in self.lines.items() if line.bucket == bucket}
        elif outcome.stop is Stop.TENANT:
            self.stopped.add(tenant)


def run(
    db: Database, lines: Mapping[TenantId, Line], *, since: datetime | None = None, limit: int | None = None,
    threads: int = THREADS, report: Report = lambda tenant, counts: None, is_late: Callable[[], bool] = lambda: False,
) -> Ended:  # fmt: skip
    """Analyse the due conversations of each tenant by its line, until nothing is left or `is_late` says so.

    `since` leaves out contacts who wrote last before it; `limit` is for each tenant.
    """
    shared = _Run(lines, limit, is_late)
    for tenant in lines:
        with db.tenant(tenant) as conn:
            ledger.close_lost(conn, tenant)
    work = _in_turns(db, since, shared)
    total = Counts()

    def toil() -> None:
        nonlocal total
        while True:
            with shared.lock:
                tenant, claim = next(work, (None, None))
            if tenant is None or claim is None:
                return
            counts = _one(db, tenant, claim, shared)
            with shared.lock:
                total += counts
                report(tenant, counts)

    with _heartbeat(db, shared), ThreadPoolExecutor(threads) as pool:
        try:
            for future in [pool.submit(toil) for _ in range(threads)]:
                future.result()
        except BaseException:  # told to end: nothing more is asked; what was asked is paid for, so its answer is kept
            shared.broken_off = True
            raise
    return Ended(total, frozenset(shared.stopped))


def _in_turns(db: Database, since: datetime | None, shared: _Run) -> Iterator[tuple[TenantId, Claim]]:
    """Conversations to analyse, a few of each tenant in turn. Those that were claimed and not reached are put back."""
    waiting: dict[TenantId, Claim | None] = dict.fromkeys(shared.lines)
    while waiting:
        for tenant, after in list(waiting.items()):
            if shared.is_over:
                return
            with db.tenant(tenant) as conn:
                claims = attempts.claim(conn, tenant, limit=shared.turn(tenant), after=after, since=since)
            if claims:
                waiting[tenant] = claims[-1]
            else:
                del waiting[tenant]
            shared.in_hand |= {(tenant, claim.conversation_id) for claim in claims}
            for claim in claims:
                if shared.is_over or tenant in shared.stopped:
                    _put_back(db, tenant, claim, shared)
                else:
                    shared.taken[tenant] += 1
                    yield tenant, claim


def _one(db: Database, tenant: TenantId, claim: Claim, shared: _Run) -> Counts:
    try:
        outcome = analyse_one(db, tenant, shared.lines[tenant], claim)
    except Exception:
        log.exception("conversation %s of tenant %s could not be analysed", claim.conversation_id, tenant)
        with db.tenant(tenant) as conn:
            attempts.fail(conn, tenant, claim, reason="error", for_good=False)
        outcome = Outcome(Counts(skipped=1))
    with shared.lock:
        shared.in_hand.discard((tenant, claim.conversation_id))
        shared.ended(tenant, outcome)
    return outcome.counts


def _put_back(db: Database, tenant: TenantId, claim: Claim, shared: _Run) -> None:
    with db.tenant(tenant) as conn:
        attempts.release(conn, tenant, claim.conversation_id)
    shared.in_hand.discard((tenant, claim.conversation_id))


@contextmanager
def _heartbeat(db: Database, shared: _Run) -> Iterator[None]:
    """Renew what is in hand, for as long as the block lasts."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(LEASE.total_seconds() / 3):
            with shared.lock:
                held = list(shared.in_hand)
            try:
                for tenant in {owner for owner, _ in held}:
                    with db.tenant(tenant) as conn:
                        attempts.renew(conn, tenant, [conversation for owner, conversation in held if owner == tenant])
            except Exception:  # the database is away for a moment: the next beat comes in time
                log.exception("claims could not be renewed")

    thread = threading.Thread(target=beat, name="analysis heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def run_to_end(db: Database, lines: Mapping[TenantId, Line], *, limit: int | None, report: Report) -> None:
    """Analyse until nothing is due, including what a killed worker had claimed. Waits for what other workers have claimed."""
    left = dict(lines)
    while left:
        ended = run(db, left, limit=limit, report=report)
        left = {tenant: line for tenant, line in left.items() if tenant not in ended.stopped}
        if limit is not None or not (ended.counts.analysed + ended.counts.skipped or _others(db, left)):
            return
        if not ended.counts.analysed:
            time.sleep(1)


def _others(db: Database, tenants: Iterable[TenantId]) -> int:
    """How many conversations of these tenants other workers have claimed."""
    found = 0
    for tenant in tenants:
        with db.tenant(tenant) as conn:
            found += attempts.in_hand(conn, tenant)
    return found
