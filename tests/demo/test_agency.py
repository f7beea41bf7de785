"""Setting the demo up, where that cannot be."""

from dataclasses import replace

import psycopg
import pytest

from prosa.db import Database
from prosa.db.embedded import EmbeddedServer
from prosa.db.opening import Logins
from prosa.demo import agency
from prosa.errors import Busy, Unavailable
from prosa.settings import Settings


def test_an_owner_that_may_make_no_database_is_told_so(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute("create role modest login createrole password 'secret'")
    try:
        with pytest.raises(Unavailable, match="CREATEDB and CREATEROLE"):
            agency._make_chatwoot(server.dsn("postgres", "modest", "secret"), 1.0, "password", lambda *_: None)
    finally:
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute("drop role modest")


def test_a_second_process_does_not_drop_what_the_first_fills(
    settings: Settings, db: Database, server: EmbeddedServer
) -> None:
    ours = replace(settings, database_url=server.dsn())
    with psycopg.connect(server.dsn()) as first:
        first.execute("select pg_advisory_lock(%s)", [agency.LOCK])
        with pytest.raises(Busy, match="Another process makes the demo"):
            agency.prepare(ours, Logins(server.dsn(), "", ""), db, scale=1.0, progress=lambda *_: None)
