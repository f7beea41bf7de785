"""Finds what is known about a contact, by their number: the rows that an export copies and an erasure changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from prosa.conversations import addresses, aliases
from prosa.db import Conn, TenantId
from prosa.errors import NotFound

# Tables whose rows name the contact by the key of their address, whether or not there was a conversation.
OF_KEY = ("consents", "suppressions")
REJECTED = """
  r.tenant_id = %(tenant)s and (
    r.stream = 'contacts' and exists (
      select from contacts p where p.tenant_id = r.tenant_id and p.id = any(%(contacts)s)
        and p.source_id = r.source_id and p.id = r.source_id * 100000000000 + r.external_id)
    or exists (
      select from conversations c where c.tenant_id = r.tenant_id and c.id = any(%(conversations)s)
        and c.source_id = r.source_id and c.external_id::text in (
          case when r.stream = 'conversations' then r.external_id::text end, r.source_row ->> 'conversation_id')))
"""


@dataclass(frozen=True)
class Traces:
    """The rows about one person: ids of contacts and conversations, and how many of those a source mirrors.

    `names` are the key of their address and, if the tenant keeps any, their alias (prosa.conversations.aliases). After an
    erasure `erased` says how many rows of each table were changed or deleted, and `kept` how many wishes not to be written to
    stay under the alias.
    """

    contacts: list[int]
    conversations: list[int]
    mirrored: int
    key: str
    names: list[str]
    erased: Mapping[str, int] = field(default_factory=dict)
    kept: int = 0

    @property
    def name(self) -> str:
        """The audit log's name for them, which does not reveal the number."""
        return "contact:" + ",".join(map(str, self.contacts))

    def parameters(self, tenant: TenantId) -> dict[str, Any]:
        """The parameters of queries about them."""
        return {"tenant": tenant, "contacts": self.contacts, "conversations": self.conversations,
                "key": self.key, "names": self.names}  # fmt: skip


def find(conn: Conn, tenant: TenantId, phone: str, *, secret_keys: Sequence[str]) -> Traces:
    """Everything about this number (or other address), with and without the ninth digit. Raises BadAddress, NotFound."""
    key = addresses.of_sender(phone).key
    names = aliases.names(conn, tenant, key, secret_keys)
    values = {"tenant": tenant, "key": key, "names": names, "spellings": addresses.spellings(key)}
    contacts = [row[0] for row in conn.execute(
        """select id from contacts where tenant_id = %(tenant)s and (phone = any(%(spellings)s) or address_key = %(key)s)
           order by id""", values).fetchall()]  # fmt: skip
    conversations = conn.execute(
        """select id, source = 'chatwoot' from conversations
           where tenant_id = %(tenant)s and (contact_id = any(%(contacts)s) or (contact_key = %(key)s and source <> 'chatwoot'))
           order by id""",
        values | {"contacts": contacts},
    ).fetchall()
    known = " union all ".join(
        f"select 1 from {table} where tenant_id = %(tenant)s and contact_key = any(%(names)s)" for table in OF_KEY
    )
    if not contacts and not conversations and not conn.execute(known.encode(), values).fetchone():
        raise NotFound("Nothing is known about this number.")
    return Traces(contacts, [row[0] for row in conversations], sum(row[1] for row in conversations), key, names)
