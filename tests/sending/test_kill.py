"""kill -9 between any two steps of sending: nobody gets a message twice, and what is not known is shown as such."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.sending.conftest import NOW, World

from prosa.sending.model import State
from twilio_twin import Twin

SCRIPT = Path(__file__).with_name("send_and_die.py")


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
    call = [sys.executable, str(SCRIPT), world.db.app_dsn, str(world.mine.tenant), str(message), twilio_twin.url, step,
            NOW.isoformat()]  # fmt: skip
    killed = subprocess.run(call, check=False, timeout=60, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    for minutes in (1, 3, 11, 30):  # the sweep of every minute, and the jobs that it asks for
        world.sweep(now=NOW + timedelta(minutes=minutes))
        world.deliver(message, now=NOW + timedelta(minutes=minutes))
    assert len(twilio_twin.taken) == arrived
    assert world.delivery(message).state is state
