"""Reading what changed since the last run.

A row version that the last snapshot could not see was written by a transaction that had not ended then, so its `xmin` is not
below that snapshot's. That finds every change whatever the timestamps say: late commits (docs/domain.md, rule 2), skewed clocks,
updates that touch no timestamp. `updated_at` is the second net, for a server that was replaced by a copy.

Chatwoot has no index on those, so conversations and contacts are scanned (cheap, they are few), and messages are reached
by the indexes it has: by conversation, by creation, by id.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from psycopg import sql

from prosa.db.connection import bigints
from prosa.gateways.chatwoot import queries, streams
from prosa.gateways.chatwoot.copying import CHUNK
from prosa.gateways.chatwoot.reader import Reader
from prosa.gateways.chatwoot.streams import Stream
from prosa.sources import brake, departed, load, mapping, merging, staging, store
from prosa.sources.lane import Followed, Lane, halves
from prosa.sources.load import MARKED, timed
from prosa.sources.mapping import Target
from prosa.sources.model import Phase, Run, Watermark
from prosa.sources.session import Session

LATE_IDS = 5_000  # a transaction that commits late has ids below the highest seen
HELD = 4 * 1024 * 1024  # bytes of changed contacts that are held in memory; more go to a temporary file
MANY = 100_000  # changed conversations or contacts; more are compared in ranges, since their ids are held in memory
MUCH = 300  # changed conversations; from here on a second lane is worth its connections
XID_HORIZON = 2**31 - 10_000_000  # beyond, the age of a transaction id says nothing any more

WITHOUT_INDEX = (streams.CONTACTS, streams.CONVERSATIONS)  # Chatwoot has no index by which their changes are found
TARGETS = (mapping.CONTACTS, mapping.CONVERSATIONS, *mapping.BY_CONVERSATION)

# This is asked of every conversation there is, so the condition that decides most comes first. (The age is negative for a row
# that was frozen more than 2^31 transactions ago.)
CHANGED = "(age(t.xmin) <= (select age({xid}::xid)) and age(t.xmin) >= 0 or t.updated_at >= {since})"
# The account is there because Chatwoot has an index of messages by account and creation.
NEAR = """(t.account_id = any({accounts}) and t.created_at >= {recent} or t.id > {from_id}
           or t.conversation_id = any({changed}))"""


def can_follow(reader: Reader, marks: dict[str, Watermark]) -> bool:
    """Whether the watermarks still mean something on this server; after a restore from a copy they may not."""
    oldest = min(mark.snapshot_xmin for mark in marks.values())
    return 0 <= reader.snapshot.xmin - oldest < XID_HORIZON


def follow(session: Session, reader: Reader, followed: Sequence[Followed]) -> None:
    """Read what changed for these sources, in one pass, and bring it in, in one transaction a tenant.

    Where almost everything changed, everything is compared. Where much did, the tenants are shared out to two lanes, which see
    the same snapshot, so that two cores work.
    """
    lane = Lane(session, reader, followed)
    changed = _stage_changed(lane)
    if changed > MANY:
        staging.clear(session.work)
        if runs := brake.mostly_there(session, reader, lane.runs):
            load.load(session, reader, runs, compare=True)
    elif changed < MUCH or len(followed) < 2 or not reader.snapshot.name:
        _follow(lane)
    else:
        mine, others = halves(lane)
        with ThreadPoolExecutor(1) as pool:
            task = pool.submit(_follow_beside, replace(lane, followed=others), _staged_ids(lane))
            _follow(replace(lane, followed=mine))
            task.result()


def _follow_beside(first: Lane, ids: Mapping[Stream, Sequence[int]]) -> None:
    """Follow these tenants on connections of their own. `ids`: what changed, as the first lane found it in this snapshot."""
    with first.session.beside(first.reader) as (session, reader):
        lane = Lane(session, reader, first.followed)
        with session.staged() as work:
            for stream, changed in ids.items():
                staging.fill(work, reader, stream, lane.scope, "t.id = any({ids})", ids=changed)
        _follow(lane)


def _staged_ids(lane: Lane) -> dict[Stream, list[int]]:
    """The ids of the staged rows of both scanned tables."""
    with lane.session.staged() as work:
        return {stream: store.ids(work, f"select id from stage_{stream.name}") for stream in WITHOUT_INDEX}


def _stage_changed(lane: Lane) -> int:
    """Stage the contacts and conversations that changed. Returns how many of either there are, whichever are more.

    In a run that finds nothing these two scans take longer than all else, so they run at the same time.
    """
    if not lane.reader.snapshot.name:  # a replica's, which no other session can share
        with lane.session.staged() as work:
            return max(staging.take_in(work, stream, _changed(lane, lane.reader, stream)) for stream in WITHOUT_INDEX)
    with SpooledTemporaryFile(HELD) as contacts, ThreadPoolExecutor(1) as pool:
        beside = pool.submit(_scan_contacts, lane, contacts)
        with lane.session.staged() as work:
            conversations = staging.take_in(
                work, streams.CONVERSATIONS, _changed(lane, lane.reader, streams.CONVERSATIONS)
            )
        lane.reader.bytes_read += beside.result()
        contacts.seek(0)
        with lane.session.staged() as work:
            return max(conversations, staging.take_in(work, streams.CONTACTS, iter(partial(contacts.read, CHUNK), b"")))


def _scan_contacts(lane: Lane, found: IO[bytes]) -> int:
    """Write the contacts that changed to a file, read by a session of its own. Returns how many bytes they are."""
    with lane.session.reader_beside(lane.reader) as reader:
        found.writelines(_changed(lane, reader, streams.CONTACTS))
        return reader.bytes_read


def _changed(lane: Lane, reader: Reader, stream: Stream) -> Iterator[bytes]:
    """A stream's rows that changed, of the whole table, as binary COPY data."""
    return reader.copy(queries.select(reader, stream, lane.scope, CHANGED, scanned=True, **lane.since()))


def _follow(lane: Lane) -> None:
    """Stage what hangs on the staged conversations and what else changed, then merge all of it, a transaction a tenant."""
    _stage_hanging(lane)
    with lane.session.staged() as conn:
        staged = staging.contents(conn)
    new_marks = _new_marks(lane)
    for run in lane.runs:
        run.count_bytes(lane.reader.bytes_read // len(lane.runs))
        account = run.source.account_id
        targets = [(t, staged.rows[t.stream.name, account]) for t in TARGETS if (t.stream.name, account) in staged.rows]
        _bring_in(lane.session, lane.reader, run, targets, staged.users.get(account, ()), new_marks)


def _stage_hanging(lane: Lane) -> None:
    """Stage the answers, messages and events that changed, or that hang on conversations new to the store."""
    session, reader, scope = lane.session, lane.reader, lane.scope
    values = lane.since()
    with session.staged() as work:
        values["accounts"] = list(scope.accounts)
        values["changed"] = store.ids(
            work, "select id from stage_conversations where account_id = any(%(accounts)s)", accounts=values["accounts"]
        )
    changed = values["changed"]
    values["new"] = _unknown(lane, "select id, account_id from stage_conversations") if changed else []
    with session.staged() as work:
        # few rows, and no index on their dates
        hanging = staging.fill(
            work, reader, streams.CSAT, scope, f"{CHANGED} or t.conversation_id = any({{new}})", scanned=True, **values
        )
        reader.use_indexes(True)
        for stream in (streams.MESSAGES, streams.EVENTS):
            near = f"{NEAR} and ({CHANGED} or t.conversation_id = any({{new}}))"
            hanging += staging.fill(
                work, reader, stream, scope, near, from_id=lane.last_id(stream) - LATE_IDS, **values
            )
        reader.use_indexes(False)
    if hanging:
        _stage_strays(lane)
    if changed or hanging:
        _stage_contacts(lane)


def _stage_strays(lane: Lane) -> None:
    """Stage conversations that neither the store nor the stage has, although something of theirs changed."""
    here = """select conversation_id, account_id from stage_{} s
              where not exists (select from stage_conversations c where c.id = s.conversation_id)"""
    strays = _unknown(lane, " union ".join(here.format(stream.name) for stream in streams.BY_CONVERSATION))
    if not strays:
        return
    with lane.session.staged() as work:
        staging.fill(work, lane.reader, streams.CONVERSATIONS, lane.scope, "t.id = any({ids})", ids=strays)
        for stream in streams.BY_CONVERSATION:
            work.execute(f"delete from stage_{stream.name} where conversation_id = any(%s)".encode(), [strays])
            staging.fill(work, lane.reader, stream, lane.scope, "t.conversation_id = any({ids})", ids=strays)


def _stage_contacts(lane: Lane) -> None:
    """Stage the contacts of staged conversations that neither the store nor the stage has."""
    unknown = _unknown(lane, """select contact_id, account_id from stage_conversations s
        where not exists (select from stage_contacts c where c.id = s.contact_id)""", table="contacts")  # fmt: skip
    if not unknown:
        return
    with lane.session.staged() as work:
        staging.fill(work, lane.reader, streams.CONTACTS, lane.scope, "t.id = any({ids})", ids=unknown)


def _bring_in(
    session: Session, reader: Reader, run: Run, targets: Sequence[tuple[Target, int]], users: Collection[int],
    marks: Sequence[Watermark],
) -> None:  # fmt: skip
    """Merge what is staged of one tenant, and move its watermarks, in one transaction.

    `targets`: those of which rows are staged, with how many (in most runs none). `users`: ids of the users whom staged rows
    name.
    """
    source = run.source
    strangers = departed.find(session.work, reader, source, users) if users else []
    moved = any(target is mapping.CONVERSATIONS for target, _ in targets)
    merged_away = _merged_away(session, reader, run) if moved else []
    with session.tenant(source) as conn:
        phases = [timed(partial(merging.merge, conn, source, target, staged=rows)) for target, rows in targets]
        departed.save(conn, source, strangers)
        if merged_away:
            deleted = conn.execute("delete from contacts where tenant_id = %s and id = any(%s)",
                                   [source.tenant_id, [source.base + i for i in merged_away]]).rowcount  # fmt: skip
            phases.append(Phase("contacts", deleted=deleted))
        if any(phase.inserted or phase.updated or phase.deleted for phase in phases):  # else it was read before
            phases.append(timed(partial(session.derive, conn, source, merging.touched_conversations(conn, source))))
            store.count_committed(conn, run, phases)
        store.save_watermarks(conn, source, marks)
    run.watermarks += marks
    run.count(*phases)


def _merged_away(session: Session, reader: Reader, run: Run) -> list[int]:
    """Contacts whose conversations moved to another contact and that are gone at the source (a merge)."""
    with session.tenant(run.source) as conn:
        left = store.ids(
            conn,
            """select distinct c.contact_id - %(base)s from conversations c
               where c.tenant_id = %(tenant)s and c.id = any(%(keys)s) and c.contact_id is not null
                 and ((c.id, c.contact_id) in (select %(base)s + s.id, %(base)s + s.contact_id from stage_conversations s
                                               where s.account_id = %(account)s and s.contact_id is not null)) is not true""",
            **merging.parameters(run.source),
            keys=bigints(merging.staged_keys(conn, run.source, mapping.CONVERSATIONS)),
        )
    if not left:
        return []
    alive = {
        row[0]
        for row in reader.rows(sql.SQL("select id from contacts where id = any({})").format(queries.literal(left)))
    }
    return [contact for contact in left if contact not in alive]


def _new_marks(lane: Lane) -> list[Watermark]:
    """The watermarks of this snapshot."""
    snapshot = lane.reader.snapshot
    with lane.session.staged() as conn:
        tops: dict[str, int] = dict(conn.execute(
            """select 'messages', coalesce(max(id), 0) from stage_messages
               union all select 'events', coalesce(max(id), 0) from stage_events"""
        ).fetchall())  # fmt: skip
    return [Watermark(name, snapshot.xmin, snapshot.at, tops.get(name, 0)) for name in MARKED]


def _unknown(lane: Lane, query: str, *, table: str = "conversations") -> list[int]:
    """Source ids among (id, account_id) of `query` that their tenant's store does not have."""
    found: set[int] = set()
    for run in lane.runs:
        with lane.session.tenant(run.source) as conn:
            staged = store.ids(
                conn,
                f"""select distinct %(base)s + q.id from ({query}) as q (id, account_id)
                    where q.account_id = %(account)s and q.id is not null""",
                **merging.parameters(run.source),
            )
            here = store.known(conn, run.source.tenant_id, table, staged)
            found.update(id - run.source.base for id in staged if id not in here)
    return sorted(found)
