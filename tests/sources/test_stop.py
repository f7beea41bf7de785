"""Asked to end, a run ends at once, also while it waits for a source that does not answer, and leaves nothing there."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg
import pytest
from tests.sources import slow_run
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences

from prosa import queue
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.jobs import etl as etl_jobs
from prosa.jobs.worker import run_lanes
from prosa.sources import spans
from prosa.sources.model import Mode

SECONDS = 4.0  # a run has ended by then; it takes one, and the machine may be busy
INTERRUPTED = ("failed", "interrupted: its process ended")
WAITING = """select pid from pg_stat_activity
             where application_name = 'prosa etl' and datname = current_database() and wait_event_type = 'Lock'"""
AT_WORK = "select count(*) from pg_stat_activity where application_name = 'prosa etl' and datname = current_database()"


def filled(chatwoot: FakeChatwoot) -> int:
    """An account with work for two lanes, in the ranges of slow_run."""
    account = chatwoot.account()
    inbox, contact = chatwoot.inbox(account), chatwoot.contact(account)
    for _ in range(50):
        chatwoot.message(chatwoot.conversation(inbox, contact))
    return account


@contextmanager
def held(chatwoot: FakeChatwoot, table: str = "messages") -> Iterator[None]:
    """The table is locked, as a migration of Chatwoot's does."""
    with chatwoot.conn.transaction():
        chatwoot.write(f"lock table {table} in access exclusive mode")
        yield


def waiting(chatwoot: FakeChatwoot, sessions: int) -> list[int]:
    """The server processes of this many sessions of ours, once all of them wait for the lock."""
    for _ in range(600):
        # What is seen of the others' sessions stays as it is within a transaction, unless one asks for it anew.
        chatwoot.write("select pg_stat_clear_snapshot()")
        found = [row[0] for row in chatwoot.conn.execute(WAITING)]
        if len(found) == sessions:
            return found
        time.sleep(0.05)
    raise AssertionError("nobody waits for the lock")


def nothing_left(chatwoot: FakeChatwoot) -> bool:
    """Our sessions are gone from the source, or go within a moment."""
    for _ in range(20):
        chatwoot.write("select pg_stat_clear_snapshot()")
        if chatwoot.write(AT_WORK) == 0:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def run(etl: Etl, tmp_path: Path) -> Iterator[Callable[[], BaseProcess]]:
    """A function that begins `prosa etl run` as a process."""
    begun: list[BaseProcess] = []

    def begin() -> BaseProcess:
        secret_key = etl.settings.secret_key or ""
        begun.append(slow_run.start(etl.settings.prosa_home, secret_key, [], tmp_path / "out", tmp_path / "err"))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
    assert (tmp_path / "err").read_text() == ""


def end(process: BaseProcess, number: int) -> None:
    """Tell it to end; it does so in time, as a shell expects it of this signal."""
    assert process.pid
    os.kill(process.pid, number)
    process.join(SECONDS)
    assert process.exitcode == 128 + number


def states(etl: Etl, tenant: TenantId) -> list[tuple[str, str | None]]:
    return etl.select(tenant, "select state, error from etl_runs order by id")  # type: ignore[return-value]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_first_load_that_waits_for_a_locked_table_ends_at_once(
    etl: Etl, own_chatwoot: FakeChatwoot, run: Callable[[], BaseProcess], lanes: int, number: int
) -> None:
    account = filled(own_chatwoot)
    if lanes == 1:  # one range
        own_chatwoot.write("delete from conversations where id > 10")
    tenant = etl.connect(own_chatwoot, account)
    with held(own_chatwoot):
        process = run()
        waiting(own_chatwoot, lanes)
        end(process, number)
        assert nothing_left(own_chatwoot)
    assert states(etl, tenant) == [INTERRUPTED]
    etl.run(tenant)
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(own_chatwoot, account))) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_following_run_that_waits_for_a_locked_table_ends_at_once(
    etl: Etl, own_chatwoot: FakeChatwoot, run: Callable[[], BaseProcess], lanes: int, number: int
) -> None:
    accounts = [filled(own_chatwoot) for _ in range(lanes)]
    tenants = [etl.first_load(own_chatwoot, account) for account in accounts]
    own_chatwoot.write("update conversations set priority = 3, updated_at = now() at time zone 'utc'")
    with held(own_chatwoot):
        process = run()
        waiting(own_chatwoot, lanes)
        end(process, number)
        assert nothing_left(own_chatwoot)
    assert [states(etl, tenant)[1:] for tenant in tenants] == [[INTERRUPTED]] * lanes
    etl.run()
    assert {row["priority"] for tenant in tenants for row in etl.rows(tenant)["conversations"]} == {"urgent"}


@pytest.mark.parametrize("first", [True, False], ids=["first load", "following"])
def test_a_run_ends_though_the_source_answers_no_more(
    etl: Etl, own_chatwoot: FakeChatwoot, run: Callable[[], BaseProcess], first: bool
) -> None:
    """Its server processes stand still, so they do not even hear that their statements are cancelled."""
    account = filled(own_chatwoot)
    tenant = etl.connect(own_chatwoot, account) if first else etl.first_load(own_chatwoot, account)
    with held(own_chatwoot):
        process = run()
        stuck = waiting(own_chatwoot, 2 if first else 1)
        try:
            for pid in stuck:
                os.kill(pid, signal.SIGSTOP)
            end(process, signal.SIGTERM)
        finally:
            for pid in stuck:
                os.kill(pid, signal.SIGCONT)
        assert nothing_left(own_chatwoot)
    assert states(etl, tenant)[-1] == INTERRUPTED


def test_a_run_ends_though_the_source_answers_no_more_to_a_small_question(
    etl: Etl, own_chatwoot: FakeChatwoot, run: Callable[[], BaseProcess]
) -> None:
    """psycopg itself would wait for five seconds whether the server hears that the question is cancelled."""
    tenant = etl.connect(own_chatwoot, filled(own_chatwoot))
    with held(own_chatwoot, "conversations"):
        process = run()
        [stuck] = waiting(own_chatwoot, 1)
        try:
            os.kill(stuck, signal.SIGSTOP)
            end(process, signal.SIGTERM)
        finally:
            os.kill(stuck, signal.SIGCONT)
        assert nothing_left(own_chatwoot)
    assert states(etl, tenant) == [INTERRUPTED]


@pytest.mark.usefixtures("empty_queue")
@pytest.mark.parametrize("lanes", [1, 2])
def test_a_worker_that_ends_interrupts_its_runs_and_has_them_taken_up(
    etl: Etl, db: Database, own_chatwoot: FakeChatwoot, monkeypatch: pytest.MonkeyPatch, superuser: psycopg.Connection,
    lanes: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(spans, "RANGE", 100 // lanes)
    tenants = [etl.connect(own_chatwoot, filled(own_chatwoot)) for _ in range(2)]
    monkeypatch.setattr(etl_jobs, "get_settings", lambda: etl.settings)
    monkeypatch.setattr(etl_jobs, "ETL_JITTER_SECONDS", 0)
    etl_jobs.enqueue_runs(db, Mode.RECONCILE)

    async def work_until_told_to_stop() -> float:
        with queue.worker_app(db.platform_dsn or "") as worker:
            working = asyncio.create_task(run_lanes(worker, db, [queue.Lane("bulk", 2, ("etl",))]))
            await asyncio.to_thread(waiting, own_chatwoot, lanes)
            begun = time.monotonic()
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            return time.monotonic() - begun

    with held(own_chatwoot):
        assert asyncio.run(work_until_told_to_stop()) < SECONDS
        assert nothing_left(own_chatwoot)
    assert [states(etl, tenant) for tenant in tenants] == [[INTERRUPTED]] * 2
    again = superuser.execute(
        "select args ->> 'mode' from procrastinate_jobs where task_name = 'etl.read' and status = 'todo'"
    )
    assert ("reconcile",) in again.fetchall()
