"""Finds changes that leave no timestamp: hard deletions, and edits of old messages by newer Chatwoot versions.

Both databases compute a fingerprint for every range of 1,000 conversation ids (and contact ids). Ranges whose fingerprints
differ are compared row by row. hashint8extended gives the same value on every PostgreSQL since 11, as partitioning needs it
to.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from prosa.gateways.chatwoot import compatibility, queries
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources.load import Plan, load_contacts, load_spans
from prosa.sources.mapping import CONTACTS, CONVERSATIONS, CSAT, EVENTS, MESSAGES, Target
from prosa.sources.merging import parameters
from prosa.sources.model import ID_SPACE, Run
from prosa.sources.session import Session, scope_of
from prosa.sources.spans import Span

BUCKET = 1000  # ids

# 0 for impossible dates: the last ones that PostgreSQL knows would overflow a bigint.
MICROSECONDS = (
    "case when {0} between '1900-01-01' and '2900-01-01' then (extract(epoch from {0}) * 1000000)::bigint else 0 end"
)


@dataclass(frozen=True)
class Fingerprint:
    """How the rows of a table are fingerprinted on both sides."""

    target: Target
    key: str  # the id that is divided into buckets
    theirs: str  # the timestamp that shows a change, at the source
    ours: str  # the same in the store


BY_CONVERSATION = (
    Fingerprint(CONVERSATIONS, "id", "updated_at", "updated_at"),
    Fingerprint(MESSAGES, "conversation_id", "updated_at", "updated_at"),
    Fingerprint(EVENTS, "conversation_id", "coalesce(event_end_time, created_at)", "at"),
    Fingerprint(CSAT, "conversation_id", "created_at", "created_at"),
)
BY_CONTACT = Fingerprint(CONTACTS, "id", "updated_at", "updated_at")


def reconcile(session: Session, reader: Reader, runs: Sequence[Run]) -> None:
    """Compare the sources' fingerprints with the store's and read the ranges that differ."""
    for run in runs:
        dirty: set[int] = set()
        for fingerprint in BY_CONVERSATION:
            if compatibility.available(reader, fingerprint.target.stream):
                dirty |= _differing(session, reader, run, fingerprint)
        load_spans(session, reader, Plan([run], _ranges(dirty), fresh=False))
        load_contacts(session, reader, [run], _ranges(_differing(session, reader, run, BY_CONTACT)))


def _differing(session: Session, reader: Reader, run: Run, fingerprint: Fingerprint) -> set[int]:
    """The buckets whose fingerprints differ."""
    key = fingerprint.key
    there = {row[0]: row[1:] for row in reader.rows(_at_source(reader, run, fingerprint))}
    with session.tenant(run.source) as conn:
        here = {row[0]: row[1:] for row in conn.execute(
            f"""select ({key} - %(base)s) / {BUCKET}, count(*),
                  bit_xor(hashint8extended(id - %(base)s, {MICROSECONDS.format(fingerprint.ours)}))
                from {fingerprint.target.table}
                where tenant_id = %(tenant)s and {key} >= %(base)s and {key} < %(base)s + {ID_SPACE} group by 1""".encode(),
            parameters(run.source),
        )}  # fmt: skip
    return {bucket for bucket in there.keys() | here.keys() if there.get(bucket) != here.get(bucket)}


def _at_source(reader: Reader, run: Run, fingerprint: Fingerprint) -> sql.Composed:
    """The query of the fingerprints at the source."""
    key, moment = fingerprint.key, MICROSECONDS.format(fingerprint.theirs)
    return sql.SQL(
        f"select {key} / {BUCKET}, count(*), bit_xor(hashint8extended(id, {moment})) "
        f"from ({{}}) as rows where {key} is not null group by 1"
    ).format(queries.select(reader, fingerprint.target.stream, scope_of([run])))


def _ranges(buckets: set[int]) -> list[Span]:
    """The buckets as ranges of ids; neighbouring buckets become one range."""
    spans: list[Span] = []
    for bucket in sorted(buckets):
        low, high = bucket * BUCKET, (bucket + 1) * BUCKET
        if spans and spans[-1].high == low:
            spans[-1] = Span(spans[-1].low, high)
        else:
            spans.append(Span(low, high))
    return spans
