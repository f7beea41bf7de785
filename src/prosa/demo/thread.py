"""One conversation in Chatwoot: what each happening leaves in which column.

Rules followed (Chatwoot 4.10): saving a message touches the conversation's updated_at; last_activity_at is
the newest message's created_at; waiting_since is set by the customer's first unanswered message and cleared
by a reply or by resolving; first_reply_created_at is the first reply that Chatwoot takes for a person's;
reporting events are written by its listener with the start it chooses.
"""

from dataclasses import dataclass, field
from random import Random

from prosa.demo.cast import TWILIO, WHATSAPP, Agent, Bot, Company, Inbox
from prosa.demo.people import Contact
from prosa.demo.rhythm import business_seconds, stamp
from prosa.demo.rows import NULL, json_text
from prosa.demo.vocabulary import (
    ACTIVITY,
    DELETED_TEXT,
    DELIVERED,
    FAILED,
    INCOMING,
    INCOMING_EMAIL,
    INPUT_CSAT,
    MEDIA,
    NOBODY,
    OPEN,
    OUTGOING,
    READ,
    RESOLVED,
    TEMPLATE,
    Attributes,
    Dated,
    Written,
)

_SOURCES = {WHATSAPP: "wamid.HBgN", TWILIO: "SM"}
_DELETED, _DOUBLE_ENCODED, _EMPTY_DOUBLE_ENCODED, _NOT_DELIVERED, _READ = 0.006, 0.4, 0.04, 0.012, 0.8


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
    now: float
    """When the telling ends."""
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
    scope: str = field(init=False)
    """Account, inbox and conversation as they stand in every row."""

    def __post_init__(self) -> None:
        self.updated = self.last_activity = self.response_start = self.created
        self.waiting_since = self.created
        self.scope = f"{self.company.account.account_id}\t{self.inbox.id}\t{self.id}"

    def contact_says(self, at: float, content: str, attributes: Attributes = None) -> None:
        """The customer writes; on a resolved conversation this reopens it first."""
        if self.status == RESOLVED:
            self.reopen(at - 0.02)
        if self.waiting_since is None:
            self.waiting_since = at
        self.contact_seen = at
        self.contact.last_seen = max(self.contact.last_seen, at)
        content_type = INCOMING_EMAIL if attributes and "email" in attributes else 0
        sender = f"Contact\t{self.contact.id}"
        self._chat(at, Written(INCOMING, sender, content, content_type=content_type, attributes=attributes))

    def agent_says(self, at: float, content: str, agent: Agent, *, echo: bool = False, template: str = "") -> None:
        """A person replies. `echo`: typed on the company's phone; `template`: a WhatsApp template's name."""
        self._count_reply(at, agent.id)
        self.agent_seen = at
        message = Written(OUTGOING, f"User\t{agent.id}", content)
        if echo:
            message.sender, message.attributes = NOBODY, {"external_echo": True}
        if template:
            parameters = {
                "name": template,
                "language": "pt_BR",
                "category": "MARKETING",
                "processed_params": {},
            }
            message.additional = {"template_params": parameters}
        self._chat(at, message)

    def bot_says(self, at: float, content: str, bot: Bot) -> None:
        """A bot answers; behind a user's token Chatwoot counts it as a person's reply."""
        if bot.sender_type == "User":
            self._count_reply(at, bot.sender_id)
        self.waiting_since = None
        self._chat(at, Written(OUTGOING, f"{bot.sender_type}\t{bot.sender_id}", content))

    def automation_says(self, at: float, content: str, sender: str, rule_id: int) -> None:
        """An automation rule sends a message: outgoing, but nobody's reply."""
        self._chat(at, Written(OUTGOING, sender, content, attributes={"automation_rule_id": rule_id}))

    def campaign_says(self, at: float, content: str, agent: Agent, campaign_id: int) -> None:
        """A campaign opens the conversation: outgoing under a person's name, but nobody's reply."""
        self.campaign_id, self.waiting_since = campaign_id, None
        additional = {"campaign_id": campaign_id}
        self._chat(at, Written(OUTGOING, f"User\t{agent.id}", content, additional=additional))

    def template(self, at: float, content: str) -> None:
        """Chatwoot itself writes: a greeting, an out-of-office notice."""
        self._append(at, Written(TEMPLATE, NOBODY, content))

    def note(self, at: float, content: str, agent: Agent) -> None:
        """A private note: the customer never sees it."""
        self._append(at, Written(OUTGOING, f"User\t{agent.id}", content, private=True))

    def activity(self, at: float, content: str) -> None:
        """A line of the log inside the conversation."""
        self._append(at, Written(ACTIVITY, NOBODY, content))

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
        message = Written(TEMPLATE, NOBODY, content, content_type=INPUT_CSAT, attributes={"display_type": "emoji"})
        if answer:
            rating, feedback, answered = answer
            given = {"csat_survey_response": {"rating": rating, "feedback_message": feedback}}
            message.attributes = {"display_type": "emoji", "submitted_values": given}
            message.updated = answered
            message.attached = (("csat_survey_responses", self._answer(rating, feedback, answered)),)
        self._append(at, message)

    def _answer(self, rating: int, feedback: str, answered: float) -> str:
        """The answer's row. Chatwoot's merge of contacts forgets this table: it may name one that is gone."""
        contact = self.contact
        contact_id = contact.merged_id if self.inbox.id != contact.home_inbox_id else contact.id
        agent_id = self.assignee.id if self.assignee else NULL
        owner, moment = self.company.account.account_id, stamp(answered)
        return f"{owner}\t{self.id}\t{rating}\t{feedback or NULL}\t{contact_id}\t{agent_id}\t{moment}\t{moment}"

    def _chat(self, at: float, message: Written) -> None:
        """A message between people: it may carry a medium, fail to arrive, or be deleted later."""
        if message.content in MEDIA:
            message.content, message.attached = NULL, (self._medium(at, message.content),)
        if message.kind == OUTGOING and self.inbox.channel_type in (WHATSAPP, TWILIO):
            self._deliver(at, message)
        if not message.attributes and self.rng.random() < _DELETED:
            message.content, message.attributes, message.attached = DELETED_TEXT, {"deleted": True}, ()
            message.updated = at + 30 + 600 * self.rng.random()
        self._append(at, message, f"{_SOURCES.get(self.inbox.channel_type, '')}{self.rng.getrandbits(128):032x}")

    def _deliver(self, at: float, message: Written) -> None:
        """The last delivery report, or the error."""
        chance = self.rng.random()
        if chance < _NOT_DELIVERED:
            message.status, message.updated = FAILED, at + 3
            message.attributes = {
                **(message.attributes or {}),
                "external_error": "131026: Message undeliverable",
            }
        elif chance < _READ:
            message.status, message.updated = READ, at + 2 + 90 * chance
        else:
            message.status, message.updated = DELIVERED, at + 2 + chance

    def _medium(self, at: float, content: str) -> tuple[str, str]:
        """The attachment of a message without text."""
        file_type, extension = MEDIA[content]
        moment, owner = stamp(at), self.company.account.account_id
        url = f"https://files.chatwoot.example/{self.id}/{int(at)}.{extension}"
        return "attachments", f"{owner}\t{file_type}\t{extension}\t{url}\t{moment}\t{moment}"

    def _append(self, at: float, message: Written, source_id: str = NULL) -> None:
        """Add the row of a message, and what it changes in the conversation."""
        # A delivery or a deletion that would come after now has just happened: nothing may lie in the future.
        updated, chance = min(message.updated or at, max(at, self.now)), self.rng.random()
        attributes = "{}" if chance > _EMPTY_DOUBLE_ENCODED else '"{}"'
        if message.attributes:
            attributes = json_text(message.attributes, twice=chance < _DOUBLE_ENCODED)
        created, content = stamp(at), message.content
        changed = created if updated == at else stamp(updated)
        rest = (
            f"{self.scope}\t{message.kind}\t{created}\t{changed}\t"
            f"{'t' if message.private else 'f'}\t{message.status}\t"
            f"{message.content_type}\t{message.sender}\t{source_id}\t{attributes}\t"
            f"{json_text(message.additional) if message.additional else '{}'}\t{content}\t{content}"
        )
        self.messages.append(Dated(at, rest, message.attached))
        self.last_activity = at
        self.touch(updated)

    def _event(
        self, at: float, name: str, start: float, *, value: float | None = None, user_id: int | None = None
    ) -> None:
        """A reporting event. Without working hours in the inbox Chatwoot writes 0 business seconds."""
        worked = business_seconds(start, at, self.company, self.offset) if self.inbox.working_hours else 0
        user = user_id or (self.assignee.id if self.assignee else NULL)
        moment = stamp(at)
        seconds = int(at) - int(start) if value is None else value
        rest = f"{self.scope}\t{name}\t{user}\t{seconds}\t{int(worked)}\t{stamp(start)}\t{moment}\t{moment}\t{moment}"
        self.events.append(Dated(at, rest))
