"""Commands about outgoing webhooks."""

from typing import Annotated

import typer

from prosa.cli.context import TenantOption, actor, database


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    webhook = typer.Typer(help="Addresses that are told what happens.", no_args_is_help=True)
    webhook.command("add")(add)
    webhook.command("list")(list_)
    app.add_typer(webhook, name="webhook")


def add(
    url: Annotated[str, typer.Argument(help="An https address.")],
    tenant: TenantOption,
    event: Annotated[list[str] | None, typer.Option(help="What to tell; may be repeated. Default: everything.")] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Add an endpoint and print its secret, once."""
    from prosa.errors import Invalid
    from prosa.settings import get_settings
    from prosa.tenancy.tenants import find_tenant
    from prosa.tenancy.webhooks.model import CHOSEN, EventType
    from prosa.tenancy.webhooks.service import add_endpoint

    try:
        kinds = [EventType(name) for name in event or CHOSEN]
    except ValueError as error:
        raise Invalid(f"{error}. Events: {', '.join(CHOSEN)}.") from None
    settings = get_settings()
    with database() as db, db.operator() as conn:
        new = add_endpoint(
            conn, find_tenant(conn, tenant).id, url=url, event_types=kinds, note=note, actor=actor(),
            secret_keys=settings.secret_keys, loopback=settings.api_debug,
        )  # fmt: skip
    typer.echo(f"Added webhook {new.endpoint.id}: {url}\nSecret (shown this once): {new.secret}")


def list_(tenant: TenantOption) -> None:
    """List the endpoints."""
    from prosa.tenancy.tenants import find_tenant
    from prosa.tenancy.webhooks.store import all_of

    with database() as db, db.operator() as conn:
        endpoints = all_of(conn, find_tenant(conn, tenant).id)
    if not endpoints:
        typer.echo(f"No webhook yet: prosa webhook add --tenant {tenant} URL", err=True)
    for endpoint in endpoints:
        health = "" if endpoint.enabled else f" (off: {endpoint.switched_off_reason or 'switched off'})"
        typer.echo(f"{endpoint.id:<4} {endpoint.url} {' '.join(endpoint.event_types)}{health}")
