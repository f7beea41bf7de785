"""What a run holds: its connections, the source's DSN, and what to call when conversations have changed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from prosa.db.connection import Conn, Role, TenantId, connect, transaction
from prosa.db.pooler import check_session
from prosa.gateways.chatwoot import reader as chatwoot
from prosa.gateways.chatwoot.queries import Scope
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import staging, states
from prosa.sources.model import Phase, Run, Source
from prosa.sources.stop import Stop

Refresh = Callable[[Conn, TenantId, Sequence[int]], int]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Session:
    """One pass over one Chatwoot database."""

    app_dsn: str
    dsn: str
    work: Conn
    refresh: Refresh  # recounts the facts of conversations, in the transaction that changed them
    progress: Progress  # (what, done, total)
    deletions_accepted: bool = False  # a person has said that the source lost most of its rows on purpose
    stop: Stop = field(default_factory=Stop)  # reaches every thread's connections

    @contextmanager
    def tenant(self, source: Source) -> Iterator[Conn]:
        """A transaction of the source's tenant on the staging session."""
        with transaction(self.work, Role.ADMIN, source.tenant_id) as conn:
            yield conn

    @contextmanager
    def staged(self) -> Iterator[Conn]:
        """A transaction on the staging session that sees the staged rows and no tenant."""
        with transaction(self.work, Role.ADMIN) as conn:
            yield conn

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """A session on the source, in a snapshot of its own."""
        with chatwoot.read(self.dsn) as reader, self.stop.reaches(reader.conn):
            yield reader

    @contextmanager
    def beside(self, reader: Reader) -> Iterator[tuple["Session", Reader]]:
        """This session and `reader` again for the thread that asks: staging tables of its own, the same snapshot."""
        with open_staging(self.app_dsn) as work, self.stop.reaches(work), self.reader_beside(reader) as other:
            yield replace(self, work=work), other

    @contextmanager
    def reader_beside(self, reader: Reader) -> Iterator[Reader]:
        """Another session on the source, for the thread that asks, which sees what `reader` sees."""
        with chatwoot.read(self.dsn, beside=reader) as other, self.stop.reaches(other.conn):
            yield other

    def derive(self, conn: Conn, source: Source, conversation_ids: Sequence[int]) -> Phase:
        """States and facts of conversations that have changed."""
        if not conversation_ids:
            return Phase("facts")
        states.derive(conn, source.tenant_id, conversation_ids)
        return Phase("facts", updated=self.refresh(conn, source.tenant_id, conversation_ids))


@contextmanager
def open_staging(app_dsn: str) -> Iterator[Conn]:
    """A connection of the application's login with staging tables.

    Its commits do not wait for the disk. If our server crashes, rows and watermark of the last moments are lost together, and
    the next run reads them again. (Temporary tables need a session of their own anyway, so these settings leak to nobody.) A
    staged range fits into the buffers; otherwise each tenant would read it from files.
    """
    with connect(app_dsn) as conn:
        check_session(conn, app_dsn, who="a run of the ETL")
        conn.execute("set synchronous_commit = off; set temp_buffers = '64MB'")
        staging.create(conn)
        yield conn


def scope_of(runs: Sequence[Run]) -> Scope:
    """The scope that covers all of these runs."""
    whole = [r.source.account_id for r in runs if r.source.chosen_inboxes is None]
    chosen = [inbox for r in runs for inbox in r.source.chosen_inboxes or []]
    return Scope(
        tuple(sorted({r.source.account_id for r in runs})), tuple(sorted(set(whole))), tuple(sorted(set(chosen)))
    )
