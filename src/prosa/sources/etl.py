"""One run of the ETL: which sources, in which mode, under which lock, and what becomes of it.

Tenants that share a Chatwoot database are read in one pass. Each tenant's rows and watermarks move in one transaction.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any

import psycopg

from prosa.crypto import decrypt
from prosa.db import Conn, Role
from prosa.db.connection import connect, transaction
from prosa.db.opening import Logins
from prosa.errors import Invalid, NotFound, ProsaError, Unavailable
from prosa.gateways.chatwoot import reader as chatwoot
from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.reader import Reader, SourceLost
from prosa.sources import apply, brake, departed, follow, load, merging, rejects, staging, store
from prosa.sources.lane import Followed
from prosa.sources.model import Mode, Phase, Run, Source
from prosa.sources.reconcile import reconcile
from prosa.sources.session import Progress, Refresh, Session, open_staging, scope_of

OURS_BROKE = (
    "The connection to Prosa's own database broke; what was committed stays, and the next run goes on from there"
)
ATTEMPTS = 4  # of one pass, when the source's connection breaks: after about 1, 2 and 4 seconds


@dataclass(frozen=True)
class Result:
    """What became of one source.

    `run` is set where it was read. `busy` names who holds its lock, where that is another run. `error` says what failed.
    """

    source: Source
    run: Run | None = None
    busy: str | None = None
    error: str | None = None


def run(
    logins: Logins, secret_keys: Sequence[str], *, slugs: Sequence[str] | None = None, mode: Mode = Mode.INCREMENTAL,
    refresh: Refresh, progress: Progress = lambda what, done, total: None, accept_deletions: bool = False,
) -> list[Result]:  # fmt: skip
    """Read these tenants' sources, or every tenant's. One failing server does not keep the others from being read.

    A source that lost most of what was read of it is refused (brake.py) unless `accept_deletions`.
    Raises Unavailable where our own database does not answer, NotFound where none of these tenants has a source.
    """
    results: list[Result] = []
    try:
        with connect(logins.platform) as operator:
            with transaction(operator, Role.SUPER_ADMIN):
                sources = store.enabled(operator, slugs=slugs)
                if slugs and not sources:
                    _explain_absence(operator, slugs[0])
            for _, group in groupby(sources, key=lambda source: source.server_fingerprint):
                with _locked(operator, list(group)) as (free, busy):
                    results += busy
                    if free:
                        results += _run_group(logins, secret_keys, free, mode, refresh, progress, accept_deletions)
    except psycopg.OperationalError as error:  # a source's are SourceLost
        raise Unavailable(f"{OURS_BROKE}: {error}".strip()) from None
    return results


def tenants_by_server(operator: Conn) -> dict[str, list[str]]:
    """The tenants that share each Chatwoot server, by a name of the server that tells nobody which it is."""
    shared: dict[str, list[str]] = {}
    for source in store.enabled(operator):
        shared.setdefault(source.server_fingerprint.hex()[:16], []).append(source.tenant_slug)
    return shared


def _run_group(
    logins: Logins, secret_keys: Sequence[str], sources: Sequence[Source], mode: Mode, refresh: Refresh,
    progress: Progress, accept_deletions: bool,
) -> list[Result]:  # fmt: skip
    with open_staging(logins.app) as work:
        holder = f"{socket.gethostname()} process {os.getpid()}"
        runs = []
        for source in sources:
            with transaction(work, Role.ADMIN, source.tenant_id):
                runs.append(Run(source, store.start_run(work, source, mode, holder), mode))
        error = None
        try:
            dsn = decrypt(secret_keys, sources[0].dsn_encrypted)
            _with_patience(Session(logins.app, dsn, work, refresh, progress, accept_deletions), runs)
        except ProsaError as failure:
            error = str(failure)
        except psycopg.OperationalError as failure:
            error = f"{OURS_BROKE}: {failure}".strip()
        except psycopg.Error as failure:  # our own database refused something; other servers are still read
            error = f"{type(failure).__name__}: {failure}".strip()
        except (KeyboardInterrupt, SystemExit):
            error = store.INTERRUPTED
            raise
        except BaseException as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            _record(work, logins, runs, error)
    return [Result(r.source, run=r, error=error or r.refused) for r in runs]


def _with_patience(session: Session, runs: Sequence[Run]) -> None:
    """One pass, and another one where the source's connection breaks, each after a longer pause. What was committed stays."""
    try:
        _pass(session, runs)
    except SourceLost:
        from stamina import instrumentation, retry_context  # noqa: PLC0415  (slow to import; needed on a bad day)

        # Its choice, structlog, prints on standard output in a command that has not configured it: not beside our JSON.
        instrumentation.set_on_retry_hooks([instrumentation.LoggingOnRetryHook])
        for attempt in retry_context(on=SourceLost, attempts=ATTEMPTS - 1, wait_initial=1, wait_jitter=0.5):
            with attempt:
                staging.clear(session.work)
                _pass(session, runs)


def _pass(session: Session, runs: Sequence[Run]) -> None:
    """Read the server once, in one snapshot, for all of these sources.

    The small tables come first: without its inboxes an account is refused. Then each source goes one of three ways: it is
    loaded for the first time, compared as a whole, or followed from its watermarks. Reconciling comes last, since it
    compares what is here by then with the source.
    """
    with chatwoot.read(session.dsn) as reader:
        check(reader)
        runs = _read_small(session, reader, runs)
        first, again, following = _sort(session, reader, runs)
        if first:
            load.load(session, reader, first, compare=False)
        if again := brake.mostly_there(session, reader, again):
            load.load(session, reader, again, compare=True)
        if following:
            follow.follow(session, reader, following)
        if runs and runs[0].mode is Mode.RECONCILE:  # a first load that went on may have missed a deletion as well
            staging.clear(session.work)
            followed = [run for run, _ in following]
            reconcile(session, reader, brake.mostly_there(session, reader, [*first, *followed]))
        for run in runs:
            if run.mode is not Mode.INCREMENTAL and not run.refused:
                rejects.forget_gone(session, reader, run)


def _sort(session: Session, reader: Reader, runs: Sequence[Run]) -> tuple[list[Run], list[Run], list[Followed]]:
    """Which runs load for the first time, which compare everything, and which follow from their watermarks.

    A first load that was interrupted goes on. A source that has rows here but no complete watermarks is compared.
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
        if new:
            first.append(run)
        elif not complete or run.mode is Mode.FULL or not follow.can_follow(reader, marks):
            again.append(run)
        else:
            following.append((run, marks))
    return first, again, following


def _read_small(session: Session, reader: Reader, runs: Sequence[Run]) -> list[Run]:
    """Read inboxes and their channels, agents, teams and labels: so few rows that every run reads all of them.

    Returns the runs to go on with: those that the brake lets through.
    """
    scope = replace(scope_of(runs), chosen_inboxes=())
    targets = [t for t in (merging.INBOXES, merging.AGENTS, merging.TEAMS, merging.LABELS)
               if streams.available(reader, t.stream)]  # fmt: skip
    with session.staged() as conn:
        for target in targets:
            staging.fill(conn, reader, target.stream, scope)
    runs = brake.with_inboxes(session, runs)
    for run in runs:
        with session.tenant(run.source) as conn:
            for target, read, differs in apply.compare_small(conn, run.source, targets):
                run.count(load.timed(partial(apply.merge_small, conn, run.source, target, read)) if differs
                          else Phase(target.table, read=read, unchanged=read))  # fmt: skip
            left = departed.known(conn, run.source)
            run.unassigned_inboxes = [row[0] for row in conn.execute(
                """select name from inboxes where tenant_id = %s and source_id = %s and not assigned and not removed
                   order by name""", [run.source.tenant_id, run.source.id])]  # fmt: skip
        departed.follow_names(session.work, reader, run.source, left)
    return runs


def check(reader: Reader) -> None:
    """Raises Invalid where tables or columns that no Chatwoot lacks are missing, or may not be read."""
    missing = streams.missing(reader)
    if missing:
        raise Invalid(
            "Chatwoot's database cannot be read: " + ", ".join(missing) + " are missing or not readable by this login. "
            "If this is Chatwoot's database, grant it SELECT: grant select on all tables in schema public to <login>;"
        )


@contextmanager
def _locked(operator: Conn, sources: Sequence[Source]) -> Iterator[tuple[list[Source], list[Result]]]:
    """Hold the ETL lock of each source's tenant where it is free, for as long as the block lasts."""
    with transaction(operator, Role.SUPER_ADMIN):
        operator.execute("set local idle_in_transaction_session_timeout = 0")
        tenants = {source.tenant_id for source in sources}
        free = store.lock_tenants(operator, sorted(tenants))
        busy = [Result(s, busy=store.holder(operator, s.tenant_id)) for s in sources if s.tenant_id not in free]
        yield [s for s in sources if s.tenant_id in free], busy


def _record(work: Conn, logins: Logins, runs: Sequence[Run], error: str | None) -> None:
    """Close the runs' records, on another connection where theirs has broken."""
    with connect(logins.app) if work.closed else nullcontext(work) as conn:
        for run in runs:
            with transaction(conn, Role.ADMIN, run.source.tenant_id):
                store.finish_run(conn, run, error=error or run.refused)


def _explain_absence(operator: Conn, slug: str) -> None:
    query = "select slug, suspended_at is not null from tenants where id > 0 order by slug"
    suspended: dict[str, bool] = dict(operator.execute(query).fetchall())
    if suspended.get(slug):
        raise NotFound(f"Tenant {slug!r} is suspended: nothing is read for it.")
    if slug not in suspended:
        known = ", ".join(suspended) or "none yet (prosa tenant add …)"
        raise NotFound(f"There is no tenant {slug!r}. Known: {known}.")
    raise NotFound(f"Tenant {slug!r} reads no Chatwoot yet: prosa chatwoot connect --tenant {slug} --dsn … --account …")


def report(result: Result) -> dict[str, Any]:
    """A result for machines."""
    state = "busy" if result.busy else "failed" if result.error else "done"
    counts = vars(result.run.total()) if result.run else {}
    return {
        "tenant": result.source.tenant_slug, "source": result.source.id, "name": result.source.name, "state": state,
        "mode": result.run.mode if result.run else None, "run_id": result.run.id if result.run else None,
        "holder": result.busy, "error": result.error,
        **{f"rows_{key}": counts.get(key, 0) for key in ("read", "inserted", "updated", "unchanged", "deleted", "rejected")},
        "bytes_read": result.run.bytes_read if result.run else 0,
        "phases": [vars(phase) for phase in result.run.phases.values()] if result.run else [],
        "unassigned_inboxes": result.run.unassigned_inboxes if result.run else [],
    }  # fmt: skip
