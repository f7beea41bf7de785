"""Jobs belong to the transaction that causes them."""

import asyncio
import time

import psycopg
import pytest
from procrastinate.exceptions import TaskNotFound
from procrastinate.periodic import PeriodicDeferrer, PeriodicRegistry

from prosa import jobs, queue
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer


def job_state(server: EmbeddedServer, job: int) -> str | None:
    with psycopg.connect(server.dsn("prosa")) as conn:
        row = conn.execute("select status::text from procrastinate_jobs where id = %s", [job]).fetchone()
        return row[0] if row else None


def test_a_job_lives_and_dies_with_its_transaction(db: Database, server: EmbeddedServer, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        kept = queue.enqueue(conn, "maintenance.clean", timestamp=0)
    with pytest.raises(ZeroDivisionError), db.tenant(tenant) as conn:
        lost = queue.enqueue(conn, "maintenance.forget_jobs", timestamp=0)
        raise ZeroDivisionError
    assert job_state(server, kept) == "todo"
    assert job_state(server, lost) is None
    _work(db)


def test_a_misspelt_task_is_refused_at_once(db: Database, tenant: TenantId) -> None:
    with pytest.raises(TaskNotFound), db.tenant(tenant) as conn:
        queue.enqueue(conn, "maintenance.claen")


def test_the_worker_forgets_sessions_that_are_long_over(db: Database, server: EmbeddedServer, tenant: TenantId) -> None:
    with psycopg.connect(server.dsn("prosa")) as conn:
        conn.execute(
            """insert into users (tenant_id, id, email, role, password_hash)
               values (%s, 900, 'a@b.example', 'client', '')""",
            [tenant],
        )
        conn.execute(
            """insert into sessions (tenant_id, user_id, token_hash, expires_at)
               select %s, 900, sha256(n::text::bytea), now() - n * interval '1 day' from generate_series(-1, 9, 5) n""",
            [tenant],
        )
    with db.operator() as conn:
        job = queue.enqueue(conn, "maintenance.clean", timestamp=0)
    _work(db)
    assert job_state(server, job) == "succeeded"
    with db.tenant(tenant) as conn:
        left = conn.execute("select count(*) from sessions where tenant_id = %s", [tenant]).fetchone()
    assert left == (2,)  # -1 (alive) and 4 days over are kept; 9 days over is gone


def _work(db: Database) -> None:
    """Do what waits, then stop; without the schedules, which would add jobs of their own."""
    assert db.platform_dsn
    worker = queue.worker_app(db.platform_dsn)
    worker.periodic_registry = PeriodicRegistry()
    worker.run_worker(wait=False, install_signal_handlers=False, additional_context={"db": db})


def test_finished_jobs_are_forgotten_after_a_week(db: Database, server: EmbeddedServer) -> None:
    with db.operator() as conn:
        old = queue.enqueue(conn, "maintenance.clean", timestamp=0)
    _work(db)
    with psycopg.connect(server.dsn("prosa")) as conn:
        conn.execute("update procrastinate_events set at = at - interval '8 days' where job_id = %s", [old])
    with db.operator() as conn:
        queue.enqueue(conn, "maintenance.forget_jobs", timestamp=0)
    _work(db)
    assert job_state(server, old) is None
    assert jobs.KEEP_JOBS_HOURS == 168


def test_a_worker_enqueues_what_is_due_by_the_schedules(db: Database, server: EmbeddedServer) -> None:
    assert db.platform_dsn
    worker = queue.worker_app(db.platform_dsn)
    schedules = PeriodicDeferrer(registry=worker.periodic_registry, max_delay=24 * 3600)

    async def defer() -> None:
        async with worker.open_async():
            await schedules.defer_jobs(schedules.get_previous_tasks(at=time.time()))

    asyncio.run(defer())
    with psycopg.connect(server.dsn("prosa")) as conn:
        waiting = conn.execute("select distinct task_name from procrastinate_periodic_defers").fetchall()
        conn.execute("delete from procrastinate_periodic_defers")
        conn.execute("delete from procrastinate_jobs")
    scheduled = {schedule.task.name for schedule in queue.app.periodic_registry.periodic_tasks.values()}
    assert {name for (name,) in waiting} == scheduled >= {"maintenance.clean", "conversations.tick"}
