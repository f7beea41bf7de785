"""Opening, changing, closing and extending conversations."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from tests.conversations.conftest import NOW, Engine, pair

from prosa.conversations import service
from prosa.conversations.model import NoSuchConversation, Owner, StaleVersion
from prosa.conversations.states import IllegalTransition, State
from prosa.errors import Conflict, Invalid

DAY = timedelta(days=1)


def test_fifty_callers_at_once_open_one_conversation(engine: Engine) -> None:
    spellings = ["+5511987654321", "+551187654321"]
    with ThreadPoolExecutor(50) as callers:
        opened = list(callers.map(lambda n: engine.open(pair(spellings[n % 2])), range(50)))
    assert len({answer.conversation.id for answer in opened}) == 1
    assert sum(answer.is_new for answer in opened) == 1
    assert len(engine.all()) == 1


def test_the_ninth_digit_is_matched_both_ways_and_kept_as_given(engine: Engine) -> None:
    first = engine.open(pair("+551187654321")).conversation
    again = engine.open(pair("+5511987654321"))
    assert not again.is_new
    assert again.conversation.id == first.id
    assert again.conversation.contact_address == "+551187654321"


def test_another_channel_or_number_of_ours_is_another_conversation(engine: Engine) -> None:
    pairs = [pair(), pair(channel="sms"), pair(ours="+551140041235"), pair("+5521987654321")]
    assert len({engine.open(between).conversation.id for between in pairs}) == 4


def test_a_new_conversation_names_its_predecessor(engine: Engine) -> None:
    first = engine.open().conversation
    assert first.predecessor_id is None
    engine.close(first.id)
    engine.open(pair(channel="sms"))
    second = engine.open()
    assert second.is_new
    assert second.conversation.predecessor_id == first.id


def test_a_contact_is_one_contact_in_every_spelling_and_channel(engine: Engine) -> None:
    contacts = {
        engine.open(between).conversation.contact_id for between in (pair(), pair("+551187654321", channel="sms"))
    }
    assert len(contacts) == 1


def test_every_change_is_one_row_of_the_log(engine: Engine) -> None:
    conversation = engine.open().conversation
    engine.move(conversation.id, State.PROGRESS, now=NOW + timedelta(minutes=1))
    engine.close(conversation.id, Owner.AGENT, now=NOW + timedelta(minutes=2))
    steps = [(step.from_state, step.to_state, step.actor) for step in engine.log(conversation.id)]
    assert steps == [
        (None, State.PENDING, "apikey:1"),
        (State.PENDING, State.PROGRESS, "apikey:1"),
        (State.PROGRESS, State.AGENT_CLOSED, "apikey:1"),
    ]
    assert engine.get(conversation.id).closed_at == NOW + timedelta(minutes=2)


def test_an_illegal_transition_is_refused_and_leaves_no_trace(engine: Engine) -> None:
    conversation = engine.open().conversation
    with pytest.raises(IllegalTransition):
        engine.move(conversation.id, State.IDLE_TIMEOUT)
    assert engine.get(conversation.id) == conversation
    assert len(engine.log(conversation.id)) == 1


def test_a_person_takes_over_what_is_pending_before_closing_it(engine: Engine) -> None:
    conversation = engine.open().conversation
    engine.close(conversation.id, Owner.AGENT)
    assert [step.to_state for step in engine.log(conversation.id)] == ["pending", "human_handoff", "agent_closed"]


def test_closing_twice_is_a_conflict(engine: Engine) -> None:
    conversation = engine.open().conversation
    engine.close(conversation.id)
    with pytest.raises(Conflict):
        engine.close(conversation.id)


def test_a_version_that_was_overtaken_is_refused(engine: Engine) -> None:
    conversation = engine.open().conversation
    engine.add(conversation.id, "oi")
    with engine.db.tenant(engine.tenant) as conn, pytest.raises(StaleVersion):
        service.move(conn, engine.tenant, conversation, State.PROGRESS, by="apikey:1", reason="", now=NOW)


def test_extending_moves_the_end_and_only_of_what_is_open(engine: Engine) -> None:
    conversation = engine.open().conversation
    assert engine.extend(conversation.id, DAY).expires_at == conversation.expires_at + DAY
    with pytest.raises(Invalid):
        engine.extend(conversation.id, service.LONGEST)
    engine.close(conversation.id)
    with pytest.raises(Conflict):
        engine.extend(conversation.id, DAY)


def test_another_tenants_conversation_does_not_exist(engine: Engine, other_engine: Engine) -> None:
    theirs = other_engine.open().conversation.id
    for act in (engine.get, engine.close, lambda c: engine.add(c, "oi"), lambda c: engine.extend(c, DAY),
                lambda c: engine.move(c, State.PROGRESS)):  # fmt: skip
        with pytest.raises(NoSuchConversation):
            act(theirs)
    assert engine.open().conversation.id != theirs
    assert len(engine.all()) == 1
