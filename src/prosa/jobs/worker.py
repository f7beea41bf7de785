"""The worker process, and what its tasks share."""

from collections.abc import Callable

from procrastinate import JobContext

from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.queue import worker_app


def run_worker(db: Database, *, concurrency: int = 4) -> None:
    """Work until SIGTERM or SIGINT; running jobs get five seconds to finish."""
    if db.platform_dsn is None:
        raise RuntimeError("the worker needs the platform's login")
    with worker_app(db.platform_dsn) as worker:
        worker.run_worker(concurrency=concurrency, shutdown_graceful_timeout=5, additional_context={"db": db})


def database(context: JobContext) -> Database:
    """The worker's database, for tasks with `pass_context=True`."""
    found = context.additional_context["db"]
    assert isinstance(found, Database)
    return found


def in_batches(db: Database, tenant: TenantId, size: int, work: Callable[[Conn, TenantId], int]) -> int:
    """Do `work`, a transaction at a time, until it finds less than a full batch. Returns how much it found in all."""
    total, found = 0, size
    while found == size:
        with db.tenant(tenant) as conn:
            found = work(conn, tenant)
        total += found
    return total
