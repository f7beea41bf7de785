"""One run of the ETL: finds the sources to read, takes their tenants' locks, and records each result in etl_runs.

Tenants that share a Chatwoot server are read together (reading.py). Each tenant's rows and watermarks move in one
transaction.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import psycopg

from prosa.crypto import decrypt
from prosa.db import Conn, Role
from prosa.db.connection import connect, transaction
from prosa.db.opening import Logins
from prosa.errors import NotFound, ProsaError, Unavailable
from prosa.sources import reading, store
from prosa.sources.model import Mode, Run, Source, server_name
from prosa.sources.session import Progress, Refresh, Session, open_staging
from prosa.sources.stop import Stop

OURS_BROKE = (
    "The connection to Prosa's own database broke; what was committed stays, and the next run goes on from there"
)


@dataclass(frozen=True)
class Result:
    """The result of one source.

    `run` is set if it was read. `busy` names the holder of its lock if another run has it. `error` is the message of a failure.
    """

    source: Source
    run: Run | None = None
    busy: str | None = None
    error: str | None = None


def run(
    logins: Logins, secret_keys: Sequence[str], *, slugs: Sequence[str] | None = None, mode: Mode = Mode.INCREMENTAL,
    refresh: Refresh, progress: Progress = lambda what, done, total: None, accept_deletions: bool = False,
    stop: Stop | None = None,
) -> list[Result]:  # fmt: skip
    """Read these tenants' sources, or every tenant's. One failing server does not keep the others from being read.

    A source that lost most of what was read of it is refused (brake.py) unless `accept_deletions`. `stop` ends the run.
    Raises Unavailable where our own database does not answer, NotFound where none of these tenants has a source.
    """
    results: list[Result] = []
    stop = stop or Stop()
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
                        results += _run_group(
                            logins, secret_keys, free, mode, refresh, progress, accept_deletions, stop
                        )
    except psycopg.OperationalError as error:  # a source's are SourceLost
        raise Unavailable(_said(error)) from None
    return results


def tenants_by_server(operator: Conn) -> dict[str, list[str]]:
    """The slugs of the tenants of each Chatwoot server, by `server_name`."""
    shared: dict[str, list[str]] = {}
    for source in store.enabled(operator):
        shared.setdefault(server_name(source.server_fingerprint), []).append(source.tenant_slug)
    return shared


def _run_group(
    logins: Logins, secret_keys: Sequence[str], sources: Sequence[Source], mode: Mode, refresh: Refresh,
    progress: Progress, accept_deletions: bool, stop: Stop,
) -> list[Result]:  # fmt: skip
    """Read the sources of one server, all of whose tenants' locks are held, and record how each run ended."""
    with open_staging(logins.app) as work:
        holder = f"{socket.gethostname()} process {os.getpid()}"
        runs = []
        for source in sources:
            with transaction(work, Role.ADMIN, source.tenant_id):
                runs.append(Run(source, store.start_run(work, source, mode, holder), mode))
        error = None
        try:
            dsn = decrypt(secret_keys, sources[0].dsn_encrypted)
            with stop.reaches(work):
                reading.read(Session(logins.app, dsn, work, refresh, progress, accept_deletions, stop), runs)
        except ProsaError as failure:
            error = str(failure)
        except psycopg.Error as failure:  # of our own database; other servers are still read
            error = _said(failure)
        except (KeyboardInterrupt, SystemExit):
            error = store.INTERRUPTED
            raise
        except BaseException as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            if error and stop.told:
                error = store.INTERRUPTED
            _record(work, logins, runs, error, cut=stop.told)
    return [Result(r.source, run=r, error=error or r.refused) for r in runs]


def _said(error: psycopg.Error) -> str:
    """The message for an error of our own database. To psycopg a full disk is an OperationalError too, not only a lost line."""
    broke = isinstance(error, psycopg.OperationalError) and (error.sqlstate or "08").startswith(("08", "57P"))
    return f"{OURS_BROKE if broke else type(error).__name__}: {error}".strip()


@contextmanager
def _locked(operator: Conn, sources: Sequence[Source]) -> Iterator[tuple[list[Source], list[Result]]]:
    """Hold the ETL lock of each source's tenant where it is free, for as long as the block lasts."""
    with transaction(operator, Role.SUPER_ADMIN):
        operator.execute("set local idle_in_transaction_session_timeout = 0")
        tenants = {source.tenant_id for source in sources}
        free = store.lock_tenants(operator, sorted(tenants))
        busy = [Result(s, busy=store.holder(operator, s.tenant_id)) for s in sources if s.tenant_id not in free]
        yield [s for s in sources if s.tenant_id in free], busy


def _record(work: Conn, logins: Logins, runs: Sequence[Run], error: str | None, *, cut: bool) -> None:
    """Close the runs' records, on another connection where theirs has broken or was `cut`."""
    with connect(logins.app) if work.closed or cut else nullcontext(work) as conn:
        for run in runs:
            with transaction(conn, Role.ADMIN, run.source.tenant_id):
                store.finish_run(conn, run, error=error or run.refused)


def _explain_absence(operator: Conn, slug: str) -> None:
    """Raise NotFound with the reason why the tenant has no source to read."""
    query = "select slug, suspended_at is not null from tenants where id > 0 order by slug"
    suspended: dict[str, bool] = dict(operator.execute(query).fetchall())
    if suspended.get(slug):
        raise NotFound(f"Tenant {slug!r} is suspended: nothing is read for it.")
    if slug not in suspended:
        known = ", ".join(suspended) or "none yet (prosa tenant add …)"
        raise NotFound(f"There is no tenant {slug!r}. Known: {known}.")
    raise NotFound(f"Tenant {slug!r} reads no Chatwoot yet: prosa chatwoot connect --tenant {slug} --dsn … --account …")


def report(result: Result) -> dict[str, Any]:
    """A result as a dictionary for JSON."""
    state = "busy" if result.busy else "failed" if result.error else "done"
    counts = vars(result.run.total()) if result.run else {}
    return {
        "tenant": result.source.tenant_slug, "source": result.source.id, "name": result.source.name, "state": state,
        "mode": result.run.recorded_mode if result.run else None, "run_id": result.run.id if result.run else None,
        "holder": result.busy, "error": result.error,
        **{f"rows_{key}": counts.get(key, 0) for key in ("read", "inserted", "updated", "unchanged", "deleted", "rejected")},
        "bytes_read": result.run.bytes_read if result.run else 0,
        "phases": [vars(phase) for phase in result.run.phases.values()] if result.run else [],
        "unassigned_inboxes": result.run.unassigned_inboxes if result.run else [],
    }  # fmt: skip
