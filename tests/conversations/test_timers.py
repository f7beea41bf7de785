"""What the clock does, also when a message arrives in the same instant."""

import threading
import time
from datetime import timedelta

import pytest
from tests.conversations.conftest import NOW, POLICY, Engine, pair

from prosa.conversations import messages, policy
from prosa.conversations.model import NewMessage, Owner
from prosa.conversations.states import State
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy.features import set_feature

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_what_has_expired_is_closed_and_nothing_else(engine: Engine) -> None:
    old = engine.open().conversation.id
    fresh = engine.open(pair(channel="sms"), now=NOW + HOUR).conversation.id
    assert engine.expire(NOW + DAY - timedelta(seconds=1)) == 0
    assert engine.expire(NOW + DAY) == 1
    assert (engine.get(old).state, engine.get(fresh).state) == (State.EXPIRED, State.PENDING)
    assert engine.get(old).closed_at == NOW + DAY
    assert engine.log(old)[-1].actor == "job:expire"


def test_only_what_is_in_progress_is_paused(engine: Engine) -> None:
    pending = engine.open().conversation.id
    going_on = engine.open(pair(channel="sms")).conversation.id
    engine.add(going_on, "Bom dia! Como posso ajudar?", Owner.SUPPORT)
    with_person = engine.open(pair(channel="web")).conversation.id
    engine.add(with_person, "Bom dia, aqui é a Ana.", Owner.AGENT)
    assert engine.idle(NOW + HOUR) == 1
    states = [engine.get(conversation).state for conversation in (pending, going_on, with_person)]
    assert states == [State.PENDING, State.IDLE_TIMEOUT, State.HUMAN_HANDOFF]


def test_a_message_resumes_what_is_paused_and_it_lives_longer(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    engine.add(conversation, "Bom dia!", Owner.SUPPORT)
    engine.idle(NOW + HOUR)
    resumed = engine.add(conversation, "Vocês abrem no sábado?", now=NOW + 2 * HOUR).conversation
    assert resumed.state is State.PROGRESS
    assert resumed.expires_at == NOW + 2 * HOUR + POLICY.expiration
    assert engine.idle(NOW + 2 * HOUR) == 0


@pytest.mark.parametrize("job", ["idle", "expire"])
def test_a_message_that_commits_while_the_job_waits_wins(engine: Engine, job: str) -> None:
    conversation = engine.open().conversation.id
    engine.add(conversation, "Bom dia!", Owner.SUPPORT)
    due = NOW + 2 * DAY
    with engine.db.tenant(engine.tenant) as conn:
        new = NewMessage(Owner.USER, "Vocês abrem no sábado?")
        messages.add_message(conn, engine.tenant, conversation, new, policy=POLICY, by="apikey:1", now=due)
        runner = threading.Thread(target=getattr(engine, job), args=(due,))
        runner.start()
        time.sleep(0.2)  # the job comes while the message is not yet committed
    runner.join()
    assert engine.get(conversation).state is State.PROGRESS
    assert getattr(engine, job)(due) == 0


def test_two_cleaners_close_a_conversation_once(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    cleaners = [threading.Thread(target=engine.expire, args=(NOW + DAY,)) for _ in range(8)]
    for cleaner in cleaners:
        cleaner.start()
    for cleaner in cleaners:
        cleaner.join()
    assert [step.to_state for step in engine.log(conversation)] == [State.PENDING, State.EXPIRED]


def test_a_tenants_own_timers_go_before_the_installations(db: Database, tenant: TenantId, settings: Settings) -> None:
    with db.tenant(tenant) as conn:
        assert policy.read(conn, tenant, settings).expiration == timedelta(minutes=1440)
        config = {"expiration_minutes": 30, "idle_timeout_minutes": "soon"}
        set_feature(conn, tenant, "conversations", enabled=True, actor="test", config=config)
        set_feature(conn, tenant, "closure", enabled=False, actor="test")
        ours = policy.read(conn, tenant, settings)
    assert ours == policy.Policy(timedelta(minutes=30), timedelta(minutes=60), None, secret_keys=settings.secret_keys)
