"""Twilio's news: repeated, disordered, early or late, they end in the same state (docs/domain.md, rule 20)."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.sending.conftest import NOW, World

from prosa.conversations import suppressions
from prosa.gateways.twilio.outcomes import Accepted
from prosa.sending import callbacks, service
from prosa.sending.explanations import explain
from prosa.sending.model import Callback, Delivery, State
from twilio_twin import Twin

NEWS = st.lists(
    st.sampled_from(["queued", "sent", "delivered", "read", "undelivered", "failed"]), min_size=1, max_size=5
)
EACH = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CODE = {"undelivered": 63016, "failed": 63016}


def sent(world: World) -> tuple[int, str]:
    """A message that Twilio has taken, and its SID."""
    message = world.add("Oi!")
    sid = f"SM-{message}"
    world.deliver(message, gateway=lambda *_: Accepted(sid, "queued"))
    return message, sid


def told(world: World, said: list[str]) -> tuple[State, int | None]:
    """Where these words, in this order, leave a new message."""
    message, sid = sent(world)
    for status in said:
        world.hear(Callback(sid, status, CODE.get(status)))
    delivery = world.delivery(message)
    return delivery.state, delivery.error_code


@EACH
@given(NEWS, st.randoms())
def test_news_in_any_order_and_number_end_in_the_same_state(world: World, said: list[str], chance: object) -> None:
    shuffled = [*said, *said]
    chance.shuffle(shuffled)
    assert told(world, shuffled) == told(world, said)


def test_a_repeated_callback_is_known_and_changes_nothing(world: World) -> None:
    message, sid = sent(world)
    assert [world.hear(Callback(sid, "delivered")) for _ in range(3)] == [True, False, False]
    assert world.delivery(message).state is State.DELIVERED


@EACH
@given(NEWS, st.integers(0, 5))
def test_news_before_our_own_record_are_held_and_matched(world: World, said: list[str], early: int) -> None:
    """Some come while the call to Twilio is still open, the rest after it was recorded."""
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        claim = service.claim(conn, world.mine.tenant, message, settings=world.settings, now=NOW)
    assert claim
    sid = f"SM-early-{message}"
    for status in said[:early]:
        world.hear(Callback(sid, status, CODE.get(status)))
    assert world.delivery(message).state is State.CLAIMED
    with world.db.tenant(world.mine.tenant) as conn:
        service.record(conn, world.mine.tenant, claim, Accepted(sid, "queued"), now=NOW)
    for status in said[early:]:
        world.hear(Callback(sid, status, CODE.get(status)))
    world.match_held()
    assert (world.delivery(message).state, world.delivery(message).error_code) == told(world, said)


def test_news_about_what_others_send_by_the_account_keep_ours_not_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "BATCH", 2)
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        claim = service.claim(conn, world.mine.tenant, message, settings=world.settings, now=NOW)
    assert claim
    for sid in ("SM-other-1", "SM-other-2", "SM-ours"):
        world.hear(Callback(sid, "delivered"))
    with world.db.tenant(world.mine.tenant) as conn:
        service.record(conn, world.mine.tenant, claim, Accepted("SM-ours", "queued"), now=NOW)
    assert (world.match_held(), world.match_held()) == (1, 0)
    assert world.delivery(message).state is State.DELIVERED


@pytest.mark.parametrize("recorded", [True, False])
def test_news_find_a_message_whose_answer_was_lost(world: World, recorded: bool) -> None:
    """The callback's address names the delivery, so an unknown outcome is known after all."""
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        claim = service.claim(conn, world.mine.tenant, message, settings=world.settings, now=NOW)
    assert claim
    world.sweep(now=NOW + timedelta(hours=1))
    assert world.delivery(message).state is State.UNKNOWN
    world.hear(Callback("SM-lost", "delivered", None, claim.delivery.id, 1))
    if recorded:
        with world.db.tenant(world.mine.tenant) as conn:
            service.record(conn, world.mine.tenant, claim, Accepted("SM-lost", "queued"), now=NOW)
    assert (world.delivery(message).state, world.delivery(message).provider_sid) == (State.DELIVERED, "SM-lost")


def test_news_of_an_earlier_attempt_do_not_speak_for_the_later_one(world: World, twilio_twin: Twin) -> None:
    message = world.add("Oi!")
    with world.db.tenant(world.mine.tenant) as conn:
        claim = service.claim(conn, world.mine.tenant, message, settings=world.settings, now=NOW)
    assert claim
    world.sweep(now=NOW + timedelta(hours=1))
    world.retry(message)
    world.deliver(message)
    world.hear(Callback("SM-first", "failed", 63016, claim.delivery.id, 1))
    with world.db.tenant(world.mine.tenant) as conn:
        service.record(conn, world.mine.tenant, claim, Accepted("SM-first", "failed"), now=NOW)
    delivery = world.delivery(message)
    assert (delivery.state, delivery.provider_sid) == (State.SENT, twilio_twin.taken[0].sid)


def test_a_blocked_number_writes_no_more(world: World) -> None:
    message, sid = sent(world)
    world.hear(Callback(sid, "failed", 63014))
    delivery = world.delivery(message)
    assert (delivery.state, delivery.error_code) == (State.FAILED, 63014)
    assert explain(delivery) == "O contato bloqueou este número."
    with world.db.tenant(world.mine.tenant) as conn:
        found = suppressions.find(conn, world.mine.tenant, world.pair, secret_keys=())
    assert found and found.reason == "blocked"


def test_a_failure_that_was_none_leaves_no_error(world: World) -> None:
    assert told(world, ["failed", "delivered"]) == (State.DELIVERED, None)


def test_callbacks_are_forgotten_in_time(world: World) -> None:
    _, sid = sent(world)
    world.hear(Callback(sid, "sent"))
    world.hear(Callback("SM-nobodys", "sent"))

    def left(now: object) -> list[str]:
        with world.db.tenant(world.mine.tenant) as conn:
            callbacks.forget(conn, world.mine.tenant, now=now)
            rows = conn.execute("select provider_sid from status_callbacks where tenant_id = %s", [world.mine.tenant])
            return sorted(row[0] for row in rows)

    assert len(left(NOW + callbacks.HELD_FOR)) == 2
    assert left(NOW + callbacks.HELD_FOR + timedelta(seconds=1)) == [sid]
    assert left(NOW + callbacks.KEPT_FOR + timedelta(seconds=1)) == []


def test_a_delivery_of_another_tenant_is_never_found(world: World, make_tenant: object) -> None:
    message, sid = sent(world)
    other = make_tenant()
    with world.db.tenant(other) as conn:
        callbacks.receive(conn, other, Callback(sid, "read", None, 1, 1), now=NOW)
    found: Delivery = world.delivery(message)
    assert found.state is State.SENT
