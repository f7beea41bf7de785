"""People state visits and conversions; `conversions.undo` takes them back."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from prosa.db.connection import Conn, TenantId
from prosa.errors import NotFound
from prosa.facts import prepared, telling
from prosa.facts.outcomes import Origin, OutcomeKind
from prosa.tenancy import audit


@dataclass(frozen=True)
class Outcome:
    """A visit or a conversion of a conversation, and who stated it."""

    id: int
    kind: str
    at: datetime
    origin: str
    actor: str
    note: str


def of_conversation(conn: Conn, tenant: TenantId, conversation_id: int) -> list[Outcome]:
    """What was stated, the earliest first."""
    sql = """select id, kind::text, at, origin, actor, note from outcomes
             where tenant_id = %s and conversation_id = %s order by at, id"""
    with conn.cursor(row_factory=class_row(Outcome)) as cur:
        return cur.execute(sql, [tenant, conversation_id]).fetchall()


def state(
    conn: Conn, tenant: TenantId, conversation_id: int, *, kind: OutcomeKind, at: datetime, actor: str, note: str = ""
) -> None:
    """A person says that this came of the conversation. Once: said again, nothing changes. Audited. Raises NotFound."""
    found = conn.execute(
        "select from conversations where tenant_id = %s and id = %s for update", [tenant, conversation_id]
    ).fetchone()
    if found is None:
        raise NotFound("There is no such conversation.")
    stated = conn.execute(
        """insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor, note)
           select %(tenant)s, %(id)s, %(kind)s::outcome_kind, %(at)s, 'person', %(actor)s, %(note)s
           where not exists (select from outcomes where tenant_id = %(tenant)s and conversation_id = %(id)s
             and kind = %(kind)s::outcome_kind and origin = 'person')
           returning id""",
        {"tenant": tenant, "id": conversation_id, "kind": str(kind), "at": at, "actor": actor, "note": note},
    ).fetchone()
    if stated:
        if kind is OutcomeKind.CONVERSION:
            telling.conversion(
                conn, tenant, conversation_id, outcome_id=stated[0], at=at, origin=Origin.PERSON, actor=actor
            )
        prepared.forget(conn, tenant, [conversation_id])
        audit.record(conn, tenant, actor, "outcome.state", f"conversation:{conversation_id}", after={"kind": str(kind)})
