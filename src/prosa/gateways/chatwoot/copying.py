"""Rows out of PostgreSQL as binary COPY data, by libpq directly.

psycopg's own COPY takes several times longer for each row, and there are millions.
"""

from collections.abc import Iterator
from selectors import EVENT_READ, DefaultSelector

import psycopg
from psycopg import generators, sql, waiting
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from prosa.gateways.chatwoot.errors import broken, explaining, refused

CHUNK = 128 * 1024  # bytes: rows arrive one at a time; fewer, larger writes are several times cheaper
LISTEN = 0.1  # seconds between looks for a signal while waiting
CONFLICT = b"40001"  # the SQLSTATE of a query that a replica cancelled


def blocks(conn: psycopg.Connection, query: sql.Composable) -> Iterator[bytes]:
    """The query's rows as binary COPY data, in blocks of about CHUNK bytes. Raises SourceLost, and Unavailable on refusal."""
    statement = sql.SQL("copy ({}) to stdout (format binary)").format(query)
    libpq = conn.pgconn
    with explaining():
        libpq.send_query(statement.as_bytes(conn))
        _expect(libpq, _wait(libpq, generators.execute(libpq)), ExecStatus.COPY_OUT)
        with DefaultSelector() as arrivals:
            arrivals.register(libpq.socket, EVENT_READ)
            block = bytearray()
            while True:
                length, row = libpq.get_copy_data(1)
                if length > 0:
                    block += row
                    if len(block) >= CHUNK:
                        yield bytes(block)
                        block.clear()
                elif length == 0:  # nothing has arrived yet
                    arrivals.select(LISTEN)
                    libpq.consume_input()
                else:
                    break
        yield bytes(block)
        _expect(libpq, _wait(libpq, generators.fetch_many(libpq)), ExecStatus.COMMAND_OK)


def _wait(libpq: PGconn, answers: PQGen[list[PGresult]]) -> list[PGresult]:
    """The server's answers. Waiting inside libpq would ignore signals until they arrive."""
    return waiting.wait(answers, libpq.socket, interval=LISTEN)


def _expect(libpq: PGconn, results: list[PGresult], status: ExecStatus) -> None:
    """Raise SourceLost or Unavailable unless every result has this status."""
    for result in results:
        if result.status == status:
            continue
        message = result.error_message.decode(errors="replace").strip() or "no answer"
        # A replica cancels queries that stand in the way of its primary's changes. The next try may succeed.
        lost = libpq.status != ConnStatus.OK or result.error_field(DiagnosticField.SQLSTATE) == CONFLICT
        raise broken(message) if lost else refused(message)
