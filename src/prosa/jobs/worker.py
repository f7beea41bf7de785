"""The worker process, and what its tasks share."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

import structlog
from procrastinate import App, JobContext, RetryStrategy
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from prosa.db import Conn, Database, TenantId
from prosa.queue import LANES, Lane, worker_app
from prosa.sources.stop import Stop
from prosa.tenancy.tenants import is_suspended

Work = TypeVar("Work", bound=Callable[..., None])
log = structlog.get_logger()

# A connection that broke, a restart of the server, a deadlock, or no free connection: another try may succeed.
DATABASE_GONE = (OperationalError, PoolTimeout, ConnectorException)
# For jobs that no schedule looks for again: at once, then 5, 10, 15 … seconds apart, about four minutes in all.
AGAIN = RetryStrategy(max_attempts=10, linear_wait=5, retry_exceptions=DATABASE_GONE)

READING_SECONDS = 1.0  # how long a reading may go on when the worker ends; another run reads the rest


def run_worker(db: Database) -> None:
    """Work until SIGTERM or SIGINT. Running jobs then get five seconds to finish; a run of the ETL gets one."""
    if db.platform_dsn is None:
        raise RuntimeError("the worker needs the platform's login")
    with worker_app(db.platform_dsn) as worker:

        async def until_told_to_stop() -> None:
            lanes = asyncio.create_task(run_lanes(worker, db))
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, lanes.cancel)
            with suppress(asyncio.CancelledError):
                await lanes

        asyncio.run(until_told_to_stop())


async def run_lanes(worker: App, db: Database, lanes: Sequence[Lane] = LANES, *, wait: bool = True) -> None:
    """Work in every lane until cancelled; with `wait` false, until nothing is left to do.

    A lane that ends by itself has lost its database. All lanes end then, so that the process is started again.
    """
    stop = Stop()
    threads = ThreadPoolExecutor(sum(lane.slots for lane in lanes))
    asyncio.get_running_loop().set_default_executor(threads)  # asyncio's own has only six threads on two cores
    async with worker.open_async():
        running = [
            asyncio.create_task(
                worker.run_worker_async(
                    name=lane.name, queues=list(lane.queues), concurrency=lane.slots, wait=wait, install_signal_handlers=False,
                    shutdown_graceful_timeout=5, additional_context={"db": db, "stop": stop},
                )
            ) for lane in lanes
        ]  # fmt: skip
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED if wait else asyncio.ALL_COMPLETED)
        finally:
            for lane in running:
                lane.cancel()
            asyncio.get_running_loop().call_later(READING_SECONDS, stop.now)
            ends = await asyncio.gather(*running, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


def database(context: JobContext) -> Database:
    """The worker's database, for tasks with `pass_context=True`."""
    found = context.additional_context["db"]
    assert isinstance(found, Database)
    return found


def unless_suspended(work: Work) -> Work:
    """Decorate a task of one tenant to do nothing while the tenant is suspended. Its schedule takes up later what waits."""

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
