"""Verbs of the engine on a tenant of the test's own, each in a transaction of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from prosa.conversations import addresses, messages, receiving, service, store, timers
from prosa.conversations.messages import Receipt
from prosa.conversations.model import Conversation, Message, NewMessage, Owner, Pair, Transition
from prosa.conversations.policy import Policy
from prosa.conversations.service import Opened
from prosa.conversations.states import State
from prosa.db import Database
from prosa.db.connection import TenantId

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy(expiration=timedelta(hours=24), idle_timeout=timedelta(hours=1))
CONTACT, OURS = "+5511987654321", "+551140041234"


def pair(contact: str = CONTACT, ours: str = OURS, channel: str = "whatsapp") -> Pair:
    """Between a contact and us."""
    return Pair(channel, addresses.parse(contact), addresses.parse(ours))


@dataclass(frozen=True)
class Engine:
    """What the tests do to conversations of one tenant."""

    db: Database
    tenant: TenantId

    def open(self, between: Pair | None = None, *, now: datetime = NOW) -> Opened:
        """Open or get."""
        with self.db.tenant(self.tenant) as conn:
            return service.open_conversation(
                conn, self.tenant, between or pair(), policy=POLICY, by="apikey:1", now=now
            )

    def add(
        self, conversation: int, body: str, owner: Owner = Owner.USER, *, now: datetime = NOW, key: str | None = None,
        policy: Policy = POLICY,
    ) -> Receipt:  # fmt: skip
        """Add a message."""
        with self.db.tenant(self.tenant) as conn:
            new = NewMessage(owner, body, key)
            return messages.add_message(conn, self.tenant, conversation, new, policy=policy, by="apikey:1", now=now)

    def receive(self, between: Pair, body: str, sid: str, *, now: datetime = NOW) -> Receipt:
        """A contact's message as a provider delivers it."""
        with self.db.tenant(self.tenant) as conn:
            new = NewMessage(Owner.USER, body, provider_sid=sid)
            return receiving.receive(conn, self.tenant, between, new, policy=POLICY, now=now)

    def react(self, message: Message, *, now: datetime = NOW) -> None:
        """The job that thinks about a contact's message."""
        with self.db.tenant(self.tenant) as conn:
            receiving.react(conn, self.tenant, message.conversation_id, message.id, policy=POLICY, now=now)

    def close(self, conversation: int, owner: Owner = Owner.SUPPORT, *, now: datetime = NOW) -> Conversation:
        """Close."""
        with self.db.tenant(self.tenant) as conn:
            return service.close(conn, self.tenant, conversation, on_behalf_of=owner, by="apikey:1", now=now)

    def move(self, conversation: int, to: State, *, now: datetime = NOW) -> Conversation:
        """One transition."""
        with self.db.tenant(self.tenant) as conn:
            before = service.get_conversation(conn, self.tenant, conversation, lock=True)
            return service.move(conn, self.tenant, before, to, by="apikey:1", reason="", now=now)

    def extend(self, conversation: int, by: timedelta, *, now: datetime = NOW) -> Conversation:
        """Let it expire later."""
        with self.db.tenant(self.tenant) as conn:
            return service.extend(conn, self.tenant, conversation, by=by, now=now)

    def expire(self, now: datetime) -> int:
        """The job that closes what has expired."""
        with self.db.tenant(self.tenant) as conn:
            return timers.expire_due(conn, self.tenant, now=now)

    def idle(self, now: datetime) -> int:
        """The job that pauses what is silent."""
        with self.db.tenant(self.tenant) as conn:
            return timers.idle_due(conn, self.tenant, policy=POLICY, now=now)

    def get(self, conversation: int) -> Conversation:
        """As it is now."""
        with self.db.tenant(self.tenant) as conn:
            return service.get_conversation(conn, self.tenant, conversation)

    def messages(self, conversation: int) -> list[Message]:
        """Its messages."""
        with self.db.tenant(self.tenant) as conn:
            return messages.list_messages(conn, self.tenant, conversation, limit=1000)

    def log(self, conversation: int) -> list[Transition]:
        """Its transition log."""
        with self.db.tenant(self.tenant) as conn:
            return store.transitions(conn, self.tenant, conversation)

    def all(self) -> list[Conversation]:
        """Every conversation of the tenant, newest first."""
        with self.db.tenant(self.tenant) as conn:
            return store.page(conn, self.tenant, store.Filter(), before=None, limit=1000)


@pytest.fixture
def engine(db: Database, tenant: TenantId) -> Engine:
    """The engine, for a tenant of this test's own."""
    return Engine(db, tenant)


@pytest.fixture
def other_engine(db: Database, make_tenant: Callable[..., TenantId]) -> Engine:
    """The engine of another tenant."""
    return Engine(db, make_tenant())
