"""`prosa contact`: what the law entitles a contact to (LGPD, Art. 18)."""

from typing import Annotated

import typer

from prosa.cli.context import TenantOption, actor, database

Phone = Annotated[
    str, typer.Option(help="Number of the contact, with or without the ninth digit, or WhatsApp user id.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    contact = typer.Typer(no_args_is_help=True, help="A contact's data: a copy of it, or its erasure (LGPD).")
    contact.command("export")(export)
    contact.command("erase")(erase)
    app.add_typer(contact, name="contact")


def export(tenant: TenantOption, phone: Phone) -> None:
    """Print everything that is known about a contact, as JSON."""
    import json

    from prosa import privacy
    from prosa.settings import get_settings
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        keys = get_settings().secret_keys
        found = privacy.export(conn, find_tenant(conn, tenant).id, phone, secret_keys=keys, actor=actor())
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def erase(
    tenant: TenantOption, phone: Phone,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:  # fmt: skip
    """Remove a contact's identity and every text of and about him; times, counts and scores stay.

    So does the wish for no messages, under a keyed hash that tells nobody the number: else an import or an old
    list would have the contact written to again.

    On a terminal it says what was found and asks first; a script means what it says.
    """
    import sys
    from datetime import UTC, datetime

    from prosa import privacy
    from prosa.settings import get_settings
    from prosa.tenancy.tenants import find_tenant

    keys = get_settings().secret_keys
    with database() as db:
        with db.operator() as conn:
            tenant_id = find_tenant(conn, tenant).id
            found = privacy.find(conn, tenant_id, phone, secret_keys=keys)
        if not yes and sys.stdin.isatty():
            typer.echo(f"Found: {len(found.contacts)} contacts, {len(found.conversations)} conversations.")
            typer.confirm("This cannot be undone. Erase?", abort=True)
        with db.operator() as conn:
            traces = privacy.erase(
                conn, tenant_id, phone, secret_keys=keys, actor=actor(), now=datetime.now(UTC)
            )  # fmt: skip
    typer.echo(f"Erased: {len(traces.contacts)} contacts, {len(traces.conversations)} conversations.")
    for table, rows in sorted(traces.erased.items()):
        typer.echo(f"  {table}: {rows}")
    if traces.kept:
        typer.echo(f"Kept, under a keyed hash of the number: {traces.kept} wishes not to be written to.")
    if traces.mirrored:
        typer.echo(f"{traces.mirrored} of these are mirrored from Chatwoot: erase the contact there too.", err=True)
