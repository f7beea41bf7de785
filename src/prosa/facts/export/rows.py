"""The rows of an export, streamed from the database."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from prosa.db import Conn, TenantId
from prosa.facts.metrics import columns
from prosa.facts.model import EVERYTHING, Filter
from prosa.facts.selection import BOUNDS, parameters, restriction

Value = str | int | float | bool | datetime | None
Row = tuple[Value, ...]

POSTGRES_TYPES = {"text": "text", "integer": "int8", "number": "float8", "boolean": "bool", "time": "timestamptz"}


def stream(conn: Conn, tenant: TenantId, where: Filter, *, first: date | None, end: date | None) -> Iterator[Row]:
    """One tuple a conversation, times in UTC. COPY hands rows on as the server finds them; nothing is gathered here."""
    of_view = ", ".join(f"r.{column.key}::{POSTGRES_TYPES[column.type]}" for column in columns())
    sql = f"""copy (
      with {BOUNDS}
      select {of_view} from conversation_rows r
      {_CHOSEN if where != EVERYTHING else ""}
      where r.tenant_id = %(tenant)s
        and (%(first)s::date is null or r.created_at >= (select since from bounds))
        and (%(end)s::date is null or r.created_at < (select until from bounds))
        {restriction(where)}
      order by r.conversation_id) to stdout (format binary)"""
    times = [i for i, column in enumerate(columns()) if column.type == "time"]
    values = {**parameters(tenant, where), "first": first, "end": end}
    with conn.cursor() as cur, cur.copy(sql.encode(), values) as copy:
        copy.set_types([POSTGRES_TYPES[column.type] for column in columns()])
        for row in copy.rows():
            yield _in_utc(row, times)


_CHOSEN = "join conversation_facts f on f.tenant_id = r.tenant_id and f.conversation_id = r.conversation_id"


def _in_utc(row: tuple[Any, ...], times: Iterable[int]) -> Row:
    """The row with its times in UTC: the session may be in another zone, but an export never is."""
    values = list(row)
    for i in times:
        if values[i] is not None:
            values[i] = values[i].astimezone(UTC)
    return tuple(values)
