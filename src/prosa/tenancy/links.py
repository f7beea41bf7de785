"""Links to set a password, for invited users and forgotten passwords. Each works once, expires, and is stored hashed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from prosa import crypto
from prosa.db import Conn, Database, TenantId, fetch_one
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit
from prosa.tenancy.model import TooManyTries, UserId, normal_email
from prosa.tenancy.passwords import hash_password
from prosa.tenancy.sessions import count_attempt

Kind = Literal["invite", "reset"]
LIFETIME = {"invite": timedelta(days=7), "reset": timedelta(hours=24)}  # of those that an administrator hands out
ASKED_LIFETIME = timedelta(hours=1)  # of one that somebody asked for at the login
PATH = "/password?token="


@dataclass(frozen=True)
class Link:
    """A valid link, with the user whom it is for."""

    tenant_id: TenantId
    user_id: UserId
    kind: Kind
    email: str
    user_name: str
    tenant_name: str
    locale: str


@dataclass(frozen=True)
class Asked:
    """A link for somebody who forgot a password, one for each tenant in which they have an account."""

    tenant_name: str
    token: str


def make(conn: Conn, tenant: int, user: int, kind: Kind, *, actor: str) -> str:
    """Make a link, as an admin or the operator, and return its token. The user's earlier links end. Raises NotFound."""
    row = conn.execute("select active from users where tenant_id = %s and id = %s", [tenant, user]).fetchone()
    if row is None or not row[0]:
        raise NotFound("There is no such active user.")
    conn.execute(
        "update password_links set used_at = now() where tenant_id = %s and user_id = %s and used_at is null",
        [tenant, user],
    )
    token = crypto.new_token()
    conn.execute(
        """insert into password_links (tenant_id, user_id, kind, token_hash, created_by, expires_at)
           values (%s, %s, %s, %s, %s, now() + %s)""",
        [tenant, user, kind, crypto.token_hash(token), actor, LIFETIME[kind]],
    )
    audit.record(conn, tenant, actor, f"user.{kind}", f"user:{user}")
    return token


def invited(conn: Conn, tenant: int) -> set[int]:
    """The users whose invitation is still open: they have never set a password."""
    rows = conn.execute(
        """select distinct user_id from password_links where tenant_id = %s and kind = 'invite' and used_at is null""",
        [tenant],
    )
    return {row[0] for row in rows}


def ask(db: Database, email: str, *, address: str) -> list[Asked]:
    """Links for somebody who forgot their password: one for each account of this e-mail address.

    This counts with the login's brake, under a name of its own: five in 15 minutes for each e-mail address. Beyond that, and
    for an invalid address, nothing happens. Whoever asks always gets the same answer.
    """
    try:
        email = normal_email(email)
        with db.anonymous() as conn:
            count_attempt(conn, f"reset {email}", address)
    except (Invalid, TooManyTries):
        return []
    with db.anonymous() as conn:
        rows = conn.execute("select tenant_id, user_id, tenant_name from login_candidates(%s)", [email]).fetchall()
        asked = []
        for tenant, user, tenant_name in rows:
            token = crypto.new_token()
            conn.execute(
                "select password_link_add(%s, %s, %s, %s, %s)",
                [tenant, user, crypto.token_hash(token), ASKED_LIFETIME, address],
            )
            asked.append(Asked(tenant_name, token))
        return asked


def find(conn: Conn, token: str) -> Link | None:
    """The link with the user whom it is for; None if it is unknown, used or expired. `conn` is anonymous."""
    sql = """select tenant_id, user_id, kind, email, user_name, tenant_name, locale from password_link_find(%s)"""
    return fetch_one(conn, Link, sql, [crypto.token_hash(token)])


def use(db: Database, token: str, password: str, *, address: str) -> None:
    """Set the password. All sessions and other links of the account end.

    Raises Invalid if the password breaks the rule, NotFound if the link is unknown, used or expired.
    """
    with db.anonymous() as conn:
        if find(conn, token) is None:  # before bcrypt: whoever has no link must not keep the processor busy
            raise _over()
    password_hash = hash_password(password)  # no connection is held meanwhile
    with db.anonymous() as conn:
        row = conn.execute(
            "select password_link_use(%s, %s, %s)", [crypto.token_hash(token), password_hash, address]
        ).fetchone()
    if not (row and row[0]):
        raise _over()


def _over() -> NotFound:
    return NotFound("This link was used before, or its time is over.")
