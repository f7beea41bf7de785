"""Notes: what people write down about a conversation, for each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import errors

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit

LONGEST = 4000  # characters


@dataclass(frozen=True)
class Note:
    """One note. `actor` alone ('user:7') may change it; `author` is the person's name as it was then."""

    id: int
    actor: str
    author: str
    body: str
    created_at: datetime
    edited_at: datetime | None


class NoSuchNote(NotFound):
    """There is no such note of this person's."""


def of_conversation(conn: Conn, tenant: TenantId, conversation_id: int) -> list[Note]:
    """Its notes, the oldest first."""
    sql = """select id, actor, author, body, created_at, edited_at from notes
             where tenant_id = %s and conversation_id = %s order by created_at, id"""
    return fetch_all(conn, Note, sql, [tenant, conversation_id])


def counts(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> dict[int, int]:
    """How many notes each of these conversations has; those without any are left out."""
    sql = """select conversation_id, count(*) from notes where tenant_id = %s and conversation_id = any(%s)
             group by conversation_id"""
    return dict(conn.execute(sql, [tenant, list(conversation_ids)]).fetchall())


def write(conn: Conn, tenant: TenantId, conversation_id: int, body: str, *, actor: str, author: str) -> int:
    """Add a note; returns its id. Audited, without its text. Raises Invalid, and NotFound for no such conversation."""
    sql = """insert into notes (tenant_id, conversation_id, actor, author, body) values (%s, %s, %s, %s, %s) returning id"""
    try:
        with conn.transaction():
            row = conn.execute(sql, [tenant, conversation_id, actor, author, _text(body)]).fetchone()
    except errors.ForeignKeyViolation:
        raise NotFound("There is no such conversation.") from None
    assert row
    audit.record(conn, tenant, actor, "note.write", f"conversation:{conversation_id}", after={"note": row[0]})
    return int(row[0])


def edit(conn: Conn, tenant: TenantId, note_id: int, body: str, *, actor: str, now: datetime) -> None:
    """Change one's own note. Audited, without its text. Raises Invalid, and NoSuchNote unless `actor` wrote the note."""
    sql = """update notes set body = %(body)s, edited_at = %(now)s
             where tenant_id = %(tenant)s and id = %(id)s and actor = %(actor)s returning conversation_id"""
    _change(conn, tenant, note_id, "note.edit", actor, sql, {"body": _text(body), "now": now})


def delete(conn: Conn, tenant: TenantId, note_id: int, *, actor: str) -> None:
    """Remove one's own note. Audited. Raises NoSuchNote unless `actor` wrote the note."""
    sql = (
        "delete from notes where tenant_id = %(tenant)s and id = %(id)s and actor = %(actor)s returning conversation_id"
    )
    _change(conn, tenant, note_id, "note.delete", actor, sql, {})


def _change(
    conn: Conn, tenant: TenantId, note_id: int, action: str, actor: str, sql: str, values: dict[str, object]
) -> None:
    row = conn.execute(sql.encode(), {"tenant": tenant, "id": note_id, "actor": actor, **values}).fetchone()
    if row is None:
        raise NoSuchNote(f"There is no note {note_id} of this person's.")
    audit.record(conn, tenant, actor, action, f"conversation:{row[0]}", before={"note": note_id})


def _text(body: str) -> str:
    text = body.replace("\0", "").strip()
    if not 1 <= len(text) <= LONGEST:
        raise Invalid(f"A note has 1 to {LONGEST} characters.")
    return text
