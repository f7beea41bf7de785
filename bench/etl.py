"""The ETL against the same rows through two psqls: a first load, a run after changes, an idle run.

    .venv/bin/python bench/etl.py --scale 200      # 300,000 conversations, 3.4 million messages; minutes
    .venv/bin/python bench/etl.py --scale 10 --repeat 3

Both databases live in one embedded server of their own, under a temporary home. What counts are the ratios: the machine's
speed drifts, so pipe and ETL take turns. The pipe copies the columns that the ETL reads into bare unlogged tables: no
index, no key, no row-level security, nothing computed; it is the limit, not a rival. (Nor does autovacuum walk them
afterwards, in the ETL's time.)
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from prosa.db import programs
from prosa.db.connection import Role, TenantId, connect, transaction
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.db.opening import Logins, server
from prosa.demo import ACCOUNTS, create_schema, fill
from prosa.facts.label_rules import refresh_with_labels
from prosa.settings import Settings
from prosa.sources import connect as connecting
from prosa.sources.etl import run
from prosa.sources.lane import OVERLAP
from prosa.tenancy.tenants import add_tenant

COLUMNS = {
    "contacts": "account_id, id, name, email, phone_number, identifier, blocked, created_at, updated_at",
    "conversations": "account_id, id, inbox_id, display_id, contact_id, assignee_id, team_id, status, priority, "
    "cached_label_list, first_reply_created_at, created_at, updated_at, last_activity_at",
    "messages": "account_id, conversation_id, id, message_type, private, status, sender_type, sender_id, "
    "content_attributes, additional_attributes, content, created_at, updated_at",
    "reporting_events": "account_id, conversation_id, id, name, user_id, event_end_time, created_at",
    "csat_survey_responses": "account_id, conversation_id, id, rating, feedback_message, created_at",
}
HANGING = ("messages", "reporting_events", "csat_survey_responses")
NEWER = "updated_at >= now() at time zone 'utc' - interval '1 minute'"
CHANGED_IDS = f"select id from conversations where {NEWER}"
EVENTS = "name in ('conversation_resolved', 'conversation_bot_handoff', 'conversation_opened')"
CHANGE = """
create temp table hit as select id, account_id, inbox_id from conversations order by random() limit {conversations};
insert into messages (content, account_id, inbox_id, conversation_id, message_type, created_at, updated_at, private, status,
    content_type, content_attributes, sender_type, sender_id)
  select 'mensagem nova ' || n, account_id, inbox_id, h.id, n % 2, now() at time zone 'utc', now() at time zone 'utc', false,
    0, 0, '{{}}', case n % 2 when 0 then 'Contact' else 'User' end, 1 from hit h, generate_series(1, 10) n;
update conversations set updated_at = now() at time zone 'utc', last_activity_at = now() at time zone 'utc'
  where id in (select id from hit);
"""


def main() -> None:
    """Make the databases, take the measurements, print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--scale", type=float, default=10)
    arguments.add_argument("--repeat", type=int, default=1)
    options = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="prosa-bench-"))
    home.chmod(0o711)
    os.environ["PROSA_HOME"] = str(home)
    settings = Settings(prosa_home=home)
    with EmbeddedServer(home).running() as embedded:
        with psycopg.connect(embedded.dsn(), autocommit=True) as conn:
            conn.execute("create database chatwoot")
            conn.execute("create database bare")
        source = embedded.dsn("chatwoot")
        with psycopg.connect(source) as chatwoot:
            create_schema(chatwoot)
            print(fill(chatwoot, now=datetime.now(UTC), scale=options.scale))
        with psycopg.connect(source, autocommit=True) as chatwoot:
            chatwoot.execute("vacuum analyze")
        rounds = [_round(settings, embedded, source, options.scale) for _ in range(options.repeat)]
    for name in rounds[0]:
        print(f"{name:<34} {statistics.median(r[name] for r in rounds):9.2f}")


def _round(settings: Settings, embedded: EmbeddedServer, source: str, scale: float) -> dict[str, float]:
    with psycopg.connect(embedded.dsn(), autocommit=True) as conn:
        conn.execute("drop database if exists prosa with (force)")
    migrate(settings)
    _connect_tenants(settings, source)
    bare = embedded.dsn("bare")
    _settle(embedded)
    pipe = _timed(lambda: _pipe(source, bare))
    _settle(embedded)
    first, first_memory = _etl()
    with psycopg.connect(source, autocommit=True) as chatwoot:
        chatwoot.execute(CHANGE.format(conversations=min(2000, int(1000 * scale))).encode())
    since = {"contacts": NEWER, "conversations": NEWER, **dict.fromkeys(HANGING, f"conversation_id in ({CHANGED_IDS})")}
    changed_pipe = _timed(lambda: _pipe(source, bare, since))
    changed, changed_memory = _etl()
    time.sleep(OVERLAP.total_seconds() + 1)  # before that the same rows are read and compared again
    idle = statistics.median(_etl()[0] for _ in range(3))
    with server(settings) as logins:
        worker = []
        for _ in range(6):
            time.sleep(0.2)  # the server processes of the run before still drop their temporary tables
            worker.append(_timed(lambda: _as_the_worker(settings, logins)))
    return {
        "psql | psql, s": pipe, "first load, s": first, "first load / pipe": first / pipe,
        "2,000 changed through psql | psql, s": changed_pipe, "2,000 changed conversations, s": changed, "idle run, s": idle,
        "idle run inside the worker, s": statistics.median(worker[1:]),
        "peak memory of the first load, MB": first_memory, "peak memory of the changed run, MB": changed_memory,
    }  # fmt: skip


def _connect_tenants(settings: Settings, source: str) -> None:
    with server(settings) as logins:
        for account in ACCOUNTS:
            with connect(logins.platform) as operator, transaction(operator, Role.SUPER_ADMIN):
                tenant = add_tenant(operator, slug=account.slug, name=account.name, actor="bench")
            with connect(logins.app) as conn, transaction(conn, Role.ADMIN, tenant.id):
                connecting.connect(conn, TenantId(tenant.id), secret_keys=settings.secret_keys, dsn=source,
                                   account_id=account.account_id, actor="bench")  # fmt: skip


def _pipe(source: str, bare: str, conditions: Mapping[str, str] | None = None) -> None:
    psql = str(programs.folder() / "psql")
    for table, columns in COLUMNS.items():
        kept = [*([EVENTS] if table == "reporting_events" else []), *([conditions[table]] if conditions else [])]
        query = f"select {columns} from {table} where {' and '.join(kept) or 'true'}"
        with psycopg.connect(source) as conn:
            described = conn.execute(f"select {columns} from {table} limit 0".encode()).description or []
            types = [conn.execute("select format_type(%s, null)", [c.type_code]).fetchone() for c in described]
        made = ", ".join(f"{c.name} {t[0]}" for c, t in zip(described, types, strict=True) if t)
        with psycopg.connect(bare, autocommit=True) as conn:
            conn.execute(
                f"drop table if exists {table}; create unlogged table {table} ({made}) "
                "with (autovacuum_enabled = off)".encode()
            )
        out = subprocess.Popen([psql, "-q", source, "-c", f"copy ({query}) to stdout"], stdout=subprocess.PIPE)
        subprocess.run([psql, "-q", bare, "-c", f"copy {table} from stdin"], stdin=out.stdout, check=True)
        out.wait()


def _settle(embedded: EmbeddedServer) -> None:
    """Write out what the step before left in memory, so that the next does not pay for it."""
    with psycopg.connect(embedded.dsn(), autocommit=True) as conn:
        conn.execute("checkpoint")
    os.sync()


def _etl() -> tuple[float, float]:
    """Seconds and peak megabytes of a run as a user starts it, whose Python keeps what it has compiled."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "prosa", "etl", "run"], stdout=subprocess.DEVNULL, env=env)
    peak = 0
    while process.poll() is None:  # its rusage would start with this process's own memory
        peak = max(peak, _peak_kilobytes(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit("the ETL failed")
    return time.monotonic() - begun, peak / 1024


def _as_the_worker(settings: Settings, logins: Logins) -> None:
    """What the worker's job does, in a process that has imported everything (the first call does)."""
    results = run(logins, settings.secret_keys, refresh=refresh_with_labels)
    if any(result.error or result.busy for result in results):
        raise SystemExit("the ETL failed")


def _peak_kilobytes(pid: int) -> int:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    return 0


def _timed(work: Callable[[], None]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
