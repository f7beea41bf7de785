"""The same rows by the usual ways: pandas with psycopg2's execute_values, and dlt. Beside bench/etl.py, for its ratios.

    .boot/bin/uv run --no-project --python .venv/bin/python --with-editable . --with 'dlt[postgres,sql-database,parquet]' \\
      --with adbc-driver-postgresql --with connectorx --with pandas --with psycopg2-binary bench/etl_rivals.py --scale 40

These packages are of this measurement alone; none of them is installed with Prosa. Both rivals copy the columns that the ETL
reads into tables with a primary key; neither computes anything, and neither knows tenants.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
import etl

from prosa.db.embedded import EmbeddedServer
from prosa.demo import create_schema, fill


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
    import pandas as pd
    import psycopg2
    from psycopg2.extras import execute_values, register_default_json, register_default_jsonb

    with psycopg2.connect(source) as read, psycopg2.connect(target) as write:
        register_default_json(read, loads=lambda text: text)
        register_default_jsonb(read, loads=lambda text: text)
        for table, columns in etl.COLUMNS.items():
            frame = pd.read_sql(
                f"select {columns} from {table} {f'where {etl.EVENTS}' if table == 'reporting_events' else ''}", read
            )
            with psycopg.connect(source) as conn:
                described = conn.execute(f"select {columns} from {table} limit 0".encode()).description or []
                types = [conn.execute("select format_type(%s, null)", [c.type_code]).fetchone() for c in described]
            made = ", ".join(f"{c.name} {t[0]}" for c, t in zip(described, types, strict=True) if t)
            with write.cursor() as cursor:
                cursor.execute(f"drop table if exists {table}; create table {table} ({made}, primary key (id))")
                rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
                execute_values(cursor, f"insert into {table} ({columns}) values %s", rows, page_size=1000)


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
