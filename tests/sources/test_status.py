"""`prosa status`: what it says of a database, a worker, and the sources' latest runs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.processes import run_command
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl

from prosa.db.embedded import EmbeddedServer
from prosa.settings import Settings
from prosa.sources.store import ETL_LOCK, INTERRUPTED, latest_runs
from prosa.status import SourceStatus, State, Status, look
from prosa.supervisor import free_port


@pytest.fixture
def silent(settings: Settings) -> Settings:
    """The tests' database, and a port at which no web process answers."""
    return replace(settings, api_port=free_port("127.0.0.1", 0))


@pytest.fixture
def status(silent: Settings, etl: Etl) -> Callable[[], Status]:
    return lambda: look(silent)


@pytest.fixture
def source(status: Callable[[], Status]) -> Callable[[], SourceStatus]:
    """The one source that the test connected."""

    def only() -> SourceStatus:
        [found] = status().sources
        return found

    return only


@pytest.fixture
def read_only(chatwoot: FakeChatwoot, etl: Etl) -> int:
    """An account with a conversation, which a new tenant has connected and not read."""
    account = chatwoot.account()
    chatwoot.message(chatwoot.conversation(chatwoot.inbox(account), chatwoot.contact(account)), text="oi")
    return etl.connect(chatwoot, account)


@pytest.fixture
def heartbeat(superuser: psycopg.Connection) -> Iterator[Callable[[int], None]]:
    """A function by which a worker was last heard of so many seconds ago."""

    def heard(seconds: int) -> None:
        superuser.execute("delete from procrastinate_workers")
        superuser.execute(
            "insert into procrastinate_workers (last_heartbeat) values (now() - make_interval(secs => %s))", [seconds]
        )

    yield heard
    superuser.execute("delete from procrastinate_workers")


def test_a_stopped_database_is_told_and_not_started(tmp_path: Path) -> None:
    home = tmp_path / "home"
    found = look(Settings(prosa_home=home, api_port=free_port("127.0.0.1", 0)))
    assert found.database.problem == "stopped; start it with: prosa up"
    assert found.worker is None and found.sources == []
    assert not found.works
    assert not home.exists()


def test_a_database_that_another_container_serves_is_not_called_stopped(
    silent: Settings, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedServer, "pid", lambda self: None)  # its process cannot be seen
    assert "served by another container" in (look(silent).database.problem or "")


def test_a_server_of_ones_own_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://prosa:hidden@127.0.0.1:1/prosa"
    found = look(Settings(prosa_home=tmp_path, secret_key="key", database_url=url, api_port=1))
    assert found.database.where == "127.0.0.1:1/prosa"
    assert "Connection refused" in (found.database.problem or "")
    assert "hidden" not in repr(found)


def test_a_worker_lives_as_long_as_it_is_heard_of(
    status: Callable[[], Status], heartbeat: Callable[[int], None]
) -> None:
    for seconds, state in ((5, State.OK), (90, State.FAIL)):
        heartbeat(seconds)
        found = status().worker
        assert found and found.state is state
        assert seconds <= (found.heard_seconds_ago or 0) < seconds + 20


def test_who_reads_by_timers_may_do_without_a_worker_as_long_as_nothing_waits_for_one(
    status: Callable[[], Status],
    heartbeat: Callable[[int], None],
    read_only: int,
    etl: Etl,
    superuser: psycopg.Connection,
    empty_queue: None,
) -> None:
    def worker() -> State | None:
        found = status().worker
        return found and found.state

    assert worker() is State.FAIL  # nobody has read anything yet
    etl.run()
    assert worker() is State.WARN
    for task, state in (("etl.read", State.WARN), ("webhooks.deliver", State.FAIL)):
        job = superuser.execute(
            "insert into procrastinate_jobs (task_name, queue_name) values (%s, 'test') returning id", [task]
        ).fetchone()
        assert worker() is state
        superuser.execute("delete from procrastinate_jobs where id = %s", job)
    heartbeat(40)
    assert worker() is State.WARN
    read = "update etl_runs set started_at = now() - make_interval(mins => %s) where tenant_id = %s"
    superuser.execute(read.encode(), [20, read_only])
    assert worker() is State.FAIL  # the worker died after that run
    superuser.execute("delete from procrastinate_workers")
    assert worker() is State.WARN
    superuser.execute(read.encode(), [61, read_only])
    assert worker() is State.FAIL


def test_a_source_is_read_next_where_a_worker_lives(
    source: Callable[[], SourceStatus], heartbeat: Callable[[int], None], read_only: int, etl: Etl
) -> None:
    found = source()
    assert (found.ended, found.state, found.due_at) == (None, State.OK, None)
    heartbeat(0)
    etl.run()
    found = source()
    assert (found.ended, found.mode, found.state) == ("done", "full", State.OK)
    assert found.started_at and found.due_at and found.due_at > found.started_at


def test_a_failed_a_killed_and_an_overdue_run_are_told_apart(
    source: Callable[[], SourceStatus], read_only: int, etl: Etl, superuser: psycopg.Connection
) -> None:
    def listed() -> tuple[str, str | None]:
        [run] = latest_runs(superuser, read_only, everything=True, limit=9)
        return run["state"], run["error"]

    etl.run()
    mine = "where tenant_id = %s"
    superuser.execute(f"update etl_runs set state = 'failed', error = 'broken' {mine}".encode(), [read_only])
    assert (source().state, source().ended, source().error) == (State.FAIL, "failed", "broken")
    superuser.execute(f"update etl_runs set state = 'running', error = null {mine}".encode(), [read_only])
    assert (source().state, source().ended) == (State.FAIL, "interrupted")
    assert listed() == ("failed", INTERRUPTED)
    with superuser.transaction():
        superuser.execute("select pg_advisory_xact_lock(%s, %s::integer)", [ETL_LOCK, read_only])
        assert (source().state, source().ended) == (State.OK, "running")
        assert listed() == ("running", None)
    superuser.execute(
        f"update etl_runs set state = 'done', started_at = now() - interval '61 min' {mine}".encode(), [read_only]
    )
    assert (source().state, source().ended, source().overdue) == (State.FAIL, "done", True)
    superuser.execute("update tenants set suspended_at = now() where id = %s", [read_only])
    with pytest.raises(ValueError, match="not enough values"):  # nobody waits for it
        source()


def test_the_command_prints_a_line_a_part_and_exits_with_1_where_one_fails(
    silent: Settings, etl: Etl, read_only: int, superuser: psycopg.Connection
) -> None:
    etl.run()
    superuser.execute(
        """insert into etl_rejects (tenant_id, source_id, stream, external_id, reason, source_row)
           values (%s, 1, 'messages', 1, 'why', '{}')""", [read_only],
    )  # fmt: skip
    done = run_command(silent, "status", environment={"API_PORT": str(silent.api_port)})
    assert done.returncode == 1, done.stderr
    assert f"fail  web: http://127.0.0.1:{silent.api_port} does not answer" in done.stdout
    assert "ok    database: PostgreSQL 18" in done.stdout
    [line] = [line for line in done.stdout.splitlines() if " source " in line]
    assert line.startswith("warn  source ") and "rows put aside: 1 (prosa etl rejects --tenant " in line
