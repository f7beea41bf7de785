"""Where the embedded server keeps its data, what its log tells, and when it may start."""

import fcntl
import os
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from prosa.db import cluster, embedded, programs
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Unavailable
from prosa.signals import handled, leave
from twilio_twin import wait_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")


def test_a_users_data_lies_in_his_home(open_folder: Path) -> None:
    home = open_folder / "reachable"
    home.mkdir(mode=0o755)
    assert EmbeddedServer(home).root == home / "postgres"


@as_root
def test_data_stays_where_it_was_made_when_the_homes_permissions_change(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "ROOT_DATA", open_folder / "var")
    closed, opened = open_folder / "closed", open_folder / "opened"
    closed.mkdir(mode=0o700)
    opened.mkdir(mode=0o755)
    outside, inside = EmbeddedServer(closed).root, EmbeddedServer(opened).root
    assert (outside.parent, inside) == (open_folder / "var", opened / "postgres")
    for root in (outside, inside):
        (root / "data").mkdir(parents=True)
    closed.chmod(0o755)
    opened.chmod(0o700)
    assert (EmbeddedServer(closed).root, EmbeddedServer(opened).root) == (outside, inside)


@pytest.mark.parametrize("name", ["ü" * 45, "a" * 90, "with spaces & 'quotes' 100%"])
def test_any_home_will_do(open_folder: Path, name: str) -> None:
    """A socket's path has 107 bytes, where an accented letter is two; a longer one's socket lies elsewhere meanwhile."""
    with EmbeddedServer(open_folder / name).running() as server:
        sockets = server.socket_dir
        assert [path.name for path in sockets.glob(".s.PGSQL.*[0-9]")]
        assert psycopg.connect(server.dsn()).execute("select 1").fetchone() == (1,)
    assert sockets == server.root or not sockets.exists()


def test_the_servers_log_tells_errors_without_what_contacts_wrote(server: EmbeddedServer) -> None:
    said, marker = uuid.uuid4().hex, uuid.uuid4().hex

    def logged() -> str:
        return "".join(path.read_text(errors="replace") for path in (server.data / "log").iterdir())

    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute("create temporary table once_only (body text primary key)")
        conn.execute("insert into once_only values (%s)", [said])
        with pytest.raises(psycopg.errors.UniqueViolation):  # the key is in the error's detail
            conn.execute("insert into once_only values (%s)", [said])
        with pytest.raises(psycopg.errors.DivisionByZero):  # the text is in the statement
            psycopg.ClientCursor(conn).execute("select %s, 1 / 0", [said])
        conn.execute(f"do $$ begin raise log '{marker}'; end $$".encode())
    wait_for(lambda: marker in logged())
    assert said not in logged()


@pytest.fixture
def own_server(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A server of the test's own, which it may kill."""
    with EmbeddedServer(open_folder / uuid.uuid4().hex).running() as running:
        yield running


def _killed(server: EmbeddedServer) -> None:
    pid, port = server.pid(), server.port()
    assert pid is not None and port is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not embedded._accepts(port))
    os.waitpid(pid, 0)  # until then its port may still answer


def test_locks_of_a_dead_server_do_not_count_although_their_process_id_is_anothers_now(
    own_server: EmbeddedServer,
) -> None:
    _killed(own_server)
    with subprocess.Popen(["sleep", "100"], user=cluster.server_user()) as other:
        locks = [own_server.data / "postmaster.pid", *own_server.socket_dir.glob(".s.PGSQL.*.lock")]
        assert len(locks) == 2
        for lock in locks:
            _, *rest = lock.read_text().splitlines()
            lock.write_text("\n".join([str(other.pid), *rest, ""]))
        own_server.start_again()
        assert own_server.pid() != other.pid
        assert psycopg.connect(own_server.dsn()).execute("select 1").fetchone() == (1,)
        other.kill()


def test_a_folder_is_never_served_twice_although_the_other_server_cannot_be_seen(
    own_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, dsn = own_server.pid(), own_server.dsn()
    with monkeypatch.context() as elsewhere:  # as in another container
        elsewhere.setattr(embedded, "ELSEWHERE_SECONDS", 1)
        elsewhere.setattr(embedded, "_here", lambda: "another container")
        elsewhere.setattr(EmbeddedServer, "pid", lambda self: None)
        with pytest.raises(Unavailable, match="in use by a server that cannot be reached from here"):
            own_server.start()
    assert own_server.pid() == seen
    assert psycopg.connect(dsn).execute("select 1").fetchone() == (1,)


def test_a_server_that_is_not_ready_is_waited_for_and_that_is_told(
    own_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One of this machine that recovers from a crash, or whose last processes end, is worth waiting for."""
    monkeypatch.setattr(embedded, "ELSEWHERE_SECONDS", 0)
    monkeypatch.setattr(embedded, "SAY_SECONDS", 0.5)
    port = own_server.port()
    recovered = time.monotonic() + 1.5
    with monkeypatch.context() as recovering:
        recovering.setattr(EmbeddedServer, "port", lambda self: port if time.monotonic() > recovered else None)
        own_server.start()
        assert time.monotonic() > recovered
        assert [record.getMessage() for record in caplog.records] == [
            f"A server that starts, recovers or ends holds the embedded database in {own_server.root}: waiting."
        ]
        recovering.setattr(embedded, "START_SECONDS", 1)
        recovering.setattr(EmbeddedServer, "port", lambda self: None)
        with pytest.raises(Unavailable, match="is not ready after 1 seconds"):
            own_server.start()


def test_whoever_waits_for_another_that_starts_the_server_is_told(
    own_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded, "SAY_SECONDS", 0.2)
    with (own_server.home / "starting.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        release = threading.Timer(0.6, lambda: fcntl.flock(lock, fcntl.LOCK_UN))
        release.start()
        own_server.start_again()
        release.join()
    assert "Another process starts or stops the embedded database" in caplog.text


@pytest.mark.parametrize("moment", ["begun", "waited for"])
def test_who_is_told_to_end_while_the_server_starts_takes_it_along(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Its file with the process id is not there yet."""
    home = open_folder / uuid.uuid4().hex
    home.mkdir()
    begin = subprocess.Popen

    def popen(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        process = begin(command, **options)
        if "-k" in command and moment == "begun":
            signal.raise_signal(signal.SIGTERM)
        return process

    def port(self: EmbeddedServer) -> None:
        if (self.data / "start.log").exists() and moment == "waited for":
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(subprocess, "Popen", popen)
    monkeypatch.setattr(EmbeddedServer, "port", port)
    with pytest.raises(SystemExit) as told, handled(leave), EmbeddedServer(home).running():
        pass
    assert told.value.code == 128 + signal.SIGTERM
    assert not EmbeddedServer(home).is_served()
    monkeypatch.undo()
    with EmbeddedServer(home).running() as server:
        assert server.port()
