"""Logging in: what opens a session, what ends it, and what a stranger can learn or break."""

from collections.abc import Callable

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Unauthenticated
from prosa.tenancy import audit, sessions, tenants, users
from prosa.tenancy.model import PLATFORM, ChooseTenant, Principal, TenantSuspended, User, UserRole

MakeUser = Callable[..., User]


def find(db: Database, token: str) -> Principal | None:
    with db.anonymous() as conn:
        return sessions.find_session(conn, token)


@pytest.fixture
def change(server: EmbeddedServer) -> Callable[[str, int], None]:
    """Run an update of the sessions past the walls, to move time."""

    def run(assignment: str, session_id: int) -> None:
        with psycopg.connect(server.dsn("prosa")) as conn:
            conn.execute(f"update sessions set {assignment} where id = {session_id}".encode())

    return run


def test_a_session_says_who_is_logged_in(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant, role=UserRole.CLIENT)
    logged_in = log_in(f" {user.email.upper()} ")
    principal = find(db, logged_in.token)
    assert principal == logged_in.principal
    assert (principal.tenant_id, principal.user_id, principal.role) == (tenant, user.id, UserRole.CLIENT)
    assert (principal.timezone, principal.locale) == ("America/Sao_Paulo", "pt_BR")


def test_the_token_is_stored_nowhere(server: EmbeddedServer, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    token = log_in(make_user(tenant).email).token
    with psycopg.connect(server.dsn("prosa")) as conn:
        stored = conn.execute("select string_agg(s::text, ' ') from sessions s").fetchone()
    assert stored and stored[0]
    assert token not in stored[0] and token.encode().hex() not in stored[0]


def test_an_operator_logs_in_without_a_tenant(db: Database, make_user: MakeUser, log_in) -> None:
    user = make_user(PLATFORM, role=UserRole.SUPER_ADMIN)
    assert log_in(user.email).principal.role is UserRole.SUPER_ADMIN


@pytest.mark.parametrize("token", ["", "x", "00000000-0000-4000-8000-000000000000", "\x00'--"])
def test_an_unknown_token_finds_nobody(db: Database, token: str) -> None:
    assert find(db, token) is None


@pytest.mark.parametrize(
    "aged",
    [
        "last_seen_at = now() - interval '12 hours 1 second'",
        "expires_at = now()",
        "revoked_at = now()",
    ],
)
def test_an_idle_expired_or_revoked_session_is_over(
    db: Database, tenant: TenantId, make_user: MakeUser, log_in, change, aged: str
) -> None:
    logged_in = log_in(make_user(tenant).email)
    change(aged, logged_in.principal.session_id)
    assert find(db, logged_in.token) is None


def test_a_used_session_does_not_go_idle_but_ends_after_seven_days(
    db: Database, tenant: TenantId, make_user: MakeUser, log_in, change
) -> None:
    logged_in = log_in(make_user(tenant).email)
    session_id = logged_in.principal.session_id
    change("last_seen_at = now() - interval '11 hours'", session_id)
    assert find(db, logged_in.token)
    change("last_seen_at = last_seen_at - interval '11 hours'", session_id)
    assert find(db, logged_in.token), "the use before counted"
    change("created_at = created_at - interval '7 days', expires_at = expires_at - interval '7 days'", session_id)
    assert find(db, logged_in.token) is None


def test_looking_without_touching_is_no_use(
    db: Database, tenant: TenantId, make_user: MakeUser, log_in, change
) -> None:
    logged_in = log_in(make_user(tenant).email)
    change("last_seen_at = now() - interval '11 hours'", logged_in.principal.session_id)
    with db.anonymous() as conn:
        assert sessions.find_session(conn, logged_in.token, touch=False)
    change("last_seen_at = last_seen_at - interval '2 hours'", logged_in.principal.session_id)
    assert find(db, logged_in.token) is None


def test_logging_out_ends_this_session_only(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    one, other = log_in(user.email), log_in(user.email)
    sessions.log_out(db, one.principal)
    assert find(db, one.token) is None
    assert find(db, other.token)


def test_log_ins_and_log_outs_are_audited(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    logged_in = log_in(user.email, address="203.0.113.9")
    for _ in range(2):
        sessions.log_out(db, logged_in.principal)
    with db.tenant(tenant) as conn:
        entries = [(e.action, e.actor, e.address) for e in audit.list_entries(conn, tenant)]
    assert entries[:3] == [
        ("session.logout", f"user:{user.id}", None),
        ("session.login", f"user:{user.id}", "203.0.113.9"),
        ("user.create", "test", None),
    ]


def test_a_suspended_tenant_is_shut_out_at_once(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    logged_in = log_in(user.email)
    with db.operator() as conn:
        tenants.set_suspended(conn, tenant, suspended=True, actor="test")
    assert find(db, logged_in.token) is None
    with pytest.raises(TenantSuspended):
        log_in(user.email)
    with pytest.raises(Unauthenticated) as wrong:
        log_in(user.email, "another one altogether")
    assert not isinstance(wrong.value, TenantSuspended), "nobody learns it without the password"
    with db.operator() as conn:
        tenants.set_suspended(conn, tenant, suspended=False, actor="test")
    assert find(db, logged_in.token)


def test_a_deactivated_user_is_shut_out_at_once(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    make_user(tenant)  # somebody stays who runs the tenant
    user = make_user(tenant)
    logged_in = log_in(user.email)
    with db.tenant(tenant) as conn:
        users.deactivate(conn, tenant, user.id, actor="test")
    assert find(db, logged_in.token) is None
    with pytest.raises(Unauthenticated):
        log_in(user.email)


def test_one_email_and_password_in_several_tenants_must_choose(make_tenant, make_user: MakeUser, log_in) -> None:
    one, other = make_tenant(), make_tenant()
    user = make_user(one)
    make_user(other, email=user.email)
    with pytest.raises(ChooseTenant) as choice:
        log_in(user.email)
    slugs = [c.slug for c in choice.value.choices]
    assert len(slugs) == 2
    assert log_in(user.email, tenant_slug=slugs[1]).principal.tenant_slug == slugs[1]


def test_the_password_decides_between_tenants(make_tenant, make_user: MakeUser, log_in) -> None:
    """And a stranger learns nothing of the tenants that his password does not open."""
    one, other = make_tenant(), make_tenant()
    user = make_user(one)
    make_user(other, email=user.email, password="another password")
    assert log_in(user.email).principal.tenant_id == one
    assert log_in(user.email, "another password").principal.tenant_id == other
    with pytest.raises(Unauthenticated):
        log_in(user.email, "neither of these")


@pytest.mark.parametrize("email", ["", "x", "a@b", "a b@x.com", "a\x00@x.com", "á@x.com", "x" * 250 + "@x.com"])
def test_what_is_no_email_is_refused_like_a_wrong_one(log_in, email: str) -> None:
    with pytest.raises(Unauthenticated):
        log_in(email)


def test_revoking_ends_every_session_of_the_user(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user, other = make_user(tenant), make_user(tenant)
    mine, theirs = [log_in(user.email), log_in(user.email)], log_in(other.email)
    with db.tenant(tenant) as conn:
        assert sessions.revoke_sessions(conn, tenant, user.id, actor="test") == 2
    assert [find(db, s.token) for s in mine] == [None, None]
    assert find(db, theirs.token)
