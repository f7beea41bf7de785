"""The one lock of sending: whoever counts messages, or withdraws a contact's consent, does so one after the other."""

from prosa.db import Conn
from prosa.db.connection import TenantId


def lock_sending(conn: Conn, tenant: TenantId) -> None:
    """Held until the transaction ends. A claim holds it for a few milliseconds and never across the network.

    One lock a tenant, not one a contact: a claim counts the contact's messages, the campaign's and the whole company's
    (Meta's messaging limit), and two claims that count at the same time would both find room for one.
    """
    conn.execute("select pg_advisory_xact_lock(hashtextextended('remarketing of tenant ' || %s::bigint, 0))", [tenant])
