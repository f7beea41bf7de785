"""A read-only session on Chatwoot's database, in one snapshot."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from selectors import EVENT_READ, DefaultSelector
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import generators, sql, waiting
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

from prosa.errors import Invalid, Unavailable
from prosa.gateways.public_addresses import ForbiddenAddress, NoAnswer, checked

CHUNK = 128 * 1024  # rows arrive one at a time; fewer, larger writes are several times cheaper
LISTEN = 0.1  # seconds between looks for a signal while waiting

TABLES = [
    "accounts", "inboxes", "channel_whatsapp", "channel_twilio_sms", "channel_sms", "contacts", "conversations",
    "messages", "users", "account_users", "teams", "labels", "csat_survey_responses", "reporting_events",
]  # fmt: skip


CONFLICT = b"40001"
# Sessions beside another read a lot. Related rows are spread over many pages: a bitmap scan reads each page once, an index scan
# once for each row. And each session already keeps a processor busy.
MUCH = b"set local enable_indexscan = off; set local max_parallel_workers_per_gather = 0"
SETTINGS = b"""set local timezone = 'UTC'; set local jit = off;
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"""
PUBLIC = "public+"  # before the scheme of a connection string whose host must be on the public internet


class SourceLost(Unavailable):
    """The connection to the source broke; trying again may help."""


class PrivateHost(Unavailable):
    """The host is on this machine or its network, where the person who named it may not connect."""


@dataclass(frozen=True)
class Snapshot:
    """The moment that a session sees."""

    name: str  # for other sessions to join it
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
    bytes_read: int = field(default=0)

    def copy(self, query: sql.Composable) -> Iterator[bytes]:
        """The query's rows as binary COPY data, in blocks. Raises SourceLost.

        Uses libpq directly: psycopg's own COPY takes several times longer for each row, and there are millions.
        """
        statement = sql.SQL("copy ({}) to stdout (format binary)").format(query)
        libpq = self.conn.pgconn
        try:
            libpq.send_query(statement.as_bytes(self.conn))
            self._expect(self._wait(generators.execute(libpq)), ExecStatus.COPY_OUT)
            with DefaultSelector() as arrivals:
                arrivals.register(libpq.socket, EVENT_READ)
                waiting = bytearray()
                while True:
                    length, row = libpq.get_copy_data(1)
                    if length > 0:
                        waiting += row
                        if len(waiting) >= CHUNK:
                            self.bytes_read += len(waiting)
                            yield bytes(waiting)
                            waiting.clear()
                    elif length == 0:  # nothing has arrived yet
                        arrivals.select(LISTEN)
                        libpq.consume_input()
                    else:
                        break
            self.bytes_read += len(waiting)
            yield bytes(waiting)
            self._expect(self._wait(generators.fetch_many(libpq)), ExecStatus.COMMAND_OK)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise SourceLost(f"The connection to Chatwoot's database broke: {error}".strip()) from None

    def _wait(self, answers: PQGen[list[PGresult]]) -> list[PGresult]:
        """The server's answers. Waiting inside libpq would ignore signals until they arrive."""
        return waiting.wait(answers, self.conn.pgconn.socket, interval=LISTEN)

    def _expect(self, results: list[PGresult], status: ExecStatus) -> None:
        for result in results:
            if result.status == status:
                continue
            message = result.error_message.decode(errors="replace").strip() or "no answer"
            # A replica cancels queries that stand in the way of its primary's changes. The next try may succeed.
            lost = self.conn.pgconn.status != ConnStatus.OK or result.error_field(DiagnosticField.SQLSTATE) == CONFLICT
            raise (
                SourceLost(f"The connection to Chatwoot's database broke: {message}")
                if lost
                else Unavailable(f"Chatwoot's database refused to be read: {message}")
            )

    def rows(self, query: sql.Composed) -> list[tuple[Any, ...]]:
        """The query's rows. Raises SourceLost, and Unavailable where the server refuses."""
        try:
            return self.conn.execute(query).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise SourceLost(f"The connection to Chatwoot's database broke: {error}".strip()) from None
        except psycopg.Error as error:
            raise Unavailable(f"Chatwoot's database refused to be read: {error}".strip()) from None

    def use_indexes(self, wanted: bool) -> None:
        """Forbid or allow scans of whole tables in what follows.

        On small tables, or with stale statistics, a planner prefers a scan; messages of a busy Chatwoot are not to be
        scanned at every run.
        """
        with _explaining():
            self.conn.execute("set local enable_seqscan = off" if wanted else "set local enable_seqscan = on")


def only_public(dsn: str) -> str:
    """Mark the connection string of somebody who is not the operator.

    Each connection made with it checks that the host is public.
    """
    return PUBLIC + dsn


@contextmanager
def read(dsn: str, *, beside: Reader | None = None) -> Iterator[Reader]:
    """Open a session in a snapshot of its own, or in that of the session `beside`, which must be one that can be shared.

    Raises SourceLost if the server cannot be reached, PrivateHost if it may not be (`only_public`), and Invalid if the DSN is
    wrong or the tables are not Chatwoot's.
    """
    with closing(_connect(dsn)) as conn:
        with _explaining():
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


def _connect(dsn: str) -> psycopg.Connection:
    try:
        where = pinned(dsn.removeprefix(PUBLIC)) if dsn.startswith(PUBLIC) else dsn
        return psycopg.connect(where, autocommit=True, connect_timeout=10, application_name="prosa etl",
                               client_encoding="UTF8", prepare_threshold=None, keepalives_idle=30)  # fmt: skip
    except psycopg.OperationalError as error:
        raise SourceLost(f"Chatwoot's database cannot be reached: {_for_people(str(error), dsn)}") from None
    except psycopg.ProgrammingError:  # its words quote the string, password and all
        raise Invalid(
            "That is not a connection string: postgresql://user:password@host:5432/database is expected. "
            "In a password, write @ as %40, : as %3A, / as %2F and % as %25."
        ) from None


def pinned(dsn: str) -> str:
    """The DSN with the host's present addresses, once all of them are known to be public. Raises PrivateHost, SourceLost.

    A name that points elsewhere a moment later (DNS rebinding) gains nothing.
    """
    parts = urlsplit(dsn)
    host = parts.hostname or ""
    try:
        addresses = checked(host, parts.port or 5432)
    except ForbiddenAddress as error:
        raise PrivateHost(f"Chatwoot's database may not be reached there: {error}.") from None
    except NoAnswer as error:
        raise SourceLost(f"Chatwoot's database cannot be reached: {error}.") from None
    return make_conninfo(dsn, host=",".join([host] * len(addresses)), hostaddr=",".join(map(str, addresses)))


def _for_people(message: str, dsn: str) -> str:
    """A driver's message without error numbers and without the password, even if a character such as @ split the password."""
    found = re.search(r"://[^:@]*:(.*)@", dsn) or re.search(r"password\s*=\s*'?([^']*)", dsn)
    for piece in re.split(r"[@:/?#\s]", found[1]) if found else ():
        if len(piece) > 2:
            message = message.replace(piece, "***")
    return re.sub(r"\[Errno -?\d+\] ", "", message).strip()


@contextmanager
def _explaining() -> Iterator[None]:
    """Raises SourceLost if the source's connection breaks inside the block."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise SourceLost(f"The connection to Chatwoot's database broke: {error}".strip()) from None


def _join(conn: psycopg.Connection, snapshot: str) -> None:
    try:
        conn.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
    except (psycopg.DataError, psycopg.ProgrammingError, psycopg.errors.ObjectNotInPrerequisiteState):
        raise SourceLost("The session whose snapshot of Chatwoot's database is shared has ended.") from None


def _columns(conn: psycopg.Connection) -> dict[str, dict[str, str]]:
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
    row = conn.execute(
        """select case when pg_is_in_recovery() then '' else pg_export_snapshot() end,
                  pg_snapshot_xmin(pg_current_snapshot())::text::bigint, clock_timestamp() at time zone 'UTC'"""
    ).fetchone()
    assert row is not None
    return Snapshot(*row)
