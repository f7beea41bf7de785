"""The messages of a conversation: read, write, send again. What follows from one is done by jobs."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from prosa.api.conversation_models import MessageAdded, MessageIn, MessageOut, MessagePage
from prosa.api.conversations import IdempotencyKey, Reader, Writer, clock
from prosa.api.delivery_models import DeliveryOut
from prosa.api.limits import Id, LimitedRoute, address
from prosa.api.paging import Cursor, Limit, only_id, page_of
from prosa.api.problems import PROBLEMS
from prosa.api.session import AppSettings, Caller, Db
from prosa.assistant import service as assistant
from prosa.conversations import addresses, media, messages, outbox, policy, service
from prosa.conversations.messages import Receipt
from prosa.conversations.model import Conversation, Direction, KeyReused, NewMessage, Owner
from prosa.conversations.outbox import Content
from prosa.dashboards.i18n import choose_locale
from prosa.db import Conn, Role
from prosa.errors import Invalid
from prosa.sending import service as sending_service
from prosa.sending import store as sending
from prosa.sending.parts import split

router = APIRouter(prefix="/conversations", tags=["conversations"], route_class=LimitedRoute, responses=PROBLEMS)


def readers_locale(accept_language: Annotated[str | None, Header(max_length=1000)] = None) -> str:
    """The reader's preferred language for the words of an answer: Portuguese, or English."""
    return choose_locale(None, accept_language)


Locale = Annotated[str, Depends(readers_locale)]


@router.get("/{conv_id}/messages", summary="The messages of a conversation")
def list_messages(
    conv_id: Id, caller: Reader, db: Db, locale: Locale, limit: Limit = 50, cursor: Cursor = None
) -> MessagePage:
    """In the order in which they were added."""
    after = only_id(cursor)
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        conversation = service.get_conversation(conn, caller.tenant_id, conv_id)
        found = messages.list_messages(conn, caller.tenant_id, conv_id, after=after, limit=limit + 1)
        ids = [message.id for message in found]
        ways = sending.of_messages(conn, caller.tenant_id, ids)
        files = media.of_messages(conn, caller.tenant_id, ids)
    page, following = page_of(found, limit, lambda last: (last.id,))
    return MessagePage(
        items=[
            MessageOut.of(each, conversation, ways.get(each.id), files.get(each.id, ()), locale=locale) for each in page
        ],
        next_cursor=following,
    )


@router.post("/{conv_id}/messages", status_code=201, summary="Add a message",
             responses={200: {"model": MessageAdded, "description": "This idempotency key was used before"}})  # fmt: skip
def add_message(
    conv_id: Id, given: MessageIn, caller: Writer, db: Db, settings: AppSettings, locale: Locale, response: Response,
    idempotency_key: IdempotencyKey = None,
) -> MessageAdded:  # fmt: skip
    """Keeps a message.

    One of yours (`agent`, `support`) is sent if your number is connected to Twilio: `delivery` tells how far it has come. If
    its text is longer than the 1,600 characters that Twilio takes, it is kept and sent as several messages, cut between
    sentences: `parts` names them. A message to a closed conversation goes to the one that follows it.

    The contact's farewell may close the conversation (state user_closed); an afterthought within five minutes reopens it. A
    conversation that was paused is resumed.
    """
    with db.tenant(caller.tenant_id) as conn:
        conversation = service.get_conversation(conn, caller.tenant_id, conv_id)
        _check_ends(given, conversation)
        ours = policy.read(conn, caller.tenant_id, settings)
        receipts = []
        for number, new in enumerate(_parts(conn, caller, conversation, given, idempotency_key)):
            receipt = messages.add_message(
                conn, caller.tenant_id, conv_id, new, policy=ours, by=caller.actor, now=clock()
            )  # fmt: skip
            if receipt.is_new:
                _follow_up(conn, caller, receipt, given.content if number == 0 else None)
            receipts.append(receipt)
        _check_same(conn, caller, receipts, given, idempotency_key)
        delivery = sending.find(conn, caller.tenant_id, receipts[0].message.id)
    if not receipts[0].is_new:
        response.status_code = 200
    return MessageAdded.from_receipts(receipts, caller.tenant_slug, delivery, locale)


@router.post("/{conv_id}/messages/{message_id}/retry", status_code=202, summary="Send a message again")
def retry_message(conv_id: Id, message_id: Id, caller: Writer, db: Db, locale: Locale) -> DeliveryOut:
    """For a message that failed, was refused, or whose outcome is unknown: then the contact may get it twice.

    404 for a message that was never to be sent, 409 for one that is on its way or has arrived.
    """
    with db.tenant(caller.tenant_id) as conn:
        service.get_conversation(conn, caller.tenant_id, conv_id)
        retried = sending_service.retry(
            conn, caller.tenant_id, message_id, conversation_id=conv_id, by=caller.actor, now=clock()
        )
    return DeliveryOut.of(retried, locale)


def _parts(
    conn: Conn, caller: Caller, conversation: Conversation, given: MessageIn, key: str | None
) -> list[NewMessage]:
    """The messages to add: several if Twilio sends the text and it is too long for one. Each has a key of its own.

    A caller's key holds no spaces, so the key of a part can never be a caller's.
    """
    is_free_text = given.message_owner in outbox.OUTGOING and given.template is None
    is_sent = is_free_text and outbox.is_connected(conn, caller.tenant_id, conversation)
    bodies = split(given.body) if is_sent else [given.body]
    keys = [key and (key if number == 0 else f"{key} {number}") for number in range(len(bodies))]
    return [NewMessage(given.message_owner, body, key) for body, key in zip(bodies, keys, strict=True)]


def _check_same(conn: Conn, caller: Caller, receipts: Sequence[Receipt], given: MessageIn, key: str | None) -> None:
    """Raise KeyReused if the key named a text of more or fewer parts, or one with another template or other media."""
    first = receipts[0]
    same = len({receipt.is_new for receipt in receipts}) == 1
    if same and not first.is_new:
        same = outbox.content_of(conn, caller.tenant_id, first.message.id) == (given.content or Content())
        same = same and not messages.is_key_used(conn, caller.tenant_id, f"{key} {len(receipts)}")
    if not same:
        raise KeyReused(messages.USED)


def _follow_up(conn: Conn, caller: Caller, receipt: Receipt, content: Content | None) -> None:
    """Start what a new message leads to: the assistant's work, or its sending. Raises Invalid if its content cannot be sent."""
    if receipt.message.owner is Owner.USER:
        assistant.request(conn, caller.tenant_id, receipt.conversation.id, receipt.message.id)
    is_sent = outbox.post(conn, caller.tenant_id, receipt, content, now=clock())
    if content and not is_sent:
        at = "body.template" if content.content_sid else "body.media_urls"
        raise Invalid("template and media_urls need a number of yours that is connected to Twilio.", at=at)


def _check_ends(given: MessageIn, conversation: Conversation) -> None:
    """Raise Invalid where the message names another conversation or other numbers than its conversation's."""
    if given.conv_id is not None and given.conv_id != conversation.id:
        raise Invalid("conv_id must be the conversation of the address.", at="body.conv_id")
    ends = (conversation.contact_key, conversation.our_key)
    sender, receiver = ends if given.direction is Direction.INBOUND else ends[::-1]
    for name, number, key in (("from_number", given.from_number, sender), ("to_number", given.to_number, receiver)):
        if number is not None and address(number, f"body.{name}", read=addresses.of_sender).key != key:
            raise Invalid(
                f"{name} is not this conversation's, for a message that is {given.direction}.", at=f"body.{name}"
            )
