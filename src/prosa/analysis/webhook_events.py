"""The event that tenants' webhook endpoints get when a conversation becomes a lead."""

from prosa.analysis.model import Insight
from prosa.db import Conn, TenantId
from prosa.tenancy.webhooks import EventType, emit
from prosa.tenancy.webhooks.emitting import listens


def lead(conn: Conn, tenant: TenantId, conversation_id: int, insight: Insight) -> None:
    """Send the event of a new lead. Call it only when the conversation was not a lead before."""
    if not listens(conn, tenant, EventType.LEAD_CREATED):
        return
    row = conn.execute(
        """select c.source::text, p.id, p.name, p.phone from conversations c
           left join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
           where c.tenant_id = %s and c.id = %s""",
        [tenant, conversation_id],
    ).fetchone()
    source, contact, name, phone = row or (None, None, None, None)
    data = {
        "conv_id": conversation_id, "source": source, "contact_id": contact, "contact_name": name, "contact_phone": phone,
        "lead_name": insight.lead_name, "lead_goal": insight.lead_goal, "interest": insight.interest,
        "conversion_score": insight.conversion_score, "summary": insight.summary, "model": insight.model,
    }  # fmt: skip
    emit(conn, tenant, EventType.LEAD_CREATED, data, conversation_id=conversation_id)
