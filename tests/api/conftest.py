"""A real web process's worth of Prosa: uvicorn on a free port, over the real database."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import psycopg
import pytest
import streamlit as st
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from prosa.api.app import create_app
from prosa.api.serving import server_config
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.tenancy import api_keys, users
from prosa.tenancy.model import UserRole
from twilio_world import connect

__all__ = ["connect"]

PASSWORD = "uma-senha-bem-longa"
ClientOf = Callable[..., TestClient]


@dataclass(frozen=True)
class Person:
    """Someone who may log in."""

    tenant_id: TenantId
    id: int
    email: str


@pytest.fixture(scope="session")
def site(db: Database, settings: Settings) -> Iterator[str]:
    """The address of the running application, as http://127.0.0.1:port."""
    st.get_option("server.port")  # whatever is read before the application is made, it has the options of its own file
    server = uvicorn.Server(server_config(create_app(db, settings), settings, host="127.0.0.1", port=0))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def app(db: Database, settings: Settings) -> FastAPI:
    """The application without the dashboards. One for all: its first request prepares every route, for a tenth of a second."""
    return create_app(db, settings, dashboards=False)


@pytest.fixture
def client_of(app: FastAPI, db: Database) -> ClientOf:
    """A function that returns an HTTP client with a new API key of the tenant (`scopes`: what it may do)."""

    def make(tenant: TenantId, scopes: list[str] | None = None) -> TestClient:
        with db.tenant(tenant) as conn:
            key = api_keys.create_key(conn, tenant, actor="test", scopes=scopes)
        return TestClient(app, headers={"Authorization": f"Bearer {key.secret}"})

    return make


@pytest.fixture
def client(client_of: ClientOf, tenant: TenantId) -> TestClient:
    """A client of this test's own tenant."""
    return client_of(tenant)


@pytest.fixture
def make_person(db: Database, make_tenant: Callable[..., TenantId], quick_passwords: None) -> Callable[..., Person]:
    """A function that adds a user, by default in a tenant of its own, with the password PASSWORD."""

    def make(tenant: TenantId | None = None, *, email: str | None = None, role: UserRole = UserRole.CLIENT) -> Person:
        tenant = make_tenant() if tenant is None else tenant  # 0 is the platform
        email = email or f"{uuid.uuid4().hex[:10]}@exemplo.com.br"
        with db.operator() as conn:
            user = users.add_user(
                conn, tenant, email=email, password=PASSWORD, role=role, actor="test", name="Ana Souza"
            )
        return Person(tenant, user.id, user.email)

    return make


@pytest.fixture
def person(make_person: Callable[..., Person]) -> Person:
    """A user of this test's own."""
    return make_person()


@pytest.fixture
def log_in(site: str) -> Iterator[Callable[[Person], httpx.Client]]:
    """A function that logs a person in and returns his browser's HTTP client."""
    clients: list[httpx.Client] = []

    def enter(person: Person) -> httpx.Client:
        client = httpx.Client(base_url=site, timeout=30)
        clients.append(client)
        answer = client.post("/login", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    yield enter
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def no_brake_of_others(superuser: psycopg.Connection) -> None:
    """All tests come from one address, whose brake would hold them back."""
    superuser.execute("delete from login_failures")
