"""Webhook endpoints over HTTP; deliveries by a real worker."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from standardwebhooks.webhooks import Webhook
from tests.receiver import Receiver, receiving

from prosa import queue
from prosa.api.app import create_app
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.jobs import webhooks as jobs
from prosa.settings import Settings

PATH = "/webhooks/endpoints"


@pytest.fixture(scope="module")
def development(settings: Settings) -> Settings:
    """API_DEBUG: endpoints may be on this machine."""
    return Settings(prosa_home=settings.prosa_home, secret_key=settings.secret_key, api_debug=True)


@pytest.fixture(scope="module")
def app(db: Database, development: Settings) -> FastAPI:
    """The application of such an installation, without the dashboards."""
    return create_app(db, development, dashboards=False)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of this test's own."""
    with receiving() as running:
        yield running


@pytest.fixture
def work(db: Database, development: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that does every job that waits."""
    monkeypatch.setattr(jobs, "get_settings", lambda: development)

    def run() -> None:
        assert db.platform_dsn
        with queue.worker_app(db.platform_dsn) as worker:
            worker.run_worker(
                wait=False, queues=["webhooks"], install_signal_handlers=False, additional_context={"db": db}
            )

    return run


def add(client: httpx.Client, url: str = "https://crm.example.com/prosa", **more: Any) -> dict[str, Any]:
    """A new endpoint."""
    answer = client.post(PATH, json={"url": url, "event_types": ["conversation.opened"], **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_endpoints_life_over_http(client: httpx.Client) -> None:
    new = add(client, note="CRM")
    assert new["secret"].startswith("whsec_")
    one = f"{PATH}/{new['id']}"
    assert "secret" not in client.get(one).json()
    assert client.patch(one, json={"event_types": ["lead.created", "message.received"]}).json()["event_types"] == [
        "message.received", "lead.created",
    ]  # fmt: skip
    assert client.patch(one, json={"enabled": False}).json()["enabled"] is False
    assert client.post(f"{one}/test").status_code == 409
    assert client.post(f"{one}/secret").json()["secret"] != new["secret"]
    assert [item["note"] for item in client.get(PATH).json()["items"]] == ["CRM"]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == client.delete(one).status_code == 404


def test_an_event_arrives_signed_and_is_listed(
    client: httpx.Client, receiver: Receiver, tenant: TenantId, work: Callable[[], None]
) -> None:
    new = add(client, receiver.url)
    one = f"{PATH}/{new['id']}"
    client.post(
        "/conversations/", json={"owner_id": tenant, "from_number": "+5511987654321", "to_number": "+551140041234"}
    )
    client.post(f"{one}/test")
    work()
    told = [Webhook(new["secret"]).verify(body, headers)["type"] for _, headers, body in receiver.requests]
    assert sorted(told) == ["conversation.opened", "test"]
    first = client.get(f"{one}/deliveries", params={"limit": 1}).json()
    then = client.get(f"{one}/deliveries", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [item["type"] for item in (*first["items"], *then["items"])] == ["test", "conversation.opened"]
    assert first["items"][0]["state"] == "delivered"
    assert first["items"][0]["webhook_id"] in {headers["webhook-id"] for _, headers, _ in receiver.requests}
    assert then["next_cursor"] is None


def test_a_replay_arrives_again(client: httpx.Client, receiver: Receiver, work: Callable[[], None]) -> None:
    one = f"{PATH}/{add(client, receiver.url)['id']}"
    receiver.status = 500
    delivery = client.post(f"{one}/test").json()["delivery_id"]
    work()
    assert client.get(f"{one}/deliveries", params={"state": "pending"}).json()["items"][0]["response_code"] == 500
    receiver.status = 200
    assert client.post(f"{one}/replay", json={"delivery_id": delivery}).json() == {"deliveries": 1}
    work()
    assert len(receiver.requests) == 2
    assert client.get(f"{one}/deliveries").json()["items"][0]["state"] == "delivered"
    assert client.post(f"{one}/replay", json={"failed_since": "2026-01-01T00:00:00Z"}).json() == {"deliveries": 0}
    assert client.post(f"{one}/replay", json={}).status_code == 422
    assert client.post(f"{one}/replay", json={"delivery_id": delivery + 1000}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{"url": "ftp://crm.example.com/"}, {"url": "https://169.254.169.254/latest"}, {"url": "https://10.0.0.1/"},
     {"url": "https://u:p@example.com/"}, {"url": ""}, {"event_types": []}, {"event_types": ["test"]},
     {"event_types": ["lead.lost"]}, {"note": "\x00"}],
)  # fmt: skip
def test_a_bad_endpoint_is_422(client: httpx.Client, body: dict[str, Any]) -> None:
    whole = {"url": "https://crm.example.com/", "event_types": ["lead.created"]}
    assert client.post(PATH, json=whole | body).status_code == 422
    assert client.get(PATH).json() == {"items": []}


def test_a_key_without_the_scope_manages_no_webhooks(client_of: Callable[..., httpx.Client], tenant: TenantId) -> None:
    assert client_of(tenant, ["conversations:read"]).get(PATH).status_code == 403
    assert client_of(tenant, ["webhooks"]).get(PATH).status_code == 200
