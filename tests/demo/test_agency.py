"""Setting the demo up, where that cannot be."""

import psycopg
import pytest

from prosa.db.embedded import EmbeddedServer
from prosa.demo import agency
from prosa.errors import Unavailable


def test_an_owner_that_may_make_no_database_is_told_so(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute("create role modest login createrole password 'secret'")
    try:
        with pytest.raises(Unavailable, match="CREATEDB and CREATEROLE"):
            agency._make_chatwoot(server.dsn("postgres", "modest", "secret"), 1.0, "password", lambda *_: None)
    finally:
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute("drop role modest")
