"""While a company is suspended what contacts write is kept and nothing leaves; once it is back, what waits goes on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from prosa import queue
from prosa.api.app import create_app
from prosa.db import Database
from prosa.jobs import webhooks as webhook_jobs
from prosa.settings import Settings
from prosa.tenancy import api_keys, tenants
from prosa.tenancy.features import set_feature
from prosa.tenancy.webhooks import service as webhooks
from prosa.tenancy.webhooks import store
from prosa.tenancy.webhooks.model import CHOSEN
from receiver import Receiver, receiving
from twilio_twin import twilio_twin
from twilio_world import INBOUND, Connected, connect

__all__ = ["connect", "twilio_twin"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def mine(db: Database, settings: Settings, connect: Callable[..., Connected], receiver: Receiver) -> Connected:
    """A company with an endpoint of its own and the feature that judges each message."""
    found = connect()
    with db.operator() as conn:
        set_feature(conn, found.tenant, "sentiment", enabled=True, actor="test")
    with db.tenant(found.tenant) as conn:
        webhooks.add_endpoint(
            conn, found.tenant, url=f"{receiver.url}/hook", event_types=CHOSEN, note="", actor="test",
            secret_keys=settings.secret_keys, loopback=True,
        )  # fmt: skip
    return found


@pytest.fixture
def work(db: Database, settings: Settings, mine: Connected, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Do the company's jobs as the worker does, those that they ask for too; nobody else's."""
    ours = replace(settings, api_debug=True)  # endpoints on this machine may be called
    monkeypatch.setattr("prosa.jobs.webhooks.get_settings", lambda: ours)
    done: set[int] = set()

    def run() -> None:
        while todo := [job for job in jobs(db, mine) if job[0] not in done]:
            for job, task, args in todo:
                done.add(job)
                context = SimpleNamespace(additional_context={"db": db}, job=SimpleNamespace(task_name=task))
                queue.app.tasks[task](context, **args)

    return run


def jobs(db: Database, mine: Connected) -> list[tuple[int, str, dict[str, Any]]]:
    with db.operator() as conn:
        conn.execute("reset role")
        return conn.execute(
            "select id, task_name, args from procrastinate_jobs where (args ->> 'tenant_id')::bigint = %s order by id",
            [mine.tenant],
        ).fetchall()


def suspend(db: Database, mine: Connected, *, suspended: bool) -> None:
    with db.operator() as conn:
        tenants.set_suspended(conn, mine.tenant, suspended=suspended, actor="test")


def count(db: Database, mine: Connected, what: str) -> int:
    with db.tenant(mine.tenant) as conn:
        row = conn.execute(f"select count(*) from {what} and tenant_id = %s".encode(), [mine.tenant]).fetchone()
    assert row
    return int(row[0])


def test_a_suspended_company_keeps_what_comes_and_lets_nothing_out(
    db: Database, settings: Settings, mine: Connected, receiver: Receiver, work: Callable[[], None]
) -> None:
    client = TestClient(create_app(db, settings, dashboards=False))
    with db.tenant(mine.tenant) as conn:
        key = {"Authorization": f"Bearer {api_keys.create_key(conn, mine.tenant, actor='test').secret}"}
    suspend(db, mine, suspended=True)
    form = mine.message("Vocês abrem no sábado?")
    assert client.post(INBOUND, data=form, headers=mine.sign(settings.own_url + INBOUND, form)).status_code == 200
    assert client.get("/conversations/", headers=key).status_code == 401
    work()
    assert count(db, mine, "messages where sender = 'contact'") == 1
    assert count(db, mine, "ai_results where true") == 0
    assert count(db, mine, "webhook_deliveries where state = 'pending'") > 0
    assert receiver.requests == []
    late = datetime.now(UTC) + timedelta(hours=1)
    with db.operator() as conn:
        assert mine.tenant not in {tenant for tenant, _ in store.overdue(conn, until=late, limit=1000)}
        assert mine.tenant not in {tenant.id for tenant in tenants.working_tenants(conn)}
    suspend(db, mine, suspended=False)
    assert client.get("/conversations/", headers=key).status_code == 200
    with db.operator() as conn:
        for tenant, delivery in store.overdue(conn, until=late, limit=1000):
            if tenant == mine.tenant:
                queue.enqueue(conn, webhook_jobs.DELIVER, tenant_id=tenant, delivery_id=delivery)
    work()
    assert count(db, mine, "webhook_deliveries where state = 'delivered'") == len(receiver.requests) > 0
