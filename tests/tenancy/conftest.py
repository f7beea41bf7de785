"""Users of a test's own."""

import uuid
from collections.abc import Callable

import pytest

from prosa.db import Database
from prosa.tenancy import passwords
from prosa.tenancy.model import PLATFORM, User, UserRole
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
