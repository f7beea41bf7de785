"""The verbs on drafts: write, edit, approve, take back, reject, schedule, unschedule. Many at once; none of them commits.

What is approved is what was read: an edit takes the approval back, and `versions` refuses drafts that have changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from prosa.db import Conn, TenantId
from prosa.errors import Conflict, Invalid
from prosa.remarketing import recipients, store, whatsapp_templates
from prosa.remarketing.hours import next_allowed
from prosa.remarketing.model import Author, Draft, DraftState, IllegalStep, StaleDraft, may_become
from prosa.remarketing.policy import Policy
from prosa.remarketing.recipients import Recipient
from prosa.remarketing.wording import LONGEST_TEXT
from prosa.tenancy import audit

S = DraftState
LONGEST_AHEAD = timedelta(days=365)
UNSENT = (S.DRAFTED, S.APPROVED, S.SCHEDULED)


@dataclass(frozen=True)
class NewDraft:
    """A message to write: free text in `body`, or a WhatsApp template and its variables."""

    body: str = ""
    whatsapp_template_id: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    author: Author = Author.PERSON
    model: str = ""
    prompt_version: str = ""
    campaign_id: int | None = None
    variant: str | None = None


@dataclass(frozen=True)
class Done:
    """The drafts that a verb has moved, and the ids of those that it could not move: gone, changed, or in another state."""

    drafts: list[Draft]
    refused: list[int]


def create(
    conn: Conn, tenant: TenantId, recipient: Recipient, new: NewDraft, *, by: str, now: datetime
) -> Draft | None:
    """Write a draft to a recipient; None if the campaign has one for this contact already.

    Raises Invalid for a text that is empty or too long, BadVariables, NoSuchWhatsAppTemplate, and Conflict for a template of
    another channel or provider.
    """
    body, variables = _wording(conn, tenant, recipient, new)
    return store.insert(conn, tenant, {
        **of_recipient(recipient), "campaign_id": new.campaign_id, "variant": new.variant, "body": body,
        "whatsapp_template_id": new.whatsapp_template_id, "variables": variables, "author": new.author, "model": new.model,
        "prompt_version": new.prompt_version, "created_by": by,
    }, now=now)  # fmt: skip


def write(conn: Conn, tenant: TenantId, conversation_id: int, new: NewDraft, *, by: str, now: datetime) -> Draft:
    """Write a draft to the contact of a conversation. Raises like `create`, and NotFound, Unreachable, Conflict."""
    draft = create(conn, tenant, recipients.find(conn, tenant, conversation_id), new, by=by, now=now)
    if draft is None:
        raise Conflict("The campaign has a draft for this contact already.")
    return draft


def edit(
    conn: Conn, tenant: TenantId, draft_id: int, *, version: int, by: str, now: datetime, body: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> Draft:  # fmt: skip
    """Change the text, or a template's variables. What was approved or scheduled must be approved again.

    Raises NoSuchDraft, StaleDraft, IllegalStep once a sender has it, and like `create`.
    """
    before = store.get(conn, tenant, draft_id, lock=True)
    if before.version != version:
        raise StaleDraft
    if before.state is not S.DRAFTED and not may_become(before.state, S.DRAFTED):
        raise IllegalStep(before.state, S.DRAFTED)
    if before.whatsapp_template_id is None:
        changes: dict[str, Any] = {"body": _text(before.body if body is None else body)}
    elif body is not None:
        raise Invalid("The text of a WhatsApp template is fixed: change its variables.")
    else:
        template = whatsapp_templates.get(conn, tenant, before.whatsapp_template_id)
        text, filled = whatsapp_templates.fill(template, before.variables if variables is None else variables)
        changes = {"body": text, "variables": Jsonb(filled)}
    changes |= {"author": Author.PERSON, "approved_by": None, "approved_at": None, "due_at": None}
    audit.record(conn, tenant, by, "draft.edit", f"draft:{draft_id}")
    if before.state is S.DRAFTED:
        return store.set_columns(conn, tenant, draft_id, changes, now=now)
    [edited] = store.move(
        conn, tenant, [draft_id], S.DRAFTED, of=UNSENT, by=by, now=now, reason="edited", changes=changes
    )
    return edited


def approve(
    conn: Conn, tenant: TenantId, draft_ids: Sequence[int], *, by: str, now: datetime,
    versions: Mapping[int, int] | None = None,
) -> Done:  # fmt: skip
    """Approve drafts as they were read: `versions` are those that were seen, by id."""
    changes = {"approved_by": by, "approved_at": now}
    return _move(
        conn, tenant, draft_ids, S.APPROVED, of=(S.DRAFTED,), by=by, now=now, versions=versions, changes=changes
    )


def take_back(
    conn: Conn, tenant: TenantId, draft_ids: Sequence[int], *, by: str, now: datetime,
    versions: Mapping[int, int] | None = None,
) -> Done:  # fmt: skip
    """Take the approval of approved or scheduled drafts back, unless a sender has claimed them."""
    changes = {"approved_by": None, "approved_at": None, "due_at": None}
    done = _move(conn, tenant, draft_ids, S.DRAFTED, of=(S.APPROVED, S.SCHEDULED), by=by, now=now, reason="taken back",
                 versions=versions, changes=changes)  # fmt: skip
    for draft in done.drafts:
        audit.record(conn, tenant, by, "draft.take_back", f"draft:{draft.id}")
    return done


def reject(
    conn: Conn, tenant: TenantId, draft_ids: Sequence[int], *, by: str, now: datetime, reason: str = "",
    versions: Mapping[int, int] | None = None,
) -> Done:  # fmt: skip
    """Decide that these drafts are not to be sent."""
    return _move(conn, tenant, draft_ids, S.REJECTED, of=UNSENT, by=by, now=now, reason=reason[:500], versions=versions)


def schedule(
    conn: Conn, tenant: TenantId, draft_ids: Sequence[int], *, policy: Policy, by: str, now: datetime,
    at: datetime | None = None, versions: Mapping[int, int] | None = None,
) -> Done:  # fmt: skip
    """Have approved drafts sent `at` a time or now; in quiet hours and on holidays, at the next opening.

    Raises Invalid if the calendar never opens, and for more than a year ahead.
    """
    if at is not None and at > now + LONGEST_AHEAD:
        raise Invalid(f"A draft is scheduled for at most {LONGEST_AHEAD.days} days ahead.")
    due = next_allowed(max(at or now, now), policy.hours, policy.zone)
    if due is None:
        raise Invalid("The rules of remarketing leave no hour in which to send.")
    return _move(
        conn,
        tenant,
        draft_ids,
        S.SCHEDULED,
        of=(S.APPROVED,),
        by=by,
        now=now,
        changes={"due_at": due},
        versions=versions,
    )


def unschedule(
    conn: Conn, tenant: TenantId, draft_ids: Sequence[int], *, by: str, now: datetime,
    versions: Mapping[int, int] | None = None,
) -> Done:  # fmt: skip
    """Take drafts off the schedule, unless a sender has claimed them. They stay approved."""
    return _move(conn, tenant, draft_ids, S.APPROVED, of=(S.SCHEDULED,), by=by, now=now, reason="unscheduled",
                 versions=versions, changes={"due_at": None})  # fmt: skip


def of_recipient(recipient: Recipient) -> dict[str, Any]:
    """The recipient as columns of a draft."""
    return {
        "conversation_id": recipient.conversation_id, "contact_id": recipient.contact_id, "via": recipient.via,
        "contact_key": recipient.address.key, "contact_address": recipient.address.text, "channel": recipient.channel,
        "inbox_id": recipient.inbox_id,
    }  # fmt: skip


def _move(conn: Conn, tenant: TenantId, draft_ids: Sequence[int], to: DraftState, **how: Any) -> Done:
    moved = store.move(conn, tenant, draft_ids, to, **how)
    return Done(moved, sorted(set(draft_ids) - {draft.id for draft in moved}))


def _wording(conn: Conn, tenant: TenantId, recipient: Recipient, new: NewDraft) -> tuple[str, dict[str, str]]:
    if new.whatsapp_template_id is None:
        return _text(new.body), {}
    template = whatsapp_templates.get(conn, tenant, new.whatsapp_template_id)
    if recipient.channel != "whatsapp":
        raise Conflict("A WhatsApp template goes out by WhatsApp only.")
    if not template.leaves(recipient.via):
        raise Conflict(
            f"'{template.name}' is a template of {template.provider}'s; this message leaves by {recipient.via}."
        )
    return whatsapp_templates.fill(template, new.variables)


def _text(body: str) -> str:
    text = body.strip()
    if not 1 <= len(text) <= LONGEST_TEXT or "\0" in text:
        raise Invalid(f"A message has 1 to {LONGEST_TEXT} characters; this one has {len(text)}.")
    return text
