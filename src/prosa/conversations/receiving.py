"""Receiving a contact's message from a provider, and the reaction to it, which a job looks for afterwards.

receipt = receive(conn, tenant, pair, NewMessage(Owner.USER, text, provider_sid=sid), policy=..., now=...)
reaction = react(conn, tenant, conversation_id, message_id, policy=..., now=...)
"""

from dataclasses import dataclass, replace
from datetime import datetime

from prosa.conversations import ending, messages, store
from prosa.conversations.messages import Receipt
from prosa.conversations.model import Conversation, NewMessage, Pair
from prosa.conversations.policy import Policy
from prosa.conversations.service import get_conversation, open_conversation, save
from prosa.db import Conn, TenantId
from prosa.queue import enqueue

REACT = "conversations.react"  # the task, by name: it stands on a floor above
ASKED = "closure_asked"  # in a conversation's context: whether the contact was asked once if it may be closed


@dataclass(frozen=True)
class Reaction:
    """What a message led to. `question` is to be sent to the contact: may the conversation be closed?"""

    conversation: Conversation
    question: str | None = None


def receive(
    conn: Conn, tenant: TenantId, pair: Pair, new: NewMessage, *, policy: Policy, now: datetime, source: str = "twilio",
    inbox_id: int | None = None, contact_name: str | None = None,
) -> Receipt:  # fmt: skip
    """Keep a contact's message in the pair's open conversation, which it resumes, or in a new one if none is open.

    An afterthought reopens the conversation that a farewell has just closed. A message whose `provider_sid` is known is not
    added again, however many deliver it at once (docs/domain.md, rule 21).
    """
    assert new.provider_sid, "what a provider delivers has a name there"
    conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, %s))", [new.provider_sid, tenant])
    last = store.find_open(conn, tenant, pair, lock=True) or store.find_last(conn, tenant, pair)
    # Asked under the conversation's lock, the only one that bulk_receiving.receive takes.
    if known := messages.by_provider_sid(conn, tenant, new.provider_sid):
        return Receipt(known, get_conversation(conn, tenant, known.conversation_id), is_new=False)
    if last is None:
        opened = open_conversation(
            conn, tenant, pair, policy=policy, by="contact", now=now, source=source, inbox_id=inbox_id
        )
        conversation = opened.conversation
    elif last.is_open:
        conversation = last
    else:
        conversation = messages.follow_up(
            conn, tenant, last, new, policy=policy, by="contact", now=now, source=source, inbox_id=inbox_id
        )
    # We answer to the spelling that the provider uses, whichever opened the conversation (docs/domain.md, rule 24).
    conversation = replace(conversation, contact_address=pair.contact.text)
    message, conversation = messages.put(conn, tenant, conversation, new, policy=policy, by="contact", now=now)
    if contact_name and conversation.contact_id:
        store.name_contact(conn, tenant, conversation.contact_id, contact_name)
    return Receipt(message, conversation, is_new=True)


def ask_for_reaction(conn: Conn, tenant: TenantId, conversation_id: int, message_id: int) -> None:
    """Enqueue the search for a reaction to the message. Jobs of one conversation run one after another, in order."""
    enqueue(conn, REACT, lock=f"conversation {tenant} {conversation_id}", tenant_id=tenant,
            conversation_id=conversation_id, message_id=message_id)  # fmt: skip


def react(
    conn: Conn, tenant: TenantId, conversation_id: int, message_id: int, *, policy: Policy, now: datetime
) -> Reaction:
    """Check whether the message ends its conversation, unless the contact has written again. A second call does no harm."""
    conversation = get_conversation(conn, tenant, conversation_id, lock=True)
    message = messages.newest_of_contact(conn, tenant, conversation_id)
    if not conversation.is_open or message is None or message.id != message_id:
        return Reaction(conversation)
    conversation = ending.consider_end(conn, tenant, conversation, message, policy=policy, now=now)
    if not _may_ask(conversation, message_id, policy):
        return Reaction(conversation)
    asked = replace(conversation, context={**(conversation.context or {}), ASKED: True})
    return Reaction(save(conn, tenant, asked, now=now), policy.question)


def _may_ask(conversation: Conversation, message_id: int, policy: Policy) -> bool:
    """Whether to ask the contact if the conversation may be closed: once, over Twilio, and only if the tenant wants it."""
    return (
        policy.question is not None
        and conversation.is_open
        and conversation.source == "twilio"
        and not conversation.pair.contact.is_service
        and ending.awaits_confirmation(conversation, message_id)
        and not (conversation.context or {}).get(ASKED)
    )
