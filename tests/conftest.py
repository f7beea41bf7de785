"""Real PostgreSQL for every test: one embedded server and one migrated database a run, a fresh tenant a test."""

import gc
import signal
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql
from tests.inbox import Inbox, open_inbox

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.db.opening import OWNER, open_database, role_password
from prosa.settings import Settings
from prosa.tenancy import passwords


def pytest_configure() -> None:
    """Under nohup a closed terminal is ignored, by every process that is started from here as well, and the tests of what
    such a signal does would fail. A signal that is handled, even by nothing, has its usual effect in new processes."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Streamlit collects garbage after every run of a page. What the imports left, half a million objects that stay, is not
    to be walked each time: that was most of a page's time. Nor while they come."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A temporary folder that a server's user can walk to, when we are root.

    Not one of pytest's: every start of pytest, of another run at the same time too, closes those to all but their owner.
    """
    with tempfile.TemporaryDirectory(prefix="prosa-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="session")
def settings(open_folder: Path) -> Settings:
    """Settings of an installation of its own, with the embedded server."""
    home = open_folder / "prosa-home"
    home.mkdir()
    return Settings(prosa_home=home, secret_key="test-secret-key")


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[EmbeddedServer]:
    """The running embedded server; `server.dsn()` is its superuser."""
    with EmbeddedServer(settings.prosa_home).running() as embedded:
        with psycopg.connect(embedded.dsn(), autocommit=True) as conn:  # no test pulls this machine's plug
            conn.execute("alter system set fsync = off")
            conn.execute("select pg_reload_conf()")
        yield embedded


@pytest.fixture(scope="session")
def migrated(settings: Settings, server: EmbeddedServer) -> str:
    """The name of a database that is migrated, empty and nobody's: a template."""
    migrate(settings)
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute("create database migrated template prosa strategy file_copy")
    return "migrated"


@pytest.fixture(scope="session")
def db(settings: Settings, migrated: str) -> Iterator[Database]:
    """The migrated database, through the application's own logins."""
    with open_database(settings) as database:
        yield database


@pytest.fixture(scope="module")
def own_db(settings: Settings, server: EmbeddedServer, migrated: str) -> Iterator[Database]:
    """A database for one module, for work that visits whatever there is: the other tests' tenants and jobs are not in it.

    A module calls it `db` to have its tenants made there.
    """
    name = f"own_{uuid.uuid4().hex[:12]}"
    create = sql.SQL("create database {} template {} strategy file_copy owner {}")
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(create.format(*map(sql.Identifier, (name, migrated, OWNER))))
        owner = server.dsn(name, OWNER, role_password(settings, OWNER))
        with open_database(replace(settings, database_url=owner)) as database:
            yield database
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def superuser(db: Database, server: EmbeddedServer) -> Iterator[psycopg.Connection]:
    """The database's superuser, to arrange what no role of the application may: the past, for example."""
    with psycopg.connect(server.dsn(urlsplit(db.app_dsn).path.strip("/")), autocommit=True) as conn:
        yield conn


@pytest.fixture
def make_tenant(db: Database) -> Callable[..., TenantId]:
    """A function that adds a tenant nobody has used before and returns its id."""

    def make(slug: str | None = None, timezone: str = "America/Sao_Paulo") -> TenantId:
        slug = slug or f"t-{uuid.uuid4().hex[:12]}"
        with db.operator() as conn:
            row = conn.execute(
                "insert into tenants (slug, name, timezone) values (%s, %s, %s) returning id",
                [slug, slug, timezone],
            ).fetchone()
            assert row
            return TenantId(row[0])

    return make


@pytest.fixture
def tenant(make_tenant: Callable[..., TenantId]) -> TenantId:
    """A tenant of this test's own."""
    return make_tenant()


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes at the least cost that bcrypt knows: at ours making one takes a quarter of a second, and so does each login."""
    monkeypatch.setattr(passwords, "COST", 4)


@pytest.fixture
def empty_database(server: EmbeddedServer) -> Iterator[str]:
    """Connection URL of an empty database that the caller owns; dropped afterwards."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield server.dsn(name)
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def empty_queue(superuser: psycopg.Connection) -> None:
    """Nothing waits: a worker of another test may have enqueued whatever was due by the clock."""
    superuser.execute("update procrastinate_jobs set status = 'cancelled' where status = 'todo'")


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's root folder."""
    return Path(__file__).parent.parent


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server and its port."""
    with open_inbox() as opened:
        yield opened
