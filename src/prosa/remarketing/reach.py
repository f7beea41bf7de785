"""How many contacts of a segment may be written to. It costs more than the size, so it is counted for one segment at a time."""

from collections.abc import Sequence
from datetime import datetime

from prosa.conversations import addresses, aliases
from prosa.db import Conn, TenantId
from prosa.remarketing.definition import Definition
from prosa.remarketing.matching import parameters, selection
from prosa.remarketing.policy import Policy
from prosa.remarketing.recipients import CHANNELS

# The newest statement of each contact holds (consents.latest).
LATEST = """select distinct on (contact_key) contact_key, granted from consents
            where tenant_id = %(tenant)s order by contact_key, at desc, id desc"""
REFUSING = f"""select contact_key from suppressions where tenant_id = %(tenant)s and lifted_at is null
               union select contact_key from ({LATEST}) as latest where not granted"""
REACHED = """join conversations c on c.tenant_id = %(tenant)s and c.id = f.conversation_id
             left join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
             left join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id"""
AGREEING = f"select contact_key from ({LATEST}) as latest where granted"


def count(
    conn: Conn, tenant: TenantId, definition: Definition, *, policy: Policy, secret_keys: Sequence[str], now: datetime
) -> int:  # fmt: skip
    """Contacts with a WhatsApp or SMS address who are not blocked or suppressed, and agree as far as that is needed.

    What only the moment of sending can tell is left out: hours, caps, what they have written or bought meanwhile.
    """
    refusing = _spellings(conn, tenant, REFUSING)
    agreed = "and chosen.key = any(%(agreeing)s)" if policy.require_consent else ""
    sql = f"""with chosen as (
                select coalesce(c.contact_key, p.phone) as key {selection(definition, REACHED)}
                  and coalesce(c.channel, i.channel) = any(%(channels)s) and p.blocked is not true)
              select distinct key from chosen
              where not starts_with(key, 'erased:') and key <> all(%(refusing)s) {agreed}"""
    values = parameters(tenant, definition, now) | {
        "channels": list(CHANNELS), "refusing": refusing,
        "agreeing": _spellings(conn, tenant, AGREEING) if policy.require_consent else [],
    }  # fmt: skip
    key = aliases.stored_key(conn, tenant, secret_keys)
    if key is None:
        [(reached,)] = conn.execute(f"select count(*) from ({sql}) as reached".encode(), values).fetchall()
        return int(reached)
    erased = {name for name in refusing if name.startswith(aliases.PREFIX)}
    reached = (addresses.matching_key(row[0]) for row in conn.execute(sql.encode(), values))
    return sum(aliases.alias(key, one) not in erased for one in reached)


def _spellings(conn: Conn, tenant: TenantId, sql: str) -> list[str]:
    """The contacts that a query gives, in every form in which a source may have written their numbers."""
    rows = conn.execute(sql.encode(), {"tenant": tenant}).fetchall()
    return [spelling for (key,) in rows for spelling in addresses.spellings(key)]
