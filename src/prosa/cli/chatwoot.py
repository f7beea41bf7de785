"""`prosa chatwoot`: connects Chatwoot's database, which is read, and its API, by which messages go out."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from prosa.cli.context import JsonOption, TenantOption, actor, database

if TYPE_CHECKING:
    from prosa.sources.connect import Account, Connected


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    chatwoot = typer.Typer(no_args_is_help=True, help="Read conversations from Chatwoot's database.")
    chatwoot.command()(connect)
    chatwoot.command()(api)
    app.add_typer(chatwoot, name="chatwoot")


def connect(
    tenant: TenantOption,
    dsn: Annotated[
        str | None, typer.Option(help="Chatwoot's database; read-only is enough. Default: CHATWOOT_DATABASE_URL.")
    ] = None,
    account: Annotated[
        int | None,
        typer.Option(help="Number of the Chatwoot account. Where there are several, a terminal asks for it."),
    ] = None,
    inbox: Annotated[
        list[int] | None, typer.Option(help="Only this inbox (repeat for more); else the whole account.")
    ] = None,
    bot_user: Annotated[
        list[int] | None, typer.Option(help="A Chatwoot user that is really a program (repeat for more).")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the connection, show what is there, and make it a source of the tenant."""
    from prosa.db.connection import Role, TenantId, transaction
    from prosa.db.connection import connect as connection
    from prosa.db.opening import server
    from prosa.errors import Invalid
    from prosa.facts.refresh import refresh
    from prosa.settings import get_settings
    from prosa.sources import connect as connecting
    from prosa.tenancy.tenants import find_tenant

    settings = get_settings()
    dsn = dsn or settings.chatwoot_database_url
    if dsn is None:
        raise Invalid("Which database? Give --dsn postgresql://…, or set CHATWOOT_DATABASE_URL.")
    with server(settings) as logins:
        with connection(logins.platform) as operator, transaction(operator, Role.SUPER_ADMIN):
            tenant_id = TenantId(find_tenant(operator, tenant).id)
        account_id = account if account is not None else _choose_account(connecting.accounts(dsn))
        with connection(logins.app) as conn, transaction(conn, Role.ADMIN, tenant_id):
            done = connecting.connect(
                conn, tenant_id, secret_keys=settings.secret_keys, dsn=dsn, account_id=account_id,
                inboxes=inbox or (), actor=actor(),
            )  # fmt: skip
            connecting.mark_bots(conn, tenant_id, done.source_id, bot_user or (), refresh=refresh)
    if as_json:
        typer.echo(json.dumps(asdict(done), ensure_ascii=False))
        return
    _print_source(done, tenant)


def api(
    tenant: TenantOption,
    source: Annotated[int, typer.Option(help="Number of the Chatwoot source, 1 for the first.")],
    url: Annotated[str, typer.Option(help="Address of Chatwoot, such as https://chat.example.com.")],
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the access token from standard input.")
    ] = False,
) -> None:
    """Let messages go out through Chatwoot's REST API, with an agent's or an agent bot's access token."""
    from prosa.settings import get_settings
    from prosa.sources import chatwoot_api
    from prosa.tenancy.tenants import find_tenant

    token = sys.stdin.readline() if token_stdin else typer.prompt("Access token", hide_input=True)
    with database() as db, db.operator() as conn:
        tenant_id = find_tenant(conn, tenant).id
        chatwoot_api.connect(conn, tenant_id, source, url=url, token=token, secret_keys=get_settings().secret_keys,
                             actor=actor())  # fmt: skip
    typer.echo("Connected.")


def _print_source(done: "Connected", tenant: str) -> None:
    typer.echo(f"Tenant {tenant} now reads account {done.account.id} ({done.account.name}) as source {done.source_id}:")
    for inbox_id, name, channel in done.account.inboxes:
        taken = done.chosen_inboxes is None or inbox_id in done.chosen_inboxes
        typer.echo(f"  {'✓' if taken else '–'} inbox {inbox_id}  {name}  ({channel.removeprefix('Channel::')})")
    if done.reload:
        typer.echo("The server or the choice of inboxes changed: the next run reads everything.")
    typer.echo(f"Next: prosa etl run --tenant {tenant}")


def _choose_account(accounts: "list[Account]") -> int:
    """The only account, or the one chosen on a terminal. Raises Invalid with the list if nobody can be asked."""
    from prosa.errors import Invalid

    if len(accounts) == 1:
        return accounts[0].id
    if not accounts:
        raise Invalid("This Chatwoot has no account yet.")
    lines = [f"  --account {a.id}   {a.name} ({len(a.inboxes)} inboxes)" for a in accounts]
    if not sys.stdin.isatty():
        raise Invalid("\n".join(["Which account? Choose one of:", *lines]))
    typer.echo("\n".join(["This Chatwoot has several accounts:", *lines]), err=True)
    number: int = typer.prompt("Number of the account", type=int, err=True)
    return number
