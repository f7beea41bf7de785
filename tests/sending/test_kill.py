"""kill -9 between any two steps of sending: nobody gets a message twice, and what is not known is shown as such."""

import signal
from datetime import timedelta

import pytest
from tests.processes import start
from tests.sending import send_and_die
from tests.sending.conftest import NOW, World

from prosa.sending.model import State
from twilio_twin import Twin


@pytest.mark.parametrize(
    ("step", "arrived", "state"),
    [
        ("before the claim commits", 1, State.SENT),  # nothing had happened yet: the next job sends it
        ("after the claim", 0, State.UNKNOWN),
        ("after the call", 1, State.UNKNOWN),
        ("before the record commits", 1, State.UNKNOWN),
    ],
)
def test_a_killed_worker_repeats_nothing(
    world: World, twilio_twin: Twin, step: str, arrived: int, state: State
) -> None:
    message = world.add("Oi!")
    killed = start(send_and_die.work, world.db.app_dsn, world.mine.tenant, message, twilio_twin.url, step, NOW)
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    for minutes in (1, 3, 11, 30):  # the sweep of every minute, and the jobs that it asks for
        world.sweep(now=NOW + timedelta(minutes=minutes))
        world.deliver(message, now=NOW + timedelta(minutes=minutes))
    assert len(twilio_twin.taken) == arrived
    assert world.delivery(message).state is state
