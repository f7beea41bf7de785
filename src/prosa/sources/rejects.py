"""Lists rows that could not be read and were put aside, says how to repair each, and forgets deleted ones."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from prosa.db import Conn, fetch_all
from prosa.gateways.chatwoot import compatibility, queries, streams
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import Stream
from prosa.sources import store
from prosa.sources.mapping import CONTACTS, CONVERSATIONS, CSAT, EVENTS, MESSAGES
from prosa.sources.model import Run
from prosa.sources.session import Session, scope_of

# What to set a column to. Columns that are not here hold a timestamp.
VALUES = {
    "content_attributes": "the JSON that was meant, or '{}'",
    "message_type": "0 (from the contact), 1 (from the company), 2 (activity) or 3 (template)",
    "status": "0 (open), 1 (resolved), 2 (pending) or 3 (snoozed)",
    "inbox_id": "the inbox by which it came",
    "rating": "1 to 5",
    "phone_number": "a number of at most 1000 bytes",
    "email": "an address of at most 1000 bytes",
}
MOMENT = "the moment that was meant, in UTC"


@dataclass(frozen=True)
class Reject:
    """A row that is put aside. `source_row` may hold a contact's text, so it is None unless the caller asked for it."""

    source: int
    stream: str
    id: int  # at the source
    reason: str
    first_seen_at: datetime
    last_seen_at: datetime
    source_row: dict[str, Any] | None = None

    @property
    def table(self) -> str:
        """Chatwoot's table that holds the row."""
        return next((stream.table for stream in streams.STREAMS if stream.name == self.stream), self.stream)

    @property
    def column(self) -> str:
        """The column that cannot be read. Every reason begins with its name."""
        return self.reason.split()[0]

    @property
    def remedy(self) -> str:
        """How to repair the row."""
        return f"set {self.column} to {VALUES.get(self.column, MOMENT)}"


def put_aside(
    conn: Conn, tenant: int, *, source: int | None = None, limit: int, with_rows: bool = False
) -> list[Reject]:
    """The rows of a tenant, or of one of its sources, that are put aside now; the latest first."""
    row = ", source_row" if with_rows else ""
    return fetch_all(
        conn, Reject,
        f"""select source_id as source, stream, external_id as id, reason, first_seen_at, last_seen_at{row}
            from etl_rejects where tenant_id = %(tenant)s and (%(source)s::integer is null or source_id = %(source)s)
            order by last_seen_at desc, source_id, stream, external_id limit %(limit)s""".encode(),
        {"tenant": tenant, "source": source, "limit": limit},
    )  # fmt: skip


def forget_gone(session: Session, reader: Reader, run: Run) -> None:
    """Delete rejects whose rows the source has deleted: they may hold a contact's text and need no repair any more."""
    for target in (CONTACTS, CONVERSATIONS, MESSAGES, EVENTS, CSAT):
        if compatibility.available(reader, target.stream):
            _forget_gone(session, reader, run, target.stream)


def _forget_gone(session: Session, reader: Reader, run: Run, stream: Stream) -> None:
    mine = {"t": run.source.tenant_id, "s": run.source.id, "stream": stream.name}
    of_stream = "from etl_rejects where tenant_id = %(t)s and source_id = %(s)s and stream = %(stream)s"
    with session.tenant(run.source) as conn:
        aside = store.ids(conn, f"select external_id {of_stream}", **mine)
    if not aside:
        return
    wanted = queries.select(reader, stream, scope_of([run]), "t.id = any({ids})", ids=aside)
    there = [row[0] for row in reader.rows(sql.SQL("select id from ({}) as wanted").format(wanted))]
    with session.tenant(run.source) as conn:
        conn.execute(f"delete {of_stream} and not external_id = any(%(there)s)".encode(), {**mine, "there": there})
