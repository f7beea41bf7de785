"""Jobs belong to the transaction that causes them."""

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest
from procrastinate.exceptions import TaskNotFound
from procrastinate.periodic import PeriodicDeferrer

from prosa import jobs, queue
from prosa.db import Database
from prosa.db.connection import TenantId

pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture(scope="module")
def db(own_db: Database) -> Database:
    """A database of this module's own: its worker does every job that waits."""
    return own_db


def job_state(conn: psycopg.Connection, job: int) -> str | None:
    row = conn.execute("select status::text from procrastinate_jobs where id = %s", [job]).fetchone()
    return row[0] if row else None


def test_a_job_lives_and_dies_with_its_transaction(
    db: Database, superuser: psycopg.Connection, tenant: TenantId
) -> None:
    with db.tenant(tenant) as conn:
        kept = queue.enqueue(conn, "maintenance.clean", timestamp=0)
    with pytest.raises(ZeroDivisionError), db.tenant(tenant) as conn:
        lost = queue.enqueue(conn, "maintenance.forget_jobs", timestamp=0)
        raise ZeroDivisionError
    assert job_state(superuser, kept) == "todo"
    assert job_state(superuser, lost) is None
    _work(db)


def test_a_misspelt_task_is_refused_at_once(db: Database, tenant: TenantId) -> None:
    with pytest.raises(TaskNotFound), db.tenant(tenant) as conn:
        queue.enqueue(conn, "maintenance.claen")


def test_the_worker_forgets_sessions_that_are_long_over(
    db: Database, superuser: psycopg.Connection, tenant: TenantId
) -> None:
    superuser.execute(
        """insert into users (tenant_id, id, email, role, password_hash)
           values (%s, 900, 'a@b.example', 'client', '')""",
        [tenant],
    )
    superuser.execute(
        """insert into sessions (tenant_id, user_id, token_hash, expires_at)
           select %s, 900, sha256(n::text::bytea), now() - n * interval '1 day' from generate_series(-1, 9, 5) n""",
        [tenant],
    )
    with db.operator() as conn:
        job = queue.enqueue(conn, "maintenance.clean", timestamp=0)
    _work(db)
    assert job_state(superuser, job) == "succeeded"
    with db.tenant(tenant) as conn:
        left = conn.execute("select count(*) from sessions where tenant_id = %s", [tenant]).fetchone()
    assert left == (2,)  # -1 (alive) and 4 days over are kept; 9 days over is gone


def _work(db: Database) -> None:
    """Do what waits, then stop."""
    assert db.platform_dsn
    with queue.worker_app(db.platform_dsn) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, additional_context={"db": db})


def test_finished_jobs_are_forgotten_after_a_week(db: Database, superuser: psycopg.Connection) -> None:
    with db.operator() as conn:
        old = queue.enqueue(conn, "maintenance.clean", timestamp=0)
    _work(db)
    superuser.execute("update procrastinate_events set at = at - interval '8 days' where job_id = %s", [old])
    with db.operator() as conn:
        queue.enqueue(conn, "maintenance.forget_jobs", timestamp=0)
    _work(db)
    assert job_state(superuser, old) is None
    assert jobs.maintenance.KEEP_JOBS_HOURS == 168


def test_a_killed_workers_jobs_are_done_by_another(db: Database, superuser: psycopg.Connection) -> None:
    """A schedule's job that waits anew by itself is not done twice."""
    with db.operator() as conn:
        lost = [queue.enqueue(conn, "maintenance.clean", timestamp=0),
                queue.enqueue(conn, "conversations.tick", once="conversations.tick", timestamp=0)]  # fmt: skip
    worker = superuser.execute(
        "insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute') returning id"
    ).fetchone()
    assert worker
    superuser.execute(
        "update procrastinate_jobs set status = 'doing', worker_id = %s where id = any(%s)", [worker[0], lost]
    )
    with db.operator() as conn:
        queue.enqueue(conn, "maintenance.rescue", timestamp=0)
        waits = queue.enqueue(conn, "conversations.tick", once="conversations.tick", timestamp=1)
    _work(db)
    assert [job_state(superuser, job) for job in (*lost, waits)] == ["succeeded", "failed", "succeeded"]


def test_the_worker_enqueues_what_the_schedules_ask_for(db: Database, superuser: psycopg.Connection) -> None:
    """At 02:40 UTC the nightly reconciliation falls due; a worker that fails at that would start again and again."""
    moment = datetime(2030, 1, 1, 2, 40, 30, tzinfo=UTC).timestamp()

    async def tick() -> None:
        assert db.platform_dsn
        with queue.worker_app(db.platform_dsn) as worker:
            worker.perform_import_paths()
            async with worker.open_async():
                deferrer = PeriodicDeferrer(registry=worker.periodic_registry)
                await deferrer.defer_jobs(deferrer.get_previous_tasks(at=moment))

    asyncio.run(tick())
    due = superuser.execute(  # and nobody is to run these, nor what else falls due so late in the future
        """update procrastinate_jobs set status = 'cancelled'
           where status = 'todo' and (args ->> 'timestamp')::bigint > extract(epoch from now()) returning task_name"""
    )
    assert ("etl.schedule_reconcile",) in due.fetchall()
