"""Random interleavings of two and three actors on one conversation, on real connections."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise

import pytest
from tests.conversations.conftest import NOW, Engine, pair

from prosa.conversations.model import Conversation, Message, Owner, Transition
from prosa.conversations.states import OPEN, State, may_become
from prosa.errors import Conflict

ROUNDS = 1000
TEXTS = ("Vocês abrem no sábado?", "obrigado", "Era só isso, obrigada! Tchau!", "na verdade, mais uma coisa")
Action = Callable[[], None]


class Actors:
    """What may happen to one conversation; remembers which messages were accepted."""

    def __init__(
        self, engine: Engine, conversation: Conversation, chance: random.Random, earlier: Message | None
    ) -> None:
        self.engine, self.conversation, self.chance = engine, conversation.id, chance
        self.pair, self.earlier = conversation.pair, earlier
        self.accepted: dict[int, str] = {}
        self.guard = threading.Lock()

    def actions(self) -> list[Action]:
        """Two or three of them, made before they run, so that a seed gives the same ones."""
        kinds = [
            self.message,
            self.receive,
            self.react,
            self.answer,
            self.close,
            self.idle,
            self.expire,
            self.transition,
            self.open,
        ]
        return [self.chance.choice(kinds)() for _ in range(self.chance.choice((2, 3)))]

    def message(self) -> Action:
        text, now = self.chance.choice(TEXTS), NOW + timedelta(minutes=self.chance.choice((1, 3, 90)))
        return lambda: self._add(text, Owner.USER, now)

    def receive(self) -> Action:
        """Twilio delivers a message, perhaps one that it delivers to another of us as well; then its job runs."""
        text, now = self.chance.choice(TEXTS), NOW + timedelta(minutes=self.chance.choice((1, 3, 90)))
        sid = f"SM{self.conversation}-{self.chance.choice((0, 0, 1))}"

        def run() -> None:
            receipt = self.engine.receive(self.pair, text, sid, now=now)
            if receipt.is_new:
                self._note(receipt.message.id, text)
            self.engine.react(receipt.message, now=now)

        return run

    def react(self) -> Action:
        """The job of an earlier message comes late, when much has happened."""
        earlier = self.earlier
        return lambda: self.engine.react(earlier, now=NOW + timedelta(minutes=2)) if earlier else None

    def answer(self) -> Action:
        owner = self.chance.choice((Owner.AGENT, Owner.SUPPORT, Owner.SYSTEM))
        return lambda: self._add("Posso ajudar em algo mais?", owner, NOW + timedelta(minutes=2))

    def close(self) -> Action:
        owner = self.chance.choice(list(Owner))
        return lambda: self.engine.close(self.conversation, owner) and None

    def idle(self) -> Action:
        return lambda: self.engine.idle(NOW + timedelta(hours=1)) and None

    def expire(self) -> Action:
        return lambda: self.engine.expire(NOW + timedelta(hours=24)) and None

    def transition(self) -> Action:
        to = self.chance.choice(list(State))
        return lambda: self.engine.move(self.conversation, to) and None

    def open(self) -> Action:
        return lambda: self.engine.open(self.pair) and None

    def _add(self, text: str, owner: Owner, now: object) -> None:
        receipt = self.engine.add(self.conversation, text, owner, now=now)
        self._note(receipt.message.id, text)

    def _note(self, message: int, text: str) -> None:
        with self.guard:
            self.accepted[message] = text


def run(action: Action, start: threading.Barrier) -> None:
    """All actors start at once. A refusal is an answer; anything else is a fault of ours."""
    start.wait()
    with suppress(Conflict):
        action()


def is_lawful(log: list[Transition]) -> bool:
    """Whether each step follows from the one before, by the table or by an afterthought's way back."""
    if log[0].from_state is not None or log[0].to_state is not State.PENDING:
        return False
    return all(
        step.from_state is before.to_state
        and (
            may_become(step.from_state, step.to_state)
            or (step.reason == "afterthought" and before.actor == "closure" and step.to_state is before.from_state)
        )
        for before, step in pairwise(log)
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_actors_at_once_never_break_a_conversation(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    accepted: dict[int, str] = {}
    with ThreadPoolExecutor(3) as threads:
        for n in range(ROUNDS // 4):
            conversation = engine.open(pair(f"+55119{80000000 + n}")).conversation
            earlier = None
            if chance.random() < 0.7:
                earlier = engine.add(conversation.id, chance.choice(TEXTS)).message
                engine.add(conversation.id, "Bom dia!", Owner.SUPPORT)
            actors = Actors(engine, conversation, chance, earlier)
            actions = actors.actions()
            start = threading.Barrier(len(actions))
            for future in [threads.submit(run, action, start) for action in actions]:
                future.result(timeout=30)
            accepted |= actors.accepted
    check(engine, accepted)


def check(engine: Engine, accepted: dict[int, str]) -> None:
    """Never two open conversations, never an illegal transition, never a lost message."""
    with engine.db.tenant(engine.tenant) as conn:
        rows = conn.execute(
            "select id, state::text, contact_key from conversations where tenant_id = %s", [engine.tenant]
        ).fetchall()
        logs = defaultdict(list)
        for owner, before, after, actor, reason, at in conn.execute(
            """select conversation_id, from_state::text, to_state::text, actor, reason, at from transitions
               where tenant_id = %s order by id""",
            [engine.tenant],
        ):
            logs[owner].append(Transition(State(before) if before else None, State(after), actor, reason, at))
        sids, distinct = conn.execute(
            """select count(provider_sid), count(distinct provider_sid) from messages where tenant_id = %s""",
            [engine.tenant],
        ).fetchone() or (0, 0)
        stored = dict(conn.execute("select id, body from messages where tenant_id = %s", [engine.tenant]).fetchall())
    open_of = defaultdict(int)
    for conversation, state, contact in rows:
        log = logs[conversation]
        assert is_lawful(log), log
        assert log[-1].to_state == state
        open_of[contact] += state in OPEN
    assert max(open_of.values()) == 1
    assert accepted.items() <= stored.items()
    assert sids == distinct
