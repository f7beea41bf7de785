"""SQL for sources, watermarks, locks, the records of runs, and conversation ids."""

import json
import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from prosa.db import Conn, TenantId, fetch_all
from prosa.db.connection import bigints
from prosa.errors import Busy
from prosa.sources.model import ID_SPACE, Mode, Phase, Run, Source, Watermark

INTERRUPTED = "interrupted: its process ended"
ETL_LOCK = 0x0E71  # the first of two keys of an advisory lock; the second is the tenant
SOURCE_COLUMNS = """s.tenant_id, t.slug as tenant_slug, s.id, s.name, s.dsn_encrypted, s.server_fingerprint, s.account_id,
                    s.chosen_inboxes"""

# A condition on etl_runs r. A run's lock ends with its process, so a record that says "running" and has no lock is left from a
# process that was killed. The next run writes that down.
DIED = f"""(r.state = 'running' and not exists (
  select from pg_locks l where l.locktype = 'advisory' and l.classid = {ETL_LOCK} and l.objid = r.tenant_id
    and l.database = (select oid from pg_database where datname = current_database())))"""
STATE = f"case when {DIED} then 'failed' else r.state end"
ERROR = f"case when {DIED} then '{INTERRUPTED}' else r.error end"
# How long it took, or has taken until now; nobody knows of one that was killed.
SECONDS = f"case when r.state = 'running' and not {DIED} then extract(epoch from now() - r.started_at)::float else r.seconds end"

# A condition on etl_runs r: runs that changed something or put a row aside for the first time, that failed or go on, and each
# source's newest. A source in which nothing happens has 48 others a day.
WORTH_A_LOOK = """(r.state <> 'done' or r.rows_inserted + r.rows_updated + r.rows_deleted > 0
  or exists (select from etl_rejects e where e.tenant_id = r.tenant_id and e.source_id = r.source_id
             and e.first_seen_at between r.started_at and r.finished_at)
  or r.id = (select newest.id from etl_runs newest where newest.tenant_id = r.tenant_id and newest.source_id = r.source_id
             order by newest.started_at desc, newest.id desc limit 1))"""


def enabled(conn: Conn, *, slugs: Sequence[str] | None = None) -> list[Source]:
    """The Chatwoot sources to read, of these tenants or of all; `conn` is the operator's."""
    query = f"""select {SOURCE_COLUMNS} from sources s join tenants t on t.id = s.tenant_id
                where s.kind = 'chatwoot' and s.dsn_encrypted is not null and s.enabled and t.suspended_at is null
                  and (%(slugs)s::text[] is null or t.slug = any(%(slugs)s))
                order by s.server_fingerprint, s.tenant_id, s.id"""
    return fetch_all(conn, Source, query.encode(), {"slugs": None if slugs is None else list(slugs)})


def watermarks(conn: Conn, source: Source) -> dict[str, Watermark]:
    """A source's watermarks by stream."""
    sql = """select stream, snapshot_xmin, read_at at time zone 'UTC' as read_at, last_id, loaded_to
             from etl_watermarks where tenant_id = %s and source_id = %s"""
    rows = fetch_all(conn, Watermark, sql, [source.tenant_id, source.id])
    return {row.stream: row for row in rows}


def save_watermarks(conn: Conn, source: Source, marks: Sequence[Watermark]) -> None:
    """Move the streams' watermarks forward. An older watermark does not replace a newer one."""
    conn.execute(
        """insert into etl_watermarks as w (tenant_id, source_id, stream, snapshot_xmin, read_at, last_id, loaded_to)
           select %s, %s, stream, snapshot_xmin, read_at at time zone 'UTC', last_id, loaded_to
           from unnest(%s::text[], %s::bigint[], %s::timestamp[], %s::bigint[], %s::bigint[])
             as mark (stream, snapshot_xmin, read_at, last_id, loaded_to)
           on conflict (tenant_id, source_id, stream) do update
           set snapshot_xmin = excluded.snapshot_xmin, read_at = excluded.read_at, loaded_to = excluded.loaded_to,
               last_id = greatest(w.last_id, excluded.last_id)
           where (w.read_at, w.snapshot_xmin) <= (excluded.read_at, excluded.snapshot_xmin)""",
        [
            source.tenant_id, source.id, [m.stream for m in marks], [m.snapshot_xmin for m in marks],
            [m.read_at for m in marks], [m.last_id for m in marks], [m.loaded_to for m in marks],
        ],
    )  # fmt: skip


def has_rows(conn: Conn, source: Source) -> bool:
    """Whether the store has any row of the source. A load writes contacts first, so they are checked too."""
    row = conn.execute(
        """select exists (select from contacts where tenant_id = %(t)s and id >= %(low)s and id < %(high)s)
               or exists (select from conversations where tenant_id = %(t)s and id >= %(low)s and id < %(high)s)""",
        {"t": source.tenant_id, "low": source.base, "high": source.base + ID_SPACE},
    ).fetchone()
    return bool(row and row[0])


def is_connected(conn: Conn, tenant: TenantId) -> bool:
    """Whether the tenant reads a Chatwoot."""
    sql = "select exists (select from sources where tenant_id = %s and kind = 'chatwoot' and enabled)"
    row = conn.execute(sql, [tenant]).fetchone()
    return bool(row and row[0])


def was_read(conn: Conn, tenant: TenantId) -> bool:
    """Whether a run of the tenant has ever succeeded."""
    row = conn.execute(
        "select exists (select from etl_runs where tenant_id = %s and state = 'done')", [tenant]
    ).fetchone()
    return bool(row and row[0])


def start_run(conn: Conn, source: Source, mode: str, holder: str) -> int:
    """Record that a run begins. An earlier run still marked as running was interrupted, since this one now has the lock."""
    row = conn.execute(
        """with interrupted as (
             update etl_runs set state = 'failed', finished_at = now(), error = %(interrupted)s
             where tenant_id = %(tenant)s and source_id = %(source)s and state = 'running')
           insert into etl_runs (tenant_id, source_id, mode, state, holder)
           values (%(tenant)s, %(source)s, %(mode)s, 'running', %(holder)s) returning id""",
        {"tenant": source.tenant_id, "source": source.id, "mode": mode, "holder": holder, "interrupted": INTERRUPTED},
    ).fetchone()
    assert row is not None
    return int(row[0])


def record_as_full(conn: Conn, run: Run) -> None:
    """Record an incremental run as full, because it has to read everything."""
    run.recorded_mode = Mode.FULL
    conn.execute(
        "update etl_runs set mode = %s where tenant_id = %s and id = %s",
        [run.recorded_mode, run.source.tenant_id, run.id],
    )


def count_committed(conn: Conn, run: Run, phases: Iterable[Phase]) -> None:
    """Add to a run's record what this transaction commits: all that is left of a run whose process is killed.

    To be called last in the transaction: threads of one run wait here for each other.
    """
    part = Phase.sum(phases)
    conn.execute(
        """update etl_runs set rows_read = rows_read + %s, rows_inserted = rows_inserted + %s,
             rows_updated = rows_updated + %s, rows_unchanged = rows_unchanged + %s, rows_deleted = rows_deleted + %s,
             rows_rejected = rows_rejected + %s
           where tenant_id = %s and id = %s""",
        [
            part.read, part.inserted, part.updated, part.unchanged, part.deleted, part.rejected, run.source.tenant_id,
            run.id,
        ],
    )  # fmt: skip


def finish_run(conn: Conn, run: Run, *, error: str | None = None) -> None:
    """Record the end of a run, with its counts."""
    total = run.total()
    marks = {m.stream: {"snapshot_xmin": m.snapshot_xmin, "read_at": f"{m.read_at.isoformat()}Z", "last_id": m.last_id}
             for m in run.watermarks}  # fmt: skip
    conn.execute(
        """update etl_runs set state = %s, finished_at = now(), seconds = extract(epoch from now() - started_at),
             rows_read = %s, rows_inserted = %s, rows_updated = %s, rows_unchanged = %s, rows_deleted = %s,
             rows_rejected = %s, bytes_read = %s, phases = %s, watermarks = %s, error = %s
           where tenant_id = %s and id = %s""",
        [
            "failed" if error else "done", total.read, total.inserted, total.updated, total.unchanged, total.deleted,
            total.rejected, run.bytes_read, json.dumps([vars(p) for p in run.phases.values()]), json.dumps(marks), error,
            run.source.tenant_id, run.id,
        ],
    )  # fmt: skip


def latest_runs(conn: Conn, tenant: int, *, everything: bool, limit: int) -> list[dict[str, Any]]:
    """A tenant's runs, newest first: those worth a look, or every one."""
    sql = f"""select r.*, {STATE} as state, {ERROR} as error, {SECONDS} as seconds from etl_runs r
              where tenant_id = %s and (%s or {WORTH_A_LOOK})
              order by started_at desc, id desc limit %s"""
    return fetch_all(conn, dict, sql.encode(), [tenant, everything, limit])


def lock_tenants(conn: Conn, tenants: Collection[TenantId]) -> set[TenantId]:
    """Take the free ones among these tenants' ETL locks until this transaction ends. Returns the tenants whose lock it took.

    The locks belong to the transaction, so they work behind a pooler, and a process that dies releases them.
    """
    rows = conn.execute(
        "select tenant, pg_try_advisory_xact_lock(%s, tenant) from unnest(%s::integer[]) as tenant",
        [ETL_LOCK, [*tenants]],
    )
    return {tenant for tenant, taken in rows if taken}


def wait_for_etl(conn: Conn, tenant: TenantId, *, seconds: float = 10.0) -> None:
    """Wait for the tenant's ETL lock, and hold it until this transaction ends. Raises Busy after `seconds`."""
    give_up = time.monotonic() + seconds
    while not lock_tenants(conn, [tenant]):
        if time.monotonic() > give_up:
            raise Busy(
                f"The tenant's data is being read just now (by {holder(conn, tenant)}). Try again when that is over."
            )
        time.sleep(0.1)


def holder(conn: Conn, tenant: TenantId) -> str:
    """Who runs the tenant's ETL now."""
    row = conn.execute(
        """select holder || ' since ' || to_char(started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
           from etl_runs where tenant_id = %s and state = 'running' order by id desc limit 1""",
        [tenant],
    ).fetchone()
    return row[0] if row else "another process"


def ids(conn: Conn, query: str, **values: object) -> list[int]:
    """The first column of a query, as a list of ids."""
    return [row[0] for row in conn.execute(query.encode(), values)]


def known(conn: Conn, tenant: TenantId, table: str, wanted: Sequence[int]) -> set[int]:
    """Which of these ids the table has.

    They are passed as an array: for a join with a temporary table, the planner would read all of the tenant's rows.
    """
    if not wanted:
        return set()
    query = f"select id from {table} where tenant_id = %(tenant)s and id = any(%(wanted)s)"
    return set(ids(conn, query, tenant=tenant, wanted=bigints(wanted)))


def delete_conversations(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Delete mirrored conversations with their messages, events and answers. Returns how many conversations were deleted."""
    values = {"tenant": tenant, "ids": bigints(conversation_ids)}
    for table in ("messages", "conversation_events", "csat_answers"):
        conn.execute(
            f"delete from {table} where tenant_id = %(tenant)s and conversation_id = any(%(ids)s)".encode(), values
        )
    return conn.execute("delete from conversations where tenant_id = %(tenant)s and id = any(%(ids)s)", values).rowcount
