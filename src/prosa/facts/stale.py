"""Counts facts again for changed conversations of the API and of Twilio. (The ETL does so itself for Chatwoot's.)"""

from datetime import datetime

from prosa.db import Conn, TenantId
from prosa.facts.refresh import refresh

BATCH = 500  # conversations a transaction


def refresh_stale(conn: Conn, tenant: TenantId, *, since: datetime, limit: int = BATCH) -> int:
    """Count the facts of up to `limit` conversations that changed after `since` and have not been counted since.

    Returns how many there were: `limit` means that there may be more. Facts are stale if they were counted at another version
    of the conversation, so a change that is committed late is found as well.
    """
    rows = conn.execute(
        """select c.id from conversations c
           left join conversation_facts f on f.tenant_id = c.tenant_id and f.conversation_id = c.id
           where c.tenant_id = %(tenant)s and c.source <> 'chatwoot' and c.updated_at >= %(since)s
             and f.version is distinct from c.version
           order by c.updated_at limit %(limit)s""",
        {"tenant": tenant, "since": since, "limit": limit},
    ).fetchall()
    refresh(conn, tenant, [row[0] for row in rows])
    return len(rows)


def tenants_with_stale(conn: Conn, *, since: datetime) -> list[TenantId]:
    """Tenants for which `refresh_stale` has something to do. `conn` is the operator's."""
    sql = """select t.id from tenants t cross join lateral (
               select from conversations c
               left join conversation_facts f on f.tenant_id = c.tenant_id and f.conversation_id = c.id
               where c.tenant_id = t.id and c.source <> 'chatwoot' and c.updated_at >= %s
                 and f.version is distinct from c.version
               limit 1) stale order by t.id"""
    return [TenantId(row[0]) for row in conn.execute(sql, [since]).fetchall()]
