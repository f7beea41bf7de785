"""Features run where a tenant has switched them on, once for each message, and leave their results."""

import json
from datetime import UTC, datetime

import pytest
from tests.assistant.conftest import World

from analysis.llm.endpoint import Say
from prosa.assistant import service
from prosa.assistant.model import Feature, State
from prosa.conversations import receiving
from prosa.conversations.model import Message, Owner
from prosa.conversations.policy import read
from prosa.conversations.states import State as Stage


def requested(world: World, message: Message) -> list[Feature]:
    with world.db.tenant(world.tenant) as conn:
        return service.request(conn, world.tenant, message.conversation_id, message.id)


def test_nothing_runs_that_is_not_switched_on(world: World) -> None:
    world.feature("reply", enabled=False)
    assert requested(world, world.write("Oi")) == []
    world.feature("sentiment")
    assert requested(world, world.write("Oi de novo")) == [Feature.SENTIMENT]


def test_sentiment_is_kept_per_message(world: World) -> None:
    for body in ("Péssimo atendimento, estou muito irritada!", "Que horas abre?"):
        world.run(world.write(body), Feature.SENTIMENT)
    assert [kept["result"]["label"] for kept in world.kept()] == ["negative", "neutral"]
    assert {kept["model"] for kept in world.kept()} == {"offline"}
    assert world.endpoint.requests == []


def likely_farewell(world: World) -> Message:
    """A message in closure detection's middle band."""
    world.feature("closure", ask_model=True, confirm_at=0.01, close_at=1.0)
    world.write("Sua consulta está marcada para amanhã.", Owner.SUPPORT)
    message = world.write("obrigado")
    with world.db.tenant(world.tenant) as conn:
        policy = read(conn, world.tenant, world.settings)
        receiving.react(conn, world.tenant, message.conversation_id, message.id, policy=policy, now=datetime.now(UTC))
    assert Feature.ENDING in requested(world, message)
    return message


def test_the_model_closes_a_likely_farewell_that_is_one(world: World) -> None:
    world.answers[:] = [Say(json.dumps({"ended": True, "confidence": 0.9}))]
    message = likely_farewell(world)
    found = world.run(message, Feature.ENDING)
    assert found and found.result["closed"]
    assert world.conversation(message).state is Stage.USER_CLOSED


def test_an_unsure_model_closes_nothing(world: World) -> None:
    world.answers[:] = [Say(json.dumps({"ended": True, "confidence": 0.6}))]
    message = likely_farewell(world)
    world.run(message, Feature.ENDING)
    assert world.conversation(message).is_open


@pytest.mark.parametrize("writes", [("ah, e o endereço?", Owner.USER), ("Oi, aqui é a Ana.", Owner.AGENT)])
def test_who_goes_on_writing_or_is_taken_over_by_a_person_is_not_closed(
    world: World, writes: tuple[str, Owner]
) -> None:
    world.answers[:] = [Say(json.dumps({"ended": True, "confidence": 1}))]
    message = likely_farewell(world)
    world.while_thinking = lambda: world.write(*writes) and None
    found = world.run(message, Feature.ENDING)
    assert found and (found.state, found.error) == (State.SKIPPED, "superseded")
    assert world.conversation(message).is_open
