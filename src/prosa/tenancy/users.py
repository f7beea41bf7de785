"""Users: a person's account in one tenant. Operators (super_admin) belong to tenant 0: for them use db.operator()."""

import secrets

from psycopg.errors import UniqueViolation

from prosa.db import Conn, Database, fetch_all, fetch_one
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy import audit, links, sessions
from prosa.tenancy.model import PLATFORM, Principal, User, UserRole, normal_email
from prosa.tenancy.passwords import check_password, hash_password

COLUMNS = "tenant_id, id, email, name, role, locale, active, created_at"


def add_user(
    conn: Conn, tenant: int, *, email: str, password: str, role: UserRole, actor: str, name: str = "",
) -> User:  # fmt: skip
    """Add a user. Raises Invalid for a bad e-mail, password or role, Conflict if the tenant has that e-mail."""
    email = normal_email(email)
    if (role is UserRole.SUPER_ADMIN) != (tenant == PLATFORM):
        raise Invalid("A super_admin belongs to the platform and to no tenant; everybody else belongs to a tenant.")
    sql = f"""insert into users (tenant_id, email, name, role, password_hash)
              values (%s, %s, %s, %s, %s) returning {COLUMNS}"""
    try:
        with conn.transaction():
            parameters = [tenant, email, name.strip(), role, hash_password(password)]
            [user] = fetch_all(conn, User, sql.encode(), parameters)
    except UniqueViolation:
        raise Conflict(f"There is already a user {email} in this tenant.") from None
    after = {"email": email, "name": user.name, "role": role}
    audit.record(conn, tenant, actor, "user.create", f"user:{user.id}", after=after)
    return user


def list_users(conn: Conn, tenant: int) -> list[User]:
    """The tenant's users, by e-mail."""
    sql = f"select {COLUMNS} from users where tenant_id = %s order by email"
    return fetch_all(conn, User, sql.encode(), [tenant])


def any_user(conn: Conn) -> bool:
    """Whether anybody at all can log in. Asked by the operator."""
    [(there,)] = conn.execute("select exists (select from users where active)").fetchall()
    return bool(there)


def deactivate(conn: Conn, tenant: int, user: int, *, actor: str) -> None:
    """Close an account and end its sessions. The user remains the author of past actions.

    Raises NotFound, Conflict for the last admin.
    """
    _keep_an_admin(conn, tenant, user)
    _update(conn, tenant, user, "active = %(value)s", False)
    audit.record(conn, tenant, actor, "user.deactivate", f"user:{user}", {"active": True}, {"active": False})
    sessions.revoke_sessions(conn, tenant, user, actor=actor)


def invite(conn: Conn, tenant: int, *, email: str, role: UserRole, actor: str, name: str = "") -> tuple[User, str]:
    """Add a user without a password. Also returns the token of the link to set one. Raises like `add_user`."""
    password = secrets.token_urlsafe(32)  # known to nobody
    user = add_user(conn, tenant, email=email, password=password, role=role, actor=actor, name=name)
    return user, links.make(conn, tenant, user.id, "invite", actor=actor)


def find_user(conn: Conn, tenant: int, user: int) -> User:
    """The user with this number. Raises NotFound."""
    sql = f"select {COLUMNS} from users where tenant_id = %s and id = %s"
    found = fetch_one(conn, User, sql.encode(), [tenant, user])
    if found is None:
        raise NotFound("There is no such user.")
    return found


def set_role(conn: Conn, tenant: int, user: int, role: UserRole, *, actor: str) -> None:
    """Make a user an admin or a client. Raises NotFound, Invalid for operators, Conflict for the last admin."""
    before = find_user(conn, tenant, user)
    if UserRole.SUPER_ADMIN in (role, before.role):
        raise Invalid("A super_admin belongs to the platform and stays one.")
    if role is not UserRole.ADMIN:
        _keep_an_admin(conn, tenant, user)
    _update(conn, tenant, user, "role = %(value)s", role)
    audit.record(conn, tenant, actor, "user.set_role", f"user:{user}", {"role": before.role}, {"role": role})


def activate(conn: Conn, tenant: int, user: int, *, actor: str) -> None:
    """Open a closed account again. Raises NotFound."""
    _update(conn, tenant, user, "active = %(value)s", True)
    audit.record(conn, tenant, actor, "user.activate", f"user:{user}", {"active": False}, {"active": True})


def set_locale(conn: Conn, tenant: int, user: int, locale: str) -> None:
    """Set the language in which to write to a user. Raises NotFound."""
    _update(conn, tenant, user, "locale = %(value)s", locale)


def change_own_password(db: Database, principal: Principal, *, current: str, new: str, address: str) -> None:
    """Change the logged-in user's password, once they have given the current one. All other sessions end.

    Raises Unauthenticated, TooManyTries, or Invalid if the new password breaks the rule.
    """
    check_password(new)
    sessions.check_password(db, principal, current, address=address)
    tenant, user, actor = principal.home, principal.user_id, principal.actor
    with db.operator() if tenant == PLATFORM else db.tenant(tenant) as conn:
        _update(conn, tenant, user, "password_hash = %(value)s", hash_password(new))
        audit.record(conn, tenant, actor, "user.change_password", f"user:{user}")
        sessions.revoke_sessions(conn, tenant, user, actor=actor, keep=principal.session_id)


def _keep_an_admin(conn: Conn, tenant: int, user: int) -> None:
    """Raise Conflict if this user is the last admin. Admins who leave at the same time are checked one after the other."""
    others = conn.execute(
        """select id from users where tenant_id = %(tenant)s and role in ('admin', 'super_admin') and active
           order by id for update""",
        {"tenant": tenant},
    ).fetchall()
    if [row[0] for row in others] == [user]:
        raise Conflict("This is the last administrator. Make somebody else one first.")


def _update(conn: Conn, tenant: int, user: int, assignment: str, value: object) -> None:
    sql = f"update users set {assignment} where tenant_id = %(tenant)s and id = %(user)s"
    if conn.execute(sql.encode(), {"tenant": tenant, "user": user, "value": value}).rowcount == 0:
        raise NotFound("There is no such user.")
