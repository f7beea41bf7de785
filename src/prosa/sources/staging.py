"""Temporary tables that hold source rows as they came.

COPY into a table behind row-level security is refused, so rows are copied here and merged from here. The tables live as
long as the session; each transaction of a tenant reads them under the tenant's own role.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from prosa.db.connection import Conn, Role, transaction
from prosa.gateways.chatwoot import compatibility, queries
from prosa.gateways.chatwoot.queries import Scope
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import STREAMS, Stream

# Chatwoot's timestamps are naive UTC; in binary COPY the same eight bytes are read as what they mean.
STAGED_TYPE = {"timestamp": "timestamptz"}
NAMED = {"conversations": "assignee_id", "messages": "case when sender_type = 'User' then sender_id end"}


def create(conn: Conn) -> None:
    """Make the session's staging tables."""
    tables = []
    for stream in STREAMS:
        columns = ", ".join(f"{column.name} {STAGED_TYPE.get(column.type, column.type)}" for column in stream.columns)
        tables.append(f"create temporary table stage_{stream.name} ({columns})")
    with transaction(conn, Role.ADMIN):
        conn.execute(";".join(tables).encode())


def fill(
    conn: Conn, reader: Reader, stream: Stream, scope: Scope, condition: str = "true", *, scanned: bool = False,
    **values: object,
) -> int:  # fmt: skip
    """Add a stream's rows that meet `condition` to its staging table, in the caller's transaction. Returns how many.

    The options are those of `gateways.chatwoot.queries.select`.
    """
    if not compatibility.available(reader, stream):
        return 0
    return take_in(
        conn, stream, reader.copy(queries.select(reader, stream, scope, condition, scanned=scanned, **values))
    )


def take_in(conn: Conn, stream: Stream, blocks: Iterable[bytes]) -> int:
    """Add rows, as `Reader.copy` gives them, to a stream's staging table, in the caller's transaction. Returns how many."""
    statement = sql.SQL("copy {} from stdin (format binary)").format(sql.Identifier(f"stage_{stream.name}"))
    with conn.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return cursor.rowcount


@dataclass(frozen=True)
class Contents:
    """What is staged: how many rows of which stream and account, and the users of each account whom they name."""

    rows: Mapping[tuple[str, int], int]
    users: Mapping[int, Collection[int]]


def contents(conn: Conn) -> Contents:
    """What is staged, in the caller's transaction."""
    parts = " union all ".join(
        f"select '{stream.name}', account_id, {NAMED.get(stream.name, 'null::bigint')}, count(*) "
        f"from stage_{stream.name} group by 2, 3" for stream in STREAMS
    )  # fmt: skip
    rows: Counter[tuple[str, int]] = Counter()
    users: defaultdict[int, set[int]] = defaultdict(set)
    for stream, account, user, count in conn.execute(parts.encode()):
        rows[stream, account] += count
        if user is not None:
            users[account].add(user)
    return Contents(rows, users)


def clear(conn: Conn, streams: Sequence[Stream] = STREAMS) -> None:
    """Empty the staging tables."""
    with transaction(conn, Role.ADMIN):
        conn.execute(f"truncate {', '.join('stage_' + stream.name for stream in streams)}".encode())
