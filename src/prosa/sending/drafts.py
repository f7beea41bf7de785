"""Drafts on their way out: remarketing claims them, and whoever carries their channel takes them from here."""

from collections.abc import Iterable
from datetime import datetime

from prosa.conversations import messages, outbox
from prosa.conversations.model import NewMessage, NoSuchConversation, Owner
from prosa.conversations.outbox import Content
from prosa.conversations.policy import Policy as ConversationPolicy
from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.remarketing import claims, whatsapp_templates
from prosa.remarketing.model import Draft, DraftState
from prosa.remarketing.policy import Policy

BY = "job:remarketing"


def post_by_twilio(
    conn: Conn, tenant: TenantId, draft_id: int, *, policy: Policy, conversations: ConversationPolicy, now: datetime
) -> Draft | None:
    """Claim a draft and put it into the outbox, in one transaction: either both, or neither. None where it may not go.

    Its delivery then has a state of its own, which remarketing follows (prosa.remarketing.following).
    """
    draft = claims.claim(conn, tenant, draft_id, policy=policy, by=BY, now=now)
    if draft is None:
        return None
    template = draft.whatsapp_template_id and whatsapp_templates.get(conn, tenant, draft.whatsapp_template_id)
    content = Content(template.external_id, draft.variables) if template else None
    new = NewMessage(Owner.SUPPORT, draft.body)
    try:
        receipt = messages.add_message(conn, tenant, draft.conversation_id, new, policy=conversations, by=BY, now=now)
    except NoSuchConversation:
        return claims.record(conn, tenant, draft.id, DraftState.FAILED, by=BY, now=now, reason="conversation_gone")
    draft = claims.set_message(conn, tenant, draft, receipt.message.id, now=now)
    if not outbox.post(conn, tenant, receipt, content, now=now):
        return claims.record(conn, tenant, draft.id, DraftState.FAILED, by=BY, now=now, reason="number_not_connected")
    return draft


def hand_over(
    conn: Conn, tenant: TenantId, draft_ids: Iterable[int], *, policy: Policy, by: str, now: datetime
) -> list[Draft]:
    """Claim drafts for another sender, who gets them as a file: they count as sent with the end of the transaction."""
    claimed = (claims.claim(conn, tenant, draft_id, policy=policy, by=by, now=now) for draft_id in draft_ids)
    sent = (
        claims.record(conn, tenant, draft.id, DraftState.SENT, by=by, now=now, reason="handed_over")
        for draft in claimed
        if draft
    )
    return [draft for draft in sent if draft]
