"""A company with remarketing switched on, and its drafts' verbs, each in a transaction of its own."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prosa import privacy
from prosa.conversations import addresses, messages, suppressions
from prosa.conversations import service as conversations
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy as ConversationPolicy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts.refresh import refresh
from prosa.gateways.twilio.model import Account
from prosa.remarketing import claims, consents, policy, service, store, whatsapp_templates
from prosa.remarketing.consents import ConsentOrigin
from prosa.remarketing.model import Draft, DraftState
from prosa.remarketing.policy import Policy
from prosa.remarketing.service import Done, NewDraft
from prosa.remarketing.whatsapp_templates import FoundTemplate, WhatsAppTemplate
from prosa.sources.twilio import accounts
from prosa.sources.twilio.accounts import SANDBOX

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)  # a Tuesday, noon in São Paulo
OURS = SANDBOX  # the one number that every tenant of the tests may have
SHORT, LONG = "+551187654321", "+5511987654321"  # one contact, without and with the ninth digit
BY = "user:1"
KEYS = ["k"]
ALWAYS = {"opens": "00:00", "closes": "23:59", "weekdays": [1, 2, 3, 4, 5, 6, 7]}
CONVERSATIONS = ConversationPolicy(timedelta(days=1), timedelta(hours=1), detection=None, secret_keys=KEYS)


@dataclass(frozen=True)
class Company:
    """What the tests do to one tenant."""

    db: Database
    tenant: TenantId

    def rules(self, enabled: bool = True, **config: Any) -> Policy:
        """Lay down the policy."""
        with self.db.tenant(self.tenant) as conn:
            return policy.save(conn, self.tenant, config, enabled=enabled, actor=BY)

    def hears(
        self, contact: str = LONG, *, at: datetime = NOW - timedelta(hours=2), body: str = "Quanto custa?"
    ) -> int:
        """The contact writes; returns the conversation."""
        return self._message(contact, Owner.USER, body, at)

    def answers(self, contact: str = LONG, *, at: datetime, body: str = "Custa R$ 99.") -> int:
        """A person of the company writes; returns the conversation."""
        return self._message(contact, Owner.AGENT, body, at)

    def insight(self, conversation: int, **columns: Any) -> None:
        """What an analysis would have left behind."""
        row = {"is_lead": True, "category": "lead", "interest": "high", "conversion_score": 80, "lead_name": "Ana Souza",
               "lead_goal": "natação", "summary": "Perguntou o preço.", "sentiment": "neutral", "sentiment_score": 0,
               "confidence": 0.5, "model": "offline-1", "read_to": NOW, **columns}  # fmt: skip
        names = ", ".join(row)
        with self.db.tenant(self.tenant) as conn:
            sql = f"""insert into insights (tenant_id, conversation_id, conversation_created_at, {names})
                      select tenant_id, id, created_at, {", ".join(f"%({name})s" for name in row)}
                      from conversations where tenant_id = %(tenant)s and id = %(id)s"""
            conn.execute(sql.encode(), {**row, "tenant": self.tenant, "id": conversation})

    def template(self, body: str = "Oi {{1}}! Ainda quer {{2}}?", status: str = "approved") -> WhatsAppTemplate:
        """A WhatsApp template of Twilio's."""
        found = FoundTemplate("HX1", "volta", "pt_BR", "MARKETING", body, status)
        with self.db.tenant(self.tenant) as conn:
            whatsapp_templates.sync(conn, self.tenant, provider="twilio", account="AC1", found=[found], now=NOW)
            return whatsapp_templates.list_templates(conn, self.tenant)[0]

    def write(self, conversation: int, body: str = "Oi, Ana!", *, now: datetime = NOW, **new: Any) -> Draft:
        """Write a draft."""
        with self.db.tenant(self.tenant) as conn:
            draft = NewDraft(**({"body": body} if "whatsapp_template_id" not in new else {}), **new)
            return service.write(conn, self.tenant, conversation, draft, by=BY, now=now)

    def edit(self, draft: Draft, *, now: datetime = NOW, **changes: Any) -> Draft:
        """Edit a draft as it was read."""
        with self.db.tenant(self.tenant) as conn:
            return service.edit(conn, self.tenant, draft.id, version=draft.version, by=BY, now=now, **changes)

    def approve(self, *drafts: Draft, now: datetime = NOW, versions: Mapping[int, int] | None = None) -> Done:
        """Approve drafts as they were read."""
        with self.db.tenant(self.tenant) as conn:
            versions = {draft.id: draft.version for draft in drafts} if versions is None else versions
            return service.approve(conn, self.tenant, [d.id for d in drafts], by=BY, now=now, versions=versions)

    def schedule(self, *drafts: Draft, at: datetime | None = None, now: datetime = NOW) -> Done:
        """Schedule drafts."""
        with self.db.tenant(self.tenant) as conn:
            rules = policy.read(conn, self.tenant)
            return service.schedule(conn, self.tenant, [d.id for d in drafts], policy=rules, by=BY, now=now, at=at)

    def unschedule(self, *drafts: Draft, now: datetime = NOW) -> Done:
        """Take drafts off the schedule."""
        with self.db.tenant(self.tenant) as conn:
            return service.unschedule(conn, self.tenant, [d.id for d in drafts], by=BY, now=now)

    def take_back(self, *drafts: Draft, now: datetime = NOW) -> Done:
        """Take the approval of drafts back."""
        with self.db.tenant(self.tenant) as conn:
            return service.take_back(conn, self.tenant, [d.id for d in drafts], by=BY, now=now)

    def reject(self, *drafts: Draft, now: datetime = NOW) -> Done:
        """Reject drafts."""
        with self.db.tenant(self.tenant) as conn:
            return service.reject(conn, self.tenant, [d.id for d in drafts], by=BY, now=now, reason="não")

    def scheduled(self, conversation: int, body: str = "Oi, Ana!", *, now: datetime = NOW, **new: Any) -> Draft:
        """A draft that waits to be sent."""
        draft = self.write(conversation, body, now=now, **new)
        self.approve(draft, now=now)
        return self.schedule(draft, now=now).drafts[0]

    def draft(self, draft_id: int) -> Draft:
        """As it is now."""
        with self.db.tenant(self.tenant) as conn:
            return store.get(conn, self.tenant, draft_id)

    def log(self, draft_id: int) -> list[DraftState]:
        """The states that it went through."""
        with self.db.tenant(self.tenant) as conn:
            sql = "select to_state::text from draft_transitions where tenant_id = %s and draft_id = %s order by id"
            return [DraftState(state) for (state,) in conn.execute(sql, [self.tenant, draft_id]).fetchall()]

    def claim(self, draft_id: int, *, now: datetime = NOW) -> Draft | None:
        """What a sender does first."""
        with self.db.tenant(self.tenant) as conn:
            rules = policy.read(conn, self.tenant)
            return claims.claim(conn, self.tenant, draft_id, policy=rules, secret_keys=KEYS, by="job:test", now=now)

    def opts_out(self, contact: str = LONG, *, at: datetime = NOW) -> None:
        """The contact wants no more messages."""
        with self.db.tenant(self.tenant) as conn:
            suppressions.suppress(
                conn, self.tenant, _pair(contact), reason=suppressions.Reason.WORD, actor="contact", now=at
            )

    def consents(self, granted: bool, contact: str = LONG, *, at: datetime = NOW) -> None:
        """The contact agrees, or no longer does."""
        with self.db.tenant(self.tenant) as conn:
            consents.record(conn, self.tenant, contact, granted=granted, origin=ConsentOrigin.FORM, evidence="ficha 1",
                            actor=BY, at=at)  # fmt: skip

    def erase(self, contact: str = LONG, *, at: datetime = NOW) -> None:
        """The contact's data are erased, as he asked."""
        with self.db.operator() as conn:
            privacy.erase(conn, self.tenant, contact, secret_keys=KEYS, actor=BY, now=at)

    def converts(self, conversation: int, *, at: datetime = NOW) -> None:
        """Somebody states a conversion."""
        with self.db.tenant(self.tenant) as conn:
            conn.execute(
                """insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor)
                   values (%s, %s, 'conversion', %s, 'person', 'user:1')""",
                [self.tenant, conversation, at],
            )

    def connect(self) -> None:
        """Connect our number to Twilio."""
        account = Account("AC" + uuid.uuid4().hex, "token")
        with self.db.operator() as conn:
            accounts.connect(
                conn, self.tenant, account=account, secret_keys=["test-secret-key"], numbers=[OURS], actor=BY
            )

    def _message(self, contact: str, owner: Owner, body: str, at: datetime) -> int:
        with self.db.tenant(self.tenant) as conn:
            opened = conversations.open_conversation(
                conn, self.tenant, _pair(contact), policy=CONVERSATIONS, by="twilio", now=at, source="twilio"
            ).conversation
            new = NewMessage(owner, body)
            messages.add_message(conn, self.tenant, opened.id, new, policy=CONVERSATIONS, by=BY, now=at)
            refresh(conn, self.tenant, [opened.id])
        return opened.id


def _pair(contact: str) -> Pair:
    return Pair("whatsapp", addresses.parse(contact), addresses.parse(OURS))


@pytest.fixture
def company(db: Database, tenant: TenantId) -> Company:
    """A company of this test's own, which may write at any hour but to one contact once a week."""
    made = Company(db, tenant)
    made.connect()
    made.rules(hours=ALWAYS, messaging_limit=None)
    return made
