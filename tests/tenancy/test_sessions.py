"""Logging in: what opens a session, what ends it, and what a stranger can learn or break."""

import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Unauthenticated
from prosa.tenancy import audit, sessions, tenants, users
from prosa.tenancy.model import PLATFORM, ChooseTenant, LoggedIn, Principal, TooManyTries, User, UserRole
from prosa.tenancy.passwords import COST

MakeUser = Callable[..., User]


def fresh_address() -> str:
    """An address that no other test uses (the brake counts per address)."""
    return f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1"


@pytest.fixture
def log_in(db: Database, password: str) -> Callable[..., LoggedIn]:
    def run(email: str, tried: str = password, address: str | None = None, tenant_slug: str | None = None) -> LoggedIn:
        return sessions.log_in(
            db, email, tried, address=address or fresh_address(), user_agent="test", tenant_slug=tenant_slug
        )

    return run


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
    with db.anonymous() as conn:
        sessions.log_out(conn, one.token)
    assert find(db, one.token) is None
    assert find(db, other.token)


def test_log_ins_and_log_outs_are_audited(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    logged_in = log_in(user.email, address="203.0.113.9")
    with db.anonymous() as conn:
        sessions.log_out(conn, logged_in.token)
        sessions.log_out(conn, logged_in.token)
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
    with pytest.raises(Unauthenticated):
        log_in(user.email)
    with db.operator() as conn:
        tenants.set_suspended(conn, tenant, suspended=False, actor="test")
    assert find(db, logged_in.token)


def test_a_deactivated_user_is_shut_out_at_once(db: Database, tenant: TenantId, make_user: MakeUser, log_in) -> None:
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


def test_the_sixth_try_of_an_account_must_wait_from_any_address(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            log_in(user.email, "wrong password")
    with pytest.raises(TooManyTries) as brake:
        log_in(user.email)
    assert 14 * 60 < brake.value.wait_seconds <= 15 * 60


def test_an_unknown_account_is_braked_alike(log_in) -> None:
    """Else the brake would tell which accounts exist."""
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            log_in("nobody-here@example.com")
    with pytest.raises(TooManyTries):
        log_in("NOBODY-HERE@example.com")


def test_parallel_tries_gain_nothing(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)

    def attempt(_: int) -> type[Exception]:
        with pytest.raises((Unauthenticated, TooManyTries)) as refused:
            log_in(user.email, "wrong password")
        return refused.type

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(attempt, range(8)))
    assert answers.count(Unauthenticated) == 5
    assert answers.count(TooManyTries) == 3


def test_an_address_is_braked_over_all_accounts(db: Database, server: EmbeddedServer, log_in) -> None:
    """The 49 failures before are written directly: bcrypt would take its time over each."""
    network = f"2001:db8:{uuid.uuid4().hex[:4]}:1::"
    with psycopg.connect(server.dsn("prosa")) as conn:
        for i in range(49):
            conn.execute("insert into login_failures (email, address) values (%s, %s)", [f"{i}@x.com", f"{network}/64"])
    with pytest.raises(Unauthenticated):
        log_in("somebody@example.com", address=f"{network}1")
    with pytest.raises(TooManyTries):
        log_in("somebody-else@example.com", address=f"{network}2")


def test_the_brake_lets_go_after_fifteen_minutes(
    server: EmbeddedServer, tenant: TenantId, make_user: MakeUser, log_in
) -> None:
    user = make_user(tenant)
    with psycopg.connect(server.dsn("prosa")) as conn:
        conn.execute(
            """insert into login_failures (email, address, at)
               select %s, 'x', now() - interval '15 minutes' + make_interval(secs => n) from generate_series(0, 4) n""",
            [user.email],
        )
    assert log_in(user.email)


def test_an_account_elsewhere_does_not_lift_the_brake(make_tenant, make_user: MakeUser, log_in) -> None:
    """A tenant's administrator can make an account of anybody's e-mail, whose password he knows."""
    victim = make_user(make_tenant())
    make_user(make_tenant(), email=victim.email, password="known to the attacker")
    for _ in range(4):
        with pytest.raises(Unauthenticated):
            log_in(victim.email, "a guess at it")
    assert log_in(victim.email, "known to the attacker")
    with pytest.raises(Unauthenticated):
        log_in(victim.email, "a guess at it")
    with pytest.raises(TooManyTries):
        log_in(victim.email, "a guess at it")


def test_a_successful_log_in_is_no_failure(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant)
    for _ in range(6):
        assert log_in(user.email)


def test_the_clock_does_not_tell_whether_an_account_exists(tenant: TenantId, make_user: MakeUser, log_in) -> None:
    user = make_user(tenant, cost=COST)

    def seconds(email: str) -> float:
        began = time.thread_time()  # of this process: bcrypt is what could tell
        with pytest.raises(Unauthenticated):
            log_in(email, "wrong password")
        return time.thread_time() - began

    log_in(user.email)
    known = statistics.median(seconds(user.email) for _ in range(3))
    unknown = statistics.median(seconds("unknown-account@example.com") for _ in range(3))
    assert known == pytest.approx(unknown, rel=0.25)


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
