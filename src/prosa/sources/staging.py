"""Temporary tables that hold source rows as they came.

COPY into a table behind row-level security is refused, so rows are copied here and merged from here. The tables live as
long as the session; each transaction of a tenant reads them under the tenant's own role.
"""

from collections.abc import Sequence

from psycopg import sql

from prosa.db.connection import Conn, Role, transaction
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import STREAMS, Scope, Stream, available, select

# Chatwoot's timestamps are naive UTC; in binary COPY the same eight bytes are read as what they mean.
STAGED_TYPE = {"timestamp": "timestamptz"}


def create(conn: Conn) -> None:
    """Make the session's staging tables."""
    tables = []
    for stream in STREAMS:
        columns = ", ".join(f"{column.name} {STAGED_TYPE.get(column.type, column.type)}" for column in stream.columns)
        tables.append(f"create temporary table stage_{stream.name} ({columns})")
    with transaction(conn, Role.ADMIN):
        conn.execute(";".join(tables).encode())


def fill(conn: Conn, reader: Reader, stream: Stream, scope: Scope, condition: str = "true", **values: object) -> int:
    """Add a stream's rows that meet `condition` to its staging table, in the caller's transaction. Returns how many."""
    if not available(reader, stream):
        return 0
    statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(f"stage_{stream.name}"))
    with conn.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in reader.copy(select(reader, stream, scope, condition, **values)):
                copy.write(block)
        return cursor.rowcount


def counts(conn: Conn) -> dict[tuple[str, int], int]:
    """How many rows of which stream and account are staged, in the caller's transaction."""
    parts = " union all ".join(
        f"select '{stream.name}', account_id, count(*) from stage_{stream.name} group by account_id"
        for stream in STREAMS
    )
    return {(stream, account): count for stream, account, count in conn.execute(parts.encode())}


def clear(conn: Conn, streams: Sequence[Stream] = STREAMS) -> None:
    """Empty the staging tables."""
    with transaction(conn, Role.ADMIN):
        conn.execute(f"truncate {', '.join('stage_' + stream.name for stream in streams)}".encode())
