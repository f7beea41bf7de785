"""Keeps what an inbound webhook brings, and enqueues the work that follows, in one transaction."""

from datetime import datetime

from prosa.conversations import addresses, bulk_receiving, receiving
from prosa.conversations.bulk_receiving import Arrival
from prosa.conversations.messages import Receipt
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Conn
from prosa.gateways.twilio.webhooks import InboundMessage, Media, Referral
from prosa.queue import enqueue
from prosa.sources.twilio.accounts import WebhookAccount

FETCH_MEDIA = "twilio.fetch_media"


def receive(conn: Conn, account: WebhookAccount, message: InboundMessage, *, policy: Policy, now: datetime) -> Receipt:
    """Keep a contact's message with its media and advertisement. A repeated one (MessageSid) changes nothing.

    Raises BadAddress for a sender who can be no contact.
    """
    tenant = account.tenant_id
    receipt = receiving.receive(
        conn, tenant, pair(message), _new(message), policy=policy, now=now, inbox_id=account.inbox_id,
        contact_name=message.profile_name,
    )  # fmt: skip
    if receipt.is_new:
        kept = receipt.message
        for position, media in enumerate(message.media):
            _keep_media(conn, receipt, tenant, position, media)
        if message.referral:
            _keep_referral(conn, receipt, tenant, message.referral, now)
        receiving.ask_for_reaction(conn, tenant, kept.conversation_id, kept.id)
        if message.media:
            enqueue(conn, FETCH_MEDIA, tenant_id=tenant, message_id=kept.id, account_id=account.account_id)
    return receipt


def pair(message: InboundMessage) -> Pair:
    """The two addresses and the channel. Raises BadAddress."""
    ours = addresses.parse(message.recipient)
    if addresses.is_whatsapp(message.sender):
        return Pair("whatsapp", addresses.parse(message.sender), ours)
    return Pair("sms", addresses.of_sender(message.sender), ours)


def arrival(message: InboundMessage, *, policy: Policy, now: datetime) -> Arrival | None:
    """The message for bulk_receiving.receive; None unless it is an ordinary text. Raises BadAddress."""
    if message.media or message.referral:
        return None
    return bulk_receiving.arrival(
        pair(message), _new(message), policy=policy, now=now, contact_name=message.profile_name
    )


def _new(message: InboundMessage) -> NewMessage:
    return NewMessage(Owner.USER, message.body, provider_sid=message.sid, attributes=message.attributes)


def _keep_media(conn: Conn, receipt: Receipt, tenant: int, position: int, media: Media) -> None:
    conn.execute(
        """insert into message_media (tenant_id, conversation_id, message_id, position, url, content_type)
           values (%s, %s, %s, %s, %s, %s)""",
        [tenant, receipt.message.conversation_id, receipt.message.id, position, media.url, media.content_type],
    )


def _keep_referral(conn: Conn, receipt: Receipt, tenant: int, referral: Referral, now: datetime) -> None:
    conn.execute(
        """insert into ad_referrals (tenant_id, conversation_id, message_id, ad_id, source_type, source_url, headline,
             body, click_id, media_url, media_type, created_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [
            tenant, receipt.message.conversation_id, receipt.message.id, referral.ad_id, referral.source_type,
            referral.source_url, referral.headline, referral.body, referral.click_id, referral.media_url,
            referral.media_type, now,
        ],
    )  # fmt: skip
