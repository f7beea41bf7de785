"""An endpoint that is slow, or silent, holds up nobody but itself."""

from contextlib import ExitStack

import pytest

from prosa.tenancy.webhooks.pacing import AT_ONCE, FIRST_REST, LONGEST_REST, SLOW, SPREAD, Paces


class Clock:
    """Stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at zero."""
    return Clock()


def wait(paces: Paces, endpoint: str) -> int:
    """For how many seconds one more try is put off."""
    with paces.turn(endpoint) as seconds:
        return seconds


def tried(paces: Paces, endpoint: str, seconds: float, *, answered: bool) -> None:
    """One try that took so long."""
    with paces.turn(endpoint) as put_off:
        assert not put_off
        paces.note(endpoint, seconds, answered=answered)


def test_an_endpoint_has_a_few_tries_at_once_and_others_have_theirs(clock: Clock) -> None:
    paces = Paces(clock)
    with ExitStack() as under_way:
        for _ in range(AT_ONCE):
            assert under_way.enter_context(paces.turn("hangs")) == 0
        assert wait(paces, "hangs") > 0
        assert wait(paces, "answers") == 0
    assert wait(paces, "hangs") == 0


def test_a_slow_endpoint_has_one_try_at_a_time_until_it_is_quick_again(clock: Clock) -> None:
    paces = Paces(clock)
    tried(paces, "slow", SLOW, answered=True)
    with paces.turn("slow") as first:
        assert (first, wait(paces, "slow") > 0) == (0, True)
    tried(paces, "slow", 0.1, answered=True)
    with paces.turn("slow") as first:
        assert (first, wait(paces, "slow")) == (0, 0)


def test_silence_brings_a_rest_that_grows_and_one_answer_ends_it(clock: Clock) -> None:
    paces = Paces(clock)
    for rest in (FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST, 8 * FIRST_REST, LONGEST_REST, LONGEST_REST):
        tried(paces, "silent", 10, answered=False)
        clock.now += rest - 1
        assert wait(paces, "silent") > 1
        clock.now += 1
    tried(paces, "silent", 0.1, answered=True)
    tried(paces, "silent", 10, answered=False)
    clock.now += FIRST_REST
    assert wait(paces, "silent") == 0


def test_tries_that_went_out_together_bring_one_rest(clock: Clock) -> None:
    paces = Paces(clock)
    with ExitStack() as under_way:
        for _ in range(AT_ONCE):
            under_way.enter_context(paces.turn("silent"))
        for _ in range(AT_ONCE):
            paces.note("silent", 10, answered=False)
    clock.now += FIRST_REST
    assert wait(paces, "silent") == 0


def test_a_refused_connection_costs_no_slot_and_needs_no_rest(clock: Clock) -> None:
    paces = Paces(clock)
    tried(paces, "refuses", 0.01, answered=False)
    assert wait(paces, "refuses") == 0


def test_what_waits_does_not_come_back_together(clock: Clock) -> None:
    paces = Paces(clock)
    tried(paces, "silent", 10, answered=False)
    waits = {wait(paces, "silent") for _ in range(50)}
    assert len(waits) > 5
    assert FIRST_REST < min(waits) < max(waits) < FIRST_REST + 30 * SPREAD[1] + 2
