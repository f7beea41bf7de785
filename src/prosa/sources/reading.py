"""Reads one Chatwoot server for the runs of all tenants that share it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from prosa.gateways.chatwoot import compatibility
from prosa.gateways.chatwoot.errors import SourceLost
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import brake, departed, follow, load, mapping, rejects, small_tables, staging, store
from prosa.sources.lane import Followed
from prosa.sources.model import Mode, Phase, Run
from prosa.sources.reconcile import reconcile
from prosa.sources.session import Session, scope_of

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

log = logging.getLogger(__name__)
RETRIES = 4  # of one pass, when the source's connection breaks: at once, and after about 1, 2 and 4 seconds


def read(session: Session, runs: Sequence[Run]) -> None:
    """Read the server once. If its connection breaks, try again after a longer pause each time; what was committed stays."""
    try:
        _pass(session, runs)
    except SourceLost:
        from stamina import instrumentation, retry_context  # noqa: PLC0415  (slow to import; needed on a bad day)

        # stamina's default hook prints to standard output, where `--json` may print nothing else.
        instrumentation.set_on_retry_hooks([_say_again])
        for attempt in retry_context(on=SourceLost, attempts=RETRIES, wait_initial=1, wait_jitter=0.5):
            with attempt:
                staging.clear(session.work)
                _pass(session, runs)


def _say_again(details: "RetryDetails") -> None:
    """Log that a pass is tried again."""
    log.warning("Trying again in %.0f s: %s", details.wait_for, details.caused_by)


def _pass(session: Session, runs: Sequence[Run]) -> None:
    """Read the server once, in one snapshot, for all of these sources.

    The small tables come first, since a source whose account has lost its inboxes is refused. Then each source is loaded for the
    first time, compared as a whole, or followed from its watermarks. Reconciling comes last: it compares the result with the
    source.
    """
    with session.reader() as reader:
        compatibility.check(reader)
        runs = _read_small(session, reader, runs)
        first, again, following = _sort(session, reader, runs)
        if first:
            load.load(session, reader, first, compare=False)
        if again := brake.mostly_there(session, reader, again):
            load.load(session, reader, again, compare=True)
        if following:
            follow.follow(session, reader, following)
        if runs and runs[0].mode is Mode.RECONCILE:  # also for a resumed first load, which may have missed a deletion
            staging.clear(session.work)
            followed = [run for run, _ in following]
            reconcile(session, reader, brake.mostly_there(session, reader, [*first, *followed]))
        for run in runs:
            if run.mode is not Mode.INCREMENTAL and not run.refused:
                rejects.forget_gone(session, reader, run)


def _sort(session: Session, reader: Reader, runs: Sequence[Run]) -> tuple[list[Run], list[Run], list[Followed]]:
    """Sort the runs: those that load for the first time, those that compare everything, and those that follow their watermarks.

    An interrupted first load is resumed. A source that has rows in the store but no complete watermarks is compared.
    """
    first: list[Run] = []
    again: list[Run] = []
    following: list[Followed] = []
    for run in runs:
        with session.tenant(run.source) as conn:
            marks = store.watermarks(conn, run.source)
            complete = set(load.MARKED) <= marks.keys() and all(mark.loaded_to is None for mark in marks.values())
            goes_on = bool(marks) and run.mode is not Mode.FULL  # where an interrupted first load stopped
            new = not complete and (goes_on or not store.has_rows(conn, run.source))
            if complete and run.mode is not Mode.FULL and follow.can_follow(reader, marks):
                following.append((run, marks))
                continue
            (first if new else again).append(run)
            if run.mode is Mode.INCREMENTAL:
                store.record_as_full(conn, run)
    return first, again, following


def _read_small(session: Session, reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """Read inboxes with their channels, agents, teams and labels. They have so few rows that every run reads all of them.

    Returns the runs that brake.py has not refused.
    """
    scope = replace(scope_of(runs), chosen_inboxes=())
    targets = [t for t in (mapping.INBOXES, mapping.AGENTS, mapping.TEAMS, mapping.LABELS)
               if compatibility.available(reader, t.stream)]  # fmt: skip
    with session.staged() as conn:
        for target in targets:
            staging.fill(conn, reader, target.stream, scope)
    runs = brake.with_inboxes(session, runs)
    for run in runs:
        with session.tenant(run.source) as conn:
            phases = [load.timed(partial(small_tables.merge, conn, run.source, target, read)) if differs
                      else Phase(target.table, read=read, unchanged=read)
                      for target, read, differs in small_tables.compare(conn, run.source, targets)]  # fmt: skip
            run.count(*phases)
            if any(phase.inserted or phase.updated or phase.deleted for phase in phases):
                store.count_committed(conn, run, phases)
            left = departed.known(conn, run.source)
            run.unassigned_inboxes = [row[0] for row in conn.execute(
                """select name from inboxes where tenant_id = %s and source_id = %s and not assigned and not removed
                   order by name""", [run.source.tenant_id, run.source.id])]  # fmt: skip
        departed.follow_names(session.work, reader, run.source, left)
    return runs
