"""What waits for somebody else's server fills its own lane of the worker, and never that of the contacts."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler

import psycopg
import pytest
from procrastinate.manager import get_channel_for_queues
from psycopg import sql

from prosa import jobs, queue
from prosa.conversations import addresses, receiving
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.gateways import guarded_http
from prosa.jobs.worker import run_lanes
from prosa.settings import Settings
from prosa.tenancy.webhooks import service
from prosa.tenancy.webhooks.emitting import DELIVER
from prosa.tenancy.webhooks.model import EventType
from prosa.tenancy.webhooks.pacing import AT_ONCE, Paces
from receiver import receiving as receiving_http

HANGING = 10
LONG = 120.0  # seconds
LANES = [lane for lane in queue.LANES if lane.name in ("live", "webhooks")]

pytestmark = pytest.mark.usefixtures("empty_queue")


@pytest.fixture(scope="module")
def db(own_db: Database) -> Database:
    """A database of this module's own: its lanes do every job that waits in them."""
    return own_db


@pytest.fixture
def go_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Endpoints that `hang` answer once this is set, and deliveries wait for them that long."""
    monkeypatch.setattr(jobs.webhooks, "get_settings", lambda: Settings(api_debug=True, secret_key=settings.secret_key))
    monkeypatch.setattr(guarded_http, "SECONDS", LONG)
    event = threading.Event()
    yield event
    event.set()


def hang(go_on: threading.Event, handler: BaseHTTPRequestHandler) -> None:
    """The answer of an endpoint that hangs until `go_on` is set."""
    go_on.wait(LONG)
    handler.send_response(200)
    handler.end_headers()


def test_every_task_has_a_lane_and_no_queue_has_two() -> None:
    queues = [name for lane in queue.LANES for name in lane.queues]
    assert len(queues) == len(set(queues))
    asked = {task.queue for task in queue.app.tasks.values()}
    assert asked - {"builtin"} == set(queues)  # "builtin" is Procrastinate's own, which nobody uses here


def test_the_workers_are_woken_by_the_names_on_which_their_lanes_listen(
    db: Database, superuser: psycopg.Connection
) -> None:
    channels = {name for lane in queue.LANES for name in get_channel_for_queues(lane.queues)}
    for channel in channels:
        superuser.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
    with db.anonymous() as conn:
        queue.wake(conn)
    assert {heard.channel for heard in superuser.notifies(timeout=30, stop_after=len(channels))} == channels


def test_a_farewell_is_understood_while_ten_endpoints_hang(
    db: Database, settings: Settings, tenant: TenantId, go_on: threading.Event
) -> None:
    with receiving_http() as receiver:
        receiver.answer = partial(hang, go_on)
        hanging = [_delivery(db, settings, tenant, receiver.url) for _ in range(HANGING)]
        reaction = _said(db, tenant, "tchau, obrigado!")  # behind them all
        worker = threading.Thread(target=_work, args=[db])
        worker.start()
        try:
            _wait_for(db, [reaction])
            assert set(_states(db, hanging)) <= {"todo", "doing"}
        finally:
            go_on.set()
            worker.join(60)
    assert set(_states(db, hanging)) == {"succeeded"}
    with db.tenant(tenant) as conn:
        state = conn.execute("select state::text from conversations where tenant_id = %s", [tenant]).fetchall()
    assert state == [("user_closed",)]


def test_four_tenants_whose_endpoints_hang_do_not_delay_a_fifths_events(
    db: Database, settings: Settings, make_tenant: Callable[..., TenantId], go_on: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(jobs.webhooks, "PACES", Paces())
    with receiving_http() as hangs, receiving_http() as answers:
        hangs.answer = partial(hang, go_on)
        for _ in range(4):
            _delivery(db, settings, make_tenant(), hangs.url, events=12)
        fifth = _delivery(db, settings, make_tenant(), answers.url)  # behind them all
        worker = threading.Thread(target=_work, args=[db])
        worker.start()
        try:
            _wait_for(db, [fifth])
            assert len(answers.requests) == 1
            assert len(hangs.requests) <= 4 * AT_ONCE
        finally:
            go_on.set()
            worker.join(60)


def _work(db: Database) -> None:
    assert db.platform_dsn
    with queue.worker_app(db.platform_dsn) as worker:
        asyncio.run(run_lanes(worker, db, LANES, wait=False))


def _delivery(db: Database, settings: Settings, tenant: TenantId, url: str, *, events: int = 1) -> int:
    """The job of the last delivery to a new endpoint."""
    with db.tenant(tenant) as conn:
        endpoint = service.add_endpoint(
            conn, tenant, url=url, event_types=[EventType.LEAD_CREATED], note="", actor="test",
            secret_keys=settings.secret_keys, loopback=True,
        ).endpoint  # fmt: skip
        for _ in range(events):
            service.send_test(conn, tenant, endpoint.id, actor="test")
    with db.queue() as conn:
        row = conn.execute(
            "select max(id) from procrastinate_jobs where task_name = %s and args ->> 'tenant_id' = %s::text",
            [DELIVER, tenant],
        ).fetchone()
    assert row
    return int(row[0])


def _said(db: Database, tenant: TenantId, body: str) -> int:
    """The job that thinks about a contact's message."""
    pair = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))
    new = NewMessage(Owner.USER, body, provider_sid=secrets.token_hex(16))
    with db.tenant(tenant) as conn:
        ours = Policy(timedelta(days=1), timedelta(hours=1))
        kept = receiving.receive(conn, tenant, pair, new, policy=ours, now=datetime.now(UTC))
        return queue.enqueue(conn, receiving.REACT, tenant_id=tenant, conversation_id=kept.conversation.id,
                             message_id=kept.message.id)  # fmt: skip


def _states(db: Database, ids: list[int]) -> list[str]:
    with db.queue() as conn:
        return [
            state for (state,) in conn.execute(
                "select status::text from procrastinate_jobs where id = any(%s)", [ids]
            )
        ]  # fmt: skip


def _wait_for(db: Database, ids: list[int]) -> None:
    deadline = time.monotonic() + 60
    while _states(db, ids) != ["succeeded"] * len(ids):
        assert time.monotonic() < deadline, "the reaction waits"
        time.sleep(0.1)
