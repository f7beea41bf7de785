"""Sending: checked at the last moment, once at most, and honest about what is not known."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.sending.conftest import NOW, TEMPLATE, World

from prosa.conversations import suppressions
from prosa.conversations.model import Owner
from prosa.conversations.outbox import Content
from prosa.db.connection import TenantId
from prosa.gateways.twilio.model import Account
from prosa.gateways.twilio.outcomes import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown
from prosa.sending import service
from prosa.sending.model import Callback, NoSuchDelivery, NotRetriable, State
from prosa.tenancy.tenants import set_suspended
from twilio_twin import RETRY_AFTER_SECONDS, Fault, Twin

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_a_message_is_sent_with_our_number_to_the_contact(world: World, twilio_twin: Twin) -> None:
    message = world.add("Abrimos sim, das 8h às 12h.")
    assert world.jobs(message) == 1
    outcome = world.deliver(message)
    [taken] = twilio_twin.taken
    assert outcome == Accepted(taken.sid, "queued")
    delivery = world.delivery(message)
    assert (delivery.state, delivery.provider_sid) == (State.SENT, taken.sid)
    assert taken.fields == {
        "From": f"whatsapp:{world.mine.number}", "To": f"whatsapp:{world.contact}", "Body": "Abrimos sim, das 8h às 12h.",
        "StatusCallback": f"https://prosa.example/webhooks/twilio/status?delivery={delivery.id}&attempt=1",
    }  # fmt: skip


def test_a_repeated_job_sends_nothing_more(world: World, twilio_twin: Twin) -> None:
    message = world.add("Oi!")
    assert [world.deliver(message) is None for _ in range(3)] == [False, True, True]
    assert len(twilio_twin.taken) == 1


def test_a_suspended_company_sends_nothing_until_it_is_back(world: World, twilio_twin: Twin) -> None:
    message = world.add("Oi!")
    for suspended, sent in ((True, 0), (False, 1)):
        with world.db.operator() as conn:
            set_suspended(conn, world.mine.tenant, suspended=suspended, actor="test")
        world.deliver(message)
        assert len(twilio_twin.taken) == sent


def test_a_template_goes_out_outside_the_window_and_free_text_does_not(world: World, twilio_twin: Twin) -> None:
    later = NOW + 24 * HOUR
    free, template = world.add("Sentimos sua falta!", now=later), world.add("Oi Ana!", content=TEMPLATE, now=later)
    assert world.deliver(free, now=later) is None
    assert isinstance(world.deliver(template, now=later), Accepted)
    assert (world.delivery(free).state, world.delivery(free).problem) == (State.REFUSED, "window")
    [taken] = twilio_twin.taken
    assert (taken.fields["ContentSid"], taken.fields["ContentVariables"]) == (TEMPLATE.content_sid, '{"1": "Ana"}')


def test_the_window_counts_when_the_message_is_sent_and_not_when_it_was_written(world: World) -> None:
    message = world.add("Oi!", now=NOW + 23 * HOUR)
    assert world.deliver(message, now=NOW + 25 * HOUR) is None
    assert world.delivery(message).problem == "window"


def test_who_opts_out_before_the_job_runs_gets_nothing(world: World, twilio_twin: Twin) -> None:
    messages = [world.add("Oi!"), world.add("Oi Ana!", content=TEMPLATE)]
    world.add("PARAR", Owner.USER)
    assert [world.deliver(message) for message in messages] == [None, None]
    assert {world.delivery(message).state for message in messages} == {State.SUPPRESSED}
    assert not twilio_twin.taken


def test_who_comes_back_is_written_to_again(world: World) -> None:
    world.add("PARAR", Owner.USER)
    message = world.add("Oi!")
    world.deliver(message)
    world.add("voltar", Owner.USER)
    world.retry(message)
    assert isinstance(world.deliver(message), Accepted)


def test_who_wrote_after_blocking_has_unblocked(world: World) -> None:
    with world.db.tenant(world.mine.tenant) as conn:
        suppressions.suppress(
            conn, world.mine.tenant, world.pair, reason=suppressions.Reason.BLOCKED, actor="twilio", now=NOW
        )
    message = world.add("Oi!", now=NOW + HOUR)
    world.deliver(message, now=NOW + HOUR)
    assert world.delivery(message).state is State.SUPPRESSED
    world.add("Oi de novo", Owner.USER, now=NOW + 2 * HOUR)
    answer = world.add("Que bom que voltou!", now=NOW + 2 * HOUR)
    with world.db.tenant(world.mine.tenant) as conn:
        assert not suppressions.is_suppressed(
            conn, world.mine.tenant, world.pair, secret_keys=()
        )  # the assistant may answer, too
    assert isinstance(world.deliver(answer, now=NOW + 2 * HOUR), Accepted)


@pytest.mark.parametrize(
    ("body", "content", "problem"),
    [("x" * 1601, None, "text_too_long"), ("x" * 1025, TEMPLATE, "template_too_long")],
)
def test_what_is_too_long_is_refused_with_the_reason(
    world: World, twilio_twin: Twin, body: str, content: Content | None, problem: str
) -> None:
    message = world.add(body, content=content)
    world.deliver(message)
    assert (world.delivery(message).state, world.delivery(message).problem) == (State.REFUSED, problem)
    assert not twilio_twin.taken


def test_a_number_that_was_disconnected_meanwhile_is_said_to_be(world: World) -> None:
    message = world.add("Oi!")
    with world.db.operator() as conn:
        conn.execute("delete from twilio_accounts where tenant_id = %s", [world.mine.tenant])
    world.deliver(message)
    assert world.delivery(message).problem == "no_account"


def test_a_deleted_message_is_not_sent(world: World, twilio_twin: Twin) -> None:
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        conn.execute(
            "update messages set deleted = true where tenant_id = %s and id = %s", [world.mine.tenant, message]
        )
    world.deliver(message)
    assert world.delivery(message).state is State.REFUSED
    assert not twilio_twin.taken


@pytest.mark.parametrize("owner", [Owner.USER, Owner.SYSTEM])
def test_the_contacts_messages_and_notices_are_not_sent(world: World, owner: Owner) -> None:
    assert world.jobs(world.add("Oi", owner)) == 0


def test_a_number_that_is_not_connected_sends_nothing(world: World) -> None:
    with world.db.operator() as conn:
        conn.execute("delete from twilio_numbers where tenant_id = %s", [world.mine.tenant])
    assert world.jobs(world.add("Oi")) == 0


def test_too_many_requests_are_tried_again_when_twilio_says(world: World, twilio_twin: Twin) -> None:
    twilio_twin.faults.append(Fault.TOO_MANY)
    message = world.add("Oi!")
    world.deliver(message)
    delivery = world.delivery(message)
    assert (delivery.state, delivery.due_at) == (State.QUEUED, NOW + timedelta(seconds=RETRY_AFTER_SECONDS))
    assert world.jobs(message) == 2
    assert world.deliver(message, now=NOW + timedelta(seconds=RETRY_AFTER_SECONDS - 1)) is None
    assert isinstance(world.deliver(message, now=delivery.due_at), Accepted)


def test_a_message_that_twilio_turned_away_is_not_overtaken(world: World, twilio_twin: Twin) -> None:
    first, second = world.add("Primeira parte"), world.add("Segunda parte")
    twilio_twin.faults.append(Fault.TOO_MANY)
    assert isinstance(world.deliver(first), Deferred)
    assert world.deliver(second) is None
    waiting = world.delivery(first), world.delivery(second)
    assert [(d.state, d.problem) for d in waiting] == [(State.QUEUED, "away"), (State.QUEUED, "behind")]
    assert waiting[1].due_at == waiting[0].due_at
    assert world.jobs(second) == 2
    for message in (first, second):
        assert isinstance(world.deliver(message, now=waiting[0].due_at), Accepted)
    assert [taken.fields["Body"] for taken in twilio_twin.taken] == ["Primeira parte", "Segunda parte"]
    assert world.delivery(second).problem is None


def test_a_message_that_was_given_up_holds_nobody_up(world: World) -> None:
    first, second = world.add("Primeira"), world.add("Segunda")
    now = NOW
    for _ in range(service.MOST_TRIES):
        world.deliver(first, now=now, gateway=unreachable)
        now = world.delivery(first).due_at
    assert world.delivery(first).state is State.FAILED
    assert isinstance(world.deliver(second, now=now), Accepted)


def test_one_who_is_never_reached_is_given_up(world: World) -> None:
    message, now = world.add("Oi!"), NOW
    for _ in range(service.MOST_TRIES):
        assert isinstance(world.deliver(message, now=now, gateway=unreachable), Deferred)
        now = world.delivery(message).due_at
    assert (world.delivery(message).state, world.delivery(message).problem) == (State.FAILED, "unreachable")
    assert now - NOW < HOUR


def unreachable(account: Account, message: Outgoing) -> Outcome:
    return Deferred("nobody there")


def test_twilios_refusal_is_kept_with_its_code_and_an_opt_out_there_is_heeded(world: World, twilio_twin: Twin) -> None:
    twilio_twin.faults.append(Fault.UNSUBSCRIBED)
    message = world.add("Oi!")
    assert isinstance(world.deliver(message), Refused)
    assert (world.delivery(message).state, world.delivery(message).error_code) == (State.REFUSED, 21610)
    with world.db.tenant(world.mine.tenant) as conn:
        assert suppressions.is_suppressed(conn, world.mine.tenant, world.pair, secret_keys=())


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.UNAVAILABLE, Fault.NONSENSE])
def test_an_unknown_outcome_is_shown_and_only_a_person_sends_again(
    world: World, twilio_twin: Twin, fault: Fault
) -> None:
    twilio_twin.faults.append(fault)
    message = world.add("Oi!")
    assert isinstance(world.deliver(message), Unknown)
    assert world.delivery(message).state is State.UNKNOWN
    world.sweep(now=NOW + 24 * HOUR)
    assert world.deliver(message, now=NOW + HOUR) is None
    assert len(twilio_twin.taken) == 1
    world.retry(message)
    assert isinstance(world.deliver(message), Accepted)
    assert len(twilio_twin.taken) == 2


def test_what_is_on_its_way_or_was_never_to_be_sent_cannot_be_retried(world: World) -> None:
    message = world.add("Oi!")
    with pytest.raises(NotRetriable):
        world.retry(message)
    world.deliver(message)
    with pytest.raises(NotRetriable):
        world.retry(message)
    with pytest.raises(NoSuchDelivery):
        world.retry(world.add("Oi", Owner.USER))


def test_a_claim_that_nobody_recorded_becomes_unknown_after_a_while(world: World) -> None:
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        assert service.claim(conn, world.mine.tenant, message, settings=world.settings, now=NOW)
    assert world.sweep(now=NOW + service.CLAIM_LASTS) == (0, 0)
    assert world.sweep(now=NOW + service.CLAIM_LASTS + MINUTE) == (1, 0)
    assert world.delivery(message).state is State.UNKNOWN


def test_an_answer_that_comes_after_the_claim_was_given_up_is_still_believed(world: World, twilio_twin: Twin) -> None:
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        claim = service.claim(conn, world.mine.tenant, message, settings=world.settings, now=NOW)
    assert claim
    world.sweep(now=NOW + HOUR)
    with world.db.tenant(world.mine.tenant) as conn:
        service.record(conn, world.mine.tenant, claim, Accepted("SM1", "queued"), now=NOW + HOUR)
    assert world.delivery(message).state is State.SENT


def test_what_no_job_came_for_is_looked_at_again(world: World) -> None:
    messages = [world.add("Um"), world.add("Dois")]
    assert world.sweep(now=NOW + MINUTE) == (0, 0)
    assert world.sweep(now=NOW + 3 * MINUTE) == (0, 2)
    assert world.sweep(now=NOW + 4 * MINUTE) == (0, 0)  # it was asked for a minute ago
    assert [world.jobs(message) for message in messages] == [2, 2]


def test_another_tenants_message_is_not_sent(
    world: World, twilio_twin: Twin, make_tenant: Callable[..., TenantId]
) -> None:
    message = world.add("Oi!")
    other = make_tenant()
    sent = service.deliver(world.db, other, message, gateway=unreachable, settings=world.settings, now=NOW)
    assert sent is None
    assert world.delivery(message).state is State.QUEUED


class Carrier:
    """Twilio for one random round: it takes, defers, refuses or loses; remembers what it has taken."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.taken = chance, []

    def __call__(self, account: Account, message: Outgoing) -> Outcome:
        fate = self.chance.random()
        if fate < 0.2:
            return Deferred("busy", 0.001)
        if fate < 0.3:
            return Refused(21211, "no")
        self.taken.append(message.body)
        if fate < 0.5:
            return Unknown("lost")
        if fate < 0.6:
            raise RuntimeError("the worker breaks after the call")
        return Accepted(f"SM{self.chance.getrandbits(64)}", "queued")


@pytest.mark.parametrize("seed", range(40))
def test_however_jobs_sweeps_and_news_fall_together_nobody_gets_a_message_twice(world: World, seed: int) -> None:
    chance = random.Random(seed)
    carrier = Carrier(chance)
    messages = [world.add(f"mensagem {n}") for n in range(2)]

    def job(step: int) -> None:
        message, now = chance.choice(messages), NOW + step * MINUTE
        kind = chance.random()
        if kind < 0.7:
            with suppress(RuntimeError):
                world.deliver(message, now=now, gateway=carrier)
        elif kind < 0.85:
            world.sweep(now=now + chance.choice((timedelta(), HOUR)))
        else:
            delivery = world.delivery(message)
            status = chance.choice(("sent", "delivered", "failed", "read"))
            world.hear(Callback(f"SM{seed}-{delivery.id}", status, None, delivery.id, max(1, delivery.attempts)))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(job, range(12)))
    assert len(carrier.taken) == len(set(carrier.taken))
