"""The job queue: work is enqueued in the transaction that causes it, so neither is lost without the other.

The tasks themselves stand in `prosa.jobs`, which the queue knows by name only: a floor below asks for work by a
task's name and does not import it.
"""

from copy import copy
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector

from prosa.db import Conn

# Two connectors for one set of tasks: enqueueing is synchronous, on the caller's own connection, even within a worker,
# whose connector is asynchronous and could not take part in a synchronous transaction.
app = App(connector=SyncPsycopgConnector(), import_paths=["prosa.jobs"])


def enqueue(
    conn: Conn, task_name: str, *, lock: str | None = None, once: str | None = None, after_seconds: int = 0, **args: Any
) -> int:
    """Add a job to the caller's transaction and return its id; a worker sees it after the commit.

    `lock`: jobs of one lock run one after another, in order. `after_seconds`: not earlier than that. `once`: refused by
    AlreadyEnqueued of Procrastinate while another job with this key waits. Raises TaskNotFound of Procrastinate for a name
    that no task has.
    """
    task = app.configure_task(task_name, allow_unknown=False, connection=conn, lock=lock, queueing_lock=once,
                              schedule_in={"seconds": after_seconds})  # fmt: skip
    return task.defer(**args)


def worker_app(dsn: str) -> App:
    """The same tasks and schedules on a connector of the worker's own; it holds the platform's login.

    They are copies that belong to the worker's app: a task enqueues through the app that it belongs to, so a schedule of
    `app` itself would ask the synchronous connector for what only an asynchronous one can do, and never run.
    """
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    worker = App(connector=PsycopgConnector(conninfo=dsn, kwargs={"application_name": "prosa worker"}))
    for name, task in app.tasks.items():
        worker.tasks[name] = copy(task)
        worker.tasks[name].blueprint = worker
    for schedule in app.periodic_registry.periodic_tasks.values():
        worker.periodic_registry.register_task(
            task=worker.tasks[schedule.task.name], cron=schedule.cron, periodic_id=schedule.periodic_id,
            configure_kwargs=schedule.configure_kwargs,
        )  # fmt: skip
    return worker
