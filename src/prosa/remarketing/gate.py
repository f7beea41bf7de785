"""Decides whether a draft may go out now. Every rule is checked again at the moment when a sender takes the draft.

`ask` reads what the rules need, `decide` applies them. `ask` runs under the lock of sending, so what it counts does not
change before the claim is committed. Rules that forbid a draft for good come before those that only make it wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prosa.conversations import aliases, suppressions
from prosa.db import Conn, TenantId
from prosa.remarketing import campaign_model, campaigns, consents, recipients, whatsapp_templates
from prosa.remarketing.hours import next_allowed
from prosa.remarketing.model import WENT_OUT, Draft, Reason
from prosa.remarketing.policy import Policy
from prosa.remarketing.recipients import Recipient, Standing

DAY = timedelta(hours=24)
OUT = ", ".join(f"'{state}'" for state in WENT_OUT)


@dataclass(frozen=True)
class Answers:
    """What is known about a draft at the moment of its claim.

    `contact_free_at`, `campaign_free_at` and `limit_free_at` say when a cap that is reached leaves room again; None if there is
    room. `consent` is None if the contact stated nothing.
    """

    opted_out: bool
    consent: bool | None
    standing: Standing
    template_approved: bool = True
    campaign_state: campaign_model.CampaignState | None = None
    campaign_full: bool = False
    contact_free_at: datetime | None = None
    campaign_free_at: datetime | None = None
    limit_free_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """`reason` is None if the draft may go. Otherwise it waits until `until`, or is never sent if that is None."""

    reason: Reason | None = None
    until: datetime | None = None


GO = Verdict()


def decide(draft: Draft, answers: Answers, policy: Policy, *, now: datetime) -> Verdict:
    """The first rule that speaks against the draft, or GO."""
    if forbidden := _forbidden(draft, answers, policy, now=now):
        return Verdict(forbidden)
    opens = next_allowed(now, policy.hours, policy.zone)
    if opens is None or opens > now:
        return Verdict(Reason.QUIET_HOURS, opens or now + DAY)
    waits = {
        Reason.CAMPAIGN_PAUSED: now + timedelta(hours=1)
        if answers.campaign_state is campaign_model.CampaignState.PAUSED else None,
        Reason.CONTACT_CAP: answers.contact_free_at,
        Reason.CAMPAIGN_DAILY_CAP: answers.campaign_free_at,
        Reason.MESSAGING_LIMIT: answers.limit_free_at,
    }  # fmt: skip
    return next((Verdict(reason, until) for reason, until in waits.items() if until), GO)


def _forbidden(draft: Draft, answers: Answers, policy: Policy, *, now: datetime) -> Reason | None:
    standing, free_text = answers.standing, draft.whatsapp_template_id is None
    closes = recipients.window_closes(standing.written_here_at)
    rules = {
        Reason.MOVED_ON: standing.last_chat_at is not None and standing.last_chat_at > draft.created_at,
        Reason.TEMPLATE_NOT_APPROVED: not answers.template_approved,
        Reason.WINDOW_CLOSED: draft.channel == "whatsapp" and free_text and (closes is None or closes <= now),
        Reason.CAMPAIGN_OVER: answers.campaign_full or answers.campaign_state is campaign_model.CampaignState.ENDED,
    }
    of_contact = _forbidden_to(standing, policy, opted_out=answers.opted_out, consent=answers.consent)
    return of_contact or next((reason for reason, holds in rules.items() if holds), None)


def _forbidden_to(standing: Standing, policy: Policy, *, opted_out: bool, consent: bool | None) -> Reason | None:
    """What forbids writing to a contact, whatever the message."""
    rules = {
        Reason.OPTED_OUT: opted_out,
        Reason.CONSENT_WITHDRAWN: consent is False,
        Reason.CONSENT_MISSING: policy.require_consent and consent is None,
        Reason.BLOCKED: standing.blocked,
        Reason.HAS_CONVERTED: standing.converted,
    }
    return next((reason for reason, holds in rules.items() if holds), None)


def ask(
    conn: Conn, tenant: TenantId, draft: Draft, policy: Policy, *, secret_keys: Sequence[str], now: datetime
) -> Answers:
    """Read what `decide` needs. The caller holds the lock of sending."""
    names = aliases.names(conn, tenant, draft.contact_key, secret_keys)
    consent = consents.latest(conn, tenant, names)
    standing = recipients.standing(
        conn, tenant, draft.contact_key, conversation_id=draft.conversation_id, converted_since=now - policy.attribution
    )
    campaign = campaigns.get(conn, tenant, draft.campaign_id) if draft.campaign_id else None
    sent = _of_campaign(conn, tenant, campaign.id, now=now) if campaign else None
    return Answers(
        opted_out=is_opted_out(conn, tenant, names, standing, policy.stop_words),
        consent=consent.granted if consent else None,
        standing=standing,
        template_approved=whatsapp_templates.may_leave(conn, tenant, draft.whatsapp_template_id, draft.via),
        campaign_state=campaign.state if campaign else None,
        campaign_full=bool(campaign and sent and campaign.cap and sent.total >= campaign.cap),
        contact_free_at=_contact_free_at(conn, tenant, draft.contact_key, policy, now=now),
        campaign_free_at=sent.oldest + DAY if campaign and sent and sent.oldest and campaign.daily_cap
        and sent.last_day >= campaign.daily_cap else None,
        limit_free_at=_limit_free_at(conn, tenant, draft, policy, now=now),
    )  # fmt: skip


def refuses(
    conn: Conn, tenant: TenantId, recipient: Recipient, standing: Standing, policy: Policy, *, secret_keys: Sequence[str]
) -> Reason | None:  # fmt: skip
    """The rule that forbids writing to this contact at all, whatever the message. Asked before anything is worded."""
    names = aliases.names(conn, tenant, recipient.address.key, secret_keys)
    consent = consents.latest(conn, tenant, names)
    opted_out = is_opted_out(conn, tenant, names, standing, policy.stop_words)
    return _forbidden_to(standing, policy, opted_out=opted_out, consent=consent.granted if consent else None)


def is_opted_out(
    conn: Conn, tenant: TenantId, names: Sequence[str], standing: Standing, words: suppressions.Words
) -> bool:
    """Whether the contact is on the suppression list of any number of ours, or said a stop word last.

    `names` are all of theirs (prosa.conversations.aliases). A stop word that a source mirrors puts nobody on the list, so the
    contact's own words are read here.
    """
    rows = conn.execute(
        "select our_key from suppressions where tenant_id = %s and contact_key = any(%s) and lifted_at is null",
        [tenant, list(names)],
    ).fetchall()
    listed = {row[0] for row in rows}
    if listed - {suppressions.ANY_MIRRORED}:
        return True
    said = (suppressions.wish(body, words) for body in standing.said)
    return next((wish is suppressions.Wish.OUT for wish in said if wish), bool(listed))


@dataclass(frozen=True)
class _Sent:
    total: int
    last_day: int
    oldest: datetime | None


def _of_campaign(conn: Conn, tenant: TenantId, campaign_id: int, *, now: datetime) -> _Sent:
    sql = f"""select count(*), count(*) filter (where claimed_at > %(since)s),
                min(claimed_at) filter (where claimed_at > %(since)s)
              from drafts where tenant_id = %(tenant)s and campaign_id = %(campaign)s and state in ({OUT})"""
    row = conn.execute(sql.encode(), {"tenant": tenant, "campaign": campaign_id, "since": now - DAY}).fetchone()
    assert row is not None
    return _Sent(*row)


def _contact_free_at(conn: Conn, tenant: TenantId, key: str, policy: Policy, *, now: datetime) -> datetime | None:
    """When the contact may be written to again, if the cap of n messages is reached: once the n-th last leaves the period."""
    sql = f"""select claimed_at + %(period)s from drafts
              where tenant_id = %(tenant)s and contact_key = %(key)s and claimed_at > %(now)s - %(period)s
                and state in ({OUT})
              order by claimed_at desc offset %(before)s limit 1"""
    values = {"tenant": tenant, "key": key, "period": policy.contact_period, "now": now,
              "before": policy.contact_messages - 1}  # fmt: skip
    row = conn.execute(sql.encode(), values).fetchone()
    return row[0] if row else None


def _limit_free_at(conn: Conn, tenant: TenantId, draft: Draft, policy: Policy, *, now: datetime) -> datetime | None:
    """When Meta's messaging limit leaves room again. It counts unique contacts to whom the company wrote first, in 24 hours.

    https://developers.facebook.com/docs/whatsapp/messaging-limits: answers within the window do not count. Every template that
    Prosa sent does, be it a draft's, the API's or a person's.
    """
    if policy.messaging_limit is None or draft.whatsapp_template_id is None:
        return None
    sql = f"""select count(*), min(last), bool_or(contact_key = %(key)s) from (
                select contact_key, max(claimed_at) as last from (
                  select contact_key, claimed_at from drafts
                  where tenant_id = %(tenant)s and claimed_at > %(now)s - %(day)s and state in ({OUT})
                    and whatsapp_template_id is not null
                  union all
                  select c.contact_key, x.claimed_at from deliveries x
                  join conversations c on c.tenant_id = x.tenant_id and c.id = x.conversation_id and c.channel = 'whatsapp'
                  where x.tenant_id = %(tenant)s and x.claimed_at > %(now)s - %(day)s and x.content_sid is not null
                    and x.state in ('claimed', 'sent', 'delivered', 'read', 'unknown')) as templates
                group by contact_key) as written_to"""
    values = {"tenant": tenant, "key": draft.contact_key, "now": now, "day": DAY}
    row = conn.execute(sql.encode(), values).fetchone()
    assert row is not None
    count, oldest, known = row
    return oldest + DAY if count >= policy.messaging_limit and not known else None
