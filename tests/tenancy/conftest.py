"""Users of a test's own, and logging in as one."""

import uuid
from collections.abc import Callable

import pytest

from prosa.db import Database
from prosa.tenancy import passwords, sessions
from prosa.tenancy.model import PLATFORM, LoggedIn, User, UserRole
from prosa.tenancy.users import add_user

PASSWORD = "correct horse battery"


@pytest.fixture
def password() -> str:
    """The password of every user that `make_user` makes."""
    return PASSWORD


@pytest.fixture
def make_user(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., User]:
    """A function that adds a user, by default an admin with an e-mail that nobody has used before.

    The cost of the hash is the least that bcrypt knows, for these tests log in a hundred times.
    """

    def make(
        tenant: int, email: str | None = None, role: UserRole = UserRole.ADMIN, password: str = PASSWORD, cost: int = 4
    ) -> User:
        email = email or f"{uuid.uuid4().hex[:12]}@example.com"
        monkeypatch.setattr(passwords, "COST", cost)
        with db.operator() if tenant == PLATFORM else db.tenant(tenant) as conn:
            return add_user(conn, tenant, email=email, password=password, role=role, actor="test")

    return make


def fresh_address() -> str:
    """An address that no other test uses (the brake counts per address)."""
    return f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1"


@pytest.fixture
def log_in(db: Database, password: str) -> Callable[..., LoggedIn]:
    """A function that logs in, from an address that nobody has used before."""

    def run(email: str, tried: str = password, address: str | None = None, tenant_slug: str | None = None) -> LoggedIn:
        return sessions.log_in(
            db, email, tried, address=address or fresh_address(), user_agent="test", tenant_slug=tenant_slug
        )

    return run
