"""Rows on their way into PostgreSQL: COPY text lines, collected per table and sent in batches."""

import gc
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self

import psycopg

NULL = "\\N"

COLUMNS = {
    "contacts": """id account_id name email phone_number identifier contact_type additional_attributes
        custom_attributes country_code blocked last_activity_at created_at updated_at""",
    "contact_inboxes": "id contact_id inbox_id source_id pubsub_token created_at updated_at",
    "conversations": """id account_id inbox_id status assignee_id created_at updated_at contact_id display_id
        contact_last_seen_at agent_last_seen_at additional_attributes contact_inbox_id uuid last_activity_at
        team_id campaign_id snoozed_until custom_attributes assignee_last_seen_at first_reply_created_at
        priority waiting_since cached_label_list""",
    "messages": """id account_id inbox_id conversation_id message_type created_at updated_at private status
        content_type sender_type sender_id source_id content_attributes additional_attributes content
        processed_message_content""",
    "attachments": "id message_id account_id file_type extension external_url created_at updated_at",
    "csat_survey_responses": """id message_id account_id conversation_id rating feedback_message contact_id
        assigned_agent_id created_at updated_at""",
    "reporting_events": """id account_id inbox_id conversation_id name user_id value value_in_business_hours
        event_start_time event_end_time created_at updated_at""",
    "taggings": "id tag_id taggable_type taggable_id context created_at",
}
"""What the generator writes by COPY, in this order; other columns keep their defaults."""

_encode = json.JSONEncoder(ensure_ascii=False).encode
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def text(value: str) -> str:
    """A string as a field of COPY's text format."""
    return value.translate(_ESCAPES)


def json_text(value: object, *, twice: bool = False) -> str:
    """JSON as a field of COPY. `twice`: again as a string, as Rails' `store` on a json column does."""
    encoded = _encode(value)
    return text(_encode(encoded) if twice else encoded)


class Writer:
    """Collects lines for each table and sends them. Memory holds two batches, whatever the total.

    A thread sends one batch while the next is being made, so PostgreSQL and Python have a core each. Use it as a context
    manager: on the way out, whatever the reason, the thread has let go of the connection, which is then the caller's to commit
    or to roll back. libpq cannot serve two threads on one connection.
    """

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn
        self._lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self._sender = ThreadPoolExecutor(max_workers=1)
        self._sent: Future[None] | None = None
        self._left = False
        self.last_id = dict.fromkeys(COLUMNS, 0)
        self.counts = dict.fromkeys(COLUMNS, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._sender.shutdown()

    def next_id(self, table: str) -> int:
        self.last_id[table] += 1
        return self.last_id[table]

    def add(self, table: str, row_id: int, rest: str) -> None:
        self._lines[table].append(f"{row_id}\t{rest}\n")

    def flush(self) -> None:
        """Start sending what was collected, once the batch before has arrived. Raises that batch's error."""
        self.wait()
        batch, self._lines = self._lines, {table: [] for table in COLUMNS}
        self._sent = self._sender.submit(self._send, batch)

    def wait(self) -> None:
        """Wait until all that was flushed has arrived."""
        if self._sent:
            self._sent.result()

    def _send(self, batch: dict[str, list[str]]) -> None:
        for table, lines in batch.items():
            if lines:
                columns = ", ".join(COLUMNS[table].split())
                with self._conn.cursor().copy(f"copy {table} ({columns}) from stdin") as copy:
                    for start in range(0, len(lines), 20_000):
                        if self._left:
                            return
                        copy.write("".join(lines[start : start + 20_000]))
                self.counts[table] += len(lines)


@contextmanager
def indexes_postponed(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """Drop all secondary indexes, and build them again at the end: several times cheaper than row by row."""
    found = conn.execute(
        """select i.indexname, i.indexdef from pg_indexes i
           where i.schemaname = current_schema()
             and not exists (select from pg_constraint c where c.conname = i.indexname)
           order by i.indexname"""
    ).fetchall()
    for name, _ in found:
        conn.execute(f'drop index "{name}"'.encode())
    yield
    conn.execute("set local maintenance_work_mem = '256MB'")
    for _, definition in found:
        conn.execute(definition.encode())


@contextmanager
def collector_paused() -> Iterator[None]:
    """Rows are millions of short-lived tuples without cycles: walking them costs a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def insert(conn: psycopg.Connection[Any], table: str, rows: Sequence[dict[str, object]]) -> None:
    """A few rows of reference data."""
    for row in rows:
        places = ", ".join(f"%({name})s" for name in row)
        conn.execute(f"insert into {table} ({', '.join(row)}) values ({places})".encode(), row)


def set_sequences(conn: psycopg.Connection[Any]) -> None:
    """Let every id sequence go on after the highest id, so that later inserts by default ids succeed."""
    owned = conn.execute(
        """select table_name, column_name from information_schema.columns
           where table_schema = current_schema() and column_default like 'nextval(%'"""
    ).fetchall()
    for table, column in owned:
        conn.execute(
            f"""select setval(pg_get_serial_sequence('{table}', '{column}'), max({column}))
                from {table} having max({column}) is not null""".encode()
        )
