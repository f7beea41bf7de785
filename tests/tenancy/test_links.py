"""Links by which a password is set: for one person, once, for a while."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy import audit, links, sessions, users
from prosa.tenancy.model import LoggedIn, User, UserRole

MakeUser = Callable[..., User]
LogIn = Callable[..., LoggedIn]
NEW = "uma senha bem nova"


@pytest.fixture
def link(db: Database, tenant: TenantId, make_user: MakeUser) -> tuple[User, str]:
    """A user, and a link by which he may set a new password."""
    user = make_user(tenant)
    with db.tenant(tenant) as conn:
        return user, links.make(conn, tenant, user.id, "reset", actor="test")


def find(db: Database, token: str) -> links.Link | None:
    with db.anonymous() as conn:
        return links.find(conn, token)


def test_an_invited_person_sets_the_password_and_logs_in(db: Database, tenant: TenantId, log_in: LogIn) -> None:
    with db.tenant(tenant) as conn:
        user, token = users.invite(conn, tenant, email="nova@example.com", role=UserRole.CLIENT, actor="test")
        assert links.invited(conn, tenant) == {user.id}
    found = find(db, token)
    assert found and (found.user_id, found.kind) == (user.id, "invite")
    links.use(db, token, NEW, address="192.0.2.1")
    assert log_in("nova@example.com", NEW, tenant_slug=None).principal.user_id == user.id
    with db.tenant(tenant) as conn:
        assert links.invited(conn, tenant) == set()


def test_a_link_works_once_even_for_two_at_the_same_moment(db: Database, link: tuple[User, str]) -> None:
    def use(_: int) -> bool:
        try:
            links.use(db, link[1], NEW, address="192.0.2.1")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(use, range(3))) == [False, False, True]
    assert find(db, link[1]) is None


def test_a_made_up_link_costs_no_bcrypt(db: Database) -> None:
    before = time.process_time()
    with pytest.raises(NotFound):
        links.use(db, "made up", NEW, address="192.0.2.1")
    assert time.process_time() - before < 0.1  # bcrypt takes about 0.25 s


def test_a_link_ends_with_its_time(db: Database, server: EmbeddedServer, link: tuple[User, str]) -> None:
    with psycopg.connect(server.dsn("prosa"), autocommit=True) as conn:
        conn.execute("update password_links set expires_at = now() where user_id = %s", [link[0].id])
    assert find(db, link[1]) is None
    with pytest.raises(NotFound):
        links.use(db, link[1], NEW, address="192.0.2.1")


def test_a_password_that_breaks_the_rule_leaves_the_link_usable(db: Database, link: tuple[User, str]) -> None:
    with pytest.raises(Invalid):
        links.use(db, link[1], "curta", address="192.0.2.1")
    assert find(db, link[1])


def test_setting_a_password_ends_sessions_and_other_links_and_is_audited(
    db: Database, tenant: TenantId, link: tuple[User, str], log_in: LogIn
) -> None:
    user, token = link
    session = log_in(user.email)
    [asked] = links.ask(db, user.email, address="192.0.2.7")
    links.use(db, token, NEW, address="192.0.2.1")
    assert find(db, asked.token) is None
    with db.anonymous() as conn:
        assert sessions.find_session(conn, session.token) is None
    with db.tenant(tenant) as conn:
        assert "user.set_password_by_reset" in [entry.action for entry in audit.list_entries(conn, tenant)]


def test_a_closed_account_and_a_suspended_tenant_have_no_links(
    db: Database, tenant: TenantId, link: tuple[User, str], make_user: MakeUser
) -> None:
    user, token = link
    make_user(tenant)
    with db.tenant(tenant) as conn:
        users.deactivate(conn, tenant, user.id, actor="test")
    assert find(db, token) is None
    assert links.ask(db, user.email, address="192.0.2.2") == []


def test_asking_reveals_nothing_and_is_braked(db: Database, link: tuple[User, str]) -> None:
    assert links.ask(db, "nobody@example.com", address="192.0.2.3") == []
    assert links.ask(db, "no e-mail", address="192.0.2.3") == []
    asked = [len(links.ask(db, link[0].email, address="192.0.2.4")) for _ in range(6)]
    assert asked == [1, 1, 1, 1, 1, 0]


def test_a_tenant_keeps_somebody_who_runs_it(db: Database, tenant: TenantId, make_user: MakeUser) -> None:
    admin = make_user(tenant)
    with db.tenant(tenant) as conn:
        with pytest.raises(Conflict, match="last administrator"):
            users.set_role(conn, tenant, admin.id, UserRole.CLIENT, actor="test")
        with pytest.raises(Conflict, match="last administrator"):
            users.deactivate(conn, tenant, admin.id, actor="test")
    other = make_user(tenant, role=UserRole.CLIENT)
    with db.tenant(tenant) as conn:
        users.set_role(conn, tenant, other.id, UserRole.ADMIN, actor="test")
        users.set_role(conn, tenant, admin.id, UserRole.CLIENT, actor="test")
        assert users.find_user(conn, tenant, admin.id).role is UserRole.CLIENT
