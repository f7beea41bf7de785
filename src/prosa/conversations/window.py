"""The customer service window of WhatsApp: free text reaches a contact only within 24 hours of their last message.

It is counted for each pair of a contact and a number of ours. All conversations of the pair count, mirrored ones too, and not
only the one that the answer belongs to. Outside the window WhatsApp takes approved templates only, and Twilio fails free text
with 63016.
Source: https://www.twilio.com/docs/whatsapp/key-concepts (the 24-hour customer service window).
"""

from datetime import datetime, timedelta

from prosa.conversations import addresses
from prosa.conversations.model import Pair
from prosa.db import Conn, TenantId

WINDOW = timedelta(hours=24)
CHANNELS = frozenset({"whatsapp"})  # an SMS may be sent at any time

LAST_INBOUND = """
  select max(m.created_at) from (
    select id from conversations
    where tenant_id = %(tenant)s and source <> 'chatwoot' and contact_key = %(contact)s and our_key = %(ours)s
      and channel = %(channel)s and last_activity_at > %(since)s
    union all
    select c.id from conversations c
    join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id
    where c.tenant_id = %(tenant)s and c.contact_id = any(array(  -- first the contacts: no plan begins at the inbox
        select id from contacts where tenant_id = %(tenant)s and phone = any(%(contact_spellings)s)))
      and replace(i.phone, 'whatsapp:', '') = any(%(our_spellings)s) and i.channel = %(channel)s
      and c.source = 'chatwoot' and c.last_activity_at > %(since)s
  ) active
  join messages m on m.tenant_id = %(tenant)s and m.conversation_id = active.id
  where m.sender = 'contact' and m.created_at > %(since)s
"""


def closes_at(conn: Conn, tenant: TenantId, pair: Pair, *, now: datetime) -> datetime | None:
    """When the pair's window closes. None if none is open, or if the channel has no window (see `is_open`)."""
    last = last_inbound(conn, tenant, pair, since=now - WINDOW)
    return last + WINDOW if last is not None else None


def is_open(conn: Conn, tenant: TenantId, pair: Pair, *, now: datetime) -> bool:
    """Whether free text may be sent to the contact now. The window ends when the 24 hours are full."""
    return pair.channel not in CHANNELS or closes_at(conn, tenant, pair, now=now) is not None


def last_inbound(conn: Conn, tenant: TenantId, pair: Pair, *, since: datetime) -> datetime | None:
    """The time of the contact's last message to this number of ours after `since`, in any spelling of the two.

    A conversation's last activity is never before its last message, so only conversations active since then are searched.
    """
    values = {
        "tenant": tenant, "channel": pair.channel, "since": since,
        "contact": pair.contact.key, "contact_spellings": addresses.spellings(pair.contact.key),
        "ours": pair.ours.key, "our_spellings": addresses.spellings(pair.ours.key),
    }  # fmt: skip
    row = conn.execute(LAST_INBOUND, values).fetchone()
    return row[0] if row else None
