"""Forgotten passwords, invitations and the second factor over HTTP, with a mail server of the test's own."""

import re
import time
from collections.abc import Callable

import httpx
import pyotp
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import PASSWORD, Person
from tests.inbox import Inbox

from prosa.api.app import create_app
from prosa.db import Database
from prosa.settings import Settings
from prosa.tenancy import links, second_factor
from prosa.tenancy.second_factor import STEP_SECONDS

NEW = "uma-senha-bem-nova"
LogIn = Callable[[Person], httpx.Client]


@pytest.fixture
def posting(db: Database, inbox: tuple[Inbox, int]) -> TestClient:
    """An installation that sends e-mail."""
    settings = Settings(
        secret_key="test-secret-key", smtp_host="127.0.0.1", smtp_port=inbox[1], smtp_security="none",
        mail_from="Prosa <prosa@example.com>", public_url="http://prosa.example.com",
    )  # fmt: skip
    app = create_app(db, settings, dashboards=False)
    return TestClient(
        app, base_url="http://attacker.example.com", follow_redirects=False
    )  # whatever Host a request names


def test_who_forgot_the_password_gets_a_link_by_mail_and_logs_in_with_the_new_one(
    posting: TestClient, inbox: tuple[Inbox, int], person: Person
) -> None:
    posting.post("/forgot", data={"email": person.email.upper()})
    [(to, text)] = inbox[0].mails
    found = re.search(r"http://prosa\.example\.com(/password\?token=[\w-]+)", text)
    assert to == person.email
    assert found
    assert 'name="again"' in posting.get(found[1]).text
    token = found[1].partition("=")[2]
    assert posting.post("/password", data={"token": token, "password": NEW, "again": "outra"}).status_code == 422
    assert posting.post("/password", data={"token": token, "password": "x", "again": "x"}).status_code == 422
    done = posting.post("/password", data={"token": token, "password": NEW, "again": NEW})
    assert done.headers["location"] == "/login?done=password"
    assert posting.get(found[1]).status_code == 404
    assert posting.post("/login", data={"email": person.email, "password": PASSWORD}).status_code == 401
    assert posting.post("/login", data={"email": person.email, "password": NEW}).status_code == 303


def test_asking_for_a_link_looks_the_same_with_and_without_an_account(
    posting: TestClient, inbox: tuple[Inbox, int], person: Person
) -> None:
    known = posting.post("/forgot", data={"email": person.email})
    unknown = posting.post("/forgot", data={"email": "ninguem@exemplo.com.br"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert len(inbox[0].mails) == 1


def test_without_a_mail_server_the_page_says_whom_to_ask(site: str, person: Person) -> None:
    assert "administra a Prosa" in httpx.get(f"{site}/forgot").text
    assert "administra a Prosa" in httpx.post(f"{site}/forgot", data={"email": person.email}).text


def test_an_invitation_greets_by_name_and_company(site: str, db: Database, person: Person) -> None:
    with db.tenant(person.tenant_id) as conn:
        token = links.make(conn, person.tenant_id, person.id, "invite", actor="test")
    text = httpx.get(f"{site}/password", params={"token": token}).text
    assert "Olá, Ana Souza" in text
    assert httpx.get(f"{site}/password", params={"token": "made-up"}).status_code == 404


def test_the_login_asks_for_the_code_and_takes_no_other(site: str, db: Database, person: Person) -> None:
    keys = ["test-secret-key"]
    with db.tenant(person.tenant_id) as conn:
        secret = second_factor.begin(conn, person.tenant_id, person.id, secret_keys=keys)
        totp = pyotp.TOTP(secret)
        earlier = totp.at(time.time() - STEP_SECONDS)
        second_factor.confirm(conn, person.tenant_id, person.id, earlier, secret=secret, actor="test")
    with httpx.Client(base_url=site, timeout=30) as client:
        asked = client.post("/login", data={"email": person.email, "password": PASSWORD})
        assert asked.status_code == 200
        assert "prosa" not in client.cookies
        assert PASSWORD not in asked.text
        ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)
        assert ticket
        wrong = client.post("/login", data={"ticket": ticket[1], "code": "abc"})
        assert wrong.status_code == 401
        assert 'role="alert"' in wrong.text
        assert client.post("/login", data={"ticket": ticket[1], "code": totp.now()}).status_code == 303
        assert client.get("/auth/ping").status_code == 204


def test_language_and_theme_are_this_browsers_and_the_language_the_users_too(
    log_in: LogIn, person: Person, db: Database
) -> None:
    client = log_in(person)
    for way_back in ("/app/account", "/app/leads?name=jo%C3%A3o+s&from=2026-01-02", "/password?token=Ab_9-x"):
        answer = client.post("/language", data={"choice": "en", "next": way_back})
        assert answer.headers["location"] == way_back
    assert client.post("/theme", data={"choice": "dark", "next": "https://evil.example"}).headers["location"] == "/app/"
    assert 'data-theme="Dark"' in client.get("/app/", headers={"Accept": "text/html"}).text
    client.post("/theme", data={"choice": "nonsense"})
    assert client.cookies["prosa_theme"] == "dark"
    with db.tenant(person.tenant_id) as conn:
        assert conn.execute("select locale from users where id = %s", [person.id]).fetchone() == ("en",)
