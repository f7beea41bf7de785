"""The application's basics: errors, ids, description, health, metrics, API keys."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
import structlog
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.api.conftest import PASSWORD, Person

from prosa import errors
from prosa.api import errors as problems
from prosa.api.app import create_app
from prosa.api.session import CurrentCaller
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy import api_keys
from prosa.tenancy.model import TooManyTries, UserRole


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.NotFound, 404), (errors.Conflict, 409), (errors.Invalid, 422), (errors.Unauthenticated, 401),
     (errors.Forbidden, 403), (errors.Busy, 409), (errors.Unavailable, 503), (errors.ProsaError, 500)],
)  # fmt: skip
def test_every_error_of_ours_has_its_status(error: type[errors.ProsaError], status: int) -> None:
    assert problems.status_of(error("why")) == status


def test_a_problem_says_what_and_under_which_request() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/slow")
    def slow() -> None:
        raise TooManyTries(90)

    answer = TestClient(app).get("/slow")
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "90"
    assert answer.json()["type"] == "urn:prosa:problem:too-many-tries"


def test_an_unexpected_error_reveals_nothing(db: Database, settings: Settings) -> None:
    app = create_app(db, settings, dashboards=False)

    @app.get("/broken")
    def broken() -> None:
        raise ValueError("secret detail")

    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_an_unreadable_body_is_not_repeated_to_the_log_or_the_caller(db: Database, settings: Settings) -> None:
    app = create_app(db, settings, dashboards=False)

    @app.post("/number")
    def number(n: int) -> int:
        return n

    answer = TestClient(app).post("/number?n=+5511987654321x")
    assert answer.status_code == 422
    assert "987654321" not in answer.text
    assert answer.json()["errors"][0]["at"] == "query.n"


def test_a_sensible_request_id_is_kept_and_another_replaced(site: str) -> None:
    assert httpx.get(f"{site}/health", headers={"X-Request-ID": "job-12345"}).headers["x-request-id"] == "job-12345"
    strange = httpx.get(f"{site}/health", headers={"X-Request-ID": "a b<script>"})
    assert strange.headers["x-request-id"] != "a b<script>"


def test_programs_get_a_description_and_browsers_a_page(site: str) -> None:
    assert httpx.get(site).json()["name"] == "Prosa"
    assert httpx.get(site, headers={"Accept": "text/html"}).headers["location"] == "/login"


def test_who_follows_a_link_that_fails_reads_a_page_and_a_program_a_problem(site: str) -> None:
    person = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "pt-BR"}
    for path, status, said in (
        ("/nonsense", 404, "Esta página não existe"),
        ("/reports/shared/made-up", 404, "Este link não vale mais"),
        ("/exports/conversations", 401, "A sua sessão terminou."),
        ("/conversations?limit=many", 401, "A sua sessão terminou."),
    ):
        page = httpx.get(f"{site}{path}", headers=person)
        assert (page.status_code, said in page.text) == (status, True), path
        assert page.headers["content-type"].startswith("text/html")
        framed = httpx.get(f"{site}{path}", headers={**person, "Sec-Fetch-Dest": "iframe"})
        for answer in (framed, httpx.get(f"{site}{path}")):
            assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_health_looks_at_the_database(site: str) -> None:
    assert httpx.get(f"{site}/health").json()["status"] == "ok"


def test_metrics_count_every_company_and_are_the_operators(
    site: str, db: Database, settings: Settings, tenant: TenantId, make_person: Callable[..., Person],
    log_in: Callable[[Person], httpx.Client],
) -> None:  # fmt: skip
    with db.tenant(tenant) as conn:
        key = api_keys.create_key(conn, tenant, actor="test").secret
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}

    def status(client: httpx.Client, token: str = "") -> int:
        return client.get(
            "/metrics", headers=through_a_proxy | ({"Authorization": f"Bearer {token}"} if token else {})
        ).status_code

    with httpx.Client(base_url=site) as anybody:
        assert "prosa_http_requests_total" in anybody.get("/metrics").text, "from this machine"
        assert (status(anybody), status(anybody, "guessed"), status(anybody, key)) == (401, 401, 403)
    assert status(log_in(make_person(tenant, role=UserRole.ADMIN))) == 403
    assert status(log_in(make_person(TenantId(0), role=UserRole.SUPER_ADMIN))) == 200
    monitored = create_app(db, replace(settings, metrics_token="of-the-monitor"), dashboards=False)
    with TestClient(monitored) as monitor:
        assert (status(monitor, "of-the-monitor"), status(monitor, "another")) == (200, 401)


@pytest.fixture
def api(db: Database, settings: Settings) -> TestClient:
    """An application with one route that tells who asks."""
    app = create_app(db, settings, dashboards=False)

    @app.api_route("/who", methods=["GET", "POST"])
    def who(caller: CurrentCaller) -> dict[str, object]:
        logged = structlog.contextvars.get_contextvars()["tenant_id"]
        return {"tenant": caller.tenant_id, "actor": caller.actor, "logged": logged}

    return TestClient(app, base_url="http://testserver")


def test_an_api_key_speaks_for_its_tenant(api: TestClient, db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        key = api_keys.create_key(conn, tenant, actor="test").secret
    assert api.get("/who", headers={"Authorization": f"Bearer {key}"}).json()["tenant"] == tenant
    refused = api.get("/who", headers={"Authorization": "Bearer prosa_wrong"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


def test_a_wrong_key_does_not_fall_back_to_the_cookie(api: TestClient, person: Person) -> None:
    api.post("/login", data={"email": person.email, "password": PASSWORD}, follow_redirects=False)
    answer = api.get("/who").json()
    assert answer["tenant"] == answer["logged"] == person.tenant_id
    assert api.get("/who", headers={"Authorization": "Bearer prosa_wrong"}).status_code == 401


def test_another_sites_page_changes_nothing_with_a_users_cookie(api: TestClient, person: Person) -> None:
    api.post("/login", data={"email": person.email, "password": PASSWORD}, follow_redirects=False)
    assert api.post("/who", headers={"Origin": "http://testserver"}).status_code == 200
    assert api.post("/who", headers={"Origin": "http://evil.example"}).status_code == 403
