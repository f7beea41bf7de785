"""Remarketing and conversions over HTTP, as an integrator uses them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.remarketing.conftest import ALWAYS, LONG, SHORT, Company, company

from prosa.db.connection import TenantId

__all__ = ["company"]


@pytest.fixture
def client(client_of: Callable[..., httpx.Client], company: Company) -> httpx.Client:
    """A client of the company's."""
    return client_of(company.tenant)


def talk(company: Company) -> int:
    """A conversation whose window is open."""
    return company.hears(at=datetime.now(UTC) - timedelta(hours=1))


def test_a_draft_is_written_changed_approved_and_scheduled(company: Company, client: httpx.Client) -> None:
    draft = client.post("/drafts", json={"conversation_id": talk(company), "body": "Oi!"}).json()
    assert (draft["state"], draft["via"], draft["version"]) == ("drafted", "twilio", 0)
    changed = client.patch(f"/drafts/{draft['id']}", json={"version": 0, "body": "Oi, Ana!"}).json()
    stale = {"ids": [draft["id"]], "versions": {str(draft["id"]): 0}}
    assert client.post("/drafts/approve", json=stale).json() == {"items": [], "refused": [draft["id"]]}
    seen = {"ids": [draft["id"]], "versions": {str(draft["id"]): changed["version"]}}
    assert client.post("/drafts/approve", json=seen).json()["items"][0]["state"] == "approved"
    company.rules(hours=ALWAYS)
    [scheduled] = client.post("/drafts/schedule", json={"ids": [draft["id"]]}).json()["items"]
    assert (scheduled["state"], scheduled["body"]) == ("scheduled", "Oi, Ana!")
    listed = client.get("/drafts", params={"state": "scheduled"}).json()
    assert [each["id"] for each in listed["items"]] == [draft["id"]]
    assert client.post("/drafts/unschedule", json={"ids": [draft["id"]]}).json()["items"][0]["state"] == "approved"
    assert client.post("/drafts/take-back", json={"ids": [draft["id"]]}).json()["items"][0]["state"] == "drafted"
    assert client.post("/drafts/reject", json={"ids": [draft["id"]]}).json()["items"][0]["state"] == "rejected"


@pytest.mark.parametrize(("status", "warnings"), [("approved", []), ("pending", ["template_not_approved"])])
def test_a_template_that_may_not_leave_yet_is_told_when_it_is_written(
    company: Company, client: httpx.Client, status: str, warnings: list[str]
) -> None:
    template = company.template(status=status)
    given = {"whatsapp_template_id": template.id, "variables": {"1": "Ana", "2": "nadar"}}
    draft = client.post("/drafts", json={"conversation_id": talk(company), **given}).json()
    assert (draft["state"], draft["warnings"]) == ("drafted", warnings)


@pytest.mark.parametrize("body", [{}, {"body": "Oi", "whatsapp_template_id": 1}, {"body": "   "}])
def test_a_draft_needs_one_wording(company: Company, client: httpx.Client, body: dict[str, object]) -> None:
    assert client.post("/drafts", json={"conversation_id": talk(company), **body}).status_code == 422


def test_nobody_schedules_beyond_a_year(company: Company, client: httpx.Client) -> None:
    draft = client.post("/drafts", json={"conversation_id": talk(company), "body": "Oi!"}).json()
    client.post("/drafts/approve", json={"ids": [draft["id"]]})
    answer = client.post("/drafts/schedule", json={"ids": [draft["id"]], "at": "9999-12-31T23:00:00Z"})
    assert answer.status_code == 422


def test_a_segment_says_its_size(company: Company, client: httpx.Client) -> None:
    company.insight(talk(company))
    made = client.post("/segments", json={"name": "Sem resposta", "definition": {"situation": "never_answered"}}).json()
    assert client.get(f"/segments/{made['id']}").json()["size"] == {"conversations": 1, "contacts": 1, "reachable": 1}
    assert client.post("/segments", json={"name": "Sem resposta", "definition": {}}).status_code == 409
    assert client.post("/segments", json={"name": "b", "definition": {"x": 1}}).status_code == 422
    assert client.delete(f"/segments/{made['id']}").status_code == 204
    assert client.get("/segments").json() == {"items": []}


def test_the_ledger_answers_for_both_forms_of_a_number(client: httpx.Client) -> None:
    given = {"phone": SHORT, "granted": True, "evidence": "formulário do site"}
    assert client.post("/consents", json=given).status_code == 201
    client.post("/consents", json=given | {"granted": False, "evidence": "pediu por e-mail"})
    found = client.get("/consents", params={"phone": LONG}).json()["items"]
    assert [(each["granted"], each["origin"]) for each in found] == [(False, "api"), (True, "api")]


def test_a_conversion_is_stated_once_by_number_and_taken_back(company: Company, client: httpx.Client) -> None:
    conversation = talk(company)
    given = {"phone": SHORT, "amount": "199.90", "currency": "BRL", "reference": "pedido-1"}
    first, second = (client.post("/conversions", json=given) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    made = first.json()
    assert (made["conversation_id"], made["origin"], made["amount"]) == (conversation, "api", "199.90")
    assert [each["id"] for each in client.get("/conversions").json()["items"]] == [made["id"]]
    assert client.delete(f"/conversions/{made['id']}").status_code == 204
    assert client.post("/conversions", json=given).status_code == 409
    assert client.get("/conversions").json()["items"] == []


@pytest.mark.parametrize(
    ("given", "status"),
    [({"phone": "+5521999990000"}, 404), ({}, 422), ({"phone": LONG, "email": "a@b.com"}, 422), ({"phone": "abc"}, 422),
     ({"phone": LONG, "amount": "1"}, 422), ({"phone": LONG, "at": "2999-01-01T00:00:00Z"}, 422)],
)  # fmt: skip
def test_a_conversion_of_nobody_or_of_nothing_is_refused(
    company: Company, client: httpx.Client, given: dict[str, str], status: int
) -> None:
    talk(company)
    assert client.post("/conversions", json=given).status_code == status


def test_a_key_of_another_tenant_or_without_the_scope_gets_nowhere(
    company: Company, client: httpx.Client, client_of: Callable[..., httpx.Client], make_tenant: Callable[[], TenantId]
) -> None:
    draft = client.post("/drafts", json={"conversation_id": talk(company), "body": "Oi!"}).json()
    stranger = client_of(make_tenant())
    assert stranger.get(f"/drafts/{draft['id']}").status_code == 404
    assert stranger.post("/drafts/approve", json={"ids": [draft["id"]]}).json()["refused"] == [draft["id"]]
    reader = client_of(company.tenant, ["remarketing:read"])
    assert reader.get(f"/drafts/{draft['id']}").status_code == 200
    assert reader.post("/drafts/approve", json={"ids": [draft["id"]]}).status_code == 403
    assert reader.get("/conversions").status_code == 403
