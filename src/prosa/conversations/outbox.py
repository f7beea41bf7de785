"""The outbox: every message of ours that is to reach a contact goes through here, whichever floor it comes from.

    receipt = messages.add_message(conn, tenant, conversation_id, NewMessage(Owner.SUPPORT, text), ...)
    outbox.post(conn, tenant, receipt, now=now)                                            # free text
    outbox.post(conn, tenant, receipt, Content("HX...", {"1": "Ana"}), now=now)            # an approved template

The body of a template's message is the text with its variables filled in: what the contact reads, and what the
conversation shows. `post` belongs to the transaction that adds the message; a job sends it after the commit. From there
on it is prosa.sending's: a row of `deliveries`, whose state the conversation API shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb

from prosa.conversations.messages import Receipt
from prosa.conversations.model import Conversation, Owner
from prosa.db import Conn, TenantId
from prosa.queue import enqueue

TASK = "sending.send_message"
CHANNELS = frozenset({"whatsapp", "sms"})  # that Twilio carries
OUTGOING = frozenset({Owner.AGENT, Owner.SUPPORT})  # a notice (system) is no part of the chat


@dataclass(frozen=True)
class Content:
    """What a message carries besides its text: a template (Twilio's ContentSid, HX…) with its variables, or media.

    `media_urls` are public addresses, from which Twilio fetches; WhatsApp takes one a message.
    """

    content_sid: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    media_urls: tuple[str, ...] = ()


def post(conn: Conn, tenant: TenantId, receipt: Receipt, content: Content | None = None, *, now: datetime) -> bool:
    """Have the message sent, if it is ours and our number in its conversation is connected to Twilio. Returns whether it will be.

    A second call for the same message changes nothing and is False: nobody gets it twice.
    """
    message, content = receipt.message, content or Content()
    if message.owner not in OUTGOING:
        return False
    added = conn.execute(
        """insert into deliveries (tenant_id, conversation_id, message_id, content_sid, content_variables, media_urls,
             queued_at, due_at)
           select c.tenant_id, c.id, %(message)s, %(content_sid)s, %(variables)s, %(media_urls)s, %(now)s, %(now)s
           from conversations c
           join twilio_numbers n on n.tenant_id = c.tenant_id and n.address_key = c.our_key
           where c.tenant_id = %(tenant)s and c.id = %(conversation)s and c.channel in ('whatsapp', 'sms')
           on conflict (tenant_id, message_id) do nothing""",
        {
            "tenant": tenant, "conversation": message.conversation_id, "message": message.id, "now": now,
            "content_sid": content.content_sid, "media_urls": list(content.media_urls),
            "variables": Jsonb(dict(content.variables)) if content.content_sid else None,
        },
    ).rowcount  # fmt: skip
    if added:
        enqueue_sending(conn, tenant, message.conversation_id, message.id)
    return bool(added)


def content_of(conn: Conn, tenant: TenantId, message_id: int) -> Content:
    """What the message was posted with; nothing where it was not posted."""
    row = conn.execute(
        """select content_sid, coalesce(content_variables, '{}'), media_urls from deliveries
           where tenant_id = %s and message_id = %s""",
        [tenant, message_id],
    ).fetchone()
    return Content(row[0], row[1], tuple(row[2])) if row else Content()


def is_connected(conn: Conn, tenant: TenantId, conversation: Conversation) -> bool:
    """Whether `post` would have a message of ours in this conversation sent."""
    sql = "select from twilio_numbers where tenant_id = %s and address_key = %s"
    return conversation.channel in CHANNELS and conn.execute(sql, [tenant, conversation.our_key]).rowcount > 0


def enqueue_sending(
    conn: Conn, tenant: TenantId, conversation_id: int, message_id: int, *, after_seconds: int = 0
) -> None:
    """Enqueue the message's delivery. Jobs of one conversation run one after another, in order."""
    enqueue(conn, TASK, lock=f"sending {tenant} {conversation_id}", after_seconds=after_seconds,
            tenant_id=tenant, message_id=message_id)  # fmt: skip
