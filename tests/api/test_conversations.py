"""The conversation API over the real database."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import Person

from prosa.api.limits import LARGEST_BODY
from prosa.db.connection import TenantId
from prosa.tenancy import usage
from prosa.tenancy.model import UserRole

CONTACT, OURS = "+5511987654321", "+551140041234"
Client = Callable[..., httpx.Client]


def pair(tenant: TenantId, **changed: Any) -> dict[str, Any]:
    """The body that opens a conversation."""
    return {"owner_id": tenant, "from_number": CONTACT, "to_number": OURS, "channel": "whatsapp"} | changed


def message(body: str = "Vocês abrem no sábado?", owner: str = "user", **changed: Any) -> dict[str, Any]:
    """The body that adds a message."""
    return {"body": body, "direction": "inbound" if owner == "user" else "outbound", "message_owner": owner} | changed


def opened(client: httpx.Client, tenant: TenantId, **changed: Any) -> int:
    """The id of the open conversation."""
    answer = client.post("/conversations/", json=pair(tenant, **changed))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["conv_id"]


def test_opening_is_201_and_again_200_in_every_spelling(client: httpx.Client, tenant: TenantId) -> None:
    first = client.post("/conversations/", json=pair(tenant, from_number="whatsapp:+551187654321"))
    assert first.status_code == 201
    assert first.json()["state"] == "pending"
    assert first.json()["from_number"] == "+551187654321"
    again = client.post("/conversations/", json=pair(tenant, owner_id=first.json()["owner_id"]))
    assert (again.status_code, again.json()["conv_id"]) == (200, first.json()["conv_id"])


def test_fifty_callers_at_once_get_one_conversation(client: httpx.Client, tenant: TenantId) -> None:
    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda _: client.post("/conversations/", json=pair(tenant)), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.json()["conv_id"] for answer in answers}) == 1


def test_a_conversations_life_over_http(client: httpx.Client, tenant: TenantId) -> None:
    conversation = opened(client, tenant)
    path = f"/conversations/{conversation}"
    added = client.post(f"{path}/messages", json=message(conv_id=conversation, from_number=CONTACT, to_number=OURS))
    assert added.status_code == 201
    assert added.json()["conversation"]["state"] == "pending"
    client.post(f"{path}/messages", json=message("Sim, das 8h às 12h.", "agent", from_number=OURS))
    assert client.get(path).json()["state"] == "human_handoff"
    before = client.get(path).json()["expires_at"]
    assert client.post(f"{path}/extend", json={"minutes": 90}).json()["expires_at"] > before
    assert client.post(f"{path}/extend").status_code == 200
    closed = client.post(f"{path}/close", json={"by": "agent", "reason": "Consulta marcada"})
    assert (closed.status_code, closed.json()["state"]) == (200, "agent_closed")
    assert client.post(f"{path}/close").status_code == 409
    assert client.post(f"{path}/extend").status_code == 409
    texts = [
        (m["message_owner"], m["direction"], m["from_number"]) for m in client.get(f"{path}/messages").json()["items"]
    ]
    assert texts == [("user", "inbound", CONTACT), ("agent", "outbound", OURS)]
    follower = client.post(f"{path}/messages", json=message()).json()
    assert follower["conv_id"] != conversation
    assert follower["conversation"]["predecessor_id"] == conversation


def test_a_program_closes_as_support_and_a_person_as_agent(
    client: httpx.Client, tenant: TenantId, site: str, make_person: Callable[..., Person],
    log_in: Callable[[Person], httpx.Client],
) -> None:  # fmt: skip
    assert client.post(f"/conversations/{opened(client, tenant)}/close").json()["state"] == "support_closed"
    browser = log_in(make_person(tenant, role=UserRole.ADMIN))
    answer = browser.post(f"/conversations/{opened(client, tenant)}/close", headers={"Origin": site})
    assert answer.json()["state"] == "agent_closed"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/conversations/"), ("GET", "/conversations/{id}"), ("GET", "/conversations/{id}/messages"),
     ("POST", "/conversations/{id}/messages"), ("POST", "/conversations/{id}/close"),
     ("POST", "/conversations/{id}/extend"), ("GET", "/webhooks/endpoints"), ("GET", "/analytics/kpis")],
)  # fmt: skip
def test_an_owner_id_of_another_tenant_is_404_wherever_it_is_given(
    client: httpx.Client, tenant: TenantId, make_tenant: Callable[..., TenantId], method: str, path: str
) -> None:
    conversation = opened(client, tenant)
    sent = message() if path.endswith("messages") and method == "POST" else None
    answers = [
        client.request(method, path.format(id=conversation), params={"owner_id": owner}, json=sent)
        for owner in (make_tenant(), "outra-empresa", tenant)
    ]
    assert [answer.status_code < 300 for answer in answers] == [False, False, True]
    assert {answer.status_code for answer in answers[:2]} == {404}


def test_another_tenants_conversations_do_not_exist(
    client: httpx.Client, tenant: TenantId, client_of: Client, make_tenant: Callable[..., TenantId]
) -> None:
    other = make_tenant()
    theirs = opened(client_of(other), other)
    unknown = client.get("/conversations/99999999")
    for answer in (
        client.get(f"/conversations/{theirs}"), client.get(f"/conversations/{theirs}/messages"),
        client.post(f"/conversations/{theirs}/messages", json=message()), client.post(f"/conversations/{theirs}/close"),
        client.post(f"/conversations/{theirs}/extend"), client.post("/conversations/", json=pair(other)),
        client.get("/conversations/", params={"owner_id": other}),
    ):  # fmt: skip
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.get(f"/conversations/{theirs}").json()["type"] == unknown.json()["type"]
    assert client.get("/conversations/").json()["items"] == []


def test_who_may_what(app: Any, tenant: TenantId, client_of: Client) -> None:
    assert TestClient(app).get("/conversations/").status_code == 401
    reader = client_of(tenant, ["conversations:read"])
    assert reader.get("/conversations/").status_code == 200
    assert reader.post("/conversations/", json=pair(tenant)).status_code == 403
    assert client_of(tenant, ["analytics"]).get("/conversations/").status_code == 403


def test_a_client_user_reads_and_changes_nothing(
    tenant: TenantId, site: str, make_person: Callable[..., Person], log_in: Callable[[Person], httpx.Client]
) -> None:
    browser = log_in(make_person(tenant))
    assert browser.get("/conversations/").status_code == 200
    assert browser.post("/conversations/", json=pair(tenant), headers={"Origin": site}).status_code == 403


def test_a_repeated_idempotency_key_makes_one_message(client: httpx.Client, tenant: TenantId) -> None:
    path = f"/conversations/{opened(client, tenant)}/messages"
    with ThreadPoolExecutor(20) as callers:
        send = lambda _: client.post(path, json=message(), headers={"Idempotency-Key": "pedido-1"})  # noqa: E731
        answers = list(callers.map(send, range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert client.post(path, json=message("outra"), headers={"Idempotency-Key": "pedido-1"}).status_code == 409


def pages(client: httpx.Client, path: str, between: Callable[[], Any] = lambda: None, **params: Any) -> Iterator[dict]:
    """Every row of a list; `between` is called after each page."""
    cursor = None
    while True:
        page = client.get(path, params=params | ({"cursor": cursor} if cursor else {})).json()
        yield from page["items"]
        between()
        cursor = page["next_cursor"]
        if cursor is None:
            return


def test_pages_are_whole_and_without_repetition_while_others_open_conversations(
    client: httpx.Client, tenant: TenantId
) -> None:
    numbers = iter(range(100))
    new = lambda: opened(client, tenant, from_number=f"+55119{80000000 + next(numbers)}")  # noqa: E731
    first = [new() for _ in range(9)]
    seen = [row["conv_id"] for row in pages(client, "/conversations/", new, limit=2)]
    assert seen == first[::-1]


def test_messages_added_while_reading_come_at_the_end(client: httpx.Client, tenant: TenantId) -> None:
    path = f"/conversations/{opened(client, tenant)}/messages"
    add = lambda text: client.post(path, json=message(text))  # noqa: E731
    for n in range(4):
        add(f"pergunta {n}?")
    more = iter(["pergunta 4?"])
    seen = [row["body"] for row in pages(client, path, lambda: [add(text) for text in more], limit=2)]
    assert seen == [f"pergunta {n}?" for n in range(5)]


def test_filters(client: httpx.Client, tenant: TenantId) -> None:
    whatsapp, sms = opened(client, tenant), opened(client, tenant, channel="sms", from_number="+5521987654321")
    client.post(f"/conversations/{sms}/close")
    found = lambda **params: [row["conv_id"] for row in client.get("/conversations/", params=params).json()["items"]]  # noqa: E731
    assert found() == [sms, whatsapp]
    assert found(state="pending") == found(channel="whatsapp") == found(contact="(11) 8765-4321") == [whatsapp]
    assert found(state="support_closed") == [sms]
    assert found(created_until="2020-01-01T00:00:00-03:00") == []
    assert found(created_from="2020-01-01") == [sms, whatsapp]


BAD_OPENINGS = {
    "no number": {"from_number": "olá"}, "emoji": {"from_number": "📞"}, "overlong": {"from_number": "+55" * 100},
    "nul": {"to_number": "+5511\x00987654321"}, "surrogate": {"to_number": "\ud83d"}, "null": {"from_number": None},
    "one address": {"to_number": "+551187654321"}, "channel": {"channel": "Whats App"}, "list": {"owner_id": []},
    "wrong channel": {"channel": "sms", "from_number": f"whatsapp:{CONTACT}"}, "number": {"from_number": 5511987654321},
}  # fmt: skip
BAD_MESSAGES = {
    "empty": {"body": ""}, "nul": {"body": "a\x00b"}, "surrogate": {"body": "\udc00"}, "overlong": {"body": "é" * 16_385},
    "direction": {"direction": "sideways"}, "owner": {"message_owner": "bot"}, "mixed": {"message_owner": "agent"},
    "huge": {"conv_id": 10**30}, "another": {"conv_id": 1}, "not theirs": {"from_number": "+5511911111111"},
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_OPENINGS)
def test_a_bad_opening_is_422_and_says_why(client: httpx.Client, tenant: TenantId, bad: str) -> None:
    answer = client.post("/conversations/", content=json.dumps(pair(tenant, **BAD_OPENINGS[bad])))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["detail"]


def test_a_refusal_names_the_field_and_nothing_of_our_insides(client: httpx.Client, tenant: TenantId) -> None:
    answer = client.post("/conversations/", json=pair(tenant, owner_id="a\x00b"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == "body.owner_id"
    assert "function" not in answer.text


@pytest.mark.parametrize(
    ("changed", "at", "words"),
    [({"from_number": "x" * 161}, "body.from_number", "at most 160 characters; it has 161"),
     ({"to_number": None}, "body.to_number", "must be a text in quotes"),
     ({"owner_id": []}, "body.owner_id", "must be a text in quotes"),
     ({"channel": "Whats App"}, "body.channel", "such as whatsapp"),
     ({"from_number": "ana"}, "body.from_number", "must be a telephone number"),
     ({"to_number": CONTACT}, "body.to_number", "two different numbers")],
)  # fmt: skip
def test_every_refusal_names_the_field_and_what_is_expected_in_plain_words(
    client: httpx.Client, tenant: TenantId, changed: dict[str, Any], at: str, words: str
) -> None:
    problem = client.post("/conversations/", json=pair(tenant, **changed)).json()
    assert [error["at"] for error in problem["errors"]] == [at]
    assert words in problem["errors"][0]["message"]
    assert "Value error" not in problem["detail"] and "Input should" not in problem["detail"]


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"}])
def test_a_body_that_is_not_sent_as_json_is_told_how(
    client: httpx.Client, tenant: TenantId, headers: dict[str, str]
) -> None:
    answer = client.post("/conversations/", content=json.dumps(pair(tenant)).encode(), headers=headers)
    assert (answer.status_code, "Content-Type: application/json" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("bad", BAD_MESSAGES)
def test_a_bad_message_is_422_and_leaves_no_trace(client: httpx.Client, tenant: TenantId, bad: str) -> None:
    path = f"/conversations/{opened(client, tenant)}/messages"
    answer = client.post(path, content=json.dumps(message(**BAD_MESSAGES[bad])))
    assert answer.status_code == 422, answer.text
    assert client.get(path).json()["items"] == []


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=1e9", f"limit={10**40}", "state=open", "cursor=%00", "cursor=WzFd",
     "cursor=WyIyMDI2LTAxLTAxIiwgdHJ1ZV0", "cursor=%F0%9F%98%80",
     "contact=%00", "contact=", "created_from=ontem", "created_from=0001-01-01T00:00:00%2B15:00", "channel=%00",
     "limit=1&limit=2", "channel=a&channel=a"],
)  # fmt: skip
def test_a_bad_query_is_422_and_says_where(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/conversations/?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"] == f"query.{query.partition('=')[0]}"


def test_times_with_any_offset_are_understood(client: httpx.Client) -> None:
    assert client.get("/conversations/", params={"created_from": "2026-01-01T00:00:00+23:59"}).status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b'{"body": 1e99999}'])
def test_what_is_no_json_is_a_clear_refusal(client: httpx.Client, content: bytes) -> None:
    answer = client.post("/conversations/", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


def test_a_body_that_is_too_large_is_413(client: httpx.Client) -> None:
    assert client.post("/conversations/", content=b" " * (LARGEST_BODY + 1)).status_code == 413
    pieces = (b" " * 1000 for _ in range(LARGEST_BODY // 1000 + 1))  # without a Content-Length
    assert client.post("/conversations/", content=pieces).status_code == 413


@pytest.mark.parametrize("conv_id", ["0", "-1", "abc", str(2**63), "1" * 400, "%00", "1.5"])
def test_a_bad_id_is_422(client: httpx.Client, conv_id: str) -> None:
    assert client.get(f"/conversations/{conv_id}").status_code == 422


def test_emoji_travel_unharmed(client: httpx.Client, tenant: TenantId) -> None:
    path = f"/conversations/{opened(client, tenant)}/messages"
    client.post(path, json=message("Fechou? 👩🏽‍⚕️🇧🇷"))
    assert client.get(path).json()["items"][0]["body"] == "Fechou? 👩🏽‍⚕️🇧🇷"


def test_an_api_key_that_calls_too_often_is_told_to_wait(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "REQUESTS_PER_MINUTE", 3)
    answers = [client.get("/conversations/") for _ in range(8)]  # at most one new minute begins meanwhile
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert refused[0].headers["ratelimit-remaining"] == "0"
    assert answers[0].headers["ratelimit-remaining"] == "2"
    assert client.get("/analytics/kpis").headers["ratelimit-limit"] == "3", "every route counts"


def test_a_slash_too_many_or_too_few_is_no_redirect(client: httpx.Client, tenant: TenantId) -> None:
    client.follow_redirects = False
    assert client.post("/conversations", json=pair(tenant)).status_code == 201
    created = client.post("/conversations/", json=pair(tenant))
    assert created.status_code == 200
    path = created.headers["location"]
    assert path == f"/conversations/{created.json()['conv_id']}"
    assert client.get("/conversations").json() == client.get("/conversations/").json()
    assert client.get(f"{path}/").json() == client.get(path).json()
    assert client.post(f"{path}/messages/", json=message()).status_code == 201
    assert client.post(f"{path}/close/").status_code == 200
    assert client.get("/health/").status_code == 200
    assert client.get("/conversations//").status_code == 404


def test_head_is_answered_as_get_without_the_body(client: httpx.Client, tenant: TenantId) -> None:
    path = f"/conversations/{opened(client, tenant)}"
    for known in (path, "/conversations/", "/health", "/webhooks/twilio/health", "/"):
        read, looked = client.get(known), client.head(known)
        assert (looked.status_code, looked.content) == (200, b"")
        assert looked.headers["content-length"] == read.headers["content-length"]
    assert client.head("/conversations/1234567").status_code == 404
    assert client.head(f"{path}/close").status_code == 405


def test_a_method_that_a_path_has_not_is_answered_with_those_that_it_has(client: httpx.Client) -> None:
    allowed = {path: client.put(path).headers["allow"] for path in ("/conversations/", "/conversations/1", "/health")}
    assert allowed == {"/conversations/": "GET, HEAD, POST", "/conversations/1": "GET, HEAD", "/health": "GET, HEAD"}
