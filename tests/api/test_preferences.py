"""An operator who looks into a tenant."""

from collections.abc import Callable

import httpx
from tests.api.conftest import Person

from prosa.api.session import find_principal
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.tenancy import audit
from prosa.tenancy.model import UserRole

LogIn = Callable[[Person], httpx.Client]


def test_an_operator_enters_a_tenant_as_its_admin_and_leaves_both_audited(
    log_in: LogIn, make_person: Callable[..., Person], tenant: TenantId, db: Database
) -> None:
    operator = make_person(TenantId(0), role=UserRole.SUPER_ADMIN)
    client = log_in(operator)
    assert client.post("/act", data={"tenant": tenant, "next": "/app/overview"}).headers["location"] == "/app/overview"
    me = find_principal(db, client.cookies["prosa"])
    assert me
    assert (me.tenant_id, me.role, me.acting, me.actor) == (tenant, UserRole.ADMIN, True, f"operator:{operator.id}")
    assert client.get("/auth/ping").headers["x-prosa-session"].startswith(f"{tenant}-")  # open pages load anew
    client.post("/act", data={"tenant": 0})
    back = find_principal(db, client.cookies["prosa"])
    assert back
    assert (back.tenant_id, back.role, back.acting) == (0, UserRole.SUPER_ADMIN, False)
    with db.tenant(tenant) as conn:
        found = [(entry.action, entry.actor) for entry in audit.list_entries(conn, tenant)]
    assert found == [("operator.leave", f"operator:{operator.id}"), ("operator.enter", f"operator:{operator.id}")]


def test_nobody_else_enters_another_tenant(
    log_in: LogIn, make_person: Callable[..., Person], tenant: TenantId, db: Database
) -> None:
    admin = make_person(role=UserRole.ADMIN)
    client = log_in(admin)
    assert client.post("/act", data={"tenant": tenant}).headers["location"] == "/app/"
    me = find_principal(db, client.cookies["prosa"])
    assert me
    assert me.tenant_id == admin.tenant_id
    with db.tenant(tenant) as conn:
        assert audit.list_entries(conn, tenant) == []


def test_an_operator_finds_no_tenant_that_is_not_there(log_in: LogIn, make_person, db: Database) -> None:
    client = log_in(make_person(TenantId(0), role=UserRole.SUPER_ADMIN))
    client.post("/act", data={"tenant": 10**12})
    me = find_principal(db, client.cookies["prosa"])
    assert me
    assert not me.acting


def test_other_sites_cannot_move_an_operator(site: str) -> None:
    assert httpx.post(f"{site}/act", headers={"Origin": "http://evil.example"}).status_code == 403
