"""Accounts: who may be added, and how they change."""

from collections.abc import Callable

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Conflict, Invalid, NotFound, Unauthenticated
from prosa.tenancy import audit, sessions, users
from prosa.tenancy.model import PLATFORM, User, UserRole, normal_email
from prosa.tenancy.passwords import COST

MakeUser = Callable[..., User]


def test_an_email_is_stored_in_lower_case_and_once_a_tenant(db: Database, make_tenant, make_user: MakeUser) -> None:
    one, other = make_tenant(), make_tenant()
    assert make_user(one, email=" Ana@Example.COM ").email == "ana@example.com"
    assert make_user(other, email="ana@example.com")
    with pytest.raises(Conflict, match=r"ana@example\.com"):
        make_user(one, email="ANA@example.com")


@pytest.mark.parametrize(
    "text", ["", "ana", "ana@", "@x.com", "ana@x", "a na@x.com", "ana@x.com\n.x", "ána@x.com", "a@x..com"]
)
def test_what_is_no_email_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not an e-mail"):
        normal_email(text)


@pytest.mark.parametrize(
    ("in_platform", "role"), [(True, UserRole.ADMIN), (True, UserRole.CLIENT), (False, UserRole.SUPER_ADMIN)]
)
def test_operators_belong_to_the_platform_and_nobody_else_does(
    tenant: TenantId, make_user: MakeUser, in_platform: bool, role: UserRole
) -> None:
    with pytest.raises(Invalid, match="super_admin"):
        make_user(PLATFORM if in_platform else tenant, role=role)


def test_a_failed_addition_leaves_the_transaction_usable(db: Database, tenant: TenantId, make_user: MakeUser) -> None:
    user = make_user(tenant)
    with db.tenant(tenant) as conn:
        with pytest.raises(Conflict):
            users.add_user(conn, tenant, email=user.email, password="x" * 10, role=UserRole.ADMIN, actor="test")
        assert [u.id for u in users.list_users(conn, tenant)] == [user.id]


@pytest.mark.parametrize("role", [UserRole.CLIENT, UserRole.SUPER_ADMIN])
def test_whoever_changes_the_own_password_must_know_it(
    db: Database, tenant: TenantId, make_user: MakeUser, password: str, role: UserRole
) -> None:
    user = make_user(PLATFORM if role is UserRole.SUPER_ADMIN else tenant, role=role)
    client = {"address": "198.51.100.2", "user_agent": "test"}
    mine, elsewhere = [sessions.log_in(db, user.email, password, **client) for _ in range(2)]
    principal = mine.principal
    with pytest.raises(Unauthenticated):
        users.change_own_password(db, principal, current="a wrong one", new="a new password", address="198.51.100.2")
    with pytest.raises(Invalid):
        users.change_own_password(db, principal, current=password, new="short", address="198.51.100.2")
    users.change_own_password(db, principal, current=password, new="a new password", address="198.51.100.2")
    with db.anonymous() as conn:
        assert sessions.find_session(conn, mine.token)
        assert sessions.find_session(conn, elsewhere.token) is None
    with pytest.raises(Unauthenticated):
        sessions.log_in(db, user.email, password, **client)
    assert sessions.log_in(db, user.email, "a new password", **client)


def test_another_tenants_user_is_not_there(db: Database, make_tenant, make_user: MakeUser) -> None:
    mine, theirs = make_tenant(), make_tenant()
    victim = make_user(theirs)
    with db.tenant(mine) as conn:
        for tenant in (mine, theirs):
            with pytest.raises(NotFound):
                users.activate(conn, tenant, victim.id, actor="test")
            with pytest.raises(NotFound):
                users.deactivate(conn, tenant, victim.id, actor="test")
        assert users.list_users(conn, theirs) == []


def test_no_password_reaches_the_database_or_the_audit_log(
    db: Database, server: EmbeddedServer, tenant: TenantId, make_user: MakeUser, password: str
) -> None:
    user, address = make_user(tenant, cost=COST), "198.51.100.3"
    me = sessions.log_in(db, user.email, password, address=address, user_agent="test").principal
    users.change_own_password(db, me, current=password, new="another password", address=address)
    with db.tenant(tenant) as conn:
        entries = audit.list_entries(conn, tenant)
    with psycopg.connect(server.dsn("prosa")) as conn:
        [(stored,)] = conn.execute("select password_hash from users where id = %s", [user.id]).fetchall()
    assert stored.startswith("$2b$12$")
    for secret in (password, "another password", stored):
        assert secret not in repr(entries)
