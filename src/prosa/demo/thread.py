"""One conversation in Chatwoot: what each happening leaves in which column.

Rules followed (Chatwoot 4.10): saving a message touches the conversation's updated_at; last_activity_at is the newest
message's created_at; waiting_since is set by the first unanswered message of the customer and cleared by a reply or by
resolving; first_reply_created_at is the first reply that Chatwoot takes for a person's; reporting events are written by
its listener with the start it chooses.
"""

from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from prosa.demo.cast import TWILIO, WHATSAPP, Agent, Bot, Company, Inbox
from prosa.demo.people import Contact
from prosa.demo.rhythm import business_seconds, stamp
from prosa.demo.rows import NULL, json_text

INCOMING, OUTGOING, ACTIVITY, TEMPLATE = 0, 1, 2, 3
OPEN, RESOLVED, PENDING, SNOOZED = 0, 1, 2, 3
SENT, DELIVERED, READ, FAILED = 0, 1, 2, 3
INPUT_CSAT = 9
DELETED_TEXT = "This message was deleted"
NOBODY = f"{NULL}\t{NULL}"

_DELETED, _DOUBLE_ENCODED, _EMPTY_DOUBLE_ENCODED, _NOT_DELIVERED = 0.006, 0.4, 0.04, 0.012


class Dated(NamedTuple):
    """A row that gets its id when its time has come, so that ids follow time across conversations."""

    at: float
    order: int
    rest: str
    attached: tuple[tuple[str, str], ...] = ()
    """Rows (table, fields after message_id) that name this one's id."""


@dataclass(slots=True)
class Thread:
    """The state of one conversation while it is told."""

    company: Company
    inbox: Inbox
    contact: Contact
    id: int
    created: float
    offset: int
    """Local time minus UTC, seconds."""
    rng: Random
    messages: list[Dated] = field(default_factory=list)
    events: list[Dated] = field(default_factory=list)
    status: int = OPEN
    assignee: Agent | None = None
    team_id: int | None = None
    priority: int | None = None
    labels: tuple[str, ...] = ()
    campaign_id: int | None = None
    updated: float = 0.0
    last_activity: float = 0.0
    waiting_since: float | None = None
    first_reply: float | None = None
    response_start: float = 0.0
    resolved_at: float | None = None
    contact_seen: float | None = None
    agent_seen: float | None = None

    def __post_init__(self) -> None:
        self.updated = self.last_activity = self.response_start = self.created
        self.waiting_since = self.created

    def contact_says(self, at: float, content: str | None, extra: dict[str, object] | None = None) -> None:
        """The customer writes; on a resolved conversation this reopens it first."""
        if self.status == RESOLVED:
            self.reopen(at - 0.02)
        if self.waiting_since is None:
            self.waiting_since = at
        self.contact_seen = at
        self.contact.last_seen = max(self.contact.last_seen, at)
        self._message(at, INCOMING, content, f"Contact\t{self.contact.id}", extra)

    def agent_says(
        self, at: float, content: str | None, agent: Agent, extra: dict[str, object] | None = None
    ) -> None:
        """A person replies: with the first reply and every later one go Chatwoot's reporting events."""
        self._count_reply(at, agent.id)
        self.agent_seen = at
        sender = NOBODY if extra and "external_echo" in extra else f"User\t{agent.id}"
        self._message(at, OUTGOING, content, sender, extra)

    def bot_says(self, at: float, content: str, bot: Bot) -> None:
        """A bot answers; behind a user's token Chatwoot counts it as a person's reply."""
        if bot.sender_type == "User":
            self._count_reply(at, bot.sender_id)
        self.waiting_since = None
        self._message(at, OUTGOING, content, f"{bot.sender_type}\t{bot.sender_id}")

    def automation_says(self, at: float, content: str, sender: str, rule_id: int) -> None:
        """An automation rule sends a message: outgoing, but nobody's reply."""
        self._message(at, OUTGOING, content, sender, {"automation_rule_id": rule_id})

    def template(self, at: float, content: str) -> None:
        """Chatwoot itself writes: a greeting, an out-of-office notice."""
        self._message(at, TEMPLATE, content, NOBODY)

    def note(self, at: float, content: str, agent: Agent) -> None:
        """A private note: the customer never sees it."""
        self._message(at, OUTGOING, content, f"User\t{agent.id}", private=True)

    def activity(self, at: float, content: str) -> None:
        """A line of the log inside the conversation."""
        self._message(at, ACTIVITY, content, NOBODY)

    def campaign_says(self, at: float, content: str, agent: Agent, campaign_id: int) -> None:
        """A campaign opens the conversation: outgoing under a person's name, but nobody's reply."""
        self.campaign_id, self.waiting_since = campaign_id, None
        self._message(at, OUTGOING, content, f"User\t{agent.id}", campaign_id=campaign_id)

    def hand_off(self, at: float) -> None:
        """The bot gives up: pending becomes open, which Chatwoot also records as an opening."""
        self.status, self.response_start, self.waiting_since = OPEN, at, at
        self._event(at, "conversation_bot_handoff", self.created)
        self._event(at + 0.01, "conversation_opened", self.created, value=0.0)
        self.touch(at + 0.01)

    def reopen(self, at: float) -> None:
        """A resolved conversation is opened again; the time that passed since counts as the event's value."""
        self.activity(at, f"Conversa foi reaberta por {self.contact.name}")
        self._event(at, "conversation_opened", self.resolved_at or self.created)
        self.status, self.response_start = OPEN, at

    def resolve(self, at: float, content: str, by: Agent | None) -> None:
        """Close it. Chatwoot measures from the conversation's creation, every time."""
        self.activity(at, content)
        self.status, self.resolved_at, self.waiting_since = RESOLVED, at, None
        self._event(at, "conversation_resolved", self.created, user_id=by.id if by else None)
        self.touch(at)

    def bot_resolved(self, at: float) -> None:
        """What Chatwoot adds when no person was needed."""
        self._event(at, "conversation_bot_resolved", self.created)

    def touch(self, at: float) -> None:
        self.updated = max(self.updated, at)

    def _count_reply(self, at: float, user_id: int) -> None:
        if self.first_reply is None:
            self.first_reply = at
            self._event(at, "first_response", self.response_start, user_id=user_id)
        elif self.waiting_since is not None:
            self._event(at, "reply_time", self.waiting_since, user_id=user_id)
        self.waiting_since = None

    def survey(self, at: float, content: str, answer: tuple[int, str, float] | None) -> None:
        """The satisfaction survey, and its answer (rating 1 to 5, feedback, when) if there was one."""
        attributes: dict[str, object] = {"display_type": "emoji"}
        attached: tuple[tuple[str, str], ...] = ()
        if answer:
            rating, feedback, answered = answer
            survey = {"rating": rating, "feedback_message": feedback}
            attributes["submitted_values"] = {"csat_survey_response": survey}
            contact_id = self.contact.merged_id or self.contact.id  # Chatwoot's merge forgets this table
            agent_id = self.assignee.id if self.assignee else NULL
            row = f"{self.company.account.account_id}\t{self.id}\t{rating}\t{feedback or NULL}\t{contact_id}\t{agent_id}"
            attached = (("csat_survey_responses", f"{row}\t{stamp(answered)}\t{stamp(answered)}"),)
        self._message(
            at, TEMPLATE, content, NOBODY, attributes, content_type=INPUT_CSAT, attached=attached,
            changed=answer[2] if answer else None,
        )  # fmt: skip

    def _message(
        self, at: float, kind: int, content: str | None, sender: str, extra: dict[str, object] | None = None, *,
        private: bool = False, content_type: int = 0, campaign_id: int | None = None, changed: float | None = None,
        attached: tuple[tuple[str, str], ...] = (),
    ) -> None:  # fmt: skip
        rng = self.rng
        chance = rng.random()
        status, updated = SENT, changed or at
        attributes = "{}" if chance > _EMPTY_DOUBLE_ENCODED else '"{}"'
        if kind == OUTGOING and not private:
            status, updated = self._delivery(at)
        if chance > 1 - _DELETED and kind in (INCOMING, OUTGOING):
            content, updated, attached, extra = (
                DELETED_TEXT,
                at + 30 + 600 * rng.random(),
                (),
                {"deleted": True},
            )
        if status == FAILED:
            extra = {**(extra or {}), "external_error": "131026: Message undeliverable"}
        if content is None:
            content, attached = NULL, self._media(at)
        if extra:
            attributes = json_text(extra, twice=rng.random() < _DOUBLE_ENCODED)
            content_type = 8 if "email" in extra else content_type
        created = stamp(at)
        additional = f'{{"campaign_id": {campaign_id}}}' if campaign_id else "{}"
        rest = (
            f"{self.company.account.account_id}\t{self.inbox.id}\t{self.id}\t{kind}\t{created}\t"
            f"{created if updated == at else stamp(updated)}\t{'t' if private else 'f'}\t{status}\t{content_type}\t{sender}\t"
            f"{self._source_id(kind, private)}\t{attributes}\t{additional}\t{content}\t{content}"
        )
        self.messages.append(Dated(at, self.id, rest, attached))
        self.last_activity = max(self.last_activity, at)
        self.touch(updated)

    def _delivery(self, at: float) -> tuple[int, float]:
        """Status and time of the last delivery report of an outgoing message."""
        chance = self.rng.random()
        if self.inbox.channel_type not in (WHATSAPP, TWILIO):
            return SENT, at
        if chance < _NOT_DELIVERED:
            return FAILED, at + 3
        return (READ, at + 2 + 90 * chance) if chance < 0.8 else (DELIVERED, at + 2 + chance)

    def _source_id(self, kind: int, private: bool) -> str:
        if kind >= ACTIVITY or private:
            return NULL
        prefix = {WHATSAPP: "wamid.HBgN", TWILIO: "SM"}.get(self.inbox.channel_type, "")
        return f"{prefix}{self.rng.getrandbits(128):032x}"

    def _media(self, at: float) -> tuple[tuple[str, str], ...]:
        """One attachment: a photo, voice message, video or document (Chatwoot's file_type 0 to 3)."""
        kind = int(self.rng.random() * 3.4)
        extension = ("jpeg", "ogg", "mp4", "pdf")[kind]
        moment = stamp(at)
        url = f"https://files.chatwoot.example/{self.id}/{int(at)}.{extension}"
        return (
            (
                "attachments",
                f"{self.company.account.account_id}\t{kind}\t{extension}\t{url}\t{moment}\t{moment}",
            ),
        )

    def _event(
        self, at: float, name: str, start: float, *, value: float | None = None, user_id: int | None = None
    ) -> None:
        """A reporting event. Without working hours in the inbox Chatwoot writes 0 business seconds."""
        worked = business_seconds(start, at, self.company, self.offset) if self.inbox.working_hours else 0
        user = user_id or (self.assignee.id if self.assignee else NULL)
        moment = stamp(at)
        rest = (
            f"{self.company.account.account_id}\t{self.inbox.id}\t{self.id}\t{name}\t{user}\t"
            f"{int(at) - int(start) if value is None else value}\t{int(worked)}\t{stamp(start)}\t{moment}\t{moment}\t{moment}"
        )
        self.events.append(Dated(at, self.id, rest))
