"""The same rows by the usual ways: pandas with psycopg2's execute_values, and dlt. Beside bench/etl.py, for its ratios.

    .boot/bin/uv run --no-project --python .venv/bin/python --with-editable . --with 'dlt[postgres,sql-database,parquet]' \\
      --with adbc-driver-postgresql --with connectorx --with pandas --with psycopg2-binary bench/etl_rivals.py --scale 40

These packages are of this measurement alone; none of them is installed with Prosa. Both rivals copy the columns that the ETL
reads into tables with a primary key; neither computes anything, and neither knows tenants. After 2,000 conversations have
changed, pandas fetches the numbers of those from a view over conversations and messages, in both forms that people write, and
the changed rows themselves.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
import etl

from prosa.db.embedded import EmbeddedServer
from prosa.demo import create_schema, fill

NUMBERS = """count(m.id) as messages_total, count(*) filter (where m.message_type = 0) as messages_contact,
  count(*) filter (where m.message_type = 1 and m.sender_type = 'User') as messages_agent,
  count(*) filter (where m.private) as private_notes, min(m.created_at) as first_message_at,
  max(m.created_at) as last_message_at, max(m.created_at) filter (where m.message_type = 0) as last_contact_message_at,
  min(m.created_at) filter (where m.message_type = 1) as first_agent_message_at"""
EVENTS = "count(*) as times_resolved, max(e.event_end_time) as resolved_at"
RESOLVED = "e.name = 'conversation_resolved'"
CONVERSATION = "c.id, c.display_id, c.status, c.created_at, c.updated_at"
# Several tables hang on a conversation: joined at once they would multiply each other's rows.
VIEWS = {
    "numbers_grouped": f"""select {CONVERSATION}, m.*, e.times_resolved, e.resolved_at from conversations c
        left join (select m.conversation_id, {NUMBERS} from messages m group by 1) m on m.conversation_id = c.id
        left join (select e.conversation_id, {EVENTS} from reporting_events e where {RESOLVED} group by 1) e
          on e.conversation_id = c.id""",
    "numbers_lateral": f"""select {CONVERSATION}, m.*, e.* from conversations c,
        lateral (select {NUMBERS} from messages m where m.conversation_id = c.id) m,
        lateral (select {EVENTS} from reporting_events e where e.conversation_id = c.id and {RESOLVED}) e""",
}


def main() -> None:
    """Make the source, let each way copy it, print seconds and memory."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--scale", type=float, default=10)
    options = arguments.parse_args()
    home = Path(tempfile.mkdtemp(prefix="prosa-bench-"))
    home.chmod(0o711)
    os.environ |= {"DLT_DATA_DIR": str(home / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    with EmbeddedServer(home).running() as embedded:
        with psycopg.connect(embedded.dsn(), autocommit=True) as conn:
            for name in ("chatwoot", "bare", "rival"):
                conn.execute(f"create database {name}".encode())
        source = embedded.dsn("chatwoot")
        with psycopg.connect(source) as chatwoot:
            create_schema(chatwoot)
            print(fill(chatwoot, now=datetime.now(UTC), scale=options.scale))
        with psycopg.connect(source, autocommit=True) as chatwoot:
            chatwoot.execute("vacuum analyze")
        ways: dict[str, Callable[[], None]] = {
            "psql | psql": lambda: etl._pipe(source, embedded.dsn("bare")),
            "dlt, pyarrow": lambda: _dlt(source, embedded.dsn("rival"), "pyarrow"),
            "dlt, connectorx": lambda: _dlt(source, embedded.dsn("rival"), "connectorx"),
            "pandas + execute_values(1000)": lambda: _pandas(source, embedded.dsn("rival")),
        }
        for name, way in ways.items():
            print(f"{name:<32} {_alone(way):9.2f} s")
        with psycopg.connect(source, autocommit=True) as chatwoot:
            chatwoot.execute(etl.CHANGE.format(conversations=2000).encode())
            for view, definition in VIEWS.items():
                chatwoot.execute(f"create view {view} as {definition}".encode())
        rival = embedded.dsn("rival")
        for name, way in {
            **{f"2,000 changed, pandas, {view}": partial(_pandas_view, source, rival, view) for view in VIEWS},
            "2,000 changed, pandas, rows": partial(_pandas_rows, source, rival),
        }.items():
            print(f"{name:<32} {_alone(way):9.2f} s")


def _alone(way: Callable[[], None]) -> float:
    """Seconds that it takes in a process of its own, which also prints its peak of memory."""
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            way()
            print(f"{'peak memory':<32} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:9} MB", flush=True)
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}"[:600], flush=True)
            os._exit(1)  # without leaving the blocks that stop the parent's server
    _, status = os.waitpid(pid, 0)
    if status:
        print("  failed", flush=True)
    return time.monotonic() - begun


def _pandas(source: str, target: str) -> None:
    for table, columns in etl.COLUMNS.items():
        _copy(source, target, table,
              f"select {columns} from {table} {f'where {etl.EVENTS}' if table == 'reporting_events' else ''}")  # fmt: skip


def _pandas_view(source: str, target: str, view: str) -> None:
    """The numbers of the changed conversations, computed by the source."""
    _copy(source, target, view, f"select * from {view} where {etl.NEWER}")


def _pandas_rows(source: str, target: str) -> None:
    """The changed rows by their stamps, which no index serves, into the tables that `_pandas` has filled."""
    for table in ("contacts", "conversations", "messages"):
        _copy(source, target, table, f"select {etl.COLUMNS[table]} from {table} where {etl.NEWER}")


def _copy(source: str, target: str, table: str, query: str) -> None:
    """The query's rows into a table with a primary key, in thousands; those that are there are replaced."""
    import pandas as pd
    import psycopg2
    from psycopg2.extras import execute_values, register_default_json, register_default_jsonb

    with psycopg2.connect(source) as read, psycopg2.connect(target) as write:
        register_default_json(read, loads=lambda text: text)
        register_default_jsonb(read, loads=lambda text: text)
        frame = pd.read_sql(query, read)
        with psycopg.connect(source) as conn:
            described = conn.execute(f"{query} limit 0".encode()).description or []
            types = [conn.execute("select format_type(%s, null)", [c.type_code]).fetchone() for c in described]
        made = ", ".join(f"{c.name} {t[0]}" for c, t in zip(described, types, strict=True) if t)
        with write.cursor() as cursor:
            cursor.execute(f"create table if not exists {table} ({made}, primary key (id))")
            cursor.execute(f"select exists (select from {table})")
            [(again,)] = cursor.fetchall()
            update = ", ".join(f"{column} = excluded.{column}" for column in frame.columns)
            replace = f"on conflict (id) do update set {update}" if again else ""
            rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
            execute_values(
                cursor, f"insert into {table} ({', '.join(frame.columns)}) values %s {replace}", rows, page_size=1000
            )


def _narrow(table):  # type: ignore[no-untyped-def]
    """Only the columns that the ETL reads."""
    wanted = etl.COLUMNS[table.name].split(", ")
    for column in list(table.columns):
        if column.name not in wanted:
            table._columns.remove(column)
    return table


def _dlt(source: str, target: str, backend: str) -> None:
    import dlt
    from dlt.destinations import postgres
    from dlt.sources.sql_database import sql_database

    tables = sql_database(
        source, table_names=list(etl.COLUMNS), backend=backend, chunk_size=100_000, table_adapter_callback=_narrow
    )
    pipeline = dlt.pipeline(f"rival_{backend}", destination=postgres(target), dataset_name=f"rival_{backend}")
    pipeline.run(tables, loader_file_format="parquet")


if __name__ == "__main__":
    main()
