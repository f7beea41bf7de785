"""A contact who writes to a connected number, and a model whose answers a test scripts."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from analysis.llm.conftest import line_to
from analysis.llm.endpoint import Endpoint, Fail, Hang, Say, serving
from prosa.analysis.llm import ask
from prosa.assistant import service
from prosa.assistant.model import Feature, Result, Task
from prosa.conversations import addresses, messages
from prosa.conversations import service as engine
from prosa.conversations.model import Conversation, Message, NewMessage, Owner, Pair
from prosa.conversations.policy import read
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy.features import set_feature

CONTACT, OURS = "+5511987654321", "+551140041234"
PAIR = Pair("whatsapp", addresses.parse(CONTACT), addresses.parse(OURS))


@dataclass
class World:
    """One tenant, one contact, one model. `clock` may be moved."""

    db: Database
    tenant: TenantId
    settings: Settings
    endpoint: Endpoint
    ask: service.Ask
    answers: list[Say | Fail | Hang]
    while_thinking: Callable[[], None] | None = None
    moved: timedelta = field(default_factory=timedelta)

    def clock(self) -> datetime:
        """The present moment, for the code under test."""
        return datetime.now(UTC) + self.moved

    def feature(self, name: str, *, enabled: bool = True, **config: Any) -> None:
        """Switch a feature on or off."""
        with self.db.tenant(self.tenant) as conn:
            set_feature(conn, self.tenant, name, enabled=enabled, actor="test", config=config)

    def write(self, body: str, owner: Owner = Owner.USER) -> Message:
        """Somebody writes."""
        with self.db.tenant(self.tenant) as conn:
            policy, now = read(conn, self.tenant, self.settings), self.clock()
            conversation = engine.open_conversation(
                conn, self.tenant, PAIR, policy=policy, by="test", now=now
            ).conversation
            return messages.add_message(
                conn, self.tenant, conversation.id, NewMessage(owner, body), policy=policy, by="test", now=now
            ).message

    def run(self, message: Message, feature: Feature = Feature.REPLY) -> Result | None:
        """What the job does."""
        task = Task(self.tenant, message.conversation_id, message.id, feature)
        return service.run(self.db, task, ask=self.ask, settings=self.settings, clock=self.clock)

    def conversation(self, message: Message) -> Conversation:
        """The conversation as it is now."""
        with self.db.tenant(self.tenant) as conn:
            return engine.get_conversation(conn, self.tenant, message.conversation_id)

    def sent(self) -> list[str]:
        """The texts that were handed over to be sent."""
        with self.db.tenant(self.tenant) as conn:
            rows = conn.execute(
                """select m.body from deliveries d join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id
                   where d.tenant_id = %s order by d.id""",
                [self.tenant],
            )
            return [row[0] for row in rows]

    def kept(self) -> list[Mapping[str, Any]]:
        """Every result."""
        with self.db.tenant(self.tenant) as conn:
            rows = conn.execute(
                "select to_jsonb(r) from ai_results r where tenant_id = %s order by message_id", [self.tenant]
            )
            return [row[0] for row in rows]


def says(text: str, *, confidence: float = 0.95, hand_over: bool = False) -> Say:
    """What the model would reply."""
    return Say(json.dumps({"text": text, "confidence": confidence, "hand_over": hand_over}))


@pytest.fixture
def world(db: Database, tenant: TenantId, settings: Settings) -> Iterator[World]:
    """A tenant whose number is connected, with replies switched on."""
    with ExitStack() as stack:
        answers: list[Say | Fail | Hang] = [says("Abrimos às 8h.")]

        def behave(body: Any, number: int) -> Say | Fail | Hang:
            if found.while_thinking:
                found.while_thinking()
            return answers[min(number, len(answers) - 1)]

        endpoint = stack.enter_context(serving(behave))
        found = World(db, tenant, settings, endpoint, partial(ask, line=line_to(endpoint)), answers)
        with db.operator() as conn:
            inbox = conn.execute(
                "insert into inboxes (tenant_id, name, channel, phone) values (%s, 'W', 'whatsapp', %s) returning id",
                [tenant, OURS],
            ).fetchone()
            account = conn.execute(
                r"""insert into twilio_accounts (tenant_id, account_sid, token_encrypted)
                    values (%s, 'AC' || md5(%s::text), '\x00') returning id""",
                [tenant, tenant],
            ).fetchone()
            assert inbox and account
            conn.execute(
                "insert into twilio_numbers (tenant_id, account_id, address, address_key, inbox_id) values (%s, %s, %s, %s, %s)",
                [tenant, account[0], OURS, PAIR.ours.key, inbox[0]],
            )
        found.feature("reply", facts="Abrimos de segunda a sexta, das 8h às 18h.\nA avaliação custa R$ 150,00.")
        yield found
