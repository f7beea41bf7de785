"""The analytics API: who may read what, and that it says what the facts say."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.api.conftest import PASSWORD, Person
from tests.facts.builder import Conversation, save, save_names

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts import kpis, metrics
from prosa.facts.model import Period
from prosa.tenancy import api_keys
from prosa.tenancy.model import UserRole

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
NOON = datetime(2026, 3, 10, 15, tzinfo=UTC)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """The API without the dashboards."""
    return TestClient(app, base_url="http://testserver")


@pytest.fixture
def key(db: Database) -> Callable[..., dict[str, str]]:
    """A function that makes an API key of a tenant and returns it as a request's headers."""

    def make(tenant: TenantId, *scopes: str) -> dict[str, str]:
        with db.tenant(tenant) as conn:
            secret = api_keys.create_key(conn, tenant, actor="test", scopes=list(scopes)).secret
        return {"Authorization": f"Bearer {secret}"}

    return make


def fill(db: Database, tenant: TenantId, count: int) -> None:
    """So many conversations, pairs of them at the very same moment."""
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1, 2])
        save(conn, tenant, [
            Conversation(i, NOON + timedelta(hours=i // 2), inbox_id=1 + i % 2, is_lead=i % 3 == 0)
            for i in range(1, count + 1)
        ])  # fmt: skip


def test_kpis_are_the_facts(
    client: TestClient, db: Database, tenant: TenantId, key: Callable[..., dict[str, str]]
) -> None:
    fill(db, tenant, 20)
    answer = client.get("/analytics/kpis", params={**MARCH, "by": "inbox"}, headers=key(tenant)).json()
    with db.tenant(tenant) as conn:
        period = Period(date(2026, 3, 1), date(2026, 4, 1))
        assert answer["kpis"] == asdict(kpis.kpis(conn, tenant, period=period))
        assert answer["by"] == [asdict(group) for group in kpis.by_inbox(conn, tenant, period=period)]
    assert answer["before"]["period"] == {"from": "2026-01-29", "to": "2026-02-28"}
    assert answer["awaiting_reply"] == 20


def test_pages_of_conversations_hold_each_one_once(
    client: TestClient, db: Database, tenant: TenantId, key: Callable[..., dict[str, str]]
) -> None:
    fill(db, tenant, 25)
    headers, found, cursor = key(tenant), [], None
    for _ in range(9):
        params = {**MARCH, "limit": 4, **({"cursor": cursor} if cursor else {})}
        page = client.get("/analytics/conversations", params=params, headers=headers).json()
        found += page["conversations"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [row["conversation_id"] for row in found] == list(range(25, 0, -1))
    assert list(found[0]) == [column.key for column in metrics.columns()]
    assert found[-1]["created_at"] == "2026-03-10T15:00:00Z"


def test_a_filter_restricts(
    client: TestClient, db: Database, tenant: TenantId, key: Callable[..., dict[str, str]]
) -> None:
    fill(db, tenant, 10)
    page = client.get("/analytics/conversations", params={**MARCH, "inbox": 2}, headers=key(tenant)).json()
    assert {row["inbox_id"] for row in page["conversations"]} == {2}
    assert len(page["conversations"]) == 5


@pytest.mark.parametrize("path", ["/analytics/kpis", "/analytics/conversations", "/exports/conversations"])
def test_another_tenants_id_is_not_found_and_his_rows_never_come(
    client: TestClient,
    db: Database,
    make_tenant: Callable[..., TenantId],
    key: Callable[..., dict[str, str]],
    path: str,
) -> None:
    ours, theirs = make_tenant(), make_tenant()
    fill(db, theirs, 3)
    headers = key(ours)
    assert client.get(path, params={"owner_id": theirs}, headers=headers).status_code == 404
    assert client.get(path, params={"owner_id": 10**15}, headers=headers).status_code == 404
    own = client.get(path, params={**MARCH, "owner_id": ours, "inbox": 1}, headers=headers)
    assert own.status_code == 200
    assert "Caixa" not in own.text


def test_an_owner_is_named_by_slug_or_number(
    client: TestClient, db: Database, make_tenant: Callable[..., TenantId], key: Callable[..., dict[str, str]]
) -> None:
    ours, theirs = make_tenant(), make_tenant()
    with db.operator() as conn:
        slug = dict(conn.execute("select id, slug from tenants where id in (%s, %s)", [ours, theirs]).fetchall())
    asked = lambda owner: client.get("/analytics/kpis", params={"owner_id": owner}, headers=key(ours)).status_code  # noqa: E731
    assert (asked(slug[ours]), asked(ours), asked(slug[theirs])) == (200, 200, 404)


@pytest.mark.parametrize("path", ["/analytics/kpis", "/analytics/conversations", "/exports/conversations"])
def test_nobody_gets_nothing(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer prosa_wrong"}).status_code == 401


@pytest.mark.parametrize("path", ["/analytics/kpis", "/analytics/conversations", "/exports/conversations"])
def test_a_key_for_something_else_may_not_read(
    client: TestClient, tenant: TenantId, key: Callable[..., dict[str, str]], path: str
) -> None:
    assert client.get(path, headers=key(tenant, "conversations:read")).status_code == 403
    assert client.get(path, headers=key(tenant, "analytics")).status_code == 200


def test_the_operator_has_no_conversations_of_his_own(client: TestClient, make_person: Callable[..., Person]) -> None:
    operator = make_person(TenantId(0), role=UserRole.SUPER_ADMIN)
    client.post("/login", data={"email": operator.email, "password": PASSWORD}, follow_redirects=False)
    assert client.get("/analytics/kpis").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"from": "0001-01-01"}, {"to": "9999-12-31"}, {"to": "0001-01-01"}, {"from": "2026-03-02", "to": "2026-03-01"},
     {"from": "2000-01-01", "to": "2026-01-01"}, {"from": "x"}, {"inbox": str(2**63)}, {"label": "\x00"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(
    client: TestClient, tenant: TenantId, key: Callable[..., dict[str, str]], wrong: dict[str, str]
) -> None:
    headers = key(tenant)
    for path in ("/analytics/kpis", "/analytics/conversations", "/exports/conversations"):
        answer = client.get(path, params=wrong, headers=headers)
        assert answer.status_code == 422, path
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "cursor", ["x", "2026-03-01~5", "2026-03-01T00:00:00+00:00~-1", "~", f"2026-03-01T00:00:00Z~{2**63}"]
)
def test_a_foreign_cursor_is_refused(
    client: TestClient, tenant: TenantId, key: Callable[..., dict[str, str]], cursor: str
) -> None:
    assert client.get("/analytics/conversations", params={"cursor": cursor}, headers=key(tenant)).status_code == 422


def test_without_a_period_the_last_thirty_days_count(
    client: TestClient, tenant: TenantId, key: Callable[..., dict[str, str]]
) -> None:
    period = client.get("/analytics/kpis", headers=key(tenant)).json()["period"]
    assert date.fromisoformat(period["to"]) - date.fromisoformat(period["from"]) == timedelta(days=29)
