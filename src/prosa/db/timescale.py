"""TimescaleDB, where the server has it: history that only grows becomes hypertables. docs/timescale.md says which, and why."""

from pathlib import Path

import psycopg

from prosa.db.connection import connection_options
from prosa.db.opening import server
from prosa.errors import Unavailable
from prosa.settings import Settings


def use_timescale(settings: Settings) -> None:
    """Turn the tables into hypertables; those that are already stay as they are. The database must have been migrated.

    Raises Unavailable if the extension is missing and this login cannot create it.
    """
    with server(settings) as logins, psycopg.connect(logins.owner, **connection_options()) as conn:
        make_hypertables(conn)


def make_hypertables(conn: psycopg.Connection) -> None:
    """Do what `use_timescale` does on the owner's connection, in one transaction. Raises Unavailable."""
    _create_extension(conn)
    with conn.transaction():
        conn.execute(Path(__file__).with_suffix(".sql").read_bytes())


def _create_extension(conn: psycopg.Connection) -> None:
    known = conn.execute(
        "select installed_version is not null from pg_available_extensions where name = 'timescaledb'"
    ).fetchone()
    if known is None:
        raise Unavailable(
            "This server has no TimescaleDB. Nothing was changed: Prosa works without it. To use it, set DATABASE_URL to "
            "a server that has the extension."
        )
    if known[0]:
        return
    try:
        conn.execute("create extension timescaledb")
    except psycopg.Error as error:
        raise Unavailable(
            f"TimescaleDB is there but not in this database ({str(error).strip()}). "
            "Let an administrator run: create extension timescaledb"
        ) from None
