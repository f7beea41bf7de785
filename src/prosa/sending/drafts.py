"""Drafts on their way out: remarketing claims them, and whatever carries their channel takes them from here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prosa.conversations import messages, outbox
from prosa.conversations.model import NewMessage, NoSuchConversation, Owner
from prosa.conversations.outbox import Content
from prosa.conversations.policy import Policy as ConversationPolicy
from prosa.db import Conn, TenantId
from prosa.gateways.chatwoot.rest import Access, Result, Sending, TemplateParams
from prosa.remarketing import claims, whatsapp_templates
from prosa.remarketing.model import Draft, DraftState
from prosa.remarketing.policy import Policy
from prosa.sources import chatwoot_api
from prosa.sources.model import ID_SPACE

BY = "job:remarketing"
OF_RESULT = {Result.SENT: DraftState.SENT, Result.REFUSED: DraftState.FAILED, Result.UNKNOWN: DraftState.UNKNOWN}


@dataclass(frozen=True)
class ForChatwoot:
    """A claimed draft with what Chatwoot's API needs; `conversation` is the display id."""

    draft: Draft
    source_id: int
    access: Access
    conversation: int
    template: TemplateParams | None


def post_by_twilio(
    conn: Conn, tenant: TenantId, draft_id: int, *, policy: Policy, conversations: ConversationPolicy, now: datetime
) -> Draft | None:
    """Claim a draft and put it into the outbox, in one transaction. None if it may not be sent.

    Its delivery then has a state of its own, which remarketing follows (prosa.remarketing.following).
    """
    draft = claims.claim(conn, tenant, draft_id, policy=policy, secret_keys=conversations.secret_keys, by=BY, now=now)
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


def claim_for_chatwoot(
    conn: Conn, tenant: TenantId, draft_id: int, *, policy: Policy, secret_keys: Sequence[str], now: datetime
) -> ForChatwoot | None:
    """Claim a draft that goes through Chatwoot's API. Make the request after the commit. None if it may not be sent."""
    draft = claims.claim(conn, tenant, draft_id, policy=policy, secret_keys=secret_keys, by=BY, now=now)
    if draft is None:
        return None
    row = conn.execute(
        "select source_id, display_id from conversations where tenant_id = %s and id = %s and display_id is not null",
        [tenant, draft.conversation_id],
    ).fetchone()
    access = chatwoot_api.access(conn, tenant, row[0], secret_keys) if row else None
    if row is None or access is None:
        reason = "api_not_connected" if row else "conversation_gone"
        claims.record(conn, tenant, draft.id, DraftState.FAILED, by=BY, now=now, reason=reason)
        return None
    template = draft.whatsapp_template_id and whatsapp_templates.get(conn, tenant, draft.whatsapp_template_id)
    params = TemplateParams(template.name, template.language, template.category, draft.variables) if template else None
    return ForChatwoot(draft, row[0], access, row[1], params)


def record_chatwoot(
    conn: Conn, tenant: TenantId, sent: ForChatwoot, sending: Sending, *, now: datetime
) -> Draft | None:
    """Keep what Chatwoot said. Its message comes with the next run of the ETL, under the id that it has there."""
    if sending.result is Result.BUSY:
        return claims.release(conn, tenant, sent.draft, by=BY, now=now, reason=sending.problem)
    message_id = sent.source_id * ID_SPACE + sending.message_id if sending.message_id else None
    return claims.record(
        conn, tenant, sent.draft.id, OF_RESULT[sending.result], by=BY, now=now, reason=sending.problem, message_id=message_id
    )  # fmt: skip


def hand_over(
    conn: Conn, tenant: TenantId, draft_ids: Iterable[int], *, policy: Policy, secret_keys: Sequence[str], by: str,
    now: datetime,
) -> list[Draft]:  # fmt: skip
    """Claim drafts for another sender, who gets them as a file. They count as sent once the transaction ends."""
    claimed = (
        claims.claim(conn, tenant, draft_id, policy=policy, secret_keys=secret_keys, by=by, now=now)
        for draft_id in draft_ids
    )
    sent = (
        claims.record(conn, tenant, draft.id, DraftState.SENT, by=by, now=now, reason="handed_over")
        for draft in claimed
        if draft
    )
    return [draft for draft in sent if draft]
