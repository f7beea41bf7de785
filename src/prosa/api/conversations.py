"""The conversation API: open, read, close, extend (messages: `prosa.api.messages`).

Sources' conversations are read by /analytics instead.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from prosa.api.access import check_owner, may
from prosa.api.conversation_models import (
    Channel,
    CloseIn,
    ConversationIn,
    ConversationOut,
    ConversationPage,
    ExtendIn,
)
from prosa.api.limits import Id, LimitedRoute, address, in_utc
from prosa.api.paging import Cursor, Limit, page_of, time_and_id
from prosa.api.problems import PROBLEMS
from prosa.api.session import AppSettings, Caller, Db
from prosa.conversations import addresses, policy, service, store
from prosa.conversations.model import Owner, Pair
from prosa.conversations.states import State
from prosa.db import Role
from prosa.errors import Invalid
from prosa.tenancy.model import ApiKeyHolder

router = APIRouter(prefix="/conversations", tags=["conversations"], route_class=LimitedRoute, responses=PROBLEMS)

Reader = Annotated[Caller, Depends(may("conversations:read"))]
Writer = Annotated[Caller, Depends(may("conversations:write", write=True))]

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$",
           description="Your name for this message. A repeated request gets the first one's message."),
]  # fmt: skip


def clock() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


@router.post("/", status_code=201, summary="Open a conversation, or get the open one",
             responses={200: {"model": ConversationOut, "description": "It was open already"}})  # fmt: skip
def open_(given: ConversationIn, caller: Writer, db: Db, settings: AppSettings, response: Response) -> ConversationOut:
    """201 and a new conversation, or 200 and the open one of these two numbers, in any spelling of them."""
    check_owner(caller, given.owner_id)
    pair = _pair(given)
    with db.tenant(caller.tenant_id) as conn:
        ours = policy.read(conn, caller.tenant_id, settings)
        opened = service.open_conversation(conn, caller.tenant_id, pair, policy=ours, by=caller.actor, now=clock())
    response.headers["Location"] = f"{router.prefix}/{opened.conversation.id}"
    if not opened.is_new:
        response.status_code = 200
    return ConversationOut.of(opened.conversation, caller.tenant_slug)


@router.get("/", summary="List conversations")
def list_(
    caller: Reader, db: Db,
    state: State | None = None,
    channel: Annotated[Channel | None, Query()] = None,
    contact: Annotated[str | None, Query(max_length=addresses.LONGEST, description="In any spelling.")] = None,
    created_from: Annotated[datetime | None, Query(description="Inclusive; UTC where it has no offset.")] = None,
    created_until: Annotated[datetime | None, Query(description="Exclusive; likewise.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ConversationPage:  # fmt: skip
    """Newest first. New conversations never shift the following pages."""
    where = store.Filter(
        state, channel,
        address(contact, "query.contact", read=addresses.of_sender).key if contact is not None else None,
        in_utc(created_from, "query.created_from"), in_utc(created_until, "query.created_until"),
    )  # fmt: skip
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = store.page(conn, caller.tenant_id, where, before=time_and_id(cursor), limit=limit + 1)
    page, following = page_of(found, limit, lambda last: (last.created_at, last.id))
    return ConversationPage(
        items=[ConversationOut.of(conversation, caller.tenant_slug) for conversation in page],
        next_cursor=following,
    )


@router.get("/{conv_id}", summary="One conversation")
def get(conv_id: Id, caller: Reader, db: Db) -> ConversationOut:
    """404 where it does not exist or is another tenant's."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        return ConversationOut.of(service.get_conversation(conn, caller.tenant_id, conv_id), caller.tenant_slug)


@router.post("/{conv_id}/close", summary="Close a conversation")
def close(conv_id: Id, caller: Writer, db: Db, given: CloseIn | None = None) -> ConversationOut:
    """409 where it is closed already."""
    given = given or CloseIn()
    usual = Owner.SUPPORT if isinstance(caller, ApiKeyHolder) else Owner.AGENT
    with db.tenant(caller.tenant_id) as conn:
        closed = service.close(
            conn, caller.tenant_id, conv_id, on_behalf_of=given.by or usual, by=caller.actor, reason=given.reason,
            now=clock(),
        )  # fmt: skip
    return ConversationOut.of(closed, caller.tenant_slug)


@router.post("/{conv_id}/extend", summary="Let a conversation expire later")
def extend(
    conv_id: Id, caller: Writer, db: Db, settings: AppSettings, given: ExtendIn | None = None
) -> ConversationOut:
    """Counted from when it would have expired. 409 where it is closed."""
    minutes = given.minutes if given else None
    with db.tenant(caller.tenant_id) as conn:
        by = timedelta(minutes=minutes) if minutes else policy.read(conn, caller.tenant_id, settings).expiration
        extended = service.extend(conn, caller.tenant_id, conv_id, by=by, now=clock())
    return ConversationOut.of(extended, caller.tenant_slug)


def _pair(given: ConversationIn) -> Pair:
    """Raises BadAddress, and Invalid where both are one address or belong to another channel."""
    contact, ours = address(given.from_number, "body.from_number"), address(given.to_number, "body.to_number")
    if contact.key == ours.key:
        raise Invalid("from_number and to_number must be two different numbers.", at="body.to_number")
    says_whatsapp = addresses.is_whatsapp(given.from_number) or addresses.is_whatsapp(given.to_number)
    if says_whatsapp and given.channel != "whatsapp":
        raise Invalid("A number that begins with whatsapp: belongs to the channel whatsapp.", at="body.channel")
    return Pair(given.channel, contact, ours)
