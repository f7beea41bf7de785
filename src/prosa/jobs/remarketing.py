"""The schedules of remarketing: filling campaigns, sending due drafts, and following what became of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued

from prosa.conversations import policy as conversation_policy
from prosa.db import Database, TenantId
from prosa.errors import ProsaError
from prosa.facts import label_rules
from prosa.gateways.chatwoot import rest
from prosa.jobs.worker import database, unless_suspended
from prosa.queue import app, enqueue
from prosa.remarketing import claims, filling, following, policy, store, syncing
from prosa.remarketing.campaign_model import CampaignState
from prosa.remarketing.campaigns import list_campaigns
from prosa.remarketing.model import DraftState, Via
from prosa.remarketing.policy import Policy
from prosa.sending import drafts
from prosa.settings import get_settings
from prosa.tenancy.tenants import working_tenants

log = structlog.get_logger()

BATCH = 100  # drafts of a tenant in one job; what is left is taken by the next minute's
BY = "job:remarketing"


@app.periodic(cron="* * * * *", periodic_id="remarketing.tick")
@app.task(name="remarketing.tick", queue="remarketing", queueing_lock="remarketing.tick", pass_context=True)
def tick(context: JobContext, timestamp: int) -> None:
    """Every minute: follow what was sent, and enqueue a job of sending for each tenant with drafts that are due."""
    db, now = database(context), datetime.now(UTC)
    with db.operator() as conn:
        sending = store.tenants_with(conn, [DraftState.SCHEDULED])
        following_ = store.tenants_with(conn, list(following.OPEN))
    _for_each(following_, lambda tenant: _follow(db, tenant, now))
    for tenant in sending:
        _enqueue_once(db, "remarketing.send", f"remarketing.send {tenant}", tenant_id=tenant)


@app.task(name="remarketing.send", queue="remarketing", pass_context=True)
@unless_suspended
def send(context: JobContext, tenant_id: int) -> None:
    """Send a tenant's drafts that are due, one after the other."""
    db, tenant = database(context), TenantId(tenant_id)
    with db.tenant(tenant) as conn:
        rules = policy.read(conn, tenant)
        due = [(draft, via) for via in (Via.TWILIO, Via.CHATWOOT)
               for draft in store.due(conn, tenant, now=datetime.now(UTC), limit=BATCH, via=via)]  # fmt: skip
    for draft, via in due:
        try:
            send_one(db, tenant, draft, via, rules)
        except ProsaError as error:
            log.warning("draft not sent", tenant_id=tenant, draft_id=draft, error=str(error))


def send_one(db: Database, tenant: TenantId, draft_id: int, via: Via, rules: Policy) -> None:
    """Claim a draft and send it, through the outbox or Chatwoot's API. No transaction is open across the network."""
    settings, now = get_settings(), datetime.now(UTC)
    if via is Via.TWILIO:
        with db.tenant(tenant) as conn:
            ours = conversation_policy.read(conn, tenant, settings)
            drafts.post_by_twilio(conn, tenant, draft_id, policy=rules, conversations=ours, now=now)
        return
    with db.tenant(tenant) as conn:
        claimed = drafts.claim_for_chatwoot(
            conn, tenant, draft_id, policy=rules, secret_keys=settings.secret_keys, now=now
        )  # fmt: skip
    if claimed:
        outcome = rest.send_message(claimed.access, claimed.conversation, claimed.draft.body, claimed.template)
        with db.tenant(tenant) as conn:
            drafts.record_chatwoot(conn, tenant, claimed, outcome, now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="remarketing.fill")
@app.task(
    name="remarketing.schedule_filling", queue="remarketing", queueing_lock="remarketing.filling", pass_context=True
)
def schedule_filling(context: JobContext, timestamp: int) -> None:
    """Every five minutes: enqueue a job of filling for each active campaign."""
    db = database(context)
    for tenant in _tenants(db):
        with db.tenant(tenant) as conn:
            active = [campaign.id for campaign in list_campaigns(conn, tenant, state=CampaignState.ACTIVE)]
        for campaign in active:
            _enqueue_once(db, "remarketing.fill", f"remarketing.fill {tenant} {campaign}", tenant_id=tenant,
                          campaign_id=campaign)  # fmt: skip


@app.task(name="remarketing.fill", queue="remarketing", pass_context=True)
@unless_suspended
def fill(context: JobContext, tenant_id: int, campaign_id: int) -> None:
    """Let contacts join a campaign, and write to those who wait."""
    filled = filling.fill(
        database(context),
        TenantId(tenant_id),
        campaign_id,
        secret_keys=get_settings().secret_keys,
        now=datetime.now(UTC),
    )
    log.info("campaign filled", tenant_id=tenant_id, campaign_id=campaign_id, **vars(filled))


@app.periodic(cron="13 * * * *", periodic_id="remarketing.templates")
@app.task(
    name="remarketing.sync_templates", queue="remarketing", queueing_lock="remarketing.templates", pass_context=True
)
def sync_templates(context: JobContext, timestamp: int) -> None:
    """Every hour: ask which templates there are and whether they are still approved, and state what labels say by now."""
    db, settings, now = database(context), get_settings(), datetime.now(UTC)

    def work(tenant: TenantId) -> None:
        with db.tenant(tenant) as conn:
            label_rules.apply(conn, tenant)
            wanted = policy.read(conn, tenant).enabled
        if wanted:
            syncing.sync_templates(db, tenant, settings=settings, now=now)

    _for_each(_tenants(db), work)


def _for_each(tenants: list[TenantId], work: Callable[[TenantId], None]) -> None:
    """Do the work for each tenant. One whose rules cannot be read, or whose provider fails, must not hold up the others."""
    for tenant in tenants:
        try:
            work(tenant)
        except ProsaError as error:
            log.warning("remarketing skipped a tenant", tenant_id=tenant, error=str(error))


def _follow(db: Database, tenant: TenantId, now: datetime) -> None:
    with db.tenant(tenant) as conn:
        steps = following.follow(conn, tenant, policy=policy.read(conn, tenant), now=now)
        lost = claims.give_up_lost(conn, tenant, by=BY, now=now)
    if steps or lost:
        log.info("drafts followed", tenant_id=tenant, steps=steps, lost=lost)


def _tenants(db: Database) -> list[TenantId]:
    with db.operator() as conn:
        return [tenant.id for tenant in working_tenants(conn)]


def _enqueue_once(db: Database, task: str, once: str, **args: int) -> None:
    """Enqueue the job, unless the same one waits already. It starts after one that is running."""
    try:
        with db.operator() as conn:
            enqueue(conn, task, lock=once, once=once, **args)
    except AlreadyEnqueued:
        log.debug("job still waits", task=task)
