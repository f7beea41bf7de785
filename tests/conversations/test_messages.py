"""Messages: idempotent, in order, never lost; farewells and afterthoughts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.conversations.conftest import NOW, POLICY, Engine

from prosa.conversations.model import KeyReused, Owner
from prosa.conversations.states import State

MINUTE = timedelta(minutes=1)
BYE = "Era só isso mesmo, muito obrigada! Tchau!"
AFTERTHOUGHT = "na verdade, mais uma coisa: vocês abrem no sábado?"


def served(engine: Engine) -> int:
    """A conversation in which the contact asked and a program answered."""
    conversation = engine.open().conversation.id
    engine.add(conversation, "Oi, qual o horário de vocês?")
    engine.add(conversation, "Abrimos das 8h às 18h. Posso ajudar em algo mais?", Owner.SUPPORT)
    return conversation


def test_messages_come_in_the_order_in_which_they_were_added(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    for n in range(7):
        engine.add(conversation, f"mensagem {n}", now=NOW - n * MINUTE)
    assert [message.body for message in engine.messages(conversation)] == [f"mensagem {n}" for n in range(7)]


def test_a_repeated_idempotency_key_adds_nothing_and_returns_the_first(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    first = engine.add(conversation, "oi", key="k1")
    again = engine.add(conversation, "oi", key="k1")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.message == first.message
    assert len(engine.messages(conversation)) == 1


def test_an_idempotency_key_of_another_text_is_refused(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    engine.add(conversation, "oi", key="k1")
    with pytest.raises(KeyReused):
        engine.add(conversation, "olá", key="k1")
    assert len(engine.messages(conversation)) == 1


def test_two_tenants_may_use_the_same_key(engine: Engine, other_engine: Engine) -> None:
    for each in (engine, other_engine):
        assert each.add(each.open().conversation.id, "oi", key="k1").is_new


def test_a_farewell_closes_the_conversation_as_the_contact(engine: Engine) -> None:
    conversation = served(engine)
    assert engine.add(conversation, BYE).conversation.state is State.USER_CLOSED
    last = engine.log(conversation)[-1]
    assert (last.actor, last.reason) == ("closure", "farewell")
    assert engine.get(conversation).context["closure"]["score"] >= 0.8


def test_a_likely_farewell_is_noted_and_a_second_one_closes(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    engine.add(conversation, "O prazo é de três dias úteis.", Owner.SUPPORT)
    noted = engine.add(conversation, "obrigado").conversation
    assert noted.state is State.PROGRESS
    assert noted.context["closure"]["action"] == "confirm"
    assert engine.add(conversation, "valeu, obrigado").conversation.state is State.USER_CLOSED


def test_a_contact_who_goes_on_has_the_note_removed(engine: Engine) -> None:
    conversation = engine.open().conversation.id
    engine.add(conversation, "O prazo é de três dias úteis.", Owner.SUPPORT)
    engine.add(conversation, "obrigado")
    gone_on = engine.add(conversation, "E qual o prazo para chegar em Campinas?").conversation
    assert gone_on.context == {}
    assert gone_on.state is State.PROGRESS


def test_a_tenant_without_closure_detection_has_no_conversation_closed_by_a_farewell(engine: Engine) -> None:
    conversation = served(engine)
    assert engine.add(conversation, BYE, policy=replace(POLICY, detection=None)).conversation.state is State.PROGRESS


def test_an_afterthought_reopens_the_same_conversation(engine: Engine) -> None:
    conversation = served(engine)
    engine.add(conversation, BYE)
    receipt = engine.add(conversation, AFTERTHOUGHT, now=NOW + 5 * MINUTE)
    assert receipt.conversation.id == receipt.message.conversation_id == conversation
    assert receipt.conversation.state is State.PROGRESS
    assert receipt.conversation.closed_at is None
    assert "closure" not in (receipt.conversation.context or {})  # what was thought about its end is thought no more
    assert len(engine.all()) == 1
    assert engine.log(conversation)[-1].reason == "afterthought"


@pytest.mark.parametrize(("text", "after"), [(AFTERTHOUGHT, 6 * MINUTE), ("Quero remarcar minha consulta", MINUTE)])
def test_what_comes_late_or_is_something_else_opens_a_new_conversation(
    engine: Engine, text: str, after: timedelta
) -> None:
    conversation = served(engine)
    engine.add(conversation, BYE)
    new = engine.add(conversation, text, now=NOW + after).conversation
    assert new.predecessor_id == conversation
    assert engine.get(conversation).state is State.USER_CLOSED


def test_an_end_that_was_stated_is_not_taken_back_by_an_afterthought(engine: Engine) -> None:
    conversation = served(engine)
    engine.close(conversation, Owner.USER)
    assert engine.add(conversation, AFTERTHOUGHT).conversation.id != conversation


def test_an_afterthought_goes_to_the_conversation_that_is_already_open(engine: Engine) -> None:
    conversation = served(engine)
    engine.add(conversation, BYE)
    opened = engine.open().conversation.id
    assert engine.add(conversation, AFTERTHOUGHT).conversation.id == opened
    assert engine.get(conversation).state is State.USER_CLOSED


def test_our_last_word_stays_in_the_conversation_that_just_ended(engine: Engine) -> None:
    conversation = served(engine)
    engine.add(conversation, BYE)
    kept = engine.add(conversation, "Até logo!", Owner.SUPPORT, now=NOW + MINUTE)
    assert kept.message.conversation_id == conversation
    assert engine.get(conversation).state is State.USER_CLOSED
    later = engine.add(conversation, "Temos novidades!", Owner.SUPPORT, now=NOW + 10 * MINUTE)
    assert later.conversation.predecessor_id == conversation


def test_a_notice_never_opens_nor_resumes_nor_prolongs(engine: Engine) -> None:
    conversation = served(engine)
    before = engine.get(conversation)
    noted = engine.add(conversation, "Pedido 12 enviado.", Owner.SYSTEM, now=NOW + MINUTE).conversation
    assert (noted.state, noted.expires_at, noted.last_activity_at) == (
        before.state, before.expires_at, before.last_activity_at,
    )  # fmt: skip
    engine.close(conversation)
    engine.add(conversation, "Pedido 12 entregue.", Owner.SYSTEM, now=NOW + 60 * MINUTE)
    assert len(engine.all()) == 1
