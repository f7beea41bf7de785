"""An account of Chatwoot to which things happen, drawn by numbers, so that a sequence of changes can be told and repeated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
from tests.sources.chatwoot import KINDS, PENDING, SNOOZED, FakeChatwoot

TEXTS = ["Oi", "", None, "Quero marcar uma visita", "ç😀\n\t\\ 'x'", "longo " * 200]
LABELS = [None, "", "vip", "lead, vip", " lead ,vip,, vip", "visita"]
SKEWS = [timedelta(), timedelta(hours=-3), timedelta(hours=3), timedelta(hours=-50)]
YOUNG = timedelta(hours=-20)  # edits of messages from before are found by a reconciliation only


@dataclass
class World:
    """What is in the account. `unseen` allows changes that no incremental run can see."""

    chatwoot: FakeChatwoot
    unseen: bool
    account: int = field(init=False)
    inboxes: list[int] = field(init=False)
    agents: list[int] = field(init=False)
    contacts: list[int] = field(init=False)
    teams: list[int] = field(init=False)
    conversations: list[int] = field(default_factory=list)
    messages: list[tuple[int, int, bool]] = field(default_factory=list)  # (id, conversation, young)
    waiting: list[tuple[psycopg.Connection[Any], int, int]] = field(default_factory=list)
    known: set[int] = field(default_factory=set)  # contacts that had a conversation when the ETL last read

    def __post_init__(self) -> None:
        c = self.chatwoot
        self.account = c.account()
        self.inboxes = [c.inbox(self.account, name) for name in ("Vendas", "Suporte")]
        self.agents = [c.agent(self.account, name) for name in ("Ana", "Rui", "Robô")]
        self.contacts = [c.contact(self.account, f"contact {i}", phone_number=f"+55119{i:08}") for i in range(4)]
        self.teams = [c.team(self.account, name) for name in ("A", "B")]
        c.label(self.account, "vip")
        for i in range(3):
            self.begin(i, i)

    def happen(self, verb: str, a: int, b: int) -> None:
        """One change; it says nothing where there is nothing that it could happen to."""
        VERBS[verb](self, a, b)

    def read(self) -> None:
        """To be called when the ETL has run."""
        rows = self.chatwoot.conn.execute("select contact_id from conversations where account_id = %s", [self.account])
        self.known = {row[0] for row in rows}

    def finish(self) -> None:
        """Everything that is still held back is committed."""
        self.chatwoot.skew = timedelta()
        while self.waiting:
            self.commit(0, 0)

    def begin(self, a: int, b: int) -> None:
        contact = self.contacts[b % len(self.contacts)]
        conversation = self.chatwoot.conversation(self.inboxes[a % len(self.inboxes)], contact)
        self.conversations.append(conversation)
        self._keep(self.chatwoot.message(conversation, "in", TEXTS[b % len(TEXTS)]), conversation)

    def write(self, a: int, b: int) -> None:
        conversation = self.conversations[a % len(self.conversations)]
        kind = list(KINDS)[b % len(KINDS)]
        by = self.agents[(a + b) % len(self.agents)] if "User" in str(KINDS[kind]) else None
        self._keep(self.chatwoot.message(conversation, kind, TEXTS[(a + b) % len(TEXTS)], by=by), conversation)

    def import_old(self, a: int, b: int) -> None:
        """A message that says it was written long ago."""
        conversation = self.conversations[a % len(self.conversations)]
        then = self.chatwoot.now() - timedelta(hours=30 + b)
        message = self.chatwoot.message(conversation, "in", "antiga", created_at=then, updated_at=then)
        self.messages.append((message, conversation, False))

    def _keep(self, message: int, conversation: int) -> None:
        self.messages.append((message, conversation, self.chatwoot.skew > YOUNG))

    def _message(self, a: int) -> int | None:
        seen = self.unseen or self.chatwoot.touches_conversation
        there = [message for message, conversation, young in self.messages
                 if conversation in self.conversations and (young or seen)]  # fmt: skip
        return there[a % len(there)] if there else None

    def edit(self, a: int, b: int) -> None:
        if message := self._message(a):
            self.chatwoot.edit(message, f"edited {b}")

    def delete_message(self, a: int, b: int) -> None:
        if message := self._message(a):
            self.chatwoot.delete_message(message)

    def deliver(self, a: int, b: int) -> None:
        if message := self._message(a):
            self.chatwoot.deliver(message, b % 4)

    def settle(self, a: int, b: int) -> None:
        conversation = self.conversations[a % len(self.conversations)]
        self.chatwoot.resolve(conversation, [*self.agents, None][b % (len(self.agents) + 1)])

    def reopen(self, a: int, b: int) -> None:
        self.chatwoot.reopen(self.conversations[a % len(self.conversations)])

    def hand_off(self, a: int, b: int) -> None:
        self.chatwoot.hand_off(self.conversations[a % len(self.conversations)])

    def change(self, a: int, b: int) -> None:
        """Status, assignee, team, priority: with a stamp, or without."""
        changes = [{"status": SNOOZED}, {"status": PENDING}, {"assignee_id": self.agents[b % len(self.agents)]},
                   {"assignee_id": None}, {"team_id": self.teams[b % 2]}, {"priority": b % 4}][b % 6]  # fmt: skip
        save = self.chatwoot.save if a % 2 else self.chatwoot.update_columns
        save("conversations", self.conversations[a % len(self.conversations)], **changes)

    def relabel(self, a: int, b: int) -> None:
        self.chatwoot.relabel(self.conversations[a % len(self.conversations)], LABELS[b % len(LABELS)])

    def answer(self, a: int, b: int) -> None:
        self.chatwoot.csat(self.conversations[a % len(self.conversations)], 1 + b % 5, TEXTS[b % len(TEXTS)])

    def rename(self, a: int, b: int) -> None:
        """A contact, an agent, an inbox or a team has another name."""
        table, ids = [("contacts", self.contacts), ("users", self.agents), ("inboxes", self.inboxes),
                      ("teams", self.teams)][a % 4]  # fmt: skip
        self.chatwoot.save(table, ids[b % len(ids)], name=f"{table} {a} {b}")

    def meet(self, a: int, b: int) -> None:
        self.contacts.append(self.chatwoot.contact(self.account, f"new {a} {b}"))

    def merge(self, a: int, b: int) -> None:
        base, mergee = self.contacts[a % len(self.contacts)], self.contacts[b % len(self.contacts)]
        held = {contact for _, _, contact in self.waiting}
        if base == mergee or mergee in held or not (mergee in self.known or self.unseen):
            return
        self.chatwoot.merge_contacts(base, mergee, touch=bool((a + b) % 2))
        self.contacts.remove(mergee)

    def staff(self, a: int, b: int) -> None:
        """Somebody leaves, or comes back; or somebody new begins."""
        user = self.agents[a % len(self.agents)]
        if b % 3 == 0:
            self.agents.append(self.chatwoot.agent(self.account, f"agent {b}"))
        elif self.chatwoot.write("select id from account_users where account_id = %s and user_id = %s", self.account, user):
            self.chatwoot.remove_agent(self.account, user)
        else:
            self.chatwoot.join(self.account, user)

    def open_inbox(self, a: int, b: int) -> None:
        channel = ["Channel::Whatsapp", "Channel::Api", "Channel::FacebookPage"][a % 3]
        self.inboxes.append(self.chatwoot.inbox(self.account, f"inbox {b}", channel))

    def skew(self, a: int, b: int) -> None:
        """The application server's clock is off from now on."""
        self.chatwoot.skew = SKEWS[a % len(SKEWS)]

    def hold(self, a: int, b: int) -> None:
        """A slow transaction writes a conversation."""
        contact = self.contacts[b % len(self.contacts)]
        with self.chatwoot.held() as transaction:
            conversation = self.chatwoot.conversation(self.inboxes[a % len(self.inboxes)], contact)
            self.chatwoot.message(conversation, "in", "late")
        self.waiting.append((transaction, conversation, contact))

    def commit(self, a: int, b: int) -> None:
        """The oldest slow transaction ends."""
        if self.waiting:
            transaction, conversation, _ = self.waiting.pop(0)
            transaction.commit()
            transaction.close()
            self.conversations.append(conversation)

    def delete(self, a: int, b: int) -> None:
        """A conversation is gone for good."""
        if self.unseen and len(self.conversations) > 1:
            self.chatwoot.delete_conversation(self.conversations.pop(a % len(self.conversations)))


VERBS: dict[str, Callable[[World, int, int], None]] = {
    name: getattr(World, name)
    for name in (
        "begin", "write", "import_old", "edit", "delete_message", "deliver", "settle", "reopen", "hand_off", "change",
        "relabel", "answer", "rename", "meet", "merge", "staff", "open_inbox", "skew", "hold", "commit", "delete",
    )
}  # fmt: skip
