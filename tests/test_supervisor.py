"""`prosa up` as a process: what dies comes back, and what is stopped is gone."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from prosa import supervisor
from prosa.db import Database
from prosa.db.embedded import EmbeddedServer
from prosa.db.opening import OWNER, role_password
from prosa.demo.agency import DATABASE as CHATWOOT
from prosa.errors import Conflict, Invalid, Unavailable
from prosa.settings import Settings
from prosa.status import Status, look


@dataclass(frozen=True)
class Installation:
    """A `prosa up` that runs."""

    process: subprocess.Popen[bytes]
    home: Path
    url: str
    log: Path

    def healthy(self) -> bool:
        """Whether web process and database answer."""
        try:
            return httpx.get(f"{self.url}/health", timeout=5, verify=False).status_code == 200
        except httpx.HTTPError:
            return False

    def children(self, name: str) -> list[int]:
        """Process ids of every child of this name so far, oldest first, from the log."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line["pid"] for line in lines if line["event"] == "started" and line.get("child") == name]


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Fail where the condition does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def home(open_folder: Path) -> Path:
    """A fresh PROSA_HOME that the database's user can reach."""
    folder = open_folder / "up-home"
    folder.mkdir()
    return folder


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PROSA_HOME": str(home), "DATABASE_URL": "", "PUBLIC_URL": "", "SECRET_KEY": ""}


@contextmanager
def running(home: Path) -> Iterator[Installation]:
    """`prosa up` on a free port, until SIGTERM."""
    port = supervisor.free_port("127.0.0.1", 0)
    log = home / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "prosa", "up", "--port", str(port)], env=environment(home), stderr=out, stdout=out
        )
        installation = Installation(process, home, f"http://127.0.0.1:{port}", log)
        try:
            wait_until(installation.healthy)
            yield installation
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def installation(home: Path) -> Iterator[Installation]:
    """One that several tests hurt in turn."""
    with running(home) as found:
        yield found


def test_a_new_installation_says_how_to_log_in(installation: Installation) -> None:
    wait_until(lambda: "prosa user add YOU@EXAMPLE.COM --role super_admin" in installation.log.read_text(), 10)


@pytest.mark.parametrize("child", ["web", "worker"])
def test_a_killed_child_is_started_again(installation: Installation, child: str) -> None:
    before = installation.children(child)
    os.kill(before[-1], signal.SIGKILL)
    wait_until(lambda: len(installation.children(child)) > len(before))
    wait_until(installation.healthy)


def test_a_killed_database_comes_back_and_the_children_find_it(installation: Installation) -> None:
    pid = EmbeddedServer(installation.home).pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: EmbeddedServer(installation.home).pid() not in (pid, None))
    wait_until(installation.healthy)


def test_a_second_up_on_the_same_home_says_so(installation: Installation) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "prosa", "up", "--port", "0"],
        env=environment(installation.home), capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert second.returncode == 3
    assert f"already running in {installation.home}" in second.stderr
    wait_until(installation.healthy)  # the test before may still have it start again


def test_doctor_finds_a_running_installation_well(installation: Installation) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "prosa", "doctor", "--json"],
        env=environment(installation.home), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    checks = {check["name"]: check["state"] for check in json.loads(result.stdout)}
    assert result.returncode == 0
    assert checks["database"] == checks["migrations"] == checks["logins"] == checks["worker"] == "ok"
    assert checks["stored secrets"] == "ok"
    assert checks["PUBLIC_URL"] == "warn"
    assert checks["language model"] == "ok"


def test_status_finds_a_running_installation_by_the_port_that_up_was_given(installation: Installation) -> None:
    wait_until(installation.healthy)

    def status() -> dict[str, Any]:
        result = subprocess.run(
            [sys.executable, "-m", "prosa", "status", "--json"],
            env=environment(installation.home), capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(result.stdout)
        assert result.returncode == (0 if found["works"] else 1)
        return found

    wait_until(lambda: status()["works"])  # a worker that was just started is heard of in a moment
    found = status()
    assert found["web"]["address"] == installation.url
    assert found["database"]["bytes"] > 0
    assert found["jobs"]["failed"] == 0


def test_webhooks_are_signed_for_the_port_that_up_was_given(installation: Installation) -> None:
    wait_until(installation.healthy)
    answer = httpx.get(f"{installation.url}/webhooks/twilio/health").json()
    assert answer["inbound_url"] == f"{installation.url}/webhooks/twilio/inbound"

    def prosa(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "prosa", *arguments], env=environment(installation.home), input="token\n",
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout  # fmt: skip

    prosa("tenant", "add", "clinica", "--name", "Clínica")
    said = prosa("twilio", "connect", "--tenant", "clinica", "--sid", "AC" + "0" * 32, "--number", "+5511999990000",
                 "--no-check", "--token-stdin")  # fmt: skip
    assert f"{installation.url}/webhooks/twilio/inbound\n" in said
    simulate = ["twilio", "simulate", "--tenant", "clinica"]
    assert " 200" in prosa(*simulate)
    assert " 200" in prosa(*simulate, "--server", installation.url)
    assert " 204" in prosa(*simulate, "--status", "delivered", "--message-sid", "SM" + "0" * 32)


def test_sigterm_leaves_nothing_behind_within_ten_seconds(home: Path, installation: Installation) -> None:
    pids = [installation.children("web")[-1], installation.children("worker")[-1], EmbeddedServer(home).pid() or 0]
    assert all(alive(pid) for pid in pids)
    started = time.monotonic()
    installation.process.terminate()
    assert installation.process.wait(20) == 0
    assert time.monotonic() - started < 10
    assert not any(alive(pid) for pid in pids)
    assert EmbeddedServer(home).pid() is None


def test_when_the_supervisor_itself_is_killed_the_children_end_too(home: Path, installation: Installation) -> None:
    installation.process.terminate()  # where the test before ran in another process, it is still up
    installation.process.wait(20)
    with running(home) as again:
        pids = [again.children("web")[-1], again.children("worker")[-1]]
        again.process.kill()
        wait_until(lambda: not any(alive(pid) for pid in pids), 20)
        wait_until(lambda: EmbeddedServer(home).pid() is None, 20)


def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=f"Port {port} of 127.0.0.1 cannot be used"):
            supervisor.free_port("127.0.0.1", port)


def test_a_taken_port_is_found_before_the_database_starts(open_folder: Path) -> None:
    home = open_folder / uuid.uuid4().hex
    home.mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = subprocess.run(
            [sys.executable, "-m", "prosa", "up", "--port", str(other.getsockname()[1])],
            env=environment(home), capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be used (Address already in use). Choose another one" in done.stderr
    assert not (home / "postgres").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    ("command", "started"),
    [("worker", lambda status: status.worker.lives), ("serve", lambda status: status.web.problem is None)],
)
def test_a_process_that_stays_ends_well_when_it_is_asked_to(
    settings: Settings,
    server: EmbeddedServer,
    own_db: Database,
    tmp_path: Path,
    command: str,
    started: Callable[[Status], bool],
    number: signal.Signals,
) -> None:
    port = supervisor.free_port("127.0.0.1", 0)
    url = server.dsn(urlsplit(own_db.app_dsn).path.strip("/"), OWNER, role_password(settings, OWNER))
    own = replace(settings, database_url=url, api_port=port)
    with own_db.queue() as conn:  # an earlier case's worker may have left its heartbeat
        conn.execute("delete from procrastinate_workers")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prosa", command], stdout=log, stderr=log,
            env=environment(own.prosa_home)
            | {"API_PORT": str(port), "DATABASE_URL": url, "SECRET_KEY": own.secret_key or ""},
        )  # fmt: skip
    try:
        wait_until(lambda: started(look(own)), 60)
        process.send_signal(number)
        assert process.wait(10) == 0, (tmp_path / "log").read_text()
    finally:
        process.kill()
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_not_taken_for_a_taken_port(host: str) -> None:
    with pytest.raises(Invalid, match=f"{host} is no address of this machine"):
        supervisor.free_port(host, 8000)


@pytest.mark.parametrize(
    ("number", "arguments"),
    [(signal.SIGTERM, ["--port", "0"]), (signal.SIGINT, ["--port", "0"]),
     (signal.SIGTERM, ["--no-serve"]), (signal.SIGHUP, ["--no-serve"])],
)  # fmt: skip
def test_a_demo_that_is_being_made_ends_at_once_and_takes_its_database_along(
    open_folder: Path, tmp_path: Path, number: signal.Signals, arguments: list[str]
) -> None:
    """Of 300,000 conversations it takes minutes."""
    home = open_folder / uuid.uuid4().hex
    home.mkdir()
    words = tmp_path / "demo.log"
    with words.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "prosa", "demo", "--scale", "200", *arguments],
            env=environment(home), stdout=subprocess.DEVNULL, stderr=out,
        )  # fmt: skip
    try:
        wait_until(lambda: _has_chatwoot(home))
        process.send_signal(number)
        assert process.wait(20) == 128 + number
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # faulthandler writes where each thread is
        process.wait(20)
        pytest.fail(f"It had not ended after 20 seconds:\n{words.read_text()}")
    finally:
        process.kill()
    assert EmbeddedServer(home).pid() is None
    shutil.rmtree(home)


def _has_chatwoot(home: Path) -> bool:
    try:
        with psycopg.connect(EmbeddedServer(home).dsn()) as conn:
            return conn.execute("select from pg_database where datname = %s", [CHATWOOT]).fetchone() is not None
    except (Unavailable, FileNotFoundError, psycopg.OperationalError):
        return False


def test_an_installation_without_a_database_fails_the_doctor(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "prosa", "doctor", "--json"],
        env={**environment(tmp_path), "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:1/none"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert result.returncode == 1
    assert checks["database"]["state"] == "fail"
    assert checks["database"]["todo"]
    assert checks["SECRET_KEY"]["state"] == "warn"
