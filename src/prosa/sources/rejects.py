"""Rows that were put aside and that the source has no more."""

from psycopg import sql

from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import Stream
from prosa.sources import store
from prosa.sources.merging import CONTACTS, CONVERSATIONS, CSAT, EVENTS, MESSAGES
from prosa.sources.model import Run
from prosa.sources.session import Session, scope_of


def forget_gone(session: Session, reader: Reader, run: Run) -> None:
    """Forget what was put aside and has been deleted since: it holds what a contact wrote, and troubles nobody any more."""
    for target in (CONTACTS, CONVERSATIONS, MESSAGES, EVENTS, CSAT):
        if streams.available(reader, target.stream):
            _forget_gone(session, reader, run, target.stream)


def _forget_gone(session: Session, reader: Reader, run: Run, stream: Stream) -> None:
    mine = {"t": run.source.tenant_id, "s": run.source.id, "stream": stream.name}
    of_stream = "from etl_rejects where tenant_id = %(t)s and source_id = %(s)s and stream = %(stream)s"
    with session.tenant(run.source) as conn:
        aside = store.ids(conn, f"select external_id {of_stream}", **mine)
    if not aside:
        return
    wanted = streams.select(reader, stream, scope_of([run]), "t.id = any({ids})", ids=aside)
    there = [row[0] for row in reader.rows(sql.SQL("select id from ({}) as wanted").format(wanted))]
    with session.tenant(run.source) as conn:
        conn.execute(f"delete {of_stream} and not external_id = any(%(there)s)".encode(), {**mine, "there": there})
