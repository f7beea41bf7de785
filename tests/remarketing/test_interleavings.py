"""A thousand random interleavings: senders, editors, approvers, retries and the contact himself, on real connections.

Nobody is ever messaged who was suppressed before the claim began, outside the hours, over the cap, or with a text that
nobody approved; and no draft goes out twice.
"""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.remarketing.conftest import NOW, OURS, Company

from prosa.errors import Conflict
from prosa.remarketing import claims, service
from prosa.remarketing.hours import Hours
from prosa.remarketing.model import Draft, DraftState
from prosa.remarketing.policy import Policy

ROUNDS = 1000
CAP = 2  # messages a day
NIGHT = NOW.replace(hour=2)  # 23:00 in São Paulo, the day before
MOMENTS = (NOW, NOW + timedelta(minutes=1), NOW + timedelta(hours=1), NIGHT + timedelta(days=1))
RULES = Policy(
    ZoneInfo("America/Sao_Paulo"), "Academia Sol", "pt_BR", enabled=True, hours=Hours(time(9), time(20)),
    contact_messages=CAP, contact_period=timedelta(days=1), messaging_limit=None,
)  # fmt: skip
Action = Callable[[], None]


@dataclass
class Contact:
    """One person under two spellings, what is to be sent to him, and what really went out."""

    company: Company
    number: int
    drafts: list[int] = field(default_factory=list)
    approved: set[tuple[int, str]] = field(default_factory=set)
    sent: list[tuple[int, str, datetime]] = field(default_factory=list)
    out: threading.Event = field(default_factory=threading.Event)  # he has opted out, and we have said so
    sent_after_opting_out: int = 0

    @property
    def spellings(self) -> tuple[str, str]:
        """Without and with the ninth digit."""
        return f"+5511{80000000 + self.number}", f"+55119{80000000 + self.number}"

    def send(self, draft: int, now: datetime, answer: str) -> None:
        """A sender: claims, "sends", and records what the provider said, or is told to try again."""
        was_out = self.out.is_set()
        claimed = claim(self.company, draft, now)
        if claimed is None:
            return
        with self.company.db.tenant(self.company.tenant) as conn:
            if answer == "busy":
                claims.release(conn, self.company.tenant, claimed, by="job:test", now=now, reason="busy")
                return
            to = DraftState.SENT if answer == "ok" else DraftState.UNKNOWN
            claims.record(conn, self.company.tenant, draft, to, by="job:test", now=now)
        self.sent.append((draft, claimed.body, now))
        self.sent_after_opting_out += was_out

    def approve(self, draft: int, now: datetime) -> None:
        """A person reads it, approves what he read, and has it sent."""
        seen = self.company.draft(draft)
        with self.company.db.tenant(self.company.tenant) as conn:
            versions = {seen.id: seen.version}
            if service.approve(conn, self.company.tenant, [seen.id], by="user:2", now=now, versions=versions).drafts:
                self.approved.add((seen.id, seen.body))
            service.schedule(conn, self.company.tenant, [seen.id], policy=RULES, by="user:2", now=NOW)

    def edit(self, draft: int, text: str) -> None:
        """Somebody else changes the text."""
        seen = self.company.draft(draft)
        with self.company.db.tenant(self.company.tenant) as conn:
            service.edit(conn, self.company.tenant, draft, version=seen.version, by="user:3", now=NOW, body=text)

    def put_off(self, draft: int) -> None:
        """Somebody takes it off the schedule."""
        with self.company.db.tenant(self.company.tenant) as conn:
            service.unschedule(conn, self.company.tenant, [draft], by="user:4", now=NOW)

    def reject(self, draft: int) -> None:
        """Somebody does not want it sent."""
        with self.company.db.tenant(self.company.tenant) as conn:
            service.reject(conn, self.company.tenant, [draft], by="user:4", now=NOW)

    def opt_out(self, spelling: str) -> None:
        """He writes "parar"."""
        self.company.opts_out(spelling)
        self.out.set()

    def actions(self, chance: random.Random) -> list[Action]:
        """Two or three of them, made before they run, so that a seed gives the same ones."""
        return [self._action(chance) for _ in range(chance.choice((2, 3)))]

    def _action(self, chance: random.Random) -> Action:
        draft, now = chance.choice(self.drafts), chance.choice(MOMENTS)
        answer, text, spelling = (
            chance.choice(("ok", "ok", "busy", "lost")),
            f"Texto {chance.random()}",
            chance.choice(self.spellings),
        )
        return chance.choices(
            [
                lambda: self.send(draft, now, answer), lambda: self.approve(draft, NOW),
                lambda: self.edit(draft, text), lambda: self.opt_out(spelling),
                lambda: self.put_off(draft), lambda: self.reject(draft),
            ],
            weights=[8, 3, 2, 1, 1, 1],
        )[0]  # fmt: skip


def claim(company: Company, draft: int, now: datetime) -> Draft | None:
    """In a transaction of its own, as a job does."""
    with company.db.tenant(company.tenant) as conn:
        return claims.claim(conn, company.tenant, draft, policy=RULES, secret_keys=(), by="job:test", now=now)


def run(action: Action, start: threading.Barrier) -> None:
    """All start at once. A refusal is an answer; anything else is a fault of ours."""
    start.wait()
    with suppress(Conflict):
        action()


@pytest.fixture
def contacts(company: Company) -> list[Contact]:
    """A thousand contacts, each with three approved and scheduled drafts; one in two is known by the short spelling."""
    made = [Contact(company, number) for number in range(ROUNDS)]
    with company.db.tenant(company.tenant) as conn:
        conn.execute(SCENE, {
            "tenant": company.tenant, "ours": OURS, "now": NOW, "wrote": NOW - timedelta(hours=2),
            "short": [c.spellings[0] for c in made], "long": [c.spellings[1] for c in made],
        })  # fmt: skip
        rows = conn.execute(
            "select contact_key, id, body from drafts where tenant_id = %s order by id", [company.tenant]
        )
        by_key = {contact.spellings[1]: contact for contact in made}
        for key, draft, body in rows.fetchall():
            by_key[key].drafts.append(draft)
            by_key[key].approved.add((draft, body))
    return made


SCENE = """
with person as (
  select n, case when n %% 2 = 0 then short else long end as address, long as key
  from unnest(%(short)s::text[], %(long)s::text[]) with ordinality as p (short, long, n)
), conversation as (
  insert into conversations (tenant_id, source, channel, contact_address, contact_key, our_address, our_key, expires_at)
  select %(tenant)s, 'twilio', 'whatsapp', address, key, %(ours)s, %(ours)s, %(now)s from person
  returning id, contact_address, contact_key
), message as (
  insert into messages (tenant_id, conversation_id, sender, body, created_at)
  select %(tenant)s, id, 'contact', 'Quanto custa?', %(wrote)s from conversation
), draft as (
  insert into drafts (tenant_id, conversation_id, contact_key, contact_address, channel, via, body, author, created_by,
    created_at, updated_at, state, due_at)
  select %(tenant)s, id, contact_key, contact_address, 'whatsapp', 'twilio', 'Oi ' || n, 'person', 'user:1', %(now)s, %(now)s,
    'scheduled', %(now)s
  from conversation cross join generate_series(1, 3) as n returning tenant_id, id
)
insert into draft_transitions (tenant_id, draft_id, to_state, actor, at) select tenant_id, id, 'scheduled', 'user:1', %(now)s
from draft
"""


@pytest.mark.slow
def test_no_interleaving_messages_whom_it_must_not(contacts: list[Contact]) -> None:
    chance = random.Random(19)
    with ThreadPoolExecutor(4) as threads:
        for contact in contacts:
            actions = contact.actions(chance)
            start = threading.Barrier(len(actions))
            for future in [threads.submit(run, action, start) for action in actions]:
                future.result(timeout=30)
    steps = log_of(contacts[0].company)
    for contact in contacts:
        check(contact, steps)
    assert sum(len(contact.sent) for contact in contacts) > ROUNDS / 2, "hardly anything was sent: nothing was tried"
    assert sum(contact.out.is_set() for contact in contacts) > ROUNDS / 10


def log_of(company: Company) -> dict[int, list[str]]:
    """The states that each draft went through."""
    found = defaultdict(list)
    sql = "select draft_id, to_state::text from draft_transitions where tenant_id = %s order by id"
    with company.db.tenant(company.tenant) as conn:
        for draft, state in conn.execute(sql, [company.tenant]).fetchall():
            found[draft].append(state)
        states = conn.execute("select id, state::text from drafts where tenant_id = %s", [company.tenant]).fetchall()
    assert {draft: steps[-1] for draft, steps in found.items()} == dict(states)
    return found


def check(contact: Contact, steps: dict[int, list[str]]) -> None:
    """What must hold of one contact, by what went out and by the log."""
    went_out = {draft for draft, _, _ in contact.sent}
    assert contact.sent_after_opting_out == 0
    assert len(went_out) == len(contact.sent), "a draft went out twice"
    assert len(contact.sent) <= CAP
    assert {(draft, body) for draft, body, _ in contact.sent} <= contact.approved
    assert all(12 <= now.hour < 23 for _, _, now in contact.sent), "outside the hours (UTC, São Paulo is three behind)"
    assert {draft for draft in contact.drafts if {"sent", "unknown"} & set(steps[draft])} == went_out
