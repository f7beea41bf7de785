"""`prosa up`: holds the embedded database and keeps the web process and the worker alive."""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import structlog

from prosa.db import open_database
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.errors import Busy, Conflict, Invalid
from prosa.settings import Settings, http_url
from prosa.signals import handled, leave
from prosa.tenancy import rotation

log = structlog.get_logger()

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds before a dead child is started again; doubled each time
HEALTHY_AFTER = 60.0  # a child that lived this long starts from the first delay again
STOP_SECONDS = 7.0  # for children to end by themselves; the database's own stop comes after
PARENT = "PROSA_PARENT"  # tells a child whose end is its own end too
PORT_FILE = "up.port"  # in PROSA_HOME: who runs here, on which port and host


@dataclass
class Child:
    """One process that is kept alive."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = FIRST_DELAY
    start_at: float = 0.0

    def start(self) -> None:
        """Start in a session of its own: Ctrl-C reaches the supervisor alone, which then stops its children."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "prosa", *self.arguments],
            env={**os.environ, PARENT: str(os.getpid())}, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.started_at = time.monotonic()
        log.info("started", child=self.name, pid=self.process.pid)

    def tend(self) -> None:
        """Start the process if it is due; notice if it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.delay = FIRST_DELAY if now - self.started_at > HEALTHY_AFTER else min(self.delay * 2, LONGEST_DELAY)
            self.process, self.start_at = None, now + self.delay
            log.warning("ended", child=self.name, code=code, again_in=self.delay)

    def terminate(self) -> None:
        """Ask for a clean end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until `deadline`, then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("killed", child=self.name)
            self.process.kill()
            self.process.wait()
        self.process = None


def up(
    settings: Settings, *, host: str, port: int,
    prepare: Callable[[], None] | None = None, ready: Callable[[str], None] | None = None,
) -> None:  # fmt: skip
    """Run everything until SIGTERM or SIGINT.

    `prepare` runs once the database is up to date; `ready` gets the address once the web process answers. Raises Busy if this
    home already runs, Conflict if the port is taken.
    """
    stop = threading.Event()
    told: list[int] = []  # the signals that set it

    def end(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        stop.set()

    with _sole_owner(settings.prosa_home), handled(end):
        free_port(host, port)  # refuse a taken port before the database starts
        with _server(settings) as embedded:
            with handled(leave):  # at once: a demo of many conversations takes minutes to make
                if told:  # while the database was starting
                    leave(told[0], None)
                migrate(settings)
                _look_at_secrets(settings)
                if prepare is not None:
                    prepare()
            port = free_port(host, port)
            children = [
                Child("web", ["serve", "--host", host, "--port", str(port)]),
                Child("worker", ["worker"]),
            ]
            place = settings.prosa_home / PORT_FILE
            place.write_text(f"{os.getpid()} {port} {host}")
            announcement = threading.Thread(target=_announce, args=(http_url(host, port), stop, ready), daemon=True)
            announcement.start()
            try:
                _keep_alive(children, embedded, stop)
            finally:
                _stop(children)
                place.unlink(missing_ok=True)


def _look_at_secrets(settings: Settings) -> None:
    """Say at once if SECRET_KEY is another one; otherwise connections and second factors would fail one by one, much later."""
    with open_database(settings, max_size=2) as db:
        lost, stored = rotation.unreadable(db, settings.secret_keys)
    if lost:
        log.error("stored secrets cannot be opened by SECRET_KEY", lost=lost, stored=stored,
                  todo="Put the key that they were stored with behind it: SECRET_KEY=new,old")  # fmt: skip


def as_running(settings: Settings) -> Settings:
    """The settings with the host and port of this home's `prosa up`, if one runs: it may have been given others."""
    try:
        pid, port, host = (settings.prosa_home / PORT_FILE).read_text().split()
        os.kill(int(pid), 0)  # asks only whether there is such a process
        return replace(settings, api_host=host, api_port=int(port))
    except (OSError, ValueError):
        return settings


def free_port(host: str, port: int) -> int:
    """`port`, or a free one if it is 0. Raises Conflict if it cannot be had, Invalid if the host is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise Invalid(
                    f"{host} is no address of this machine ({error.strerror}). "
                    "Listen on 127.0.0.1, or on 0.0.0.0, which is all of them: --host 0.0.0.0"
                ) from None
            other = port + 1 if 1024 <= port < 65535 else 8000  # those below are root's
            raise Conflict(
                f"Port {port} of {host} cannot be used ({error.strerror}). Choose another one: --port {other}"
            ) from None
        chosen: int = probe.getsockname()[1]
        return chosen


def is_child() -> bool:
    """Whether this process is one that `prosa up` keeps alive."""
    return PARENT in os.environ


def end_with_parent() -> None:
    """In a child: end when the supervisor is gone, even if it was killed (kill -9) and could not say so."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _keep_alive(children: Sequence[Child], embedded: EmbeddedServer | None, stop: threading.Event) -> None:
    """Every half second until `stop`, see whether the database or a child has ended, and start it again."""
    port = embedded.port() if embedded else None
    while not stop.is_set():
        for child in children:
            child.tend()
        if embedded is not None and embedded.port() != port:
            log.error("the embedded database has ended; starting it again")
            embedded.start_again()
            port = embedded.port()
            _stop(children)  # they know only the old port; the next round starts them with the new one
        stop.wait(0.5)


def _stop(children: Sequence[Child]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.terminate()
    for child in children:
        child.wait(deadline)


@contextmanager
def _sole_owner(home: Path) -> Iterator[None]:
    """Be the only `prosa up` of this home. Raises Busy, naming the other one."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Busy(f"Prosa is already running in {home} ({lock.read().strip() or 'starting'}).") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}: {' '.join(sys.argv[1:])}")
        lock.flush()
        yield


@contextmanager
def _server(settings: Settings) -> Iterator[EmbeddedServer | None]:
    """The embedded server, held; None if the user has a server of their own."""
    embedded = None if settings.database_url else EmbeddedServer(settings.prosa_home)
    with embedded.running() if embedded else nullcontext() as held:
        yield held


def _announce(url: str, stop: threading.Event, ready: Callable[[str], None] | None) -> None:
    while not stop.wait(0.2):
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310  (our own address)
                break
        except OSError:
            continue
    if ready is not None and not stop.is_set():
        ready(url)
