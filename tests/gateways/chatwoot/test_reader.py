"""A reader has the time that it needs, and gives text as UTF-8."""

from psycopg import sql
from psycopg.conninfo import make_conninfo

from prosa.gateways.chatwoot.reader import read


def test_a_first_load_takes_longer_than_the_servers_patience(empty_database: str) -> None:
    """The time-outs of the role or the server, transaction_timeout of PostgreSQL 17 among them, do not end it."""
    short = "-c statement_timeout=200 -c idle_in_transaction_session_timeout=200 -c transaction_timeout=200"
    with read(make_conninfo(empty_database, options=short)) as reader:
        assert reader.rows(sql.SQL("select pg_sleep(0.3)::text").format()) == [("",)]


def test_what_is_copied_is_utf8_whatever_the_client_or_the_server_prefers(empty_database: str) -> None:
    """Binary rows go into our tables as they come. A database in Latin-1 prefers that, as these options do."""
    latin = make_conninfo(empty_database, options="-c client_encoding=LATIN1")
    with read(latin) as reader:
        assert "ação".encode() in b"".join(reader.copy(sql.SQL("select U&'a\\00E7\\00E3o'")))
