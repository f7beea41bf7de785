"""Remarketing for integrators: /segments, /drafts, /consents (docs/remarketing.md)."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from prosa.api.access import may
from prosa.api.conversation_models import Number
from prosa.api.conversations import clock
from prosa.api.limits import LARGEST_ID, Id, LimitedRoute, in_utc
from prosa.api.paging import Cursor, Limit, only_id, page_of
from prosa.api.problems import PROBLEMS
from prosa.api.remarketing_models import (
    Choice,
    ConsentIn,
    ConsentList,
    ConsentOut,
    DoneOut,
    DraftChange,
    DraftIn,
    DraftOut,
    DraftPage,
    DraftWritten,
    RejectIn,
    ScheduleIn,
    SegmentIn,
    SegmentList,
    SegmentOut,
    SizeOut,
)
from prosa.api.session import AppSettings, Caller, Db
from prosa.conversations import addresses, aliases
from prosa.db import Role
from prosa.errors import Invalid
from prosa.remarketing import consents, policy, reach, segments, service, sizes, store, whatsapp_templates
from prosa.remarketing.consents import ConsentOrigin
from prosa.remarketing.definition import define
from prosa.remarketing.model import DraftState, Reason
from prosa.remarketing.service import Done, NewDraft
from prosa.remarketing.store import DraftFilter
from prosa.tenancy.model import ApiKeyHolder

router = APIRouter(tags=["remarketing"], route_class=LimitedRoute, responses=PROBLEMS)
Reader = Annotated[Caller, Depends(may("remarketing:read", repeatable=("state",)))]
Writer = Annotated[Caller, Depends(may("remarketing:write", write=True))]
States = Annotated[list[DraftState] | None, Query(alias="state", max_length=20)]
AnId = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.post("/segments", status_code=201, summary="Save a segment")
def add_segment(given: SegmentIn, caller: Writer, db: Db) -> SegmentOut:
    """422 for a definition that cannot be understood, 409 where the name is taken."""
    definition = define(given.definition)
    with db.tenant(caller.tenant_id) as conn:
        return SegmentOut.of(segments.save(conn, caller.tenant_id, given.name, definition, actor=caller.actor))


@router.get("/segments", summary="List segments")
def list_segments(caller: Reader, db: Db) -> SegmentList:
    """By name, without their sizes."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        return SegmentList(items=[SegmentOut.of(each) for each in segments.list_segments(conn, caller.tenant_id)])


@router.get("/segments/{segment_id}", summary="A segment and its size now")
def get_segment(segment_id: Id, caller: Reader, db: Db, settings: AppSettings) -> SegmentOut:
    """Counted for this answer."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = segments.get(conn, caller.tenant_id, segment_id)
        now, rules = clock(), policy.read(conn, caller.tenant_id)
        [size] = sizes.sizes(conn, caller.tenant_id, [found.definition], now=now)
        reachable = reach.count(
            conn, caller.tenant_id, found.definition, policy=rules, secret_keys=settings.secret_keys, now=now
        )
    return SegmentOut.of(found, SizeOut(**vars(size), reachable=reachable))


@router.put("/segments/{segment_id}", summary="Change a segment")
def change_segment(segment_id: Id, given: SegmentIn, caller: Writer, db: Db) -> SegmentOut:
    """Campaigns that use it go on with the new description."""
    definition = define(given.definition)
    with db.tenant(caller.tenant_id) as conn:
        return SegmentOut.of(segments.save(
            conn, caller.tenant_id, given.name, definition, actor=caller.actor, segment_id=segment_id
        ))  # fmt: skip


@router.delete("/segments/{segment_id}", status_code=204, summary="Forget a segment")
def delete_segment(segment_id: Id, caller: Writer, db: Db) -> None:
    """409 where a campaign uses it."""
    with db.tenant(caller.tenant_id) as conn:
        segments.delete(conn, caller.tenant_id, segment_id, actor=caller.actor)


@router.post("/drafts", status_code=201, summary="Write a draft")
def write(given: DraftIn, caller: Writer, db: Db) -> DraftWritten:
    """Nothing is sent before it is approved and scheduled. 409 where the contact cannot be reached by WhatsApp or SMS.

    `warnings` name what would forbid sending it now, such as a template that is not approved.
    """
    if (given.body is None) == (given.whatsapp_template_id is None):
        raise Invalid("A draft has a body, or a WhatsApp template with its variables.")
    new = NewDraft(given.body or "", given.whatsapp_template_id, given.variables)
    with db.tenant(caller.tenant_id) as conn:
        draft = service.write(conn, caller.tenant_id, given.conversation_id, new, by=caller.actor, now=clock())
        may_leave = whatsapp_templates.may_leave(conn, caller.tenant_id, draft.whatsapp_template_id, draft.via)
    return DraftWritten(**vars(DraftOut.of(draft)), warnings=[] if may_leave else [Reason.TEMPLATE_NOT_APPROVED])


@router.get("/drafts", summary="List drafts")
def list_drafts(
    caller: Reader, db: Db, state: States = None, campaign_id: AnId = None, conversation_id: AnId = None,
    limit: Limit = 50, cursor: Cursor = None,
) -> DraftPage:  # fmt: skip
    """The newest first."""
    where = DraftFilter(tuple(state or ()), campaign_id, conversation_id)
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = store.page(conn, caller.tenant_id, where, before_id=only_id(cursor) or None, limit=limit + 1)
    page, following = page_of(found, limit, lambda last: (last.id,))
    return DraftPage(items=[DraftOut.of(draft) for draft in page], next_cursor=following)


@router.get("/drafts/{draft_id}", summary="One draft")
def get_draft(draft_id: Id, caller: Reader, db: Db) -> DraftOut:
    """404 where it does not exist or is another tenant's."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        return DraftOut.of(store.get(conn, caller.tenant_id, draft_id))


@router.patch("/drafts/{draft_id}", summary="Change a draft")
def edit(draft_id: Id, given: DraftChange, caller: Writer, db: Db) -> DraftOut:
    """It must be approved again then. 409 where it is not the version that was read, or a sender has it."""
    with db.tenant(caller.tenant_id) as conn:
        return DraftOut.of(service.edit(
            conn, caller.tenant_id, draft_id, version=given.version, by=caller.actor, now=clock(), body=given.body,
            variables=given.variables,
        ))  # fmt: skip


@router.post("/drafts/approve", summary="Approve drafts")
def approve(given: Choice, caller: Writer, db: Db) -> DoneOut:
    """As they were read, where `versions` are given."""
    return _decide(service.approve, given, caller, db)


@router.post("/drafts/take-back", summary="Take an approval back")
def take_back(given: Choice, caller: Writer, db: Db) -> DoneOut:
    """Approved and scheduled drafts are drafts again. Those that a sender has already are refused."""
    return _decide(service.take_back, given, caller, db)


@router.post("/drafts/reject", summary="Reject drafts")
def reject(given: RejectIn, caller: Writer, db: Db) -> DoneOut:
    """They are never sent."""
    return _decide(service.reject, given, caller, db, reason=given.reason)


@router.post("/drafts/schedule", summary="Have approved drafts sent")
def schedule(given: ScheduleIn, caller: Writer, db: Db) -> DoneOut:
    """At `at` or now; suppression, consent, the 24-hour window, caps and quiet hours are asked again when they are sent."""
    at = in_utc(given.at, "body.at")
    with db.tenant(caller.tenant_id) as conn:
        rules = policy.read(conn, caller.tenant_id)
        return _done(service.schedule(
            conn, caller.tenant_id, given.ids, policy=rules, by=caller.actor, now=clock(), at=at, versions=given.versions
        ))  # fmt: skip


@router.post("/drafts/unschedule", summary="Take drafts off the schedule")
def unschedule(given: Choice, caller: Writer, db: Db) -> DoneOut:
    """They stay approved. Drafts that a sender has already are refused."""
    return _decide(service.unschedule, given, caller, db)


@router.post("/consents", status_code=201, summary="Add a consent, or its withdrawal, to the ledger")
def add_consent(given: ConsentIn, caller: Writer, db: Db) -> ConsentOut:
    """The newest statement of a contact holds."""
    now = clock()
    at = in_utc(given.at, "body.at") or now
    if at > now:
        raise Invalid("A statement cannot have been made in the time to come.")
    origin = ConsentOrigin.API if isinstance(caller, ApiKeyHolder) else ConsentOrigin.PERSON
    with db.tenant(caller.tenant_id) as conn:
        return ConsentOut.of(consents.record(
            conn, caller.tenant_id, given.phone, granted=given.granted, origin=origin, evidence=given.evidence,
            actor=caller.actor, at=at,
        ))  # fmt: skip


@router.get("/consents", summary="What a contact stated")
def list_consents(caller: Reader, db: Db, settings: AppSettings, phone: Annotated[Number, Query()]) -> ConsentList:
    """In any spelling of the number; an empty list where the contact stated nothing."""
    key = addresses.parse(phone).key
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        names = aliases.names(conn, caller.tenant_id, key, settings.secret_keys)
        return ConsentList(items=[ConsentOut.of(each) for each in consents.history(conn, caller.tenant_id, names)])


def _decide(verb: Callable[..., Done], given: Choice, caller: Writer, db: Db, **how: Any) -> DoneOut:
    """Do it to the chosen drafts, as they were read."""
    with db.tenant(caller.tenant_id) as conn:
        return _done(verb(
            conn, caller.tenant_id, given.ids, by=caller.actor, now=clock(), versions=given.versions, **how
        ))  # fmt: skip


def _done(done: Done) -> DoneOut:
    return DoneOut(items=[DraftOut.of(draft) for draft in done.drafts], refused=done.refused)
