"""Messages as a provider delivers them: kept once, in the right conversation, and thought about by a job."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from prosa.conversations import bulk_receiving, messages, policy, receiving
from prosa.conversations.bulk_receiving import Arrival
from prosa.conversations.messages import Receipt
from prosa.conversations.model import Conversation, NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.conversations.receiving import Reaction
from prosa.conversations.service import get_conversation
from prosa.conversations.states import State

from .conftest import NOW, POLICY, Engine, pair

MINUTE = timedelta(minutes=1)
ASKING = replace(POLICY, question=policy.QUESTION)


def text(body: str | None, sid: str | None = None) -> NewMessage:
    return NewMessage(Owner.USER, body, provider_sid=sid or secrets.token_hex(16))


def receive(
    engine: Engine, new: NewMessage, *, now: datetime = NOW, name: str | None = None, between: Pair | None = None
) -> Receipt:
    with engine.db.tenant(engine.tenant) as conn:
        between = between or pair()
        return receiving.receive(conn, engine.tenant, between, new, policy=POLICY, now=now, contact_name=name)


def quickly(engine: Engine, new: NewMessage, *, now: datetime = NOW, name: str | None = None) -> bool:
    arrival = bulk_receiving.arrival(pair(), new, policy=POLICY, now=now, contact_name=name)
    assert arrival
    return bulk_receiving.receive(engine.db, engine.tenant, [arrival], now=now) == [True]


def react(engine: Engine, receipt: Receipt, *, now: datetime = NOW) -> Conversation:
    return think(engine, receipt, POLICY, now=now).conversation


def think(engine: Engine, receipt: Receipt, ours: Policy, *, now: datetime = NOW) -> Reaction:
    with engine.db.tenant(engine.tenant) as conn:
        return receiving.react(conn, engine.tenant, receipt.conversation.id, receipt.message.id, policy=ours, now=now)


def test_a_message_known_by_its_sid_is_not_added_again_after_the_end_either(engine: Engine) -> None:
    first = receive(engine, text("oi", "SM1"))
    engine.close(first.conversation.id)
    again = receive(engine, text("oi", "SM1"), now=NOW + MINUTE)
    assert (again.is_new, again.message) == (False, first.message)
    assert len(engine.all()) == 1 and not quickly(engine, text("oi", "SM1"))


def test_the_farewell_is_understood_by_the_job_and_an_afterthought_takes_it_back(engine: Engine) -> None:
    said = receive(engine, text("tchau, obrigado!"))
    assert said.conversation.state is State.PENDING, "the webhook does not judge"
    assert react(engine, said).state is State.USER_CLOSED
    assert react(engine, said).state is State.USER_CLOSED
    after = receive(engine, text("na verdade, mais uma coisa"), now=NOW + MINUTE)
    assert (after.conversation.id, after.conversation.state) == (said.conversation.id, State.PENDING)
    assert react(engine, after).is_open


def test_a_message_that_the_contact_followed_up_is_not_judged(engine: Engine) -> None:
    said = receive(engine, text("tchau, obrigado!"))
    receive(engine, text("ah, e qual o preço?"))
    assert react(engine, said).is_open


def test_a_message_after_an_end_opens_a_new_conversation_of_the_same_source(engine: Engine) -> None:
    first = receive(engine, text("oi"))
    engine.close(first.conversation.id)
    second = receive(engine, text("Quero remarcar"), now=NOW + MINUTE).conversation
    assert (second.predecessor_id, second.source, second.state) == (first.conversation.id, "twilio", State.PENDING)


def test_a_paused_conversation_goes_on_and_one_of_people_keeps_the_message_in_silence(engine: Engine) -> None:
    first = receive(engine, text("oi")).conversation
    engine.move(first.id, State.PROGRESS)
    engine.idle(NOW + timedelta(hours=2))
    assert engine.get(first.id).state is State.IDLE_TIMEOUT
    assert not quickly(engine, text("voltei")), "it moves the conversation"
    assert receive(engine, text("voltei"), now=NOW + timedelta(hours=2)).conversation.state is State.PROGRESS
    engine.move(first.id, State.HUMAN_HANDOFF)
    kept = receive(engine, text("obrigado, tchau"), now=NOW + timedelta(hours=2))
    assert kept.conversation.state is State.HUMAN_HANDOFF and kept.is_new


def test_answers_go_to_the_spelling_that_the_provider_uses(engine: Engine) -> None:
    opened = engine.open(pair("+5511987654321")).conversation
    short = pair("+551187654321")
    arrival = bulk_receiving.arrival(short, text("oi"), policy=POLICY, now=NOW)
    assert arrival and bulk_receiving.receive(engine.db, engine.tenant, [arrival], now=NOW) == [False]
    kept = receive(engine, text("oi"), between=short).conversation
    assert (kept.id, kept.contact_address) == (opened.id, "+551187654321")
    assert bulk_receiving.receive(engine.db, engine.tenant, [arrival], now=NOW) == [True]
    engine.close(opened.id)
    assert receive(engine, text("outra coisa"), between=pair()).conversation.contact_address == "+5511987654321"


def test_a_name_is_kept_where_there_is_none(engine: Engine) -> None:
    def name() -> Any:
        with engine.db.tenant(engine.tenant) as conn:
            row = conn.execute("select name from contacts where tenant_id = %s", [engine.tenant]).fetchone()
        return row and row[0]

    receive(engine, text("oi"))
    assert not quickly(engine, text("oi"), name="Ana"), "it names the contact"
    receive(engine, text("oi"), name="Ana")
    assert name() == "Ana"
    assert quickly(engine, text("oi"), name="Ana Maria")
    receive(engine, text("oi"), name="Ana Maria")
    assert name() == "Ana"


@pytest.mark.parametrize("question", [None, policy.QUESTION, "Fechamos por aqui?"])
def test_a_likely_farewell_is_asked_about_once_where_the_tenant_wants_it(engine: Engine, question: str | None) -> None:
    ours = replace(POLICY, question=question)
    opened = receive(engine, text("Qual o horário?")).conversation.id
    engine.add(opened, "Das 8h às 18h.", Owner.SUPPORT)
    said = receive(engine, text("blz obg"))
    assert [think(engine, said, ours).question for _ in range(2)] == [question, None]
    if question:
        engine.add(opened, question, Owner.SUPPORT)
    yes = receive(engine, text("pode sim"), now=NOW + MINUTE)
    assert think(engine, yes, ours).conversation.is_open is (question is None)


def test_people_are_neither_interrupted_by_the_question_nor_closed_upon_by_thanks_said_twice(engine: Engine) -> None:
    opened = receive(engine, text("Qual o horário?")).conversation.id
    engine.add(opened, "Das 8h às 18h.", Owner.AGENT)
    for thanks in ("blz obg", "blz obg"):
        said = receive(engine, text(thanks))
        reaction = think(engine, said, ASKING)
        assert (reaction.question, reaction.conversation.state) == (None, State.HUMAN_HANDOFF)
    assert (reaction.conversation.context or {})["closure"]["action"] == "confirm", "it is noted all the same"
    farewell = receive(engine, text("tchau, até mais!"))
    assert think(engine, farewell, ASKING).conversation.state is State.USER_CLOSED


@pytest.mark.parametrize("state", [State.PENDING, State.PROGRESS, State.HUMAN_HANDOFF])
@pytest.mark.parametrize("body", ["oi", None, "não 'entendi' — 100% \\ \x7f %(now)s"])
def test_the_quick_way_does_what_the_long_way_does(
    engine: Engine, other_engine: Engine, state: State, body: str | None
) -> None:
    found = []
    for one in (engine, other_engine):
        opened = receive(one, text("primeira"), name="Ana").conversation.id
        if state is not State.PENDING:
            one.move(opened, state)
        new, now = replace(text(body), attributes={"location": {"latitude": 1.5}}), NOW + MINUTE
        if one is engine:
            assert quickly(one, new, now=now, name="Ana")
        else:
            receipt = receive(one, new, now=now, name="Ana")
            with one.db.tenant(one.tenant) as conn:
                receiving.ask_for_reaction(conn, one.tenant, opened, receipt.message.id)
        found.append(everything(one, opened))
    assert found[0] == found[1]


def usual(body: str, contact: str, sid: str | None = None) -> Arrival:
    found = bulk_receiving.arrival(pair(contact), text(body, sid), policy=POLICY, now=NOW + MINUTE, contact_name="Ana")
    assert found
    return found


def opened_for(engine: Engine, contacts: list[str]) -> list[int]:
    """The conversations of known contacts."""
    found = []
    for contact in contacts:
        with engine.db.tenant(engine.tenant) as conn:
            receipt = receiving.receive(
                conn, engine.tenant, pair(contact), text("primeira"), policy=POLICY, now=NOW, contact_name="Ana"
            )
        found.append(receipt.conversation.id)
    return found


def bodies(engine: Engine, conversation: int) -> list[str | None]:
    with engine.db.tenant(engine.tenant) as conn:
        return [m.body for m in messages.list_messages(conn, engine.tenant, conversation)][1:]


def test_many_go_together_each_to_its_conversation_in_order_and_a_repeated_one_once(engine: Engine) -> None:
    contacts = ["+5511987650001", "+5511987650002"]
    one, two = opened_for(engine, contacts)
    arrivals = [
        usual("a", contacts[1]), usual("b", contacts[0]), usual("c", contacts[1], "SMc"), usual("c", contacts[1], "SMc"),
        usual("d", "+5511987650003"), usual("e", contacts[0]),
    ]  # fmt: skip
    kept = bulk_receiving.receive(engine.db, engine.tenant, arrivals, now=NOW + MINUTE)
    assert kept == [True, True, True, True, False, True], "the stranger has no conversation yet"
    assert (bodies(engine, one), bodies(engine, two)) == (["b", "e"], ["a", "c"])
    assert bulk_receiving.receive(engine.db, engine.tenant, [usual("c", contacts[1], "SMc")], now=NOW + MINUTE) == [
        False
    ]
    with engine.db.operator() as conn:
        conn.execute("reset role")
        jobs = conn.execute(
            """select (args ->> 'conversation_id')::bigint from procrastinate_jobs
               where task_name = %s and args ->> 'tenant_id' = %s::text order by id""", [receiving.REACT, engine.tenant],
        ).fetchall()  # fmt: skip
    assert [conversation for (conversation,) in jobs] == [two, one, two, one]


def test_a_conversation_that_somebody_works_on_does_not_keep_the_others_waiting(engine: Engine) -> None:
    contacts = ["+5511987650001", "+5511987650002"]
    one, two = opened_for(engine, contacts)
    arrivals = [usual("a", contacts[0]), usual("b", contacts[1])]
    with engine.db.tenant(engine.tenant) as conn:
        get_conversation(conn, engine.tenant, one, lock=True)
        assert bulk_receiving.receive(engine.db, engine.tenant, arrivals, now=NOW + MINUTE) == [False, True]
    assert (bodies(engine, one), bodies(engine, two)) == ([], ["b"])


def test_the_long_way_waits_for_the_quick_one_and_finds_its_message(engine: Engine) -> None:
    [one] = opened_for(engine, ["+5511987650001"])
    long_way: list[Receipt] = []

    def repeat() -> None:
        with engine.db.tenant(engine.tenant) as conn:
            long_way.append(
                receiving.receive(conn, engine.tenant, pair("+5511987650001"), text("a", "SMa"), policy=POLICY, now=NOW)
            )

    with engine.db.tenant(engine.tenant) as conn:  # what express.receive does, and a moment before its commit
        conversation = get_conversation(conn, engine.tenant, one, lock=True)
        messages.put(conn, engine.tenant, conversation, text("a", "SMa"), policy=POLICY, by="contact", now=NOW)
        repeating = Thread(target=repeat)
        repeating.start()
        repeating.join(0.3)
        assert repeating.is_alive(), "it waits"
    repeating.join()
    assert [receipt.is_new for receipt in long_way] == [False] and bodies(engine, one) == ["a"]


def everything(engine: Engine, conversation: int) -> Any:
    """The conversation, its last message and its last job, without what names the tenant or the row."""
    with engine.db.operator() as conn:
        seen = conn.execute(
            """select to_jsonb(c) - array['id', 'tenant_id', 'contact_id'] from conversations c where tenant_id = %s
               union all (
                 select to_jsonb(m) - array['id', 'tenant_id', 'conversation_id', 'provider_sid'] from messages m
                 where tenant_id = %s order by id desc limit 1)""",
            [engine.tenant, engine.tenant],
        ).fetchall()
        conn.execute("reset role")
        job = conn.execute(
            """select queue_name, task_name, priority, lock = format('conversation %%s %%s', %s::bigint, %s::bigint),
                 queueing_lock, status::text, scheduled_at, (select array_agg(key) from jsonb_object_keys(args) key),
                 args ->> 'conversation_id' = %s::text
               from procrastinate_jobs where args ->> 'tenant_id' = %s::text order by id desc limit 1""",
            [engine.tenant, conversation, conversation, engine.tenant],
        ).fetchone()
    return seen, job
