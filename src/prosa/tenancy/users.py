"""Users: a person's account in one tenant. Operators (super_admin) belong to tenant 0: for them use db.operator()."""

from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.rows import kwargs_row

from prosa.db import Conn, Database
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy import audit, sessions
from prosa.tenancy.model import PLATFORM, LoggedIn, Principal, User, UserRole, normal_email
from prosa.tenancy.passwords import check_password, hash_password

COLUMNS = "tenant_id, id, email, name, role, locale, active, created_at"


def add_user(
    conn: Conn, tenant: int, *, email: str, password: str, role: UserRole, actor: str, name: str = "",
    address: str | None = None,
) -> User:  # fmt: skip
    """A new user. Raises Invalid for a bad e-mail, password or role, Conflict where the tenant has that e-mail."""
    email = normal_email(email)
    if (role is UserRole.SUPER_ADMIN) != (tenant == PLATFORM):
        raise Invalid("A super_admin belongs to the platform and to no tenant; everybody else belongs to a tenant.")
    sql = f"""insert into users (tenant_id, email, name, role, password_hash)
              values (%s, %s, %s, %s, %s) returning {COLUMNS}"""
    try:
        with conn.transaction(), conn.cursor(row_factory=kwargs_row(_user)) as cur:
            parameters = [tenant, email, name.strip(), role, hash_password(password)]
            [user] = cur.execute(sql.encode(), parameters).fetchall()
    except UniqueViolation:
        raise Conflict(f"There is already a user {email} in this tenant.") from None
    after = {"email": email, "name": user.name, "role": role}
    audit.record(conn, tenant, actor, "user.create", f"user:{user.id}", after=after, address=address)
    return user


def list_users(conn: Conn, tenant: int) -> list[User]:
    """The tenant's users, by e-mail."""
    sql = f"select {COLUMNS} from users where tenant_id = %s order by email"
    with conn.cursor(row_factory=kwargs_row(_user)) as cur:
        return cur.execute(sql.encode(), [tenant]).fetchall()


def change_password(
    conn: Conn, tenant: int, user: int, *, password: str, actor: str, address: str | None = None
) -> None:
    """Set a new password and end the user's sessions. Raises Invalid where it breaks the rule, NotFound."""
    _update(conn, tenant, user, "password_hash = %(value)s", hash_password(password))
    audit.record(conn, tenant, actor, "user.change_password", f"user:{user}", address=address)
    sessions.revoke_sessions(conn, tenant, user, actor=actor, address=address)


def deactivate(conn: Conn, tenant: int, user: int, *, actor: str, address: str | None = None) -> None:
    """Close an account and end its sessions; what the user did keeps its author. Raises NotFound."""
    _update(conn, tenant, user, "active = %(value)s", False)
    audit.record(
        conn, tenant, actor, "user.deactivate", f"user:{user}", {"active": True}, {"active": False}, address=address
    )
    sessions.revoke_sessions(conn, tenant, user, actor=actor, address=address)


def change_own_password(
    db: Database, principal: Principal, *, current: str, new: str, address: str, user_agent: str
) -> LoggedIn:
    """Change the password of who is logged in, who must know the current one. Ends all sessions and opens a new one.

    Raises Unauthenticated, TooManyTries, or Invalid where the new password breaks the rule.
    """
    check_password(new)
    account = {"address": address, "user_agent": user_agent, "tenant_slug": principal.tenant_slug}
    sessions.log_in(db, principal.email, current, **account)
    is_operator = principal.role is UserRole.SUPER_ADMIN
    with db.operator() if is_operator else db.tenant(principal.tenant_id) as conn:
        change_password(
            conn, principal.tenant_id, principal.user_id, password=new, actor=principal.actor, address=address
        )
    return sessions.log_in(db, principal.email, new, **account)


def _update(conn: Conn, tenant: int, user: int, assignment: str, value: object) -> None:
    sql = f"update users set {assignment} where tenant_id = %(tenant)s and id = %(user)s"
    if conn.execute(sql.encode(), {"tenant": tenant, "user": user, "value": value}).rowcount == 0:
        raise NotFound("There is no such user.")


def _user(**columns: Any) -> User:
    return User(**{**columns, "role": UserRole(columns["role"])})
