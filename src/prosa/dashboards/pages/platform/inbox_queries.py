"""Finding inboxes that no company reads. `conn` is the operator's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from prosa.crypto import decrypt
from prosa.db import Conn, fetch_all
from prosa.errors import Invalid


@dataclass(frozen=True)
class LostInbox:
    """An inbox that nobody reads, of a Chatwoot account from which tenants read chosen inboxes."""

    place: str
    account_id: int
    external_id: int
    name: str
    candidates: list[dict[str, Any]]  # sources that could take it: tenant_id, tenant, source_id


def lost_inboxes(conn: Conn, *, secret_keys: Sequence[str]) -> list[LostInbox]:
    """Inboxes that no tenant reads, by account; each once, however many tenants share the account under different logins."""
    found = conn.execute(
        """select distinct on (server_fingerprint) server_fingerprint, dsn_encrypted
           from sources where kind = 'chatwoot' and enabled order by server_fingerprint, tenant_id, id"""
    ).fetchall()
    places = {server: _place(secret_keys, server, dsn) for server, dsn in found if server}
    sql = """with places as (
               select * from unnest(%(servers)s::bytea[], %(places)s::text[]) as p (server_fingerprint, place))
             select p.place, s.account_id, i.id - s.id * 100000000000 as external_id,
               min(i.name) as name,
               jsonb_agg(jsonb_build_object('tenant_id', t.id, 'tenant', t.name, 'source_id', s.id)
                 order by t.name, s.id) as candidates
             from inboxes i
             join sources s on s.tenant_id = i.tenant_id and s.id = i.source_id and s.kind = 'chatwoot' and s.enabled
             join places p using (server_fingerprint)
             join tenants t on t.id = s.tenant_id and t.suspended_at is null
             where not i.removed and s.chosen_inboxes is not null
             group by 1, 2, 3 having not bool_or(i.assigned)
               and not exists (select from sources o join places using (server_fingerprint)
                 where o.kind = 'chatwoot' and o.enabled
                 and places.place = p.place and o.account_id = s.account_id
                 and o.chosen_inboxes is null)
             order by 4, 3, 1"""
    return fetch_all(conn, LostInbox, sql, {"servers": list(places), "places": list(places.values())})


def _place(secret_keys: Sequence[str], server: bytes, dsn: bytes | None) -> str:
    """Server and database of a source, without the login. If the DSN cannot be decrypted, the server's fingerprint."""
    try:
        known = conninfo_to_dict(decrypt(secret_keys, dsn)) if dsn else {}
    except Invalid:  # one company's connection that no longer opens must not hide the others' inboxes
        known = {}
    if not known:
        return server.hex()
    return (
        f"{str(known.get('host', '')).lower()}:{known.get('port') or 5432}/{known.get('dbname') or known.get('user')}"
    )
