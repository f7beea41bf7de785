"""Logging in and out. All of it happens before a tenant is known, through the narrow functions of migration 0002."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from prosa import crypto
from prosa.db import Conn, Database, TenantId, fetch_all, fetch_one
from prosa.errors import Invalid, NotFound, Unauthenticated
from prosa.tenancy import audit, passwords, second_factor
from prosa.tenancy.model import (
    PLATFORM,
    ChooseTenant,
    LoggedIn,
    Principal,
    SecondFactorNeeded,
    SessionInfo,
    TenantChoice,
    TenantSuspended,
    TooManyTries,
    UserId,
    UserRole,
    normal_email,
)

IDLE = timedelta(hours=12)  # a session not used for so long is over
LIFETIME = timedelta(days=7)  # and so is any session after this
TOUCH_EVERY = timedelta(minutes=1)  # the last use is noted only this precisely, because a page is many requests


@dataclass(frozen=True)
class _Account:
    """One account of an e-mail address."""

    tenant_id: TenantId
    user_id: UserId
    password_hash: str
    tenant_slug: str
    tenant_name: str
    suspended: bool


def log_in(
    db: Database, email: str, password: str, *, address: str, user_agent: str, tenant_slug: str | None = None,
    code: str = "", secret_keys: Sequence[str] = (),
) -> LoggedIn:  # fmt: skip
    """Open a session. No connection is held while bcrypt works.

    Raises Unauthenticated for a wrong e-mail or password (answer and time do not tell which), TooManyTries (wait_seconds),
    TenantSuspended if the password is right and all its tenants are suspended, and ChooseTenant if e-mail and password open
    several tenants. Raises SecondFactorNeeded if the account asks for a `code` and this one is missing or wrong; the brake
    counts a wrong code like a wrong password.
    """
    attempt, accounts = _attempt(db, email, address, tenant_slug)
    known = [account for account in accounts if passwords.matches(password, account.password_hash)]
    if not accounts:
        passwords.matches(password, passwords.NOBODY)
    if not known:
        raise _refused()
    opened = [account for account in known if not account.suspended]
    if not opened:
        with db.anonymous() as conn:
            conn.execute("select login_succeeded(%s)", [attempt])
        raise TenantSuspended("The company's access is suspended.")
    with db.anonymous() as conn:
        if len(opened) == 1 and code:
            _check_code(conn, opened[0], code, secret_keys)
        conn.execute("select login_succeeded(%s)", [attempt])
        if len(opened) == 1 and (code or not second_factor.is_on(conn, opened[0].tenant_id, opened[0].user_id)):
            return _open(conn, opened[0], address, user_agent)
    if len(opened) == 1:
        raise SecondFactorNeeded(wrong=False)
    raise ChooseTenant([TenantChoice(account.tenant_slug, account.tenant_name) for account in opened])


def check_password(db: Database, principal: Principal, password: str, *, address: str) -> None:
    """Raise Unauthenticated unless this is the logged-in user's password, and TooManyTries as at the login."""
    attempt, accounts = _attempt(db, principal.email, address, None)
    mine = [a for a in accounts if (a.tenant_id, a.user_id) == (principal.home, principal.user_id)]
    if not any(passwords.matches(password, account.password_hash) for account in mine):
        raise _refused()
    with db.anonymous() as conn:
        conn.execute("select login_succeeded(%s)", [attempt])


def find_session(conn: Conn, token: str, *, touch: bool = True) -> Principal | None:
    """The principal of this token; None if it is unknown, revoked, expired or idle, or its user or tenant is shut out.

    `conn` is anonymous. `touch` counts this as a use, which keeps the session from going idle.
    """
    token_hash = crypto.token_hash(token)
    sql = """select tenant_id, tenant_slug, tenant_name, timezone, session_id, user_id, email, user_name as name,
                    role, locale, acting, now() - last_seen_at as unused_for from session_find(%s, %s)"""
    found = fetch_one(conn, _principal, sql, [token_hash, IDLE])
    if found is None:
        return None
    principal, unused_for = found
    if touch and unused_for > TOUCH_EVERY:
        conn.execute("select session_touch(%s)", [token_hash])
    return principal


def log_out(db: Database, principal: Principal) -> None:
    """End the principal's session. A second call changes nothing and is not audited."""
    with db.operator() if principal.home == PLATFORM else db.tenant(principal.home) as conn:
        ended = conn.execute(
            "update sessions set revoked_at = now() where tenant_id = %s and id = %s and revoked_at is null",
            [principal.home, principal.session_id],
        ).rowcount
        if ended:
            session = f"session:{principal.session_id}"
            audit.record(conn, principal.home, f"user:{principal.user_id}", "session.logout", session)


def act_for(conn: Conn, token: str, tenant: TenantId | None, *, address: str | None = None) -> None:
    """Let an operator's session look into a tenant, as its admin; None ends that. Audited there. `conn` is anonymous.

    Raises NotFound for a tenant that does not exist, and for everybody who is no operator.
    """
    row = conn.execute("select session_act(%s, %s, %s)", [crypto.token_hash(token), tenant, address]).fetchone()
    if not (row and row[0]):
        raise NotFound("There is no such tenant.")


def live_sessions(conn: Conn, tenant: int, user: int) -> list[SessionInfo]:
    """The sessions by which a user is logged in now, the latest used first."""
    sql = """select id, created_at, last_seen_at, address, user_agent from sessions
             where tenant_id = %s and user_id = %s and revoked_at is null and expires_at > now()
               and last_seen_at > now() - %s order by last_seen_at desc, id desc"""
    return fetch_all(conn, SessionInfo, sql, [tenant, user, IDLE])


def revoke_sessions(
    conn: Conn, tenant: int, user: int, *, actor: str, only: int | None = None,
    keep: int | None = None,
) -> int:  # fmt: skip
    """End a user's sessions (`only` one, or all except the one to `keep`), as an admin of the tenant or the operator.

    Returns how many there were.
    """
    ended = conn.execute(
        """update sessions set revoked_at = now() where tenant_id = %(tenant)s and user_id = %(user)s
             and revoked_at is null and id = coalesce(%(only)s, id) and id is distinct from %(keep)s""",
        {"tenant": tenant, "user": user, "only": only, "keep": keep},
    ).rowcount
    audit.record(conn, tenant, actor, "session.revoke", f"user:{user}", after={"ended": ended})
    return ended


def count_attempt(conn: Conn, name: str, address: str) -> int:
    """Count an attempt, as failed until it has succeeded. `conn` is anonymous. Raises TooManyTries."""
    row = conn.execute("select attempt, wait_seconds from login_attempt(%s, %s)", [name, _network(address)])
    attempt, wait_seconds = row.fetchone() or (None, 0)
    if attempt is None:
        raise TooManyTries(wait_seconds)
    return int(attempt)


def _attempt(db: Database, email: str, address: str, tenant_slug: str | None) -> tuple[int, list[_Account]]:
    """Count one attempt to log in, and look up the accounts that it may be about. Raises TooManyTries."""
    try:
        email = normal_email(email)
    except Invalid:
        raise _refused() from None
    with db.anonymous() as conn:
        attempt = count_attempt(conn, email, address)
        sql = """select *, false as suspended from login_candidates(%(email)s, %(slug)s)
                 union all select *, true from login_suspended(%(email)s, %(slug)s)"""
        return attempt, fetch_all(conn, _Account, sql, {"email": email, "slug": tenant_slug})


def _check_code(conn: Conn, account: _Account, code: str, secret_keys: Sequence[str]) -> None:
    """Raise SecondFactorNeeded if the code is not right. An account without a second factor takes any."""
    if not second_factor.is_on(conn, account.tenant_id, account.user_id):
        return
    if not second_factor.take(conn, account.tenant_id, account.user_id, code, secret_keys=secret_keys):
        raise SecondFactorNeeded(wrong=True)


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
    """The network that the brake counts as one address: a customer with IPv6 has 2^64 addresses."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def _refused() -> Unauthenticated:
    return Unauthenticated("The e-mail or the password is wrong.")


def _principal(*, unused_for: timedelta, **columns: Any) -> tuple[Principal, timedelta]:
    return Principal(**{**columns, "role": UserRole(columns["role"])}), unused_for
