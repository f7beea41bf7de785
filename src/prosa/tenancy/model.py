"""What the verbs of tenancy take and return, and their errors."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NewType, get_args

from prosa.db import Role, TenantId
from prosa.errors import Conflict, Invalid, ProsaError, Unauthenticated

UserId = NewType("UserId", int)

PLATFORM = TenantId(0)  # the tenant that the operators (super_admin) belong to; it has no conversations
EMAIL = re.compile(r"[!-?A-~]{1,64}@([a-z0-9-]+\.)+[a-z0-9-]{2,}")  # printable ASCII; only a message proves an address


class UserRole(StrEnum):
    """What a user may do: read the tenant, run the tenant, or run the platform."""

    CLIENT = "client"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"

    @property
    def database_role(self) -> Role:
        """The database role of the same rights."""
        return Role(f"prosa_{self}")


@dataclass(frozen=True)
class Tenant:
    """A company on this installation. `timezone` is an IANA name."""

    id: TenantId
    slug: str
    name: str
    timezone: str
    locale: str
    segment: str | None
    suspended_at: datetime | None
    created_at: datetime
    delete_after: datetime | None = None  # marked for deletion (prosa.tenancy.tenant_deletion)


@dataclass(frozen=True)
class User:
    """A person's account in one tenant."""

    tenant_id: TenantId
    id: UserId
    email: str
    name: str
    role: UserRole
    locale: str | None
    active: bool
    created_at: datetime


@dataclass(frozen=True)
class Principal:
    """Who is logged in, by which session, and in which tenant."""

    tenant_id: TenantId
    tenant_slug: str
    tenant_name: str
    timezone: str
    session_id: int
    user_id: UserId
    email: str
    name: str
    role: UserRole
    locale: str
    acting: bool = False  # an operator who looks into this tenant, as its admin

    @property
    def actor(self) -> str:
        """The audit log's name for this user."""
        return f"{'operator' if self.acting else 'user'}:{self.user_id}"

    @property
    def as_operator(self) -> str:
        """An operator's name in a company's audit log, for acting on the company without entering it."""
        return f"operator:{self.user_id}"

    @property
    def home(self) -> TenantId:
        """The tenant that the account itself belongs to."""
        return PLATFORM if self.acting else self.tenant_id


@dataclass(frozen=True)
class LoggedIn:
    """A new session. The token is handed out here and stored nowhere."""

    token: str
    principal: Principal


# What an API key may be restricted to; the REST API asks for them by these names (prosa.api.access).
KeyScope = Literal[
    "analytics", "conversations:read", "conversations:write", "conversions:read", "conversions:write",
    "remarketing:read", "remarketing:write", "webhooks",
]  # fmt: skip
SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)


@dataclass(frozen=True)
class ApiKey:
    """An API key as lists show it; `prefix` is its recognisable beginning."""

    tenant_id: TenantId
    id: int
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class NewApiKey:
    """A key just created. `secret` is the whole key, handed out here and stored nowhere."""

    id: int
    prefix: str
    secret: str


@dataclass(frozen=True)
class ApiKeyHolder:
    """Who is speaking by an API key. No scopes means everything."""

    tenant_id: TenantId
    tenant_slug: str
    key_id: int
    scopes: list[str]

    @property
    def actor(self) -> str:
        """The audit log's name for this key."""
        return f"apikey:{self.key_id}"


@dataclass(frozen=True)
class Feature:
    """A part of the product that a tenant may have, with its configuration."""

    name: str
    enabled: bool
    config: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True)
class AuditEntry:
    """Who did what to which object, what it was before and after, and from which address."""

    tenant_id: TenantId
    id: int
    at: datetime
    actor: str
    action: str
    object: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None


class TooManyTries(ProsaError):
    """The brake: too many logins failed for one e-mail address, or from one network address."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"Too many failed logins. Try again in {max(1, round(wait_seconds / 60))} minutes.")
        self.wait_seconds = wait_seconds


class TooManyRequests(ProsaError):
    """The API key has used up its requests of this minute."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"This API key has used up its requests of this minute. Try again in {wait_seconds} s.")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class TenantChoice:
    """A tenant that the given e-mail and password open."""

    slug: str
    name: str


class ChooseTenant(Conflict):
    """E-mail and password are right and open several tenants: log in again, naming one by its slug."""

    def __init__(self, choices: list[TenantChoice]) -> None:
        super().__init__(f"Choose a tenant: {', '.join(choice.slug for choice in choices)}.")
        self.choices = choices


class TenantSuspended(Unauthenticated):
    """E-mail and password are right, but open only suspended tenants."""


class SecondFactorNeeded(Unauthenticated):
    """The password is right, and the account asks for a code as well. `wrong`: a code was given and is not right."""

    def __init__(self, *, wrong: bool) -> None:
        super().__init__("The code is wrong or was used before." if wrong else "This account asks for a code, too.")
        self.wrong = wrong


@dataclass(frozen=True)
class SessionInfo:
    """A session as its owner's list shows it."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str | None
    user_agent: str | None


def normal_email(text: str) -> str:
    """The e-mail address as it is stored: trimmed, in lower case. Raises Invalid if it is no address."""
    email = text.strip().lower()
    if len(email) > 254 or not EMAIL.fullmatch(email):
        raise Invalid(f"'{text}' is not an e-mail address.")
    return email
