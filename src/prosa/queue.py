"""The job queue: work is enqueued in the transaction that causes it, so neither is lost without the other.

The tasks themselves stand in `prosa.jobs`, which the queue knows by name only: a floor below asks for work by a
task's name and does not import it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager

from prosa.db import Conn

app = App(connector=SyncPsycopgConnector(), import_paths=["prosa.jobs"])

# Enqueueing is synchronous, on the caller's own connection, even within a worker, whose connector is asynchronous and could
# not take part in a synchronous transaction.
SENDER = JobManager(SyncPsycopgConnector())


@dataclass(frozen=True)
class Lane:
    """Queues whose jobs share a number of a worker process's slots. No other lane's jobs use those."""

    name: str
    slots: int
    queues: tuple[str, ...]


# Jobs that wait for somebody else's server, or take long, can only fill their own lane: contacts and timers never wait for them.
# The lanes that keep a connection of the process's ten for long (live, upkeep, bulk) have eight slots together.
LANES = (
    Lane("live", 4, ("conversations",)),  # contacts wait for these
    Lane("sending", 4, ("sending",)),
    Lane("webhooks", 24, ("webhooks",)),  # they wait for tenants' servers, with no connection held (webhooks/pacing.py)
    Lane("media", 2, ("media",)),
    Lane("models", 4, ("assistant", "analysis")),
    Lane("upkeep", 2, ("facts", "remarketing", "maintenance")),
    Lane("bulk", 2, ("etl", "reports")),
)

# A transaction that says so notifies no worker of its jobs, and must have them woken afterwards (`wake`, and db/jobs.sql).
QUIETLY = "set local prosa.quiet = on"


def enqueue(
    conn: Conn, task_name: str, *, lock: str | None = None, once: str | None = None, after_seconds: int = 0, **args: Any
) -> int:
    """Add a job in the caller's transaction and return its id. A worker sees it after the commit.

    `lock`: jobs of one lock run one after another, in order. `after_seconds`: not earlier than that. `once`: while another job
    with this key waits, Procrastinate's AlreadyEnqueued is raised. Raises Procrastinate's TaskNotFound for a name that no task
    has.
    """
    task = app.configure_task(task_name, allow_unknown=False, lock=lock, queueing_lock=once,
                              schedule_in={"seconds": after_seconds} if after_seconds else None)  # fmt: skip
    return JobDeferrer(job=task.job, job_manager=SENDER, connection=conn).defer(**args)


def queue_of(task_name: str) -> str:
    """The queue in which a task's jobs wait. Raises Procrastinate's TaskNotFound."""
    return app.configure_task(task_name, allow_unknown=False).job.queue


def wake(conn: Conn) -> None:
    """Tell the workers that there may be jobs which were enqueued quietly (db/jobs.sql).

    If the notice is lost, no job is: the workers look by themselves every few seconds.
    """
    conn.execute("set local synchronous_commit = off")  # nothing to keep
    queues = [queue for lane in LANES for queue in lane.queues]
    conn.execute("select pg_notify('procrastinate_queue_v1#' || queue, %s) from unnest(%s::text[]) queue",
                 ['{"type": "job_inserted", "job_id": 0}', queues])  # fmt: skip


@contextmanager
def worker_app(dsn: str) -> Iterator[App]:
    """The same tasks on a connector of the worker's own, with the platform's login, for as long as the block lasts.

    The app itself gets the connector, because schedules are enqueued through their tasks, which know no other app.
    """
    connector = PsycopgConnector(  # each lane listens on a connection
        conninfo=dsn, max_size=len(LANES) + 4, kwargs={"application_name": "prosa worker"}
    )  # fmt: skip
    with app.replace_connector(connector) as worker:
        yield worker
