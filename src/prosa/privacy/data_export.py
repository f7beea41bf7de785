"""The copy of everything that is known about a contact."""

from collections.abc import Sequence
from typing import Any

from prosa.db import Conn, TenantId
from prosa.privacy.traces import OF_KEY, REJECTED, find
from prosa.tenancy import audit

# Tables whose rows hang on a conversation; each is exported whole.
OF_CONVERSATION = ("messages", "transitions", "conversation_events", "csat_answers", "conversation_facts", "insights",
                   "outcomes", "undone_outcomes", "notes", "campaign_members", "drafts", "webhook_deliveries",
                   "ai_results", "message_media", "ad_referrals", "deliveries")  # fmt: skip


def export(
    conn: Conn, tenant: TenantId, phone: str, *, secret_keys: Sequence[str], actor: str
) -> dict[str, list[dict[str, Any]]]:
    """Every row about this number, by table. Audited. Raises like `traces.find`."""
    traces = find(conn, tenant, phone, secret_keys=secret_keys)
    found = {
        "contacts": _rows(conn, tenant, "contacts", "id", traces.contacts),
        "conversations": _rows(conn, tenant, "conversations", "id", traces.conversations),
    }
    for table in OF_CONVERSATION:
        found[table] = _rows(conn, tenant, table, "conversation_id", traces.conversations)
    for table in OF_KEY:
        found[table] = _rows(conn, tenant, table, "contact_key", traces.names)
    sql = f"select r.source_row from etl_rejects r where {REJECTED}"
    found["etl_rejects"] = [row[0] for row in conn.execute(sql.encode(), traces.parameters(tenant)).fetchall()]
    audit.record(conn, tenant, actor, "contact.export", traces.name)
    return found


def _rows(conn: Conn, tenant: TenantId, table: str, column: str, ids: Sequence[object]) -> list[dict[str, Any]]:
    sql = f"""select to_jsonb(t) - 'tenant_id' from {table} t where tenant_id = %s and {column} = any(%s)
              order by {"id" if column == "id" else f"{column}, t"}"""
    return [row[0] for row in conn.execute(sql.encode(), [tenant, list(ids)]).fetchall()]
