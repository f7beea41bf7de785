"""`prosa status`: what runs and how it does, at a glance.

It only looks: it starts nothing, changes nothing, and asks no server but ours, so it answers at once whatever is broken. `prosa
doctor` says whether everything is set up rightly, and what to do if it is not.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import psycopg

from prosa import __version__
from prosa.db import Conn, Role, fetch_all
from prosa.db.connection import connection_options, transaction
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import pending
from prosa.db.opening import DATABASE, OWNER, Logins, logins, role_password
from prosa.errors import ProsaError, Unavailable
from prosa.settings import Settings, http_url
from prosa.sources.model import EVERY_MINUTES
from prosa.sources.store import DIED
from prosa.supervisor import as_running

PATIENCE = 3  # seconds for a server to answer
QUICKLY = connection_options() | {"connect_timeout": PATIENCE}
SERVED_ELSEWHERE = "starting, or served by another container: ask there (docker exec …)"
HEARTBEAT_SECONDS = 30  # a worker writes one every 10 seconds
OVERDUE = timedelta(hours=1)  # twice the schedule's interval


class State(StrEnum):
    """How a part does. Only `fail` means that it does not do its work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class DatabaseStatus:
    """Our own database. `problem`: why only its place is known."""

    where: str
    embedded: bool
    problem: str | None = None
    version: str | None = None
    bytes: int | None = None

    @property
    def state(self) -> State:
        """Whether it can be worked with."""
        return State.FAIL if self.problem else State.OK


@dataclass(frozen=True)
class WebStatus:
    """The web process, and what it says about its health."""

    address: str
    problem: str | None = None
    version: str | None = None

    @property
    def state(self) -> State:
        """A process of another version than this command's should be started again."""
        return State.FAIL if self.problem else State.OK if self.version == __version__ else State.WARN


@dataclass(frozen=True)
class WorkerStatus:
    """The workers, which write heartbeats; all count as one. `missed`: something waits that only a worker does."""

    heard_seconds_ago: float | None
    missed: bool = True

    @property
    def lives(self) -> bool:
        """Whether at least one does."""
        return self.heard_seconds_ago is not None and self.heard_seconds_ago <= HEARTBEAT_SECONDS

    @property
    def state(self) -> State:
        """No worker is needed if timers read the sources, as long as nothing waits for one."""
        return State.OK if self.lives else State.FAIL if self.missed else State.WARN


@dataclass(frozen=True)
class JobsStatus:
    """Jobs by state. `due` of the waiting ones could run now."""

    waiting: int
    due: int
    running: int
    failed: int

    @property
    def state(self) -> State:
        """A job that was given up stays until somebody has looked at it."""
        return State.WARN if self.failed else State.OK


@dataclass(frozen=True)
class SourceStatus:
    """A Chatwoot source that is read on schedule, and its latest run. `ended` is None if there was no run yet."""

    tenant: str
    name: str
    connected_at: datetime
    ended: str | None  # running, done, failed, interrupted
    mode: str | None
    started_at: datetime | None
    seconds: float | None
    error: str | None
    rejects: int  # rows that are put aside now
    due_at: datetime | None  # when it is read next; None where no worker lives to do it

    @property
    def began_seconds_ago(self) -> float:
        """Seconds since its last run began, or since it was connected."""
        return (datetime.now(UTC) - (self.started_at or self.connected_at)).total_seconds()

    @property
    def overdue(self) -> bool:
        """Whether no run has begun for longer than the schedule explains."""
        return self.ended != "running" and self.began_seconds_ago > OVERDUE.total_seconds()

    @property
    def state(self) -> State:
        """Whether it is read, and completely."""
        if self.ended in ("failed", "interrupted") or self.overdue:
            return State.FAIL
        return State.WARN if self.rejects else State.OK


Part = DatabaseStatus | WebStatus | WorkerStatus | JobsStatus | SourceStatus


@dataclass(frozen=True)
class Status:
    """Everything. What only the database knows is None or empty if that does not answer."""

    database: DatabaseStatus
    web: WebStatus
    worker: WorkerStatus | None = None
    jobs: JobsStatus | None = None
    sources: list[SourceStatus] = field(default_factory=list)

    @property
    def works(self) -> bool:
        """Whether nothing fails."""
        parts: list[Part | None] = [self.database, self.web, self.worker, self.jobs, *self.sources]
        return all(part.state is not State.FAIL for part in parts if part)


def look(settings: Settings) -> Status:
    """What runs now. Raises Invalid if DATABASE_URL cannot be read."""
    web = _web(as_running(settings))
    embedded = EmbeddedServer(settings.prosa_home)
    known = logins(settings, settings.database_url) if settings.database_url else None
    place = DatabaseStatus(_without_login(known.owner) if known else str(embedded.root), embedded=known is None)
    try:
        known = known or _embedded_logins(settings, embedded)
        if waiting := pending(known.owner, connect_timeout=PATIENCE):
            raise Unavailable(f"{len(waiting)} migrations wait. Run: prosa migrate")
        with psycopg.connect(known.platform, **QUICKLY) as conn:
            conn.execute(f"set statement_timeout = '{PATIENCE}s'".encode())
            version, size = _version_and_size(conn)
            heard = worker_heard_seconds_ago(conn)
            sources = _sources(conn, scheduled=WorkerStatus(heard).lives)
            worker = WorkerStatus(heard, missed=_jobs_wait(conn) or not _read_without_worker(sources, heard))
            return Status(
                database=replace(place, version=version, bytes=size), web=web, worker=worker, jobs=_jobs(conn),
                sources=sources,
            )  # fmt: skip
    except (ProsaError, psycopg.Error) as error:
        return Status(replace(place, problem=str(error).strip()), web)


def _embedded_logins(settings: Settings, embedded: EmbeddedServer) -> Logins:
    """The logins of the embedded database. Raises Unavailable if it does not run, or not where we can see it."""
    if embedded.port() is None:
        raise Unavailable(SERVED_ELSEWHERE if embedded.is_served() else "stopped; start it with: prosa up")
    return logins(settings, embedded.dsn(DATABASE, OWNER, role_password(settings, OWNER)))


def _read_without_worker(sources: list[SourceStatus], heard: float | None) -> bool:
    """Whether something else, such as a timer, has read every source in time since a worker was last heard of."""
    return any(source.started_at for source in sources) and all(
        not source.overdue and (heard is None or source.began_seconds_ago < heard) for source in sources
    )


def _jobs_wait(conn: Conn) -> bool:
    """Whether a job that only a worker does could run now."""
    sql = """select exists (select from procrastinate_jobs where status = 'todo' and coalesce(scheduled_at, now()) <= now()
             and task_name <> 'etl.read')"""
    [(found,)] = conn.execute(sql).fetchall()
    return bool(found)


def worker_heard_seconds_ago(conn: Conn) -> float | None:
    """Seconds since a worker's last heartbeat; None if none is known. `conn` is the platform login's."""
    [(seconds,)] = conn.execute(
        "select extract(epoch from now() - max(last_heartbeat))::float from procrastinate_workers"
    ).fetchall()
    return None if seconds is None else float(seconds)


def _web(settings: Settings) -> WebStatus:
    """Ask the web process how it does, on this machine, or else wherever PUBLIC_URL leads."""
    found = _health(http_url(settings.api_host, settings.api_port))
    return _health(settings.public_url.rstrip("/")) if found.problem and settings.public_url else found


def _health(address: str) -> WebStatus:
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with straight.open(f"{address}/health", timeout=PATIENCE) as answer:
            return WebStatus(address, version=json.load(answer)["version"])
    except urllib.error.HTTPError as error:
        return WebStatus(address, f"answers with an error ({error.code})")
    except (OSError, ValueError, KeyError, TypeError):
        return WebStatus(address, "does not answer")


def _without_login(url: str) -> str:
    """Host, port and database of a connection URL."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _version_and_size(conn: Conn) -> tuple[str, int]:
    [(version, size)] = conn.execute(
        "select split_part(current_setting('server_version'), ' ', 1), pg_database_size(current_database())"
    ).fetchall()
    return version, size


def _jobs(conn: Conn) -> JobsStatus:
    """Jobs by state. `conn` is the platform login's, whose tables these are."""
    sql = """select count(*) filter (where status = 'todo') as waiting,
               count(*) filter (where status = 'todo' and coalesce(scheduled_at, now()) <= now()) as due,
               count(*) filter (where status = 'doing') as running, count(*) filter (where status = 'failed') as failed
             from procrastinate_jobs where status in ('todo', 'doing', 'failed')"""
    [jobs] = fetch_all(conn, JobsStatus, sql)
    return jobs


def _sources(conn: Conn, *, scheduled: bool) -> list[SourceStatus]:
    """Every source with its latest run and the time of its next.

    `scheduled`: a worker lives. It reads a source when the waiting job is due, or else at the schedule's next turn.
    """
    sql = """select lock, min(coalesce(scheduled_at, now())) from procrastinate_jobs
             where task_name = 'etl.read' and status = 'todo' group by 1"""
    waiting: dict[str, datetime] = dict(conn.execute(sql).fetchall())
    now = datetime.now(UTC)
    turn = now + timedelta(minutes=EVERY_MINUTES - now.minute % EVERY_MINUTES)
    turn = turn.replace(second=0, microsecond=0)

    def status(server: str, **columns: Any) -> SourceStatus:
        return SourceStatus(**columns, due_at=waiting.get(f"etl {server}", turn) if scheduled else None)

    sql = f"""select left(encode(s.server_fingerprint, 'hex'), 16) as server, t.slug as tenant, s.name,
               s.created_at as connected_at, r.mode, r.started_at, r.seconds, r.error,
               case when {DIED} then 'interrupted' else r.state end as ended,
               (select count(*) from etl_rejects e where e.tenant_id = s.tenant_id and e.source_id = s.id) as rejects
             from sources s join tenants t on t.id = s.tenant_id
             left join lateral (select * from etl_runs r where r.tenant_id = s.tenant_id and r.source_id = s.id
                                order by r.started_at desc, r.id desc limit 1) r on true
             where s.kind = 'chatwoot' and s.dsn_encrypted is not null and s.enabled and t.suspended_at is null
             order by t.slug, s.id"""
    with transaction(conn, Role.SUPER_ADMIN):
        return fetch_all(conn, status, sql.encode())
