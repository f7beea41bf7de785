"""Logging in and out. All this happens before a tenant is known, by the narrow functions of migration 0002."""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg.rows import class_row, kwargs_row

from prosa import crypto
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid, Unauthenticated
from prosa.tenancy import audit, passwords
from prosa.tenancy.model import (
    ChooseTenant,
    LoggedIn,
    Principal,
    TenantChoice,
    TooManyTries,
    UserId,
    UserRole,
    normal_email,
)

IDLE = timedelta(hours=12)  # a session not used for so long is over
LIFETIME = timedelta(days=7)  # and so is any session after this
TOUCH_EVERY = timedelta(minutes=1)  # the last use is noted no finer than this: a page is many requests


@dataclass(frozen=True)
class _Account:
    """One account of an e-mail address."""

    tenant_id: TenantId
    user_id: UserId
    password_hash: str
    tenant_slug: str
    tenant_name: str


def log_in(
    db: Database, email: str, password: str, *, address: str, user_agent: str, tenant_slug: str | None = None
) -> LoggedIn:
    """Open a session. No connection is held while bcrypt works.

    Raises Unauthenticated (wrong in whatever way: the answer and its time are the same), TooManyTries (wait_seconds),
    or ChooseTenant where the e-mail and this password open several tenants.
    """
    attempt, accounts = _attempt(db, email, address, tenant_slug)
    opened = [account for account in accounts if passwords.matches(password, account.password_hash)]
    if not accounts:
        passwords.matches(password, passwords.NOBODY)
    if not opened:
        raise _refused()
    with db.anonymous() as conn:
        conn.execute("select login_succeeded(%s)", [attempt])
        if len(opened) == 1:
            return _open(conn, opened[0], address, user_agent)
    raise ChooseTenant([TenantChoice(account.tenant_slug, account.tenant_name) for account in opened])


def find_session(conn: Conn, token: str, *, touch: bool = True) -> Principal | None:
    """Who holds this token: None where it is unknown, revoked, expired, idle, or its user or tenant is shut out.

    `conn` is anonymous. `touch` counts this as a use, which keeps the session from going idle.
    """
    token_hash = crypto.token_hash(token)
    with conn.cursor(row_factory=kwargs_row(_principal)) as cur:
        found = cur.execute(
            """select tenant_id, tenant_slug, tenant_name, timezone, session_id, user_id, email, user_name as name,
                      role, locale, now() - last_seen_at as unused_for from session_find(%s, %s)""",
            [token_hash, IDLE],
        ).fetchone()
    if found is None:
        return None
    principal, unused_for = found
    if touch and unused_for > TOUCH_EVERY:
        conn.execute("select session_touch(%s)", [token_hash])
    return principal


def log_out(conn: Conn, token: str) -> None:
    """End the session of this token, if there is one. `conn` is anonymous."""
    conn.execute("select session_revoke(%s)", [crypto.token_hash(token)])


def revoke_sessions(conn: Conn, tenant: int, user: int, *, actor: str, address: str | None = None) -> int:
    """End every session of a user, as an admin of the tenant or the operator. Returns how many there were."""
    ended = conn.execute(
        "update sessions set revoked_at = now() where tenant_id = %s and user_id = %s and revoked_at is null",
        [tenant, user],
    ).rowcount
    audit.record(conn, tenant, actor, "session.revoke", f"user:{user}", after={"ended": ended}, address=address)
    return ended


def _attempt(db: Database, email: str, address: str, tenant_slug: str | None) -> tuple[int, list[_Account]]:
    """Count one attempt to log in, and look up the accounts that it may be about. Raises TooManyTries."""
    try:
        email = normal_email(email)
    except Invalid:
        raise _refused() from None
    with db.anonymous() as conn:
        row = conn.execute("select attempt, wait_seconds from login_attempt(%s, %s)", [email, _network(address)])
        attempt, wait_seconds = row.fetchone() or (None, 0)
        if attempt is None:
            raise TooManyTries(wait_seconds)
        with conn.cursor(row_factory=class_row(_Account)) as cur:
            sql = "select tenant_id, user_id, password_hash, tenant_slug, tenant_name from login_candidates(%s, %s)"
            return attempt, cur.execute(sql, [email, tenant_slug]).fetchall()


def _open(conn: Conn, account: _Account, address: str, user_agent: str) -> LoggedIn:
    token = crypto.new_token()
    conn.execute(
        "select session_open(%s, %s, %s, %s, %s, %s)",
        [account.tenant_id, account.user_id, crypto.token_hash(token), LIFETIME, address, user_agent],
    )
    principal = find_session(conn, token, touch=False)
    if principal is None:  # the account was closed while bcrypt worked
        raise _refused()
    return LoggedIn(token, principal)


def _network(address: str) -> str:
    """What the brake counts as one address: an IPv6 customer has 2^64 of them."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _refused() -> Unauthenticated:
    return Unauthenticated("The e-mail or the password is wrong.")


def _principal(*, unused_for: timedelta, **columns: Any) -> tuple[Principal, timedelta]:
    return Principal(**{**columns, "role": UserRole(columns["role"])}), unused_for
