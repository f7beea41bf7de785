"""The recipient of a draft: the contact of a conversation, known by one key in both forms of a Brazilian number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prosa.conversations import addresses
from prosa.conversations.addresses import Address, BadAddress
from prosa.conversations.suppressions import LONGEST_WORD
from prosa.conversations.window import WINDOW
from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.errors import Conflict, NotFound
from prosa.remarketing.model import Via

CHANNELS = ("whatsapp", "sms")


@dataclass(frozen=True)
class Recipient:
    """The contact of a conversation, and the way to reach them."""

    conversation_id: int
    contact_id: int | None
    name: str | None
    address: Address
    channel: str
    inbox_id: int | None
    via: Via


@dataclass(frozen=True)
class Standing:
    """What is known about a contact, over all their conversations."""

    blocked: bool
    converted: bool
    written_here_at: datetime | None  # when they last wrote to the number of ours that the draft is sent from
    last_chat_at: datetime | None  # the last message of anybody: the contact, a person, a program
    said: Sequence[str] = ()  # their last fifty messages that are short enough for a stop word, the newest first


@dataclass(frozen=True)
class _Row:
    contact_id: int | None
    source: str
    name: str | None
    address: str | None
    channel: str | None
    inbox_id: int | None
    sends: bool


class Unreachable(Conflict):
    """The contact of this conversation has no number, or no channel, by which they may be written to."""

    def __init__(self, conversation_id: int) -> None:
        super().__init__(f"The contact of conversation {conversation_id} cannot be reached by WhatsApp or SMS.")


def find(conn: Conn, tenant: TenantId, conversation_id: int, *, via_csv: bool = False) -> Recipient:
    """The conversation's recipient. Raises NotFound, Unreachable.

    If Chatwoot's API is not connected, what would be sent through Chatwoot is handed over as a file.
    """
    sql = """select c.contact_id, c.source::text, p.name, coalesce(c.contact_address, p.phone) as address,
               coalesce(c.channel, i.channel) as channel, c.inbox_id,
               case when c.source = 'chatwoot' then s.api_token_encrypted is not null
                    else exists (select from twilio_numbers n where n.tenant_id = c.tenant_id and n.address_key = c.our_key)
               end as sends
             from conversations c
             left join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
             left join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id
             left join sources s on s.tenant_id = c.tenant_id and s.id = c.source_id
             where c.tenant_id = %s and c.id = %s"""
    row = fetch_one(conn, _Row, sql, [tenant, conversation_id])
    if row is None:
        raise NotFound(f"There is no conversation {conversation_id}.")
    if row.address is None or row.channel not in CHANNELS:
        raise Unreachable(conversation_id)
    try:
        address = addresses.parse(row.address)
    except BadAddress:
        raise Unreachable(conversation_id) from None
    via = Via.CSV if via_csv or not row.sends else Via.CHATWOOT if row.source == "chatwoot" else Via.TWILIO
    return Recipient(
        conversation_id, row.contact_id, row.name, address, row.channel, row.inbox_id, via
    )  # fmt: skip


# The contact of a key under every spelling and in every source, and all their conversations.
THEIRS = """contact as (
    select id, blocked from contacts
    where tenant_id = %(tenant)s and (phone = any(%(spellings)s) or address_key = %(key)s)
  ), theirs as (
    select id, inbox_id, our_key from conversations
    where tenant_id = %(tenant)s and contact_id in (select id from contact)
    union
    select id, inbox_id, our_key from conversations
    where tenant_id = %(tenant)s and contact_key = %(key)s and source <> 'chatwoot'
  )"""


def standing(conn: Conn, tenant: TenantId, key: str, *, conversation_id: int, converted_since: datetime) -> Standing:
    """What the store knows about the contact with this key. Conversions before `converted_since` do not count.

    It is read from messages, since the counted facts follow them by up to a minute.
    """
    sql = f"""with {THEIRS}, here as (
                select inbox_id, our_key from conversations where tenant_id = %(tenant)s and id = %(conversation)s
              ), chat as (
                select m.sender, m.created_at, exists (
                  select from here h where h.inbox_id = t.inbox_id or h.our_key = t.our_key) as here
                from theirs t join messages m on m.tenant_id = %(tenant)s and m.conversation_id = t.id
                where not m.private and m.sender <> 'system' and m.status is distinct from 'failed'
              )
              select coalesce((select bool_or(blocked) from contact), false) as blocked,
                exists (select from outcomes o where o.tenant_id = %(tenant)s and o.kind = 'conversion'
                  and o.at >= %(converted_since)s and o.conversation_id in (select id from theirs)) as converted,
                max(created_at) filter (where sender = 'contact' and here) as written_here_at,
                max(created_at) as last_chat_at,
                array(select m.body from theirs t join messages m on m.tenant_id = %(tenant)s and m.conversation_id = t.id
                  where m.sender = 'contact' and not m.deleted and length(m.body) <= {LONGEST_WORD}
                  order by m.created_at desc, m.id desc limit 50) as said
              from chat"""
    values = {"tenant": tenant, "key": key, "spellings": addresses.spellings(key), "conversation": conversation_id,
              "converted_since": converted_since}  # fmt: skip
    [found] = fetch_all(conn, Standing, sql.encode(), values)
    return found


def window_closes(written_here_at: datetime | None) -> datetime | None:
    """When free text will no longer be accepted; None if the contact never wrote to this number."""
    return written_here_at + WINDOW if written_here_at else None
