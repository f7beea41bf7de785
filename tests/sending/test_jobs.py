"""The schedules of sending do what their services do, for every tenant that has something to do."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.exceptions import AlreadyEnqueued
from tests.sending.conftest import World

from prosa import queue
from prosa.conversations.model import Owner
from prosa.gateways.twilio.outcomes import Accepted
from prosa.sending import callbacks, service
from prosa.sending.model import Callback, State
from twilio_twin import Twin

AGO = timedelta(minutes=20)


@pytest.fixture(autouse=True)
def configured(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's configuration is this test's."""
    monkeypatch.setattr("prosa.jobs.sending.get_settings", lambda: world.settings)


def run(world: World, task: str) -> None:
    """Enqueue a schedule's task and do what waits in its queue and the one for messages."""
    with suppress(AlreadyEnqueued), world.db.operator() as conn:
        queue.enqueue(conn, task, timestamp=0)
    assert world.db.platform_dsn
    with queue.worker_app(world.db.platform_dsn) as worker:
        worker.run_worker(
            wait=False, install_signal_handlers=False, additional_context={"db": world.db},
            queues=["sending", "maintenance"],
        )  # fmt: skip


def forget_job(world: World, message: int) -> None:
    """As if the worker had been killed with it."""
    with world.db.operator() as conn:
        conn.execute("reset role")
        conn.execute(
            "delete from procrastinate_jobs where task_name = 'sending.send_message' and (args ->> 'message_id')::bigint = %s",
            [message],
        )


def test_each_minute_what_was_left_behind_is_taken_up(world: World, twilio_twin: Twin) -> None:
    past = datetime.now(UTC) - AGO
    world.add("Oi!", Owner.USER, now=past)
    lost, orphan, early = (world.add(text, now=past) for text in ("perdida", "órfã", "cedo"))
    for message in (lost, orphan, early):
        forget_job(world, message)
    with world.db.tenant(world.mine.tenant) as conn:
        assert service.claim(conn, world.mine.tenant, lost, settings=world.settings, now=past)
    world.hear(Callback("SM-early", "delivered"), now=past)
    world.deliver(early, gateway=lambda *_: Accepted("SM-early", "queued"), now=past)
    run(world, "sending.sweep")
    assert world.delivery(lost).state is State.UNKNOWN
    assert world.delivery(orphan).state is State.SENT
    assert world.delivery(early).state is State.DELIVERED
    assert [taken.fields["Body"] for taken in twilio_twin.taken] == ["órfã"]


def test_each_night_old_callbacks_are_forgotten(world: World) -> None:
    world.hear(Callback("SM-old", "sent"), now=datetime.now(UTC) - callbacks.HELD_FOR - AGO)
    world.hear(Callback("SM-new", "sent"), now=datetime.now(UTC))
    run(world, "sending.forget_callbacks")
    with world.db.tenant(world.mine.tenant) as conn:
        left = conn.execute(
            "select provider_sid from status_callbacks where tenant_id = %s", [world.mine.tenant]
        ).fetchall()
    assert left == [("SM-new",)]
