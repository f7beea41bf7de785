"""Commands about tenants, users and API keys."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from prosa.cli.context import JsonOption, TenantOption, actor, database

if TYPE_CHECKING:
    from prosa.db import Conn

UsersTenantOption = Annotated[
    str | None, typer.Option("--tenant", metavar="SLUG", help="The user's tenant; none for a super_admin.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    tenant = typer.Typer(help="The companies on this installation.", no_args_is_help=True)
    tenant.command("add")(tenant_add)
    tenant.command("list")(tenant_list)
    app.add_typer(tenant, name="tenant")
    user = typer.Typer(help="The people who log in.", no_args_is_help=True)
    user.command("add")(user_add)
    user.command("list")(user_list)
    user.command("link")(user_link)
    app.add_typer(user, name="user")
    apikey = typer.Typer(help="Keys for programs.", no_args_is_help=True)
    apikey.command("create")(apikey_create)
    apikey.command("list")(apikey_list)
    apikey.command("revoke")(apikey_revoke)
    app.add_typer(apikey, name="apikey")


def tenant_add(
    slug: Annotated[str, typer.Argument(help="Short name: lower-case letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="The company's name.")],
    timezone: Annotated[str, typer.Option(help="IANA name of the time zone.")] = "America/Sao_Paulo",
) -> None:
    """Add a tenant."""
    from prosa.tenancy.tenants import add_tenant

    with database() as db, db.operator() as conn:
        tenant = add_tenant(conn, slug=slug, name=name, timezone=timezone, actor=actor())
    typer.echo(f"Added tenant {tenant.slug} ({tenant.name}, {tenant.timezone}).")


def tenant_list(as_json: JsonOption = False) -> None:
    """List the tenants."""
    from prosa.tenancy.tenants import list_tenants

    with database() as db, db.operator() as conn:
        tenants = list_tenants(conn)
    if as_json:
        shown = ("id", "slug", "name", "timezone", "locale", "segment", "suspended_at", "created_at")
        typer.echo(json.dumps([{key: getattr(t, key) for key in shown} for t in tenants], default=str))
        return
    if not tenants:
        typer.echo("No tenant yet: prosa tenant add SLUG --name NAME", err=True)
    for t in tenants:
        typer.echo(f"{t.slug:<24} {t.timezone:<24} {t.name}{' (suspended)' if t.suspended_at else ''}")


def user_add(
    email: Annotated[str, typer.Argument(help="E-mail address: the user's login.")],
    role: Annotated[Literal["super_admin", "admin", "client"], typer.Option(help="What the user may do.")],
    tenant: UsersTenantOption = None,
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
) -> None:
    """Add a user. Asks for the password on a terminal; elsewhere makes one and prints it, once."""
    from prosa.errors import Invalid
    from prosa.tenancy.model import UserRole
    from prosa.tenancy.users import add_user

    if (tenant is None) != (role == "super_admin"):
        raise Invalid("A super_admin takes no --tenant." if tenant else f"Say whose {role} it is: --tenant SLUG.")
    password, generated = _new_password(password_stdin)
    with database() as db, db.operator() as conn:
        owner = _tenant_or_platform(conn, tenant)
        user = add_user(conn, owner, email=email, password=password, role=UserRole(role), name=name, actor=actor())
    typer.echo(f"Added {role} {user.email}.")
    if generated:
        typer.echo(f"Password (shown this once): {password}")


def user_list(tenant: UsersTenantOption = None, as_json: JsonOption = False) -> None:
    """List a tenant's users, or without --tenant the operators."""
    from prosa.tenancy.users import list_users

    with database() as db, db.operator() as conn:
        users = list_users(conn, _tenant_or_platform(conn, tenant))
    if as_json:
        shown = ("email", "name", "role", "active", "created_at")
        typer.echo(json.dumps([{key: getattr(u, key) for key in shown} for u in users], default=str))
        return
    if not users:
        whose = f"admin --tenant {tenant}" if tenant else "super_admin"
        typer.echo(f"Nobody yet: prosa user add EMAIL --role {whose}", err=True)
    for u in users:
        typer.echo(f"{u.email:<40} {u.role:<12} {u.name}{'' if u.active else ' (closed)'}")


def user_link(
    email: Annotated[str, typer.Argument(help="The user's e-mail address.")], tenant: UsersTenantOption = None
) -> None:
    """Print a link by which a user who is locked out sets a new password. It works once, for a day."""
    from prosa.errors import NotFound
    from prosa.settings import get_settings
    from prosa.tenancy import links
    from prosa.tenancy.model import normal_email
    from prosa.tenancy.users import list_users

    email = normal_email(email)
    with database() as db, db.operator() as conn:
        owner = _tenant_or_platform(conn, tenant)
        found = [u for u in list_users(conn, owner) if u.email == email]
        if not found:
            raise NotFound(f"There is no user {email} {f'of {tenant}' if tenant else 'among the operators'}.")
        token = links.make(conn, owner, found[0].id, "reset", actor=actor())
    typer.echo(f"{get_settings().own_url}{links.PATH}{token}")


def apikey_create(
    tenant: TenantOption,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may do, such as conversations:read; may be repeated. Default: everything."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create an API key and print it, once."""
    from prosa.tenancy.api_keys import create_key
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        key = create_key(conn, find_tenant(conn, tenant).id, name=name, scopes=scope, actor=actor())
    if as_json:
        made = {"tenant": tenant, "name": name, "prefix": key.prefix, "scopes": scope or [], "key": key.secret}
        typer.echo(json.dumps(made))
    else:
        typer.echo(key.secret)
        typer.echo("This key is shown once: keep it safe.", err=True)


def apikey_list(tenant: TenantOption, as_json: JsonOption = False) -> None:
    """List a tenant's API keys by their recognisable beginnings."""
    from prosa.tenancy.api_keys import list_keys
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        keys = list_keys(conn, find_tenant(conn, tenant).id)
    if as_json:
        shown = ("prefix", "name", "scopes", "created_at", "last_used_at", "revoked_at")
        typer.echo(json.dumps([{key: getattr(k, key) for key in shown} for k in keys], default=str))
        return
    if not keys:
        typer.echo(f"No API key yet: prosa apikey create --tenant {tenant}", err=True)
    for k in keys:
        state = (
            "revoked" if k.revoked_at else f"last used {k.last_used_at:%Y-%m-%d}" if k.last_used_at else "never used"
        )
        typer.echo(f"{k.prefix}  {k.created_at:%Y-%m-%d}  {state:<20}  {','.join(k.scopes) or 'everything'}  {k.name}")


def apikey_revoke(
    prefix: Annotated[str, typer.Argument(help="The key's beginning, as `apikey list` shows it.")], tenant: TenantOption
) -> None:
    """Revoke an API key, at once and for good."""
    from prosa.tenancy.api_keys import revoke_key
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        revoked_now = revoke_key(conn, find_tenant(conn, tenant).id, prefix, actor=actor())
    typer.echo(f"Revoked {prefix}." if revoked_now else f"{prefix} was revoked before.")


def _tenant_or_platform(conn: "Conn", slug: str | None) -> int:
    from prosa.tenancy.model import PLATFORM
    from prosa.tenancy.tenants import find_tenant

    return find_tenant(conn, slug).id if slug else PLATFORM


def _new_password(from_stdin: bool) -> tuple[str, bool]:
    """The password, checked against the rule, and whether it was made up here."""
    import secrets

    from prosa.tenancy.passwords import check_password

    if from_stdin:
        password, generated = sys.stdin.readline().rstrip("\r\n"), False
    elif sys.stdin.isatty():
        password, generated = typer.prompt("Password", hide_input=True, confirmation_prompt=True), False
    else:
        password, generated = secrets.token_urlsafe(12), True
    check_password(password)
    return password, generated
