"""The worker process, and what its tasks share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import structlog
from procrastinate import JobContext

from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.queue import worker_app
from prosa.tenancy.tenants import is_suspended

Work = TypeVar("Work", bound=Callable[..., None])
log = structlog.get_logger()


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


def unless_suspended(work: Work) -> Work:
    """A task of one tenant that does nothing while the tenant is suspended. What waits is taken up by its schedule."""

    @wraps(work)
    def checked(context: JobContext, tenant_id: int, *more: Any, **named: Any) -> None:
        with database(context).tenant(tenant_id) as conn:
            suspended = is_suspended(conn, tenant_id)
        if suspended:
            log.info("not done for a suspended tenant", tenant_id=tenant_id, task=context.job.task_name)
        else:
            work(context, tenant_id, *more, **named)

    return cast(Work, checked)


def in_batches(db: Database, tenant: TenantId, size: int, work: Callable[[Conn, TenantId], int]) -> int:
    """Do `work`, a transaction at a time, until it finds less than a full batch. Returns how much it found in all."""
    total, found = 0, size
    while found == size:
        with db.tenant(tenant) as conn:
            found = work(conn, tenant)
        total += found
    return total
