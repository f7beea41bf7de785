"""Migrations: plain, numbered, forward-only SQL files, applied by dbmate under a lock of ours."""

import os
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from prosa.db.connection import connection_options
from prosa.db.embedded import EmbeddedServer
from prosa.db.opening import DATABASE, OWNER, Logins, role_password, server
from prosa.db.pooler import check_session
from prosa.errors import ProsaError, Unavailable
from prosa.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
GUESTS = Path(__file__).parent / "guests.sql"  # each time: whatever a migration makes is open to them at first
LOCK = 0x70726F7361  # "prosa": one migration at a time, on any number of machines
# SQLSTATE 42501 is a right that is missing.
RIGHTS = (
    "\nThe login of DATABASE_URL has to own the database and may have to create roles. An administrator may create them instead: "
    "docs/operations.md, Installing."
)
SUPPORTED = range(15, 19)


class MigrationFailed(ProsaError):
    """A migration did not apply; the database is as it was before that file."""


@dataclass(frozen=True)
class Migration:
    """One file: its version and whether it is in the database."""

    version: str
    name: str
    applied: bool


def migrate(settings: Settings) -> list[Migration]:
    """Bring the database up to date and set the logins' passwords. Returns the migrations applied now."""
    with server(settings) as logins:
        if settings.database_url is None:
            _create_embedded_database(settings)
        with _connect(logins.owner) as conn:
            _check_server(conn)
            check_session(conn, logins.owner, who="prosa migrate")  # its lock would stay on the pooler's connection
            conn.execute("select pg_advisory_lock(%s)", [LOCK])
            before = {m.version for m in _status(conn) if m.applied}
            _dbmate(logins.owner)
            _apply_job_schema(conn)
            conn.execute(GUESTS.read_bytes())
            _set_passwords(conn, settings, logins)
            return [m for m in _status(conn) if m.applied and m.version not in before]


def pending(owner_url: str, **options: int) -> list[Migration]:
    """What `migrate` would apply. `options` go to the connection, besides the usual ones."""
    with _connect(owner_url, **options) as conn:
        return [m for m in _status(conn) if not m.applied]


def files() -> list[Path]:
    """The migration files, in order."""
    return sorted(MIGRATIONS.glob("[0-9]*.sql"))


def _status(conn: psycopg.Connection) -> list[Migration]:
    known = conn.execute("select to_regclass('public.schema_migrations') is not null").fetchone()
    rows = conn.execute("select version from public.schema_migrations").fetchall() if known and known[0] else []
    applied = {row[0] for row in rows}
    names = [f.stem.partition("_") for f in files()]
    return [Migration(version, name, applied=version in applied) for version, _, name in names]


def _connect(url: str, **options: int) -> psycopg.Connection:
    try:
        return psycopg.connect(url, **connection_options() | options)
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}") from None


def _check_server(conn: psycopg.Connection) -> None:
    major = conn.info.server_version // 10000
    if major not in SUPPORTED:
        raise Unavailable(f"PostgreSQL {SUPPORTED.start} to {SUPPORTED.stop - 1} is needed; this server is {major}.")
    # Where the machine's locale is C, initdb makes SQL_ASCII databases: those keep any bytes, and psycopg gives no texts back.
    encoding = conn.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Unavailable(
            f"The database's encoding is {encoding}; Prosa needs UTF8. Make it anew: "
            "create database NAME encoding 'UTF8' template template0;"
        )


def _dbmate(owner_url: str) -> None:
    """Run dbmate. Its driver knows no "TLS if possible", which is libpq's default: off on loopback, else required."""
    parts = urlsplit(owner_url)
    query = dict(parse_qsl(parts.query))
    if query.get("sslmode", "prefer") in ("prefer", "allow"):
        query["sslmode"] = "disable" if parts.hostname in ("127.0.0.1", "localhost", "::1", None) else "require"
    url = urlunsplit(parts._replace(scheme="postgres", query=urlencode(query)))
    dbmate = Path(sysconfig.get_path("scripts")) / ("dbmate.exe" if os.name == "nt" else "dbmate")
    result = subprocess.run(
        [str(dbmate), "--migrations-dir", str(MIGRATIONS), "--no-dump-schema", "--env-file", os.devnull, "migrate"],
        env={**os.environ, "DATABASE_URL": url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        said = (result.stdout + result.stderr).strip()
        raise MigrationFailed(f"A migration failed:\n{said}{RIGHTS if '(42501)' in said else ''}")


def _apply_job_schema(conn: psycopg.Connection) -> None:
    """Apply Procrastinate's own tables, from its own file (docs/operations.md tells how to upgrade them)."""
    present = conn.execute("select to_regclass('public.procrastinate_jobs') is not null").fetchone()
    if present and present[0]:
        return
    from procrastinate.schema import SchemaManager  # noqa: PLC0415  (needed once in a database's life)

    with conn.transaction():
        conn.execute(SchemaManager.get_schema().encode())
        conn.execute((Path(__file__).parent / "jobs.sql").read_bytes())


def _set_passwords(conn: psycopg.Connection, settings: Settings, logins: Logins) -> None:
    for role, url in (("prosa_app", logins.app), ("prosa_platform", logins.platform)):
        try:
            psycopg.connect(url, **connection_options()).close()
        except psycopg.OperationalError:
            password = sql.Literal(role_password(settings, role))
            try:
                conn.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), password))
            except psycopg.errors.InsufficientPrivilege:
                raise Unavailable(
                    f"{role} cannot log in with the password that follows from SECRET_KEY, and this login may not set it. "
                    "Another installation on this server may have: take its SECRET_KEY. "
                    "Or let an administrator set it: docs/supabase.md."
                ) from None


def _create_embedded_database(settings: Settings) -> None:
    """Create the owner and the database, unless they are there."""
    embedded = EmbeddedServer(settings.prosa_home)
    with _connect(embedded.dsn()) as conn:
        conn.execute("select pg_advisory_lock(%s)", [LOCK])  # two commands may begin at once in a fresh home
        if conn.execute("select from pg_roles where rolname = %s", [OWNER]).fetchone() is None:
            conn.execute(sql.SQL("create role {} login createrole createdb").format(sql.Identifier(OWNER)))
        password = sql.Literal(role_password(settings, OWNER))
        conn.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(OWNER), password))
        if conn.execute("select from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            conn.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
