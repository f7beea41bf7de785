"""A tenant whose number is connected to the twin of Twilio, and a contact who has just written to it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from prosa.conversations import addresses, messages, outbox, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.outbox import Content
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.gateways.twilio.messages import Messenger, send
from prosa.gateways.twilio.model import Account
from prosa.gateways.twilio.outcomes import Outcome
from prosa.sending import callbacks, store
from prosa.sending import service as sending
from prosa.sending.model import Callback, Delivery
from prosa.settings import Settings
from twilio_twin import Twin, twilio_twin
from twilio_world import Connected, connect, new_number

__all__ = ["connect", "twilio_twin"]

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = ["test-secret-key"]  # as in the settings
POLICY = Policy(expiration=timedelta(hours=24), idle_timeout=timedelta(hours=1), detection=None, secret_keys=KEYS)
TEMPLATE = Content("HX" + "0" * 32, {"1": "Ana"})


@dataclass
class World:
    """What the tests do; every verb is a transaction of its own."""

    db: Database
    settings: Settings
    mine: Connected
    contact: str
    conversation: int = 0

    @property
    def pair(self) -> Pair:
        """The contact and our number."""
        return Pair("whatsapp", addresses.parse(self.contact), addresses.parse(self.mine.number))

    def open(self, *, now: datetime = NOW) -> int:
        """Open the conversation, or get the open one."""
        with self.db.tenant(self.mine.tenant) as conn:
            opened = service.open_conversation(conn, self.mine.tenant, self.pair, policy=POLICY, by="test", now=now)
        self.conversation = opened.conversation.id
        return self.conversation

    def add(self, body: str, owner: Owner = Owner.AGENT, *, content: Content | None = None, now: datetime = NOW) -> int:
        """Add a message, and post it where it is ours. Returns its id."""
        with self.db.tenant(self.mine.tenant) as conn:
            new = NewMessage(owner, body)
            receipt = messages.add_message(
                conn, self.mine.tenant, self.conversation, new, policy=POLICY, by="test", now=now
            )
            outbox.post(conn, self.mine.tenant, receipt, content, now=now)
        return receipt.message.id

    def deliver(self, message: int, *, now: datetime = NOW, gateway: Messenger = send) -> Outcome | None:
        """Do the job of this message."""
        return sending.deliver(self.db, self.mine.tenant, message, gateway=gateway, settings=self.settings, now=now)

    def delivery(self, message: int) -> Delivery:
        """As it is now."""
        with self.db.tenant(self.mine.tenant) as conn:
            found = store.find(conn, self.mine.tenant, message)
        assert found
        return found

    def retry(self, message: int, *, now: datetime = NOW) -> None:
        """A person has it sent again."""
        with self.db.tenant(self.mine.tenant) as conn:
            sending.retry(conn, self.mine.tenant, message, conversation_id=self.conversation, by="user:1", now=now)

    def sweep(self, *, now: datetime) -> tuple[int, int]:
        """The job that looks after what was left behind."""
        with self.db.tenant(self.mine.tenant) as conn:
            return sending.sweep(conn, self.mine.tenant, now=now)

    def hear(self, callback: Callback, *, now: datetime = NOW) -> bool:
        """Twilio says something."""
        with self.db.tenant(self.mine.tenant) as conn:
            return callbacks.receive(conn, self.mine.tenant, callback, now=now)

    def match_held(self, *, now: datetime = NOW) -> int:
        """The job that matches held callbacks."""
        with self.db.tenant(self.mine.tenant) as conn:
            return callbacks.match_held(conn, self.mine.tenant, now=now)

    def jobs(self, message: int) -> int:
        """How many jobs were asked for this message."""
        with self.db.operator() as conn:
            conn.execute("reset role")
            row = conn.execute(
                """select count(*) from procrastinate_jobs where task_name = 'sending.send_message'
                   and (args ->> 'tenant_id')::bigint = %s and (args ->> 'message_id')::bigint = %s""",
                [self.mine.tenant, message],
            ).fetchone()
        assert row
        return int(row[0])


@pytest.fixture
def world(db: Database, settings: Settings, connect: Callable[..., Connected], twilio_twin: Twin) -> World:
    """The contact has written at NOW."""
    account = Account("AC" + secrets.token_hex(16), secrets.token_hex(16))
    twilio_twin.tokens[account.sid] = account.token
    ours = replace(settings, twilio_api_base_url=twilio_twin.url, public_url="https://prosa.example")
    found = World(db, ours, connect(account=account), new_number())
    found.open()
    found.add("Oi, vocês abrem no sábado?", Owner.USER)
    return found
