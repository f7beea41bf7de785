"""Campaigns, templates and label rules over HTTP, as an integrator uses them."""

from collections.abc import Callable

import httpx
import pytest
from tests.api.test_remarketing import client, talk
from tests.remarketing.conftest import Company, company

from prosa.db.connection import TenantId

__all__ = ["client", "company"]


@pytest.fixture
def segment(client: httpx.Client) -> int:
    """A saved segment."""
    return int(client.post("/segments", json={"name": "Todos", "definition": {}}).json()["id"])


@pytest.fixture
def template(client: httpx.Client) -> int:
    """A saved template."""
    return int(client.post("/templates", json={"name": "Volta", "body": "Oi {{ nome }}!"}).json()["id"])


def campaign(client: httpx.Client, segment: int, template: int, **more: object) -> httpx.Response:
    variants = [{"name": "a", "author": "template", "message_template_id": template}]
    return client.post("/campaigns", json={"name": "Março", "segment_id": segment, "variants": variants, **more})


def test_a_campaign_is_added_started_capped_and_ended(client: httpx.Client, segment: int, template: int) -> None:
    made = campaign(client, segment, template, holdout_percent=10, daily_cap=5).json()
    assert (made["state"], made["daily_cap"], made["holdout_percent"]) == ("paused", 5, 10)
    path = f"/campaigns/{made['id']}"
    assert client.patch(path, json={"state": "active", "daily_cap": None}).json() == made | {
        "state": "active", "daily_cap": None,
    }  # fmt: skip
    assert client.patch(path, json={"cap": 100}).json()["state"] == "active", "what is left out stays"
    found = client.get(path).json()
    assert (found["cap"], found["drafts"]["drafted"], found["arms"], found["effects"]) == (100, 0, [], [])
    assert [each["id"] for each in client.get("/campaigns", params={"state": "active"}).json()["items"]] == [made["id"]]
    assert client.delete(path).status_code == 204
    assert client.get(path).json()["state"] == "ended"
    assert client.patch(path, json={"state": "active"}).status_code == 409, "for good"
    assert client.delete(path).status_code == 409


def test_what_a_campaign_names_must_be_there(client: httpx.Client, segment: int, template: int) -> None:
    assert campaign(client, segment, 10**9).status_code == 404
    assert campaign(client, 10**9, template).status_code == 404
    assert campaign(client, segment, template).status_code == 201
    assert campaign(client, segment, template).status_code == 409, "the name is taken"
    assert campaign(client, segment, template, holdout_percent=51).status_code == 422
    assert campaign(client, segment, template, variants=[]).status_code == 422
    assert client.delete(f"/segments/{segment}").status_code == 409


def test_arms_change_until_somebody_has_joined(
    company: Company, client: httpx.Client, segment: int, template: int
) -> None:
    made = campaign(client, segment, template).json()
    path = f"/campaigns/{made['id']}"
    one = made["variants"][0]
    two = [one, {"name": "b", "author": "ai", "instructions": "Convide.", "weight": 3}]
    changed = client.patch(path, json={"holdout_percent": 50, "variants": two}).json()
    assert (changed["holdout_percent"], [each["name"] for each in changed["variants"]]) == (50, ["a", "b"])
    for wrong in ({"holdout_percent": 51}, {"variants": []}, {"variants": [one, one]}):
        assert client.patch(path, json=wrong).status_code == 422
    for gone in ({"segment_id": 10**9}, {"variants": [one | {"message_template_id": 10**9}]}):
        assert client.patch(path, json=gone).status_code == 404
    with company.db.tenant(company.tenant) as conn:
        conn.execute("""insert into campaign_members (tenant_id, campaign_id, contact_key, conversation_id, variant)
                        values (%s, %s, 'k', 1, 'a')""", [company.tenant, made["id"]])  # fmt: skip
    for late in ({"holdout_percent": 10}, {"variants": [one]}, {"segment_id": segment}):
        assert client.patch(path, json=late).status_code == 409
    assert client.patch(path, json={"cap": 7}).json()["cap"] == 7


def test_a_template_is_previewed_changed_and_taken_out_of_use(client: httpx.Client, template: int) -> None:
    preview = client.post("/templates/preview", json={"body": "Oi {{ nome }}, é da {{ empresa }}."}).json()
    assert preview == {"text": "Oi Ana, é da Academia Sol.", "variables": ["empresa", "nome"]}
    bad = client.post("/templates", json={"name": "x", "body": "Oi\n{{ senha }}"})
    assert (bad.status_code, "Line 2" in bad.text) == (422, True)
    path = f"/templates/{template}"
    assert client.put(path, json={"name": "Volta", "body": "Olá!"}).json()["body"] == "Olá!"
    assert client.post("/templates", json={"name": "Volta", "body": "Oi"}).status_code == 409
    assert client.delete(path).status_code == 204
    assert client.get("/templates").json() == {"items": []}
    assert client.get(path).json()["archived_at"]
    again = client.post("/templates", json={"name": "Volta", "body": "De novo"})
    assert (again.status_code, again.json()["archived_at"]) == (201, None), "a name out of use is free"


def test_a_segment_is_changed(client: httpx.Client, segment: int) -> None:
    changed = client.put(f"/segments/{segment}", json={"name": "Nunca", "definition": {"situation": "never_answered"}})
    assert (changed.json()["name"], changed.json()["definition"]["situation"]) == ("Nunca", "never_answered")
    assert client.put("/segments/999999999", json={"name": "x", "definition": {}}).status_code == 404


def test_whatsapp_templates_are_listed_with_their_approval(company: Company, client: httpx.Client) -> None:
    company.template(status="pending")
    [found] = client.get("/whatsapp-templates").json()["items"]
    assert (found["name"], found["status"], found["variables"]) == ("volta", "pending", ["1", "2"])
    assert client.get("/whatsapp-templates", params={"approved_only": True}).json() == {"items": []}


def test_a_label_rule_states_and_what_it_stated_stays(company: Company, client: httpx.Client) -> None:
    conversation = talk(company)
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update conversations set labels = '{venda}' where tenant_id = %s", [company.tenant])
    rule = client.post("/label-rules", json={"label": "venda", "kind": "conversion"}).json()
    assert client.get("/label-rules").json() == {"items": [rule]}
    assert client.get(f"/label-rules/{rule['id']}").json() == rule
    assert client.post("/label-rules", json={"label": "venda"}).status_code == 409
    assert client.delete(f"/label-rules/{rule['id']}").status_code == 204
    assert client.get(f"/label-rules/{rule['id']}").status_code == 404
    [stated] = client.get("/conversions").json()["items"]
    assert (stated["conversation_id"], stated["origin"]) == (conversation, "label_rule")


def test_scopes_and_other_tenants_hold(
    client_of: Callable[..., httpx.Client], client: httpx.Client, company: Company, segment: int, template: int,
    make_tenant: Callable[..., TenantId],
) -> None:  # fmt: skip
    made = campaign(client, segment, template).json()
    reader = client_of(company.tenant, ["remarketing:read"])
    assert reader.get(f"/campaigns/{made['id']}").status_code == 200
    assert reader.patch(f"/campaigns/{made['id']}", json={"state": "active"}).status_code == 403
    assert reader.post("/templates", json={"name": "x", "body": "y"}).status_code == 403
    assert reader.get("/label-rules").status_code == 403, "they are conversions', not remarketing's"
    stranger = client_of(make_tenant())
    for path in (f"/campaigns/{made['id']}", f"/templates/{template}", f"/segments/{segment}"):
        assert stranger.get(path).status_code == 404
    assert stranger.patch(f"/campaigns/{made['id']}", json={"state": "active"}).status_code == 404
    assert campaign(stranger, segment, template).status_code == 404
