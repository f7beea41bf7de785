"""The routes of /conversions. A conversion is recorded by a person, a label rule or a list, never by an estimate of the AI."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, model_validator

from prosa.api.access import may
from prosa.api.conversation_models import Number
from prosa.api.conversations import IdempotencyKey, clock
from prosa.api.limits import LARGEST_ID, Id, LimitedRoute, Text, in_utc
from prosa.api.paging import Cursor, Limit, only_id, page_of
from prosa.api.problems import PROBLEMS
from prosa.api.schema import Shown, example
from prosa.api.session import Caller, Db
from prosa.db import Role
from prosa.errors import Conflict, NotFound
from prosa.facts import conversions, outcomes
from prosa.facts.conversions import Stated
from prosa.facts.outcomes import Origin, OutcomeKind
from prosa.tenancy.model import ApiKeyHolder

router = APIRouter(prefix="/conversions", tags=["conversions"], route_class=LimitedRoute, responses=PROBLEMS)
Reader = Annotated[Caller, Depends(may("conversions:read"))]
Writer = Annotated[Caller, Depends(may("conversions:write", write=True))]


class ConversionIn(BaseModel):
    """A visit or a conversion, of a conversation or of the contact with this number or e-mail address."""

    model_config = example(phone="+5511987654321", kind="conversion", at="2026-03-02T18:00:00-03:00", amount="199.90",
                           currency="BRL", reference="pedido-1234")  # fmt: skip
    conversation_id: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    phone: Number | None = None
    email: Annotated[Text, Field(max_length=254)] | None = None
    kind: OutcomeKind = OutcomeKind.CONVERSION
    at: Annotated[
        datetime | None, Field(description="When it happened; now where left out, UTC without an offset.")
    ] = None
    reference: Annotated[Text, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Your own name for it, such as an order's number: a repeated request states nothing new."
    )
    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    note: Annotated[Text, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if sum(given is not None for given in (self.conversation_id, self.phone, self.email)) != 1:
            raise ValueError("name the conversation_id, the phone or the email, and one of them only")
        return self


class ConversionOut(Shown):
    """An outcome. `origin` says who stated it; `referral` is the click-to-WhatsApp ad that it goes back to."""

    id: int
    conversation_id: int
    kind: OutcomeKind
    at: datetime
    origin: Origin
    reference: str | None
    amount: Decimal | None
    currency: str | None
    note: str
    referral: dict[str, str] | None


class ConversionPage(BaseModel):
    """The last stated first."""

    items: list[ConversionOut]
    next_cursor: str | None


@router.post("", status_code=201, summary="State a visit or a conversion",
             responses={200: {"model": ConversionOut, "description": "It was stated before, under this reference"}})  # fmt: skip
def state(
    given: ConversionIn, caller: Writer, db: Db, response: Response, idempotency_key: IdempotencyKey = None
) -> ConversionOut:
    """Of a contact, it belongs to their last conversation begun before it. Both forms of the ninth digit find them.

    404 where nobody is found, 409 where it was taken back. The header Idempotency-Key stands for a reference where there is none.
    """
    now = clock()
    at = in_utc(given.at, "body.at") or now
    stated = Stated(given.kind, at, given.note, given.reference or idempotency_key, given.amount, given.currency)
    origin = Origin.API if isinstance(caller, ApiKeyHolder) else Origin.PERSON
    with db.tenant(caller.tenant_id) as conn:
        conversation = given.conversation_id or conversions.find_conversation(
            conn, caller.tenant_id, phone=given.phone, email=given.email, at=at
        )
        if conversation is None:
            raise NotFound("There is no conversation with this contact.")
        found = conversions.record(
            conn, caller.tenant_id, conversation, stated, origin=origin, actor=caller.actor, now=now
        )
    if found.outcome is None:
        raise Conflict("It was stated before and taken back.")
    if not found.is_new:
        response.status_code = 200
    return ConversionOut.of(found.outcome)


@router.get("", summary="List visits and conversions")
def list_(caller: Reader, db: Db, limit: Limit = 50, cursor: Cursor = None) -> ConversionPage:
    """Whoever stated them, the last stated first."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = outcomes.page(conn, caller.tenant_id, before_id=only_id(cursor) or None, limit=limit + 1)
    page, following = page_of(found, limit, lambda last: (last.id,))
    return ConversionPage(
        items=[ConversionOut.of(outcome) for outcome in page],
        next_cursor=following,
    )


@router.delete("/{conversion_id}", status_code=204, summary="Take a visit or a conversion back")
def undo(conversion_id: Id, caller: Writer, db: Db) -> None:
    """It stays taken back when it is told again."""
    with db.tenant(caller.tenant_id) as conn:
        conversions.undo(conn, caller.tenant_id, conversion_id, actor=caller.actor, now=clock())
