"""A Chatwoot source's REST API: its address, and an access token, which is kept encrypted."""

from collections.abc import Sequence

from prosa.crypto import decrypt, encrypt
from prosa.db import Conn, TenantId
from prosa.errors import Invalid, NotFound
from prosa.gateways.chatwoot import rest
from prosa.gateways.chatwoot.rest import Access
from prosa.tenancy import audit


def connect(
    conn: Conn, tenant: TenantId, source_id: int, *, url: str, token: str, secret_keys: Sequence[str], actor: str
) -> None:
    """Let messages go out through this source's Chatwoot. Audited, without the token. Raises Invalid, NotFound."""
    if not token.strip():
        raise Invalid(
            "The access token is missing. Chatwoot shows it in the profile of the agent, or of the agent bot."
        )
    address = rest.check_url(url)
    changed = conn.execute(
        """update sources set api_url = %s, api_token_encrypted = %s
           where tenant_id = %s and id = %s and kind = 'chatwoot'""",
        [address, encrypt(secret_keys, token.strip()), tenant, source_id],
    ).rowcount
    if not changed:
        raise NotFound(f"There is no Chatwoot source {source_id}.")
    audit.record(conn, tenant, actor, "chatwoot.api", object=f"source:{source_id}", after={"url": address})


def access(conn: Conn, tenant: TenantId, source_id: int, secret_keys: Sequence[str]) -> Access | None:
    """The way in, with the token in the clear; None where the API is not connected."""
    row = conn.execute(
        """select api_url, account_id, api_token_encrypted from sources
           where tenant_id = %s and id = %s and api_token_encrypted is not null""",
        [tenant, source_id],
    ).fetchone()
    return Access(row[0], row[1], decrypt(secret_keys, bytes(row[2]))) if row else None


def whatsapp_inboxes(conn: Conn, tenant: TenantId) -> list[tuple[int, int]]:
    """(source, inbox) of every WhatsApp inbox whose Chatwoot's API is connected."""
    return conn.execute(
        """select i.source_id, i.id from inboxes i join sources s on s.tenant_id = i.tenant_id and s.id = i.source_id
           where i.tenant_id = %s and i.channel = 'whatsapp' and not i.removed and s.api_token_encrypted is not null
           order by i.id""",
        [tenant],
    ).fetchall()
