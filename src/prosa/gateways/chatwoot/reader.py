"""A read-only session on Chatwoot's database, in one snapshot."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from prosa.gateways.chatwoot import copying
from prosa.gateways.chatwoot.connecting import PUBLIC, connect
from prosa.gateways.chatwoot.errors import SourceLost, explaining, refused
from prosa.gateways.chatwoot.time_limit import limited

TABLES = [
    "accounts", "inboxes", "channel_whatsapp", "channel_twilio_sms", "channel_sms", "contacts", "conversations",
    "messages", "users", "account_users", "teams", "labels", "csat_survey_responses", "reporting_events",
    "taggings", "tags",
]  # fmt: skip
# Sessions beside another read a lot. Related rows are spread over many pages: a bitmap scan reads each page once, an index scan
# once for each row. And each session already keeps a processor busy.
MUCH = b"set local enable_indexscan = off; set local max_parallel_workers_per_gather = 0"
SETTINGS = b"""set local timezone = 'UTC'; set local jit = off;
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"""


@dataclass(frozen=True)
class Snapshot:
    """The moment that a session sees."""

    name: str  # for other sessions to join it; empty on a replica, whose snapshots cannot be shared
    xmin: int  # every transaction below has ended, and is visible or never will be (64 bits)
    at: datetime  # the source's clock, naive UTC as in Chatwoot's columns


@dataclass
class Reader:
    """Reads in one snapshot. `columns` says what this version has and we may read: table -> column -> type.

    A table of which we may read nothing has no columns.
    """

    conn: psycopg.Connection
    columns: dict[str, dict[str, str]]
    snapshot: Snapshot
    bytes_read: int = 0

    def copy(self, query: sql.Composable) -> Iterator[bytes]:
        """The query's rows as binary COPY data, in blocks, counted in `bytes_read`. Raises as `copying.blocks` does."""
        for block in copying.blocks(self.conn, query):
            self.bytes_read += len(block)
            yield block

    def rows(self, query: sql.Composed) -> list[tuple[Any, ...]]:
        """The query's rows. Raises SourceLost, and Unavailable where the server refuses."""
        try:
            with explaining():
                return self.conn.execute(query).fetchall()
        except psycopg.Error as error:
            raise refused(error) from None

    def use_indexes(self, wanted: bool) -> None:
        """Forbid or allow scans of whole tables in what follows.

        On small tables, or with stale statistics, a planner prefers a scan; messages of a busy Chatwoot are not to be
        scanned at every run.
        """
        with explaining():
            self.conn.execute("set local enable_seqscan = off" if wanted else "set local enable_seqscan = on")


@contextmanager
def read(dsn: str, *, beside: Reader | None = None) -> Iterator[Reader]:
    """Open a session in a snapshot of its own, or in that of the session `beside`, which must be one that can be shared.

    Raises what `connecting.connect` raises, SourceLost if the session `beside` has ended, and TookTooLong where a company's own
    server has had its time. Whether the tables are Chatwoot's is for `compatibility.check` to say.
    """
    limit = limited if dsn.startswith(PUBLIC) else nullcontext
    with closing(connect(dsn)) as conn, limit(conn):
        with explaining():
            conn.execute("begin isolation level repeatable read, read only")
            if beside is not None:
                _join(conn, beside.snapshot.name)
            # This session idles while we write to our own database, perhaps for longer than the server's time-outs allow.
            conn.execute(SETTINGS)
            if conn.info.server_version >= 170000:
                conn.execute(b"set local transaction_timeout = 0")
            if beside is None:
                reader = Reader(conn, _columns(conn), _snapshot(conn))
            else:
                conn.execute(MUCH)
                reader = Reader(conn, beside.columns, beside.snapshot)
        try:
            yield reader
        except BaseException:
            with suppress(psycopg.Error):  # a server process that waits for a lock would not notice that we have left
                conn.cancel_safe(timeout=1)
            raise


def _join(conn: psycopg.Connection, snapshot: str) -> None:
    """See what the session sees that exported this snapshot."""
    try:
        conn.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
    except (psycopg.DataError, psycopg.ProgrammingError, psycopg.errors.ObjectNotInPrerequisiteState):
        raise SourceLost("The session whose snapshot of Chatwoot's database is shared has ended.") from None


def _columns(conn: psycopg.Connection) -> dict[str, dict[str, str]]:
    """What `Reader.columns` holds."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind, readable in conn.execute(
        """select c.relname, a.attname, format_type(a.atttypid, null), has_column_privilege(c.oid, a.attnum, 'select')
           from pg_class c join pg_attribute a on a.attrelid = c.oid
           where c.oid = to_regclass(c.relname) and (a.attnum > 0 or a.attname = 'xmin') and not a.attisdropped
             and c.relname = any(%s)""",
        [TABLES],
    ):  # fmt: skip
        columns = found.setdefault(table, {})
        if readable:
            columns[column] = kind
    return found


def _snapshot(conn: psycopg.Connection) -> Snapshot:
    """The transaction's snapshot, exported under its name. A replica cannot export one: its name is empty."""
    row = conn.execute(
        """select case when pg_is_in_recovery() then '' else pg_export_snapshot() end,
                  pg_snapshot_xmin(pg_current_snapshot())::text::bigint, clock_timestamp() at time zone 'UTC'"""
    ).fetchone()
    assert row is not None
    return Snapshot(*row)
