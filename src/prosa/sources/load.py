"""Reading everything: the first load of a source, a full comparison, and the ranges that a reconciliation found to differ.

Work is cut into ranges of conversation ids. A range is staged whole, then merged in one transaction a tenant together with
its facts and, for a first load, the mark of how far the load has come; so a killed load goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Lock, local
from time import monotonic

from prosa.db.connection import Conn, Role, transaction
from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.queries import Scope
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import apply, departed, mapping, merging, staging, store
from prosa.sources.model import ID_SPACE, Phase, Run, Watermark
from prosa.sources.session import Session, scope_of
from prosa.sources.spans import WORKERS, Done, Span, contact_spans, conversation_spans, highest

LAST = 4  # ranges, which take about as long as statistics
MARKED = ("contacts", "conversations", "messages", "events", "csat")


def load(session: Session, reader: Reader, runs: Sequence[Run], *, compare: bool) -> None:
    """Read all of these sources. `compare`: they were read before, so what is gone at the source is deleted too."""
    scope = scope_of(runs)
    started, fresh = _begin(session, reader, runs, compare=compare)
    first = min(mark.loaded_to or 0 for mark in started.values())
    spans = [span for span in conversation_spans(reader, scope) if span.high > first]
    done = Done(spans)

    def after(conn: Conn, run: Run, span: Span) -> None:
        if not compare:
            mark = replace(started[run.source.id, run.source.tenant_id], loaded_to=done.contiguous_with(span))
            store.save_watermarks(conn, run.source, [mark])

    def contacts(work: Conn, source: Reader) -> None:
        spans = [Span(0, ID_SPACE)] if fresh else contact_spans(source)
        _load_contacts(session, work, source, runs, spans, fresh=fresh, delete=not fresh)

    load_spans(session, reader, runs, spans, fresh=fresh, after=after, on_done=done.add, alongside=contacts)
    tops = {name: highest(reader, name) for name in ("messages", "events")}
    for run in runs:
        mark = started[run.source.id, run.source.tenant_id]
        final = [replace(mark, stream=name, loaded_to=None, last_id=tops.get(name, 0)) for name in MARKED]
        with session.tenant(run.source) as conn:
            store.save_watermarks(conn, run.source, final)
        run.watermarks += final


def load_spans(
    session: Session, reader: Reader, runs: Sequence[Run], spans: Sequence[Span], *, fresh: bool,
    after: Callable[[Conn, Run, Span], None] = lambda conn, run, span: None,
    on_done: Callable[[Span], None] = lambda span: None,
    alongside: Callable[[Conn, Reader], None] = lambda work, reader: None,
) -> None:  # fmt: skip
    """Read ranges of conversations with all that hangs on them, and refresh the planner's statistics.

    Two ranges at a time where the source lets a snapshot be shared.
    """
    scope = scope_of(runs)
    session.progress("conversations", 0, len(spans))
    finished = 0
    counting = Lock()

    def one(work: Conn, source: Reader, span: Span) -> None:
        nonlocal finished
        _load_span(session, work, source, runs, scope, span, fresh=fresh, after=after, counting=counting)
        on_done(span)
        with counting:
            finished += 1
            session.progress("conversations", finished, len(spans))
            grown = finished in (1, 4, 16, 64) and 2 * finished < len(spans)
        if fresh and grown:
            _refresh_statistics(work, rough=True)

    if len(spans) < 2 or not reader.snapshot.name:
        alongside(session.work, reader)
        for span in spans:
            one(session.work, reader, span)
        if spans:
            _refresh_statistics(session.work)
        return
    with ExitStack() as stack:
        mine = local()

        def equipped(task: Callable[[Conn, Reader], None]) -> None:
            if not hasattr(mine, "reader"):  # here, not in an initializer, whose failure would hide its reason
                mine.work, mine.reader = stack.enter_context(session.beside(reader))
            task(mine.work, mine.reader)

        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        try:
            jobs: list[Callable[[Conn, Reader], None]] = [alongside, *(partial(one, span=span) for span in spans)]
            # Beside the last ranges, the smallest, whose few rows more would not change them.
            jobs.insert(-LAST if len(spans) > 2 * LAST else len(jobs), lambda work, source: _refresh_statistics(work))
            tasks = [pool.submit(equipped, job) for job in jobs]
            for task in tasks:
                task.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _refresh_statistics(work: Conn, *, rough: bool = False) -> None:
    """While tables grow from nothing, a planner without statistics reads a whole tenant for each range.

    How many rows there are is what it needs then: a tenth of the usual sample is `rough` enough.
    """
    with transaction(work, Role.ADMIN):
        if rough:
            work.execute("set local default_statistics_target = 10")
        work.execute("select refresh_statistics()")


def _load_span(
    session: Session, work: Conn, reader: Reader, runs: Sequence[Run], scope: Scope, span: Span, *, fresh: bool,
    after: Callable[[Conn, Run, Span], None], counting: Lock,
) -> None:  # fmt: skip
    before = reader.bytes_read
    begun = monotonic()
    hanging = "t.conversation_id >= {low} and t.conversation_id < {high}"
    with transaction(work, Role.ADMIN):
        staging.fill(work, reader, streams.CONVERSATIONS, scope, "t.id >= {low} and t.id < {high}", **vars(span))
        for stream in streams.BY_CONVERSATION:
            staging.fill(work, reader, stream, scope, hanging, **vars(span))
        staged = staging.contents(work)
    read_seconds = monotonic() - begun
    for run in runs:
        strangers = departed.find(work, reader, run.source, staged.users.get(run.source.account_id, ()))
        with transaction(work, Role.ADMIN, run.source.tenant_id):
            work.execute(b"set local work_mem = '64MB'")
            phases = _merge_span(session, work, run, span, staged.rows, fresh=fresh)
            departed.save(work, run.source, strangers)
            after(work, run, span)
        with counting:
            run.count(Phase("read", seconds=read_seconds / len(runs)))
            run.bytes_read += (reader.bytes_read - before) // len(runs)
            for phase in phases:
                run.count(phase)
    staging.clear(work, (streams.CONVERSATIONS, *streams.BY_CONVERSATION))


def _merge_span(
    session: Session, work: Conn, run: Run, span: Span, staged: Mapping[tuple[str, int], int], *, fresh: bool
) -> list[Phase]:
    source = run.source
    keys = merging.staged_keys(work, source, mapping.CONVERSATIONS)

    def merge(target: mapping.Target) -> Phase:
        rows = staged.get((target.stream.name, source.account_id), 0)
        return timed(partial(merging.merge, work, source, target, staged=rows, fresh=fresh, keys=keys))

    phases = [merge(mapping.CONVERSATIONS)]
    gone: list[int] = []
    if not fresh:
        phase, gone = apply.delete_missing_conversations(work, source, span.low, span.high)
        phases.append(phase)
    for target in mapping.BY_CONVERSATION:
        phases.append(merge(target))
        if not fresh:
            phases.append(apply.delete_missing(work, source, target, span.low, span.high))
    touched = sorted(store.known(work, source.tenant_id, "conversations", keys))
    phases.append(timed(partial(session.derive, work, source, [*touched, *gone])))
    return phases


def _load_contacts(
    session: Session,
    work: Conn,
    reader: Reader,
    runs: Sequence[Run],
    spans: Iterable[Span],
    *,
    fresh: bool,
    delete: bool,
) -> None:
    """Contacts in ranges of their ids."""
    session.progress("contacts", 0, 1)
    for span in spans:
        begun = monotonic()
        with transaction(work, Role.ADMIN):
            staging.fill(
                work, reader, streams.CONTACTS, scope_of(runs), "t.id >= {low} and t.id < {high}", **vars(span)
            )
            staged = staging.contents(work).rows
        seconds = monotonic() - begun
        for run in runs:
            with transaction(work, Role.ADMIN, run.source.tenant_id) as conn:
                # A first load looks nothing up, and the ids of all contacts would only take memory.
                keys = () if fresh else None
                rows = staged.get((streams.CONTACTS.name, run.source.account_id), 0)
                merge = partial(merging.merge, staged=rows, fresh=fresh, keys=keys)
                phase = timed(partial(merge, conn, run.source, mapping.CONTACTS))
                if delete:
                    phase.deleted = apply.delete_missing_contacts(conn, run.source, span.low, span.high)
            run.count(phase)
            run.count(Phase("read", seconds=seconds / len(runs)))
        staging.clear(work, (streams.CONTACTS,))
    session.progress("contacts", 1, 1)


def load_contacts(session: Session, reader: Reader, runs: Sequence[Run], spans: Iterable[Span]) -> None:
    """Compare ranges of contacts with the source."""
    _load_contacts(session, session.work, reader, runs, spans, fresh=False, delete=True)


def timed(work: Callable[[], Phase]) -> Phase:
    """A phase with the time it took."""
    begun = monotonic()
    phase = work()
    phase.seconds = monotonic() - begun
    return phase


def _begin(
    session: Session, reader: Reader, runs: Sequence[Run], *, compare: bool
) -> tuple[dict[tuple[int, int], Watermark], bool]:
    """The mark that each source's load carries, the snapshot at which its first attempt began; and whether all is new."""
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
