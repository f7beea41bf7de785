"""What the operator's pages ask of the database. `conn` is the operator's; for the queue's tables, the platform login's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prosa.dashboards.cache import tenant_cache
from prosa.dashboards.gate import transaction
from prosa.db import Conn, fetch_all
from prosa.facts import agency
from prosa.facts.agency import TenantNumbers, TenantState
from prosa.facts.model import Period
from prosa.sources.store import DIED, ERROR, SECONDS, STATE, WORTH_A_LOOK
from prosa.tenancy.model import Principal


@dataclass(frozen=True)
class Company:
    """A tenant with its numbers."""

    state: TenantState
    numbers: TenantNumbers


@dataclass(frozen=True)
class Companies:
    """All companies, and when they were asked for."""

    companies: list[Company]
    at: datetime


@dataclass(frozen=True)
class Run:
    """One tenant's part of a run of the ETL. `rejects` are the source's rows that are put aside now."""

    id: int
    tenant_id: int
    tenant_name: str
    tenant_slug: str
    source_id: int
    source: str
    server: str
    mode: str
    state: str
    started_at: datetime
    seconds: float | None
    rows_read: int
    rows_written: int
    rejects: int
    phases: list[dict[str, Any]]
    error: str | None


@dataclass(frozen=True)
class Queue:
    """How deep a queue is. `waits` is the age of the oldest job that could run now, in seconds."""

    name: str
    todo: int
    doing: int
    failed: int
    done: int
    waits: float | None


@dataclass(frozen=True)
class FailedJob:
    """A job that was given up."""

    id: int
    queue: str
    task: str
    attempts: int
    failed_at: datetime | None


@tenant_cache()
def companies(me: Principal, period: Period) -> Companies:
    """Every tenant, in two statements however many there are."""
    with transaction(me) as conn:
        numbers = agency.numbers(conn, period)
        found = [Company(state, numbers.get(state.id, agency.NOTHING)) for state in agency.states(conn)]
    return Companies(found, datetime.now(UTC))


def runs(conn: Conn, *, tenant: int | None, failed_only: bool, everything: bool, limit: int) -> list[Run]:
    """The latest runs of one tenant or all: those worth a look, or `everything`."""
    sql = f"""select r.id, r.tenant_id, t.name as tenant_name, t.slug as tenant_slug, r.source_id, s.name as source,
               left(coalesce(encode(s.server_fingerprint, 'hex'), ''), 16) as server, r.mode, {STATE} as state, r.started_at,
               {SECONDS} as seconds, r.rows_read, r.rows_inserted + r.rows_updated + r.rows_deleted as rows_written,
               (select count(*) from etl_rejects e where e.tenant_id = r.tenant_id and e.source_id = r.source_id)
                 as rejects, r.phases, {ERROR} as error
             from etl_runs r join tenants t on t.id = r.tenant_id
             join sources s on s.tenant_id = r.tenant_id and s.id = r.source_id
             where (%(tenant)s::bigint is null or r.tenant_id = %(tenant)s)
               and (not %(failed)s or {STATE} = 'failed') and (%(everything)s or {WORTH_A_LOOK})
             order by r.started_at desc, r.id desc limit %(limit)s"""
    values = {"tenant": tenant, "failed": failed_only, "everything": everything, "limit": limit}
    return fetch_all(conn, Run, sql.encode(), values)


def is_running(conn: Conn, *, tenant: int | None) -> bool:
    """Whether a run of one tenant, or of any, is under way."""
    [(running,)] = conn.execute(
        f"""select exists (select from etl_runs r where r.state = 'running' and not {DIED}
                          and (%(tenant)s::bigint is null or r.tenant_id = %(tenant)s))""".encode(),
        {"tenant": tenant},
    ).fetchall()
    return bool(running)


def queues(conn: Conn) -> list[Queue]:
    """Every queue that has jobs. `conn` is the platform login's."""
    sql = """select queue_name as name, count(*) filter (where status = 'todo') as todo,
               count(*) filter (where status = 'doing') as doing, count(*) filter (where status = 'failed') as failed,
               count(*) filter (where status = 'succeeded') as done,
               extract(epoch from now() - min(coalesce(j.scheduled_at, e.at)) filter (
                 where status = 'todo' and coalesce(j.scheduled_at, e.at) <= now()))::float as waits
             from procrastinate_jobs j
             left join lateral (
               select min(at) as at from procrastinate_events e where e.job_id = j.id and j.status = 'todo') e on true
             group by 1 order by 1"""
    return fetch_all(conn, Queue, sql)


def failed_jobs(conn: Conn, *, limit: int) -> list[FailedJob]:
    """Jobs that were given up, the latest first. `conn` is the platform login's."""
    sql = """select j.id, j.queue_name as queue, j.task_name as task, j.attempts,
               (select max(e.at) from procrastinate_events e where e.job_id = j.id and e.type = 'failed') as failed_at
             from procrastinate_jobs j where j.status = 'failed' order by j.id desc limit %s"""
    return fetch_all(conn, FailedJob, sql, [limit])


def retry(conn: Conn, job: int) -> bool:
    """Put a job that was given up back into the queue. False if it is none. `conn` is the platform login's."""
    row = conn.execute(
        "select from procrastinate_jobs where id = %s and status = 'failed' for update", [job]
    ).fetchone()
    if row is None:
        return False
    conn.execute("select procrastinate_retry_job_v2(%s, now(), null, null, null)", [job])
    return True
