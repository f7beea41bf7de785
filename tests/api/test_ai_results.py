"""What AI made of messages, over HTTP: complete, in order, and for its own tenant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from prosa.assistant import store
from prosa.assistant.model import Feature, Result, State, Task
from prosa.db import Database
from prosa.db.connection import TenantId

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def messages(client: httpx.Client, tenant: TenantId) -> tuple[int, list[int]]:
    """A conversation and its three messages, on each of which two features have worked."""
    pair = {"owner_id": tenant, "from_number": "+5511987654321", "to_number": "+551140041234"}
    conversation = client.post("/conversations/", json=pair).json()["conv_id"]
    new = {"body": "Quanto custa?", "direction": "inbound", "message_owner": "user"}
    return conversation, [
        client.post(f"/conversations/{conversation}/messages", json=new).json()["id"] for _ in range(3)
    ]


@pytest.fixture(autouse=True)
def worked(db: Database, tenant: TenantId, messages: tuple[int, list[int]]) -> None:
    conversation, ids = messages
    sentiment = Result(State.DONE, {"label": "neutral", "score": 0.0}, model="offline")
    reply = Result(
        State.SKIPPED, model="gpt-4o-mini", prompt_version="reply.v1", tokens=812, cost=0.00031, error="unsure"
    )
    with db.tenant(tenant) as conn:
        for message in ids:
            for feature, result in ((Feature.SENTIMENT, sentiment), (Feature.REPLY, reply)):
                task = Task(tenant, conversation, message, feature)
                store.claim(conn, task, now=NOW)
                store.finish(conn, task, result, claimed_at=NOW, now=NOW + timedelta(milliseconds=1500))


def test_a_result_tells_what_it_cost_and_by_whom_it_is(client: httpx.Client, messages: tuple[int, list[int]]) -> None:
    conversation, ids = messages
    asked = {"message_id": ids[0], "feature": "reply"}
    [reply] = client.get(f"/conversations/{conversation}/ai-results", params=asked).json()["items"]
    assert reply == {
        "message_id": ids[0], "feature": "reply", "state": "skipped", "model": "gpt-4o-mini", "result": {},
        "prompt_version": "reply.v1", "reason": "unsure", "tokens": 812, "cost_usd": 0.00031, "milliseconds": 1500,
        "created_at": "2026-03-02T12:00:00Z", "finished_at": "2026-03-02T12:00:01.500000Z",
    }  # fmt: skip


def test_pages_hold_every_result_once_in_order(client: httpx.Client, messages: tuple[int, list[int]]) -> None:
    conversation, ids = messages
    found, cursor = [], None
    while True:
        asked = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"/conversations/{conversation}/ai-results", params=asked).json()
        found += [(item["message_id"], item["feature"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [(message, feature) for message in ids for feature in ("reply", "sentiment")]


def test_another_tenants_results_do_not_exist(
    client_of: Callable[..., httpx.Client], make_tenant: Callable[..., TenantId], tenant: TenantId,
    messages: tuple[int, list[int]],
) -> None:  # fmt: skip
    path = f"/conversations/{messages[0]}/ai-results"
    assert client_of(make_tenant()).get(path).status_code == 404
    assert client_of(tenant, scopes=["analytics"]).get(path).status_code == 403
    assert client_of(tenant).get(path, params={"cursor": "nonsense"}).status_code == 422
