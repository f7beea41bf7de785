"""Reading everything: the first load of a source, a full comparison, and the ranges that a reconciliation found to differ.

Work is cut into ranges of conversation ids. A range is staged whole, then merged in one transaction a tenant together with
its facts and, for a first load, the mark of how far the load has come; so a killed load goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock, local
from time import monotonic

from prosa.db.connection import Conn
from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.queries import Scope
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import deletions, departed, mapping, merging, staging, store
from prosa.sources.model import ID_SPACE, Phase, Run, Watermark
from prosa.sources.session import Session, scope_of
from prosa.sources.spans import WORKERS, Done, Span, contact_spans, conversation_spans, highest

LAST = 4  # ranges that together take about as long as gathering statistics
MARKED = ("contacts", "conversations", "messages", "events", "csat")

Task = Callable[[Session, Reader], None]  # what a thread does, with connections of its own


@dataclass(frozen=True)
class Plan:
    """Ranges of conversations to read for these runs."""

    runs: Sequence[Run]
    spans: Sequence[Span]
    fresh: bool  # nothing of these sources is in the store yet: nothing is looked up there, and nothing deleted
    # Called in a tenant's transaction of a range, with the id up to which everything is in then.
    save_mark: Callable[[Conn, Run, int], None] | None = None


def load(session: Session, reader: Reader, runs: Sequence[Run], *, compare: bool) -> None:
    """Read all of these sources. `compare`: they were read before, so what is gone at the source is deleted too."""
    started, fresh = _begin(session, reader, runs, compare=compare)
    first = min(mark.loaded_to or 0 for mark in started.values())
    spans = [span for span in conversation_spans(reader, scope_of(runs)) if span.high > first]

    def save_mark(conn: Conn, run: Run, loaded_to: int) -> None:
        mark = replace(started[run.source.id, run.source.tenant_id], loaded_to=loaded_to)
        store.save_watermarks(conn, run.source, [mark])

    def contacts(session: Session, reader: Reader) -> None:
        load_contacts(session, reader, runs, [Span(0, ID_SPACE)] if fresh else contact_spans(reader), fresh=fresh)

    load_spans(session, reader, Plan(runs, spans, fresh, None if compare else save_mark), alongside=contacts)
    tops = {name: highest(reader, name) for name in ("messages", "events")}
    for run in runs:
        mark = started[run.source.id, run.source.tenant_id]
        final = [replace(mark, stream=name, loaded_to=None, last_id=tops.get(name, 0)) for name in MARKED]
        with session.tenant(run.source) as conn:
            store.save_watermarks(conn, run.source, final)
        run.watermarks += final


def load_spans(session: Session, reader: Reader, plan: Plan, *, alongside: Task = lambda session, reader: None) -> None:
    """Read ranges of conversations with all that hangs on them, do `alongside`, and refresh the planner's statistics.

    Two ranges at a time where the source lets a snapshot be shared.
    """
    total = len(plan.spans)
    done = Done(plan.spans)
    showing = Lock()
    session.progress("conversations", 0, total)

    def one(session: Session, reader: Reader, span: Span) -> None:
        _load_span(session, reader, plan, span, done)
        with showing:
            finished = done.add(span)
            session.progress("conversations", finished, total)
        if plan.fresh and finished in (1, 4, 16, 64) and 2 * finished < total:
            _refresh_statistics(session, rough=True)

    def statistics(session: Session, reader: Reader) -> None:
        _refresh_statistics(session)

    tasks: list[Task] = [alongside, *(partial(one, span=span) for span in plan.spans)]
    if total < 2 or not reader.snapshot.name:
        for task in [*tasks, statistics] if total else tasks:
            task(session, reader)
    else:
        # Statistics are gathered beside the last ranges: those are the smallest, and their few rows would not change them.
        tasks.insert(-LAST if total > 2 * LAST else len(tasks), statistics)
        _share_out(session, reader, tasks)


def _share_out(session: Session, reader: Reader, tasks: Sequence[Task]) -> None:
    """Do the tasks, in this order, in threads with connections of their own that see what `reader` sees."""
    with ExitStack() as stack:
        mine = local()

        def equipped(task: Task) -> None:
            if not hasattr(mine, "reader"):  # here, not in an initializer, whose failure would hide its reason
                mine.session, mine.reader = stack.enter_context(session.beside(reader))
            task(mine.session, mine.reader)

        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        try:
            for begun in [pool.submit(equipped, task) for task in tasks]:
                begun.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _refresh_statistics(session: Session, *, rough: bool = False) -> None:
    """Refresh the planner's statistics. Without them it reads a whole tenant for each range, while tables grow from nothing.

    All it needs then is the number of rows, so a tenth of the usual sample is `rough` enough.
    """
    with session.staged() as conn:
        if rough:
            conn.execute("set local default_statistics_target = 10")
        conn.execute("select refresh_statistics()")


def _load_span(session: Session, reader: Reader, plan: Plan, span: Span, done: Done) -> None:
    """Stage a range, and merge it for one tenant after the other."""
    runs = plan.runs
    before = reader.bytes_read
    begun = monotonic()
    staged = _stage_span(session, reader, scope_of(runs), span)
    read_seconds = monotonic() - begun
    for run in runs:
        strangers = departed.find(session.work, reader, run.source, staged.users.get(run.source.account_id, ()))
        with session.tenant(run.source) as conn:
            conn.execute(b"set local work_mem = '64MB'")
            phases = _merge_span(session, conn, run, span, staged.rows, fresh=plan.fresh)
            departed.save(conn, run.source, strangers)
            if plan.save_mark:
                plan.save_mark(conn, run, done.contiguous_with(span))
            store.count_committed(conn, run, phases)
        run.count(Phase("read", seconds=read_seconds / len(runs)), *phases)
        run.count_bytes((reader.bytes_read - before) // len(runs))
    staging.clear(session.work, (streams.CONVERSATIONS, *streams.BY_CONVERSATION))


def _stage_span(session: Session, reader: Reader, scope: Scope, span: Span) -> staging.Contents:
    """Stage a range of conversations with all that hangs on them."""
    hanging = "t.conversation_id >= {low} and t.conversation_id < {high}"
    with session.staged() as conn:
        staging.fill(conn, reader, streams.CONVERSATIONS, scope, "t.id >= {low} and t.id < {high}", **vars(span))
        for stream in streams.BY_CONVERSATION:
            staging.fill(conn, reader, stream, scope, hanging, **vars(span))
        return staging.contents(conn)


def _merge_span(
    session: Session, conn: Conn, run: Run, span: Span, staged: Mapping[tuple[str, int], int], *, fresh: bool
) -> list[Phase]:
    """Merge a staged range into the store, in the tenant's transaction. `staged`: rows by stream and account."""
    source = run.source
    keys = merging.staged_keys(conn, source, mapping.CONVERSATIONS)

    def merge(target: mapping.Target) -> Phase:
        rows = staged.get((target.stream.name, source.account_id), 0)
        return timed(partial(merging.merge, conn, source, target, staged=rows, fresh=fresh, keys=keys))

    phases = [merge(mapping.CONVERSATIONS)]
    gone: list[int] = []
    if not fresh:
        phase, gone = deletions.delete_missing_conversations(conn, source, span.low, span.high)
        phases.append(phase)
    for target in mapping.BY_CONVERSATION:
        phases.append(merge(target))
        if not fresh:
            phases.append(deletions.delete_missing(conn, source, target, span.low, span.high))
    touched = sorted(store.known(conn, source.tenant_id, "conversations", keys))
    phases.append(timed(partial(session.derive, conn, source, [*touched, *gone])))
    return phases


def load_contacts(
    session: Session, reader: Reader, runs: Sequence[Run], spans: Iterable[Span], *, fresh: bool = False
) -> None:
    """Read contacts in ranges of their ids. Unless all are `fresh`, delete those that are gone at the source."""
    session.progress("contacts", 0, 1)
    for span in spans:
        begun = monotonic()
        with session.staged() as conn:
            staging.fill(
                conn, reader, streams.CONTACTS, scope_of(runs), "t.id >= {low} and t.id < {high}", **vars(span)
            )
            staged = staging.contents(conn).rows
        seconds = monotonic() - begun
        for run in runs:
            with session.tenant(run.source) as conn:
                # A first load looks nothing up, and the ids of all contacts would only take memory.
                keys = () if fresh else None
                rows = staged.get((streams.CONTACTS.name, run.source.account_id), 0)
                merge = partial(merging.merge, staged=rows, fresh=fresh, keys=keys)
                phase = timed(partial(merge, conn, run.source, mapping.CONTACTS))
                if not fresh:
                    phase.deleted = deletions.delete_missing_contacts(conn, run.source, span.low, span.high)
                store.count_committed(conn, run, [phase])
            run.count(phase, Phase("read", seconds=seconds / len(runs)))
        staging.clear(session.work, (streams.CONTACTS,))
    session.progress("contacts", 1, 1)


def timed(work: Callable[[], Phase]) -> Phase:
    """Do the work, and note in its phase how long it took, in seconds."""
    begun = monotonic()
    phase = work()
    phase.seconds = monotonic() - begun
    return phase


def _begin(
    session: Session, reader: Reader, runs: Sequence[Run], *, compare: bool
) -> tuple[dict[tuple[int, int], Watermark], bool]:
    """The watermark that each source's load starts from, by (source, tenant); and whether all loads are new.

    A resumed load keeps the snapshot at which its first attempt began.
    """
    new = Watermark("conversations", reader.snapshot.xmin, reader.snapshot.at, 0, 0)
    marks: dict[tuple[int, int], Watermark] = {}
    for run in runs:
        with session.tenant(run.source) as conn:
            known = store.watermarks(conn, run.source).get("conversations")
            if compare or known is None or known.loaded_to is None:
                known = new
                if not compare:
                    store.save_watermarks(conn, run.source, [new])
            marks[run.source.id, run.source.tenant_id] = known
    return marks, not compare and all(mark is new for mark in marks.values())
