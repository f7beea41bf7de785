"""The migrations on other servers: PostgreSQL 15, the oldest supported, and a server of one's own without superuser."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from prosa.db import open_database
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import MigrationFailed, files, migrate
from prosa.db.opening import role_password
from prosa.db.walls import faults
from prosa.errors import Unavailable
from prosa.settings import Settings

PG15 = Path("/usr/lib/postgresql/15/bin")
ROLES = Path(__file__).parents[2] / "deploy/roles.sql"
needs_15 = pytest.mark.skipif(not PG15.exists(), reason="PostgreSQL 15 is not installed here")


@pytest.fixture(params=["own", pytest.param("15", marks=needs_15)])
def fresh_server(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EmbeddedServer]:
    """A new server without any role of ours: of the usual version, and of the oldest."""
    if request.param == "15":
        monkeypatch.setenv("PROSA_PG_BIN", str(PG15))
    home = settings.prosa_home / f"fresh-{tmp_path.name}"  # a place where the server's user can go
    with EmbeddedServer(home).running() as server:
        yield server


def test_a_fresh_home_migrates_and_its_walls_stand(fresh_server: EmbeddedServer) -> None:
    settings = Settings(prosa_home=fresh_server.home, secret_key="another-key")
    assert len(migrate(settings)) == len(files())
    with open_database(settings) as db, db.operator() as conn:
        assert faults(conn) == []


def test_an_owner_without_superuser_migrates_a_server_of_ones_own(fresh_server: EmbeddedServer) -> None:
    """As on Supabase: the owner may create roles, and owns its database and nothing else."""
    with psycopg.connect(fresh_server.dsn(), autocommit=True) as conn:
        conn.execute("create role owner login createrole password 'secret'")
        conn.execute(sql.SQL("create database company owner owner"))
    settings = Settings(database_url=fresh_server.dsn("company", "owner", "secret"), secret_key="another-key")
    assert len(migrate(settings)) == len(files())
    assert migrate(settings) == []
    with open_database(settings) as db:
        with db.operator() as conn:
            assert faults(conn) == []
            row = conn.execute("insert into tenants (slug, name) values ('a', 'A') returning id").fetchone()
        assert row
        with db.tenant(row[0]) as conn:
            assert conn.execute("select slug from tenants").fetchall() == [("a",)]
        with db.anonymous() as conn:
            assert conn.execute("select attempt from login_attempt('a@b.com', '127.0.0.1')").fetchone() == (1,)


@pytest.fixture
def plain(fresh_server: EmbeddedServer) -> Settings:
    """An owner that may create nothing but what is in its database."""
    with psycopg.connect(fresh_server.dsn(), autocommit=True) as conn:
        conn.execute("create role plain login password 'secret'")
        conn.execute("create database company owner plain")
    return Settings(database_url=fresh_server.dsn("company", "plain", "secret"), secret_key="another-key")


def test_an_owner_who_may_not_create_roles_is_told_what_is_missing(plain: Settings) -> None:
    with pytest.raises(MigrationFailed, match="may have to create roles"):
        migrate(plain)


def test_an_administrator_creates_the_roles_for_an_owner_who_may_not(
    plain: Settings, fresh_server: EmbeddedServer
) -> None:
    script = ROLES.read_text().replace("OWNER", "plain")
    for role in ("prosa_app", "prosa_platform"):
        script = script.replace(f"PASSWORD_OF_{role.upper()}", role_password(plain, role))
    with psycopg.connect(fresh_server.dsn(), autocommit=True) as conn:
        conn.execute(script.encode())
    assert len(migrate(plain)) == len(files())
    with open_database(plain) as db, db.anonymous(), db.operator() as conn:
        assert faults(conn) == []
    with pytest.raises(Unavailable, match="take its SECRET_KEY"):
        migrate(replace(plain, secret_key="a-third-key"))


def test_the_roles_of_supabases_rest_interface_get_nothing(fresh_server: EmbeddedServer) -> None:
    """There every object that the owner makes in public is open to these roles at once, definer functions included."""
    with psycopg.connect(fresh_server.dsn(), autocommit=True) as conn:
        conn.execute("create role owner login createrole password 'secret'")
        conn.execute("create role anon; create role authenticated")
        conn.execute("create database company owner owner")
    owner = fresh_server.dsn("company", "owner", "secret")
    with psycopg.connect(owner, autocommit=True) as conn:
        for kind in ("tables", "sequences", "functions"):
            conn.execute(sql.SQL("alter default privileges in schema public grant all on {} to anon, authenticated").format(
                sql.SQL(kind)))  # fmt: skip
        conn.execute("create table of_another_program (id int)")
    migrate(Settings(database_url=owner, secret_key="another-key"))
    with psycopg.connect(owner) as conn:
        assert [fault for fault in faults(conn) if not fault.startswith("of_another_program")] == []
        open_tables = conn.execute(
            """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
               and has_table_privilege('anon', oid, 'select')"""
        ).fetchall()
    assert open_tables == [("of_another_program",)]


def test_a_database_in_another_encoding_is_refused_untouched(fresh_server: EmbeddedServer) -> None:
    with psycopg.connect(fresh_server.dsn(), autocommit=True) as conn:
        conn.execute("create role owner login createrole password 'secret'")
        conn.execute("create database ascii owner owner encoding 'SQL_ASCII' locale 'C' template template0")
    with pytest.raises(Unavailable, match="SQL_ASCII; Prosa needs UTF8"):
        migrate(Settings(database_url=fresh_server.dsn("ascii", "owner", "secret"), secret_key="another-key"))
    with psycopg.connect(fresh_server.dsn("ascii", "owner", "secret"), client_encoding="utf8") as conn:
        assert conn.execute("select to_regclass('public.tenants') is null").fetchone() == (True,)
