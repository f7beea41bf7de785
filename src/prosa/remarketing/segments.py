"""Saved segments. Only the definition is kept; the conversations that match it are found again each time (matching.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import errors
from psycopg.types.json import Jsonb

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Conflict, Invalid, NameTaken, NotFound
from prosa.remarketing.definition import Definition
from prosa.tenancy import audit

COLUMNS = "id, name, definition, created_by, updated_at"


@dataclass(frozen=True)
class Segment:
    """A saved segment."""

    id: int
    name: str
    definition: Definition
    created_by: str
    updated_at: datetime


class NoSuchSegment(NotFound):
    """No segment of this tenant has this id."""

    def __init__(self, segment_id: int) -> None:
        super().__init__(f"There is no segment {segment_id}.")


def save(
    conn: Conn, tenant: TenantId, name: str, definition: Definition, *, actor: str, segment_id: int | None = None
) -> Segment:
    """Add a segment, or change the one of this id. Audited. Raises NameTaken, NoSuchSegment, Invalid."""
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise Invalid("A segment needs a name of up to 120 characters.")
    values = {"tenant": tenant, "id": segment_id, "name": name, "actor": actor,
              "definition": Jsonb(definition.model_dump(mode="json"))}  # fmt: skip
    insert = f"""insert into segments (tenant_id, name, definition, created_by)
                 values (%(tenant)s, %(name)s, %(definition)s, %(actor)s) returning {COLUMNS}"""
    update = f"""update segments set name = %(name)s, definition = %(definition)s, updated_at = now()
                 where tenant_id = %(tenant)s and id = %(id)s returning {COLUMNS}"""
    try:
        with conn.transaction():
            saved = _rows(conn, insert if segment_id is None else update, values)
    except errors.UniqueViolation:
        raise NameTaken(name) from None
    if not saved:
        raise NoSuchSegment(segment_id or 0)
    audit.record(conn, tenant, actor, "segment.save", f"segment:{saved[0].id}", after={"name": name})
    return saved[0]


def get(conn: Conn, tenant: TenantId, segment_id: int) -> Segment:
    """The saved segment. Raises NoSuchSegment."""
    sql = f"select {COLUMNS} from segments where tenant_id = %(tenant)s and id = %(id)s"
    found = _rows(conn, sql, {"tenant": tenant, "id": segment_id})
    if not found:
        raise NoSuchSegment(segment_id)
    return found[0]


def list_segments(conn: Conn, tenant: TenantId) -> list[Segment]:
    """The saved segments, by name."""
    return _rows(conn, f"select {COLUMNS} from segments where tenant_id = %(tenant)s order by name", {"tenant": tenant})


def delete(conn: Conn, tenant: TenantId, segment_id: int, *, actor: str) -> None:
    """Delete a segment. Audited. Raises NoSuchSegment, and Conflict if a campaign uses it."""
    try:
        with conn.transaction():
            gone = conn.execute("delete from segments where tenant_id = %s and id = %s", [tenant, segment_id]).rowcount
    except errors.ForeignKeyViolation:
        raise Conflict("A campaign uses this segment.") from None
    if not gone:
        raise NoSuchSegment(segment_id)
    audit.record(conn, tenant, actor, "segment.delete", f"segment:{segment_id}")


def _segment(definition: Mapping[str, Any], **columns: Any) -> Segment:
    return Segment(definition=Definition.model_validate(definition), **columns)


def _rows(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[Segment]:
    return fetch_all(conn, _segment, sql.encode(), values)
