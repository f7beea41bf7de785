"""Twilio as the tests play it: connected accounts, and webhooks signed by Twilio's own validator."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from twilio.request_validator import RequestValidator

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.sources.twilio import accounts

INBOUND = "/webhooks/twilio/inbound"


@dataclass(frozen=True)
class Connected:
    """A tenant, its account, and the account's one number."""

    tenant: TenantId
    account: Account
    number: str

    def message(self, body: str = "Oi", contact: str = "+5511987654321", **fields: str) -> dict[str, str]:
        """The form of a contact's WhatsApp message to this number."""
        return {
            "MessageSid": new_sid("SM"), "AccountSid": self.account.sid, "From": f"whatsapp:{contact}",
            "To": f"whatsapp:{self.number}", "Body": body, "NumMedia": "0", "ProfileName": "Ana Souza", **fields,
        }  # fmt: skip

    def sign(self, url: str, form: dict[str, str]) -> dict[str, str]:
        """The header that Twilio would add."""
        return {"X-Twilio-Signature": RequestValidator(self.account.token).compute_signature(url, form)}


Connect = Callable[..., Connected]


def new_sid(prefix: str) -> str:
    """A SID as Twilio makes them."""
    return prefix + secrets.token_hex(16)


def new_number() -> str:
    """A Brazilian mobile number that no other test uses."""
    return f"+55119{secrets.randbelow(40_000_000) + 60_000_000}"


@pytest.fixture
def connect(db: Database, settings: Settings, make_tenant: Callable[..., TenantId]) -> Connect:
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
