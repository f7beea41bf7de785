"""Behind a pooler in transaction mode one server connection serves many tenants in turn: nothing may stay on it."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from missing import program
from prosa.db import Database, Role
from prosa.db.connection import connect, pool
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.db.opening import role_password
from prosa.db.pooler import check_session
from prosa.errors import Unavailable
from prosa.settings import Settings
from prosa.sources.session import open_staging

THREADS = 4
TRANSACTIONS = 200

CONFIGURATION = """
[databases]
prosa = host=127.0.0.1 port={server_port} dbname=prosa
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 1
max_client_conn = 50
logfile = {folder}/log
"""


@pytest.fixture(scope="module")
def pgbouncer(settings: Settings, db: Database, server: EmbeddedServer, open_folder: Path) -> Iterator[str]:
    """Connection URL of the application's login through pgbouncer, which has one server connection."""
    installed = program("pgbouncer", untested="isolation through a pooler")
    folder = open_folder / "pgbouncer"
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = role_password(settings, "prosa_app")
    configuration = CONFIGURATION.format(server_port=server.port(), port=port, folder=folder)
    (folder / "pgbouncer.ini").write_text(configuration)
    (folder / "users.txt").write_text(f'"prosa_app" "{password}"\n')
    user = None
    if os.geteuid() == 0:  # it refuses to run as root
        user = "nobody"
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user)
    process = subprocess.Popen([installed, str(folder / "pgbouncer.ini")], user=user, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, folder / "log")
        yield f"postgresql://prosa_app:{password}@127.0.0.1:{port}/prosa"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"pgbouncer did not start: {log.read_text() if log.exists() else 'no log'}")


@pytest.fixture
def pooled(pgbouncer: str) -> Iterator[Database]:
    database = Database(pgbouncer, None, pool(pgbouncer, max_size=THREADS), None)
    yield database
    database.close()


def test_interleaved_tenants_never_meet(pooled: Database, two_tenants) -> None:
    def work(seed: int) -> set[int]:
        """A run of transactions, some of which break off in the middle. Returns the server processes that served it."""
        chance = random.Random(seed)
        processes = set()
        for _ in range(TRANSACTIONS // THREADS):
            mine, other = chance.sample([two_tenants.a, two_tenants.b], 2)
            try:
                with pooled.tenant(mine, role=chance.choice([Role.CLIENT, Role.ADMIN])) as conn:
                    for table in ("users", "conversations", "conversation_rows"):
                        seen = {row[0] for row in conn.execute(f"select tenant_id from {table}".encode())}
                        assert seen == {mine}, table
                    row = conn.execute("select pg_backend_pid()").fetchone()
                    processes.add(row[0] if row else 0)
                    if chance.random() < 0.3:
                        conn.execute("insert into features (tenant_id, name) values (%s, 'theirs')", [other])
                        pytest.fail("wrote a row for another tenant")
            except psycopg.errors.InsufficientPrivilege:
                pass
        return processes

    with ThreadPoolExecutor(THREADS) as threads:
        served_by = set().union(*threads.map(work, range(THREADS)))
    assert len(served_by) == 1, "one server connection must have served all, or this proves nothing"


def test_nothing_stays_on_the_connection(pooled: Database, pgbouncer: str, two_tenants) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), pooled.tenant(two_tenants.a) as conn:
        conn.execute("select 1 / 0")
    with pooled.tenant(two_tenants.b) as conn:
        conn.execute("select 1")
    with pooled.anonymous() as conn:
        row = conn.execute("select current_user::text, current_setting('prosa.tenant_id', true)").fetchone()
    assert row and row[0] == "prosa_app" and not row[1]
    with psycopg.connect(pgbouncer) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("select tenant_id from users")


def test_a_client_that_vanishes_leaves_nothing_behind(pooled: Database, pgbouncer: str, two_tenants) -> None:
    """Its transaction was open, with role and tenant set, when its socket closed."""
    conn = psycopg.connect(pgbouncer, autocommit=True)
    conn.execute(f"begin; set local role prosa_admin; set local prosa.tenant_id = '{two_tenants.a}'")
    conn.close()
    with pooled.anonymous() as after:
        row = after.execute("select current_user::text, current_setting('prosa.tenant_id', true)").fetchone()
    assert row and row[0] == "prosa_app" and not row[1]


def test_a_plain_set_would_stay(pgbouncer: str) -> None:
    """The control: this pooler does hand on what one client leaves behind, so the tests above could fail."""
    with psycopg.connect(pgbouncer, autocommit=True) as one, psycopg.connect(pgbouncer, autocommit=True) as other:
        one.execute("set prosa.tenant_id = '7'")
        left = other.execute("select current_setting('prosa.tenant_id', true)").fetchone()
        one.execute("reset prosa.tenant_id")
    assert left == ("7",)


def test_who_needs_a_session_says_so(pgbouncer: str, settings: Settings) -> None:
    """A worker ended with tracebacks, and the migrations' lock would stay on the pooler's connection for whoever comes next."""
    with (
        connect(pgbouncer) as conn,
        pytest.raises(Unavailable, match="transaction mode, and prosa worker needs a session"),
    ):
        check_session(conn, pgbouncer, who="prosa worker")
    with pytest.raises(Unavailable, match="transaction mode, and prosa migrate needs"):
        migrate(replace(settings, database_url=pgbouncer))


def test_a_run_of_the_etl_says_that_it_needs_a_session(pgbouncer: str) -> None:
    """What it stages would lie on whichever server connection came next, and stay there."""
    with pytest.raises(Unavailable, match="transaction mode"), open_staging(pgbouncer):
        pass
