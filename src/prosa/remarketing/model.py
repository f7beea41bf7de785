"""Drafts: their states, which steps are allowed, and why a draft is not sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from prosa.errors import Conflict, NotFound


class DraftState(StrEnum):
    """Where a draft is, from its wording to what came of it."""

    DRAFTED = "drafted"
    APPROVED = "approved"  # by a person, or by the tenant's rule
    SCHEDULED = "scheduled"
    CLAIMED = "claimed"  # a sender has it: from here on it counts as sent, toward every cap
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    REPLIED = "replied"
    CONVERTED = "converted"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"  # a rule forbids it; the reason says which
    FAILED = "failed"  # surely not delivered
    UNKNOWN = "unknown"  # may have gone out or not: never sent again


S = DraftState
AFTER_SENT = frozenset({S.DELIVERED, S.READ, S.REPLIED, S.CONVERTED})
MAY_BECOME: dict[DraftState, frozenset[DraftState]] = {
    S.DRAFTED: frozenset({S.APPROVED, S.REJECTED, S.SUPPRESSED}),
    S.APPROVED: frozenset({S.SCHEDULED, S.DRAFTED, S.REJECTED, S.SUPPRESSED}),  # back to drafted by an edit
    S.SCHEDULED: frozenset({S.CLAIMED, S.APPROVED, S.DRAFTED, S.REJECTED, S.SUPPRESSED}),
    # Back to scheduled if it surely was not sent. The first news may be that it was read.
    S.CLAIMED: AFTER_SENT | {S.SENT, S.FAILED, S.UNKNOWN, S.SCHEDULED, S.SUPPRESSED},
    S.SENT: AFTER_SENT | {S.FAILED},
    S.UNKNOWN: AFTER_SENT | {S.SENT, S.FAILED},  # a later word of the provider, or a person's, clears it up
    S.DELIVERED: AFTER_SENT - {S.DELIVERED},
    S.READ: frozenset({S.REPLIED, S.CONVERTED}),
    # The contact may write, or buy, of their own accord before the provider says that our message never reached them.
    S.REPLIED: frozenset({S.CONVERTED, S.FAILED}),
    S.CONVERTED: frozenset({S.FAILED}),
    **{over: frozenset() for over in (S.REJECTED, S.SUPPRESSED, S.FAILED)},
}
WENT_OUT = (S.CLAIMED, S.SENT, S.UNKNOWN, *sorted(AFTER_SENT))  # what counts toward caps


class Reason(StrEnum):
    """Why a draft is suppressed (the first block) or waits (the second)."""

    OPTED_OUT = "opted_out"  # the suppression list
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_MISSING = "consent_missing"  # where the tenant wants one on record
    BLOCKED = "blocked"  # the contact is blocked at the source
    MOVED_ON = "moved_on"  # somebody wrote in a conversation of the contact since the draft was made
    HAS_CONVERTED = "has_converted"
    WINDOW_CLOSED = "window_closed"  # free text, more than 24 hours after the contact's last message
    TEMPLATE_NOT_APPROVED = "template_not_approved"  # not any more, or of another provider than the message goes by
    CAMPAIGN_OVER = "campaign_over"  # ended, or its cap is reached

    QUIET_HOURS = "quiet_hours"  # or a holiday
    CONTACT_CAP = "contact_cap"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_DAILY_CAP = "campaign_daily_cap"
    MESSAGING_LIMIT = "messaging_limit"


class Via(StrEnum):
    """How a draft leaves."""

    TWILIO = "twilio"
    CHATWOOT = "chatwoot"
    CSV = "csv"  # handed to another sender as a file


class Author(StrEnum):
    """Who worded a draft."""

    AI = "ai"
    TEMPLATE = "template"
    PERSON = "person"


@dataclass(frozen=True)
class Draft:
    """A draft as it is stored. `version` counts its changes; `body` is what the contact will read, variables filled in."""

    id: int
    campaign_id: int | None
    variant: str | None
    conversation_id: int
    contact_id: int | None
    contact_key: str
    contact_address: str
    channel: str
    inbox_id: int | None
    via: Via
    body: str
    whatsapp_template_id: int | None
    variables: Mapping[str, str]
    author: Author
    model: str
    prompt_version: str
    state: DraftState
    reason: str
    version: int
    attempts: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    due_at: datetime | None
    claimed_at: datetime | None
    sent_at: datetime | None
    message_id: int | None


class NoSuchDraft(NotFound):
    """No draft of this tenant has this id."""

    def __init__(self, draft_id: int) -> None:
        super().__init__(f"There is no draft {draft_id}.")


class IllegalStep(Conflict):
    """The table of transitions does not allow this step."""

    def __init__(self, before: DraftState, after: DraftState) -> None:
        super().__init__(f"A draft that is {before} cannot become {after}.")
        self.before, self.after = before, after


class StaleDraft(Conflict):
    """Somebody has changed the draft meanwhile: what would be approved is not what was read."""

    def __init__(self) -> None:
        super().__init__("The draft has changed since you read it.")


def may_become(before: DraftState, after: DraftState) -> bool:
    """Whether the table of transitions allows this step."""
    return after in MAY_BECOME[before]
