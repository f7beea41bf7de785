"""Where the embedded server keeps its data, and what its log tells."""

import os
import uuid
from pathlib import Path

import psycopg
import pytest

from prosa.db import programs
from prosa.db.embedded import EmbeddedServer
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
