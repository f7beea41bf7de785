"""What the connections page asks of the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from prosa.db import Conn, TenantId, fetch_all


@dataclass(frozen=True)
class Connection:
    """A Chatwoot account or a Twilio account that a tenant has connected.

    `parts` are chosen inboxes, or numbers; `read_at` and `error` are of the latest run; `server` names Chatwoot's server
    without telling which it is.
    """

    kind: Literal["chatwoot", "twilio"]
    id: int
    name: str
    parts: list[str]
    read_at: datetime | None
    error: str | None
    server: str


def connections(conn: Conn, tenant: TenantId) -> list[Connection]:
    """All connections of a tenant, Chatwoot's first."""
    sql = """select 'chatwoot' as kind, s.id, s.name, coalesce((
                 select array_agg(i.name order by i.name) from inboxes i
                 where i.tenant_id = s.tenant_id and i.source_id = s.id and i.assigned and not i.removed
                   and s.chosen_inboxes is not null), '{}') as parts,
               last_done.finished_at as read_at, latest.error,
               left(coalesce(encode(s.server_fingerprint, 'hex'), ''), 16) as server
             from sources s
             left join lateral (
               select r.error from etl_runs r where r.tenant_id = s.tenant_id and r.source_id = s.id
               order by r.started_at desc limit 1) latest on true
             left join lateral (
               select r.finished_at from etl_runs r
               where r.tenant_id = s.tenant_id and r.source_id = s.id and r.state = 'done'
               order by r.started_at desc limit 1) last_done on true
             where s.tenant_id = %(tenant)s and s.kind = 'chatwoot' and s.enabled
             union all
             select 'twilio', a.id::int, coalesce(nullif(a.name, ''), a.account_sid), coalesce((
                 select array_agg(n.address order by n.id) from twilio_numbers n
                 where n.tenant_id = a.tenant_id and n.account_id = a.id), '{}'), null, null, ''
             from twilio_accounts a where a.tenant_id = %(tenant)s
             order by 1, 2"""
    return fetch_all(conn, Connection, sql, {"tenant": tenant})
