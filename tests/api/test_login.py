"""Logging in and out over HTTP."""

from collections.abc import Callable

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import PASSWORD, Person

from prosa.api.app import create_app
from prosa.api.login import inner_path
from prosa.db import Database
from prosa.settings import Settings
from prosa.tenancy import audit
from prosa.tenancy.tenants import set_suspended

LogIn = Callable[[Person], httpx.Client]


def test_the_page_speaks_portuguese_unless_the_browser_asks_for_english(site: str) -> None:
    assert 'lang="pt-BR"' in httpx.get(f"{site}/login", headers={"Accept-Language": "fr"}).text
    assert 'lang="en"' in httpx.get(f"{site}/login", headers={"Accept-Language": "en-US,en;q=0.9"}).text


def test_a_chosen_language_wins_over_the_browsers(site: str) -> None:
    with httpx.Client(base_url=site, headers={"Accept-Language": "pt-BR"}) as client:
        client.post("/language", data={"choice": "en"})
        assert 'lang="en"' in client.get("/login").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: str, person: Person) -> None:
    answer = httpx.post(f"{site}/login", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(db: Database, person: Person) -> None:
    address = "https://prosa.example.com"
    app = create_app(db, Settings(secret_key="test-secret-key", public_url=address), dashboards=False)
    answer = TestClient(app, base_url=address, follow_redirects=False).post(
        "/login", data={"email": person.email, "password": PASSWORD}
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-prosa=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_a_wrong_password_and_an_unknown_address_look_the_same(site: str, person: Person) -> None:
    wrong = httpx.post(f"{site}/login", data={"email": person.email, "password": "errada"})
    unknown = httpx.post(f"{site}/login", data={"email": "ninguem@exemplo.com.br", "password": "errada"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(person.email, "") == unknown.text.replace("ninguem@exemplo.com.br", "")
    assert 'role="alert"' in wrong.text


def test_only_the_right_password_learns_that_the_company_is_suspended(site: str, person: Person, db: Database) -> None:
    with db.operator() as conn:
        set_suspended(conn, person.tenant_id, suspended=True, actor="test")
    right, wrong = (
        httpx.post(f"{site}/login", data={"email": person.email, "password": word}) for word in (PASSWORD, "errada")
    )
    assert (right.status_code, wrong.status_code) == (401, 401)
    assert "suspenso" in right.text and "suspenso" not in wrong.text
    assert "set-cookie" not in right.headers


def test_the_brake_says_how_long_to_wait(site: str, person: Person) -> None:
    answers = [httpx.post(f"{site}/login", data={"email": person.email, "password": "errada"}) for _ in range(6)]
    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert "15 min" in answers[-1].text
    even_the_right_one = httpx.post(f"{site}/login", data={"email": person.email, "password": PASSWORD})
    assert even_the_right_one.status_code == 429


def test_what_the_client_claims_as_its_address_does_not_loosen_the_brake(
    site: str, person: Person, superuser: psycopg.Connection
) -> None:
    superuser.execute(
        """insert into login_failures (email, address)
           select n || '@exemplo.com.br', '127.0.0.1' from generate_series(1, 50) n"""
    )
    forged = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X-Real-IP": "203.0.113.7"}
    answer = httpx.post(f"{site}/login", data={"email": person.email, "password": PASSWORD}, headers=forged)
    assert answer.status_code == 429


def test_who_works_for_two_tenants_chooses_one_without_typing_again(
    site: str, make_person: Callable[..., Person], db: Database
) -> None:
    first = make_person()
    second = make_person(email=first.email)
    with httpx.Client(base_url=site, timeout=30) as client:
        choice = client.post("/login", data={"email": first.email, "password": PASSWORD})
        assert choice.status_code == 200
        assert PASSWORD not in choice.text
        ticket = choice.text.split('name="ticket" value="')[1].split('"')[0]
        with db.operator() as conn:
            row = conn.execute("select slug from tenants where id = %s", [second.tenant_id]).fetchone()
        assert row
        assert client.post("/login", data={"ticket": ticket, "tenant": row[0]}).status_code == 303
        name = client.get("/auth/ping").headers["x-prosa-session"]
    assert name.startswith(f"{second.tenant_id}-{second.id}-")


def test_a_made_up_ticket_is_refused(site: str) -> None:
    assert httpx.post(f"{site}/login", data={"ticket": "nonsense", "tenant": "x"}).status_code == 401


@pytest.mark.parametrize("path", ["/login", "/logout", "/language"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9"])
def test_other_sites_cannot_post_for_a_user(site: str, path: str, origin: str) -> None:
    assert httpx.post(site + path, headers={"Origin": origin}).status_code == 403


def test_logging_out_ends_the_session_and_leaves_its_address(log_in: LogIn, person: Person, db: Database) -> None:
    client = log_in(person)
    token = client.cookies["prosa"]
    assert client.get("/auth/ping").status_code == 204
    assert client.post("/logout").headers["location"] == "/login"
    client.cookies.set("prosa", token)  # the cookie kept by somebody is worth nothing
    assert client.get("/auth/ping").status_code == 401
    with db.tenant(person.tenant_id) as conn:
        left = audit.list_entries(conn, person.tenant_id)[0]
    assert (left.action, left.address) == ("session.logout", "127.0.0.1")


def test_a_second_login_ends_the_first_session_of_that_browser(log_in: LogIn, person: Person) -> None:
    client = log_in(person)
    token = client.cookies["prosa"]
    client.post("/login", data={"email": person.email, "password": PASSWORD})
    assert client.cookies["prosa"] != token
    client.cookies.set("prosa", token)
    assert client.get("/auth/ping").status_code == 401


def test_an_expired_session_is_over(log_in: LogIn, person: Person, superuser: psycopg.Connection) -> None:
    client = log_in(person)
    superuser.execute("update sessions set expires_at = now() where tenant_id = %s", [person.tenant_id])
    answer = client.get("/app/overview", headers={"Accept": "text/html"})
    assert answer.headers["location"] == "/login?next=/app/overview"
    view = "/app/leads?name=jo%C3%A3o+da&hour=9&hour=10"
    form = client.get(client.get(view, headers={"Accept": "text/html"}).headers["location"])
    assert f'value="{view.replace("&", "&amp;")}"' in form.text, "a shared view keeps its filters through the login"


def test_asking_whether_the_session_lives_does_not_keep_it_alive(
    log_in: LogIn, person: Person, superuser: psycopg.Connection
) -> None:
    client = log_in(person)
    superuser.execute(
        "update sessions set last_seen_at = now() - interval '1 hour' where tenant_id = %s", [person.tenant_id]
    )
    seen = "select now() - last_seen_at > interval '30 minutes' from sessions where tenant_id = %s"
    client.get("/auth/ping")
    assert superuser.execute(seen, [person.tenant_id]).fetchone() == (True,)
    client.get("/app/", headers={"Accept": "text/html"})
    assert superuser.execute(seen, [person.tenant_id]).fetchone() == (False,)


@pytest.mark.parametrize("path", ["https://evil.example/app/", "//evil.example/app/", "/app/../login", "/app/\\evil"])
def test_after_logging_in_nobody_is_sent_to_another_site(path: str) -> None:
    assert inner_path(path) == "/app/"


@pytest.mark.parametrize("path", ["/login", "/forgot", "/password", "/language", "/act"])
def test_a_stranger_fills_no_disk_by_a_form(site: str, path: str) -> None:
    """A form's files go to the disk before anything of the request is checked."""
    files = {f"file{number}": ("x", bytes(200_000)) for number in range(5)}
    assert httpx.post(site + path, files=files, headers={"Origin": "http://evil.example"}).status_code == 413
