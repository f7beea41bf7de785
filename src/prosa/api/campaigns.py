"""Campaigns and what they are worded with, for integrators: /campaigns, /templates, /whatsapp-templates (docs/remarketing.md)."""

from fastapi import APIRouter

from prosa.api.campaign_models import (
    CampaignChange,
    CampaignFound,
    CampaignIn,
    CampaignList,
    CampaignOut,
    PreviewOut,
    TemplateIn,
    TemplateList,
    TemplateOut,
    TemplateText,
    WhatsAppTemplateList,
    WhatsAppTemplateOut,
)
from prosa.api.limits import Id, LimitedRoute
from prosa.api.problems import PROBLEMS
from prosa.api.remarketing import Reader, Writer
from prosa.api.session import Db
from prosa.db import Role
from prosa.remarketing import campaigns, effects, message_templates, policy, store, whatsapp_templates, wording
from prosa.remarketing.campaign_model import CampaignState

router = APIRouter(tags=["remarketing"], route_class=LimitedRoute, responses=PROBLEMS)


@router.post("/campaigns", status_code=201, summary="Add a campaign")
def add_campaign(given: CampaignIn, caller: Writer, db: Db) -> CampaignOut:
    """It is paused until its state is changed. 404 for a segment or template that is not there, 409 where the name is taken."""
    with db.tenant(caller.tenant_id) as conn:
        rules = policy.read(conn, caller.tenant_id)
        return CampaignOut.of(campaigns.create(
            conn, caller.tenant_id, given.model_dump(), tenant_variables=rules.variables, actor=caller.actor
        ))  # fmt: skip


@router.get("/campaigns", summary="List campaigns")
def list_campaigns(caller: Reader, db: Db, state: CampaignState | None = None) -> CampaignList:
    """The newest first."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = campaigns.list_campaigns(conn, caller.tenant_id, state=state)
    return CampaignList(items=[CampaignOut.of(each) for each in found])


@router.get("/campaigns/{campaign_id}", summary="A campaign, its drafts by state, and what it caused so far")
def get_campaign(campaign_id: Id, caller: Reader, db: Db) -> CampaignFound:
    """`effects` says in plain words how each variant did against the holdout group, or against the first variant."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        rules = policy.read(conn, caller.tenant_id)
        return CampaignFound.found(
            campaigns.get(conn, caller.tenant_id, campaign_id),
            store.counts(conn, caller.tenant_id, campaign_id=campaign_id),
            effects.report(conn, caller.tenant_id, campaign_id, policy=rules), locale=rules.locale,
        )  # fmt: skip


@router.patch("/campaigns/{campaign_id}", summary="Start, pause or end a campaign, or change it")
def change_campaign(campaign_id: Id, given: CampaignChange, caller: Writer, db: Db) -> CampaignOut:
    """What is left out stays.

    Segment, variants and holdout may change until somebody has joined; after that 409, because the arms could not be compared.
    """
    with db.tenant(caller.tenant_id) as conn:
        rules = policy.read(conn, caller.tenant_id)
        return CampaignOut.of(campaigns.change(
            conn, caller.tenant_id, campaign_id, given, tenant_variables=rules.variables, actor=caller.actor
        ))  # fmt: skip


@router.delete("/campaigns/{campaign_id}", status_code=204, summary="End a campaign for good")
def end_campaign(campaign_id: Id, caller: Writer, db: Db) -> None:
    """What it sent, and what came of it, stays on record. 409 where it has ended before."""
    with db.tenant(caller.tenant_id) as conn:
        campaigns.set_state(conn, caller.tenant_id, campaign_id, CampaignState.ENDED, actor=caller.actor)


@router.post("/templates", status_code=201, summary="Add a message template")
def add_template(given: TemplateIn, caller: Writer, db: Db) -> TemplateOut:
    """422 with the line where it cannot be used, 409 where the name is taken."""
    with db.tenant(caller.tenant_id) as conn:
        rules = policy.read(conn, caller.tenant_id)
        return TemplateOut.of(message_templates.save(
            conn, caller.tenant_id, given.name, given.body, policy=rules, actor=caller.actor
        ))  # fmt: skip


@router.post("/templates/preview", summary="What a template makes of an example contact")
def preview(given: TemplateText, caller: Reader, db: Db) -> PreviewOut:
    """With the company's own variables. Nothing is kept."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        rules = policy.read(conn, caller.tenant_id)
    made = wording.preview(given.body, rules.variables)
    return PreviewOut(text=made.text, variables=made.variables)


@router.get("/templates", summary="List message templates")
def list_templates(caller: Reader, db: Db) -> TemplateList:
    """Those in use, by name."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = message_templates.list_templates(conn, caller.tenant_id)
    return TemplateList(items=[TemplateOut.of(each) for each in found])


@router.get("/templates/{template_id}", summary="One message template")
def get_template(template_id: Id, caller: Reader, db: Db) -> TemplateOut:
    """In use or not."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        return TemplateOut.of(message_templates.get(conn, caller.tenant_id, template_id))


@router.put("/templates/{template_id}", summary="Change a message template")
def change_template(template_id: Id, given: TemplateIn, caller: Writer, db: Db) -> TemplateOut:
    """Drafts that it worded before stay as they are."""
    with db.tenant(caller.tenant_id) as conn:
        rules = policy.read(conn, caller.tenant_id)
        return TemplateOut.of(message_templates.save(
            conn, caller.tenant_id, given.name, given.body, policy=rules, actor=caller.actor, template_id=template_id
        ))  # fmt: skip


@router.delete("/templates/{template_id}", status_code=204, summary="Take a message template out of use")
def archive_template(template_id: Id, caller: Writer, db: Db) -> None:
    """Campaigns that use it keep it."""
    with db.tenant(caller.tenant_id) as conn:
        message_templates.archive(conn, caller.tenant_id, template_id, actor=caller.actor)


@router.get("/whatsapp-templates", summary="List WhatsApp templates with Meta's approval")
def list_whatsapp_templates(caller: Reader, db: Db, approved_only: bool = False) -> WhatsAppTemplateList:
    """As Twilio and Chatwoot showed them last; they are read every hour, and changed there."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        found = whatsapp_templates.list_templates(conn, caller.tenant_id, approved_only=approved_only)
    return WhatsAppTemplateList(items=[WhatsAppTemplateOut.of(each) for each in found])
