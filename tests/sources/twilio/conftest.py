"""A tenant with a connected Twilio account."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.sources.twilio import accounts


@dataclass(frozen=True)
class Connected:
    """A tenant, its account, and the account's one number."""

    tenant: TenantId
    account: Account
    number: str


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def new_number() -> str:
    """A Brazilian mobile number that no other test uses."""
    return f"+55119{secrets.randbelow(40_000_000) + 60_000_000}"


@pytest.fixture
def connect(db: Database, settings: Settings, make_tenant: Callable[..., TenantId]) -> Callable[..., Connected]:
    """A function that connects an account with a number, to a new tenant by default."""

    def make(tenant: TenantId | None = None, *, account: Account | None = None, number: str | None = None) -> Connected:
        tenant = tenant or make_tenant()
        account = account or Account(new_sid("AC"), secrets.token_hex(16))
        with db.operator() as conn:
            [number] = accounts.connect(
                conn, tenant, account=account, secret_keys=settings.secret_keys, numbers=[number or new_number()],
                actor="test",
            )  # fmt: skip
        return Connected(tenant, account, number)

    return make
