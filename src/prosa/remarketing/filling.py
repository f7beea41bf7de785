"""Fills a campaign: contacts join it, each in an arm, and a draft is made for each who is to be written to.

Joining and writing are two steps: the language model is asked in between, and no transaction stays open meanwhile. A process
that dies between them leaves members without a draft. The next run writes to them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from prosa.db import Conn, Database, TenantId, fetch_all
from prosa.errors import Invalid, NotFound
from prosa.remarketing import (
    campaigns,
    gate,
    matching,
    message_templates,
    policy,
    recipients,
    segments,
    service,
    store,
    whatsapp_templates,
)
from prosa.remarketing.campaign_model import Campaign, CampaignState, Variant, variant_of
from prosa.remarketing.model import Author, DraftState, Reason
from prosa.remarketing.policy import Policy
from prosa.remarketing.recipients import Recipient, Unreachable
from prosa.remarketing.service import NewDraft
from prosa.remarketing.whatsapp_templates import WhatsAppTemplate
from prosa.remarketing.writing import Context, by_ai, by_template, context

BY = "job:remarketing"
PAGE = 200
MARGIN = timedelta(hours=1)  # the window must stay open this long for free text: somebody has to approve it first
ByAi = Callable[..., NewDraft | None]


@dataclass(frozen=True)
class Filled:
    """What a run did: contacts who joined, and drafts that were written, suppressed at once, or could not be worded."""

    joined: int = 0
    written: int = 0
    suppressed: int = 0
    unworded: int = 0


@dataclass(frozen=True)
class Member:
    """A contact of a campaign who is to be written to, and in which variant."""

    contact_key: str
    conversation_id: int
    variant: str


@dataclass(frozen=True)
class _Run:
    """What holds for all members to whom one run writes."""

    tenant: TenantId
    campaign: Campaign
    rules: Policy
    secret_keys: Sequence[str]
    now: datetime


@dataclass(frozen=True)
class _Task:
    """What the wording of one member's message needs. `forbidden`: why there is to be none."""

    recipient: Recipient
    variant: Variant
    forbidden: Reason | None
    given: Context
    template: WhatsAppTemplate | None
    body: str | None


def fill(
    db: Database, tenant: TenantId, campaign_id: int, *, secret_keys: Sequence[str], now: datetime, limit: int = PAGE,
    write: ByAi = by_ai,
) -> Filled:  # fmt: skip
    """Let up to `limit` contacts join an active campaign, and write to those who wait. Does nothing for a paused one."""
    with db.tenant(tenant) as conn:
        rules = policy.read(conn, tenant)
        campaign = campaigns.get(conn, tenant, campaign_id, lock="for share")  # nobody changes its arms while some join
        if not rules.is_on or campaign.state is not CampaignState.ACTIVE:
            return Filled()
        joined = join(conn, tenant, campaign, now=now, limit=limit)
        members = waiting(conn, tenant, campaign_id, limit=limit)
    run = _Run(tenant, campaign, rules, secret_keys, now)
    outcomes = [_write(db, run, member, write) for member in members]
    return Filled(
        joined, outcomes.count(DraftState.DRAFTED), outcomes.count(DraftState.SUPPRESSED), outcomes.count(None)
    )


def join(conn: Conn, tenant: TenantId, campaign: Campaign, *, now: datetime, limit: int) -> int:
    """Let up to `limit` contacts of the segment join, each once, in the arm that their hash draws. Returns how many joined.

    Nobody joins once the members to be written to are as many as the campaign's cap.
    """
    wanted = segments.get(conn, tenant, campaign.segment_id).definition
    page = partial(matching.members, conn, tenant, wanted, now=now, limit=PAGE, not_in_campaign=campaign.id)
    room, joined, found = _room(conn, tenant, campaign), 0, page()
    while found:
        for member in found:
            if joined >= limit or room <= 0:
                return joined
            arm = _join(conn, tenant, campaign, member.conversation_id, now=now)
            joined, room = joined + (arm is not None), room - bool(arm)
        found = page(after=found[-1]) if len(found) == PAGE else []
    return joined


def _room(conn: Conn, tenant: TenantId, campaign: Campaign) -> int:
    row = conn.execute(
        "select count(*) from campaign_members where tenant_id = %s and campaign_id = %s and variant is not null",
        [tenant, campaign.id],
    ).fetchone()
    assert row is not None
    return (campaign.cap or 2**62) - int(row[0])


def _join(conn: Conn, tenant: TenantId, campaign: Campaign, conversation_id: int, *, now: datetime) -> str | None:
    """The arm that the conversation's contact joined: a variant's name, "" for the holdout group; None if they did not join."""
    try:
        recipient = recipients.find(conn, tenant, conversation_id)
    except (Unreachable, NotFound):
        return None
    variant = variant_of(campaign, tenant, recipient.address.key)
    added = conn.execute(
        """insert into campaign_members (tenant_id, campaign_id, contact_key, conversation_id, variant, joined_at)
           values (%s, %s, %s, %s, %s, %s) on conflict do nothing""",
        [tenant, campaign.id, recipient.address.key, conversation_id, variant and variant.name, now],
    ).rowcount
    return (variant.name if variant else "") if added else None


def waiting(conn: Conn, tenant: TenantId, campaign_id: int, *, limit: int) -> list[Member]:
    """Members who are to be written to and have no draft yet, in the order in which they joined."""
    sql = """select m.contact_key, m.conversation_id, m.variant from campaign_members m
             where m.tenant_id = %(tenant)s and m.campaign_id = %(campaign)s and m.variant is not null and not exists (
               select from drafts d where d.tenant_id = m.tenant_id and d.campaign_id = m.campaign_id
                 and d.contact_key = m.contact_key)
             order by m.joined_at, m.contact_key limit %(limit)s"""
    return fetch_all(conn, Member, sql, {"tenant": tenant, "campaign": campaign_id, "limit": limit})


def _write(db: Database, run: _Run, member: Member, write: ByAi) -> DraftState | None:
    """The state of the member's new draft; None where there is no draft, or not yet."""
    with db.tenant(run.tenant) as conn:
        task = _prepare(conn, run, member)
    if task is None:
        return None
    reason: str | None = task.forbidden
    new = None if reason else _word(db, run.tenant, task, write)
    if isinstance(new, Invalid):
        reason = str(new)
    elif new is None and not reason:
        return None  # the language model has no answer now: the next run asks again
    with db.tenant(run.tenant) as conn:
        if reason or not isinstance(new, NewDraft):
            return _give_up(conn, run, task, reason or "")
        return _keep(conn, run, task, new)


def _prepare(conn: Conn, run: _Run, member: Member) -> _Task | None:
    """Read what the wording needs; None for a contact who cannot be reached any more.

    Outside the window there must be a WhatsApp template. Inside it the variant's free text goes out, if it has one.
    """
    tenant, campaign, rules = run.tenant, run.campaign, run.rules
    try:
        recipient = recipients.find(conn, tenant, member.conversation_id, via_csv=campaign.via_csv)
    except (Unreachable, NotFound):
        return None
    variant = next(variant for variant in campaign.variants if variant.name == member.variant)
    standing = recipients.standing(
        conn,
        tenant,
        recipient.address.key,
        conversation_id=recipient.conversation_id,
        converted_since=run.now - rules.attribution,
    )
    closes = recipients.window_closes(standing.written_here_at)
    is_open = recipient.channel != "whatsapp" or (closes is not None and closes > run.now + MARGIN)
    has_text = variant.author is Author.AI or variant.message_template_id is not None
    is_free = is_open and has_text
    own = variant.message_template_id if is_free and variant.author is Author.TEMPLATE else None
    wanted = None if is_free else variant.whatsapp_template_id
    template = whatsapp_templates.get(conn, tenant, wanted) if wanted else None
    forbidden = gate.refuses(conn, tenant, recipient, standing, rules, secret_keys=run.secret_keys)
    if template and not (recipient.channel == "whatsapp" and template.leaves(recipient.via)):
        forbidden = forbidden or Reason.TEMPLATE_NOT_APPROVED
    elif not is_free and not template:
        forbidden = forbidden or Reason.WINDOW_CLOSED
    return _Task(
        recipient, variant, forbidden, context(conn, tenant, member.conversation_id, rules), template,
        message_templates.get(conn, tenant, own).body if own else None,
    )  # fmt: skip


def _word(db: Database, tenant: TenantId, task: _Task, write: ByAi) -> NewDraft | Invalid | None:
    """The wording. None if the model has no answer; the error if the tenant's template does not fit this contact."""
    if task.variant.author is Author.AI:
        return write(db, tenant, task.given, instructions=task.variant.instructions, template=task.template)
    try:
        return by_template(task.given, body=task.body, template=task.template, variables=task.variant.variables)
    except Invalid as error:
        return error


def _keep(conn: Conn, run: _Run, task: _Task, new: NewDraft) -> DraftState | None:
    """Add the draft; None where another run has added the contact's meanwhile."""
    tenant, campaign, now = run.tenant, run.campaign, run.now
    named = replace(new, campaign_id=campaign.id, variant=task.variant.name)
    draft = service.create(conn, tenant, task.recipient, named, by=BY, now=now)
    if draft is None:
        return None
    if campaign.auto_approve:
        service.approve(conn, tenant, [draft.id], by=f"campaign:{campaign.id}", now=now)
        service.schedule(conn, tenant, [draft.id], policy=run.rules, by=f"campaign:{campaign.id}", now=now)
    return DraftState.DRAFTED


def _give_up(conn: Conn, run: _Run, task: _Task, reason: str) -> DraftState:
    """Keep the reason why nothing is sent, as a draft: the screens show it among the others."""
    state = DraftState.SUPPRESSED if task.forbidden else DraftState.FAILED
    store.insert(conn, run.tenant, {
        **service.of_recipient(task.recipient), "campaign_id": run.campaign.id, "variant": task.variant.name, "body": "",
        "author": task.variant.author, "created_by": BY, "state": state, "reason": reason[:300],
    }, now=run.now)  # fmt: skip
    return state
