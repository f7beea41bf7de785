"""Commands about Chatwoot: connecting to it, and reading it."""

import gc
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from prosa.db.connection import Conn, TenantId

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]
chatwoot = typer.Typer(no_args_is_help=True, help="Read conversations from Chatwoot's database.")
etl = typer.Typer(no_args_is_help=True, help="Bring what changed in Chatwoot into Prosa.")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(chatwoot, name="chatwoot")
    app.add_typer(etl, name="etl")


@chatwoot.command("connect")
def connect_command(
    tenant: Annotated[str, typer.Option(help="The tenant's slug.")],
    dsn: Annotated[
        str | None, typer.Option(help="Chatwoot's database; read-only is enough. Default: CHATWOOT_DATABASE_URL.")
    ] = None,
    account: Annotated[
        int | None, typer.Option(help="Number of the Chatwoot account; asked for where there are several.")
    ] = None,
    inbox: Annotated[
        list[int] | None, typer.Option(help="Only this inbox (repeat for more); else the whole account.")
    ] = None,
    bot_user: Annotated[
        list[int] | None, typer.Option(help="A Chatwoot user that is really a program (repeat for more).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the connection, show what is there, and make it a source of the tenant."""
    from prosa.cli.context import actor
    from prosa.db.connection import Role, TenantId, connect, transaction
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
        with connect(logins.platform) as operator, transaction(operator, Role.SUPER_ADMIN):
            tenant_id = TenantId(find_tenant(operator, tenant).id)
        account_id = account if account is not None else _only_account(connecting.accounts(dsn))
        with connect(logins.app) as conn, transaction(conn, Role.ADMIN, tenant_id):
            done = connecting.connect(
                conn, tenant_id, secret_keys=settings.secret_keys, dsn=dsn, account_id=account_id,
                inboxes=inbox or (), actor=actor(),
            )  # fmt: skip
            connecting.mark_bots(conn, tenant_id, done.source_id, bot_user or (), refresh=refresh)
    if as_json:
        typer.echo(json.dumps(asdict(done), ensure_ascii=False))
        return
    typer.echo(f"Tenant {tenant} now reads account {done.account.id} ({done.account.name}) as source {done.source_id}:")
    for inbox_id, name, channel in done.account.inboxes:
        taken = done.chosen_inboxes is None or inbox_id in done.chosen_inboxes
        typer.echo(f"  {'✓' if taken else '–'} inbox {inbox_id}  {name}  ({channel.removeprefix('Channel::')})")
    if done.reload:
        typer.echo("The server or the choice of inboxes changed: the next run reads everything.")
    typer.echo(f"Next: prosa etl run --tenant {tenant}")


@etl.command("run")
def run_command(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant; else all of them.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything and compare it with what is here.")] = False,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Also find what no timestamp shows: deletions, edits of old messages.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read what changed. Exit 0: done; 1: failed; 3: another run holds the lock."""
    gc.disable()  # until all is imported, which stays: the collector would look through it again and again
    from prosa.cli.context import progress_bar
    from prosa.db.opening import server
    from prosa.errors import Invalid
    from prosa.settings import get_settings
    from prosa.sources import etl as service
    from prosa.sources.model import Mode

    gc.freeze()
    gc.enable()
    if full and reconcile:
        raise Invalid("--full already finds what --reconcile finds: give one of the two.")
    mode = Mode.FULL if full else Mode.RECONCILE if reconcile else Mode.INCREMENTAL
    settings = get_settings()
    with server(settings) as logins, progress_bar(quiet=as_json) as progress:
        results = service.run(
            logins, settings.secret_keys, slugs=[tenant] if tenant else None, mode=mode, refresh=_refresh,
            progress=progress,
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps([service.report(result) for result in results], ensure_ascii=False))
    else:
        _print_results(results)
    if any(result.error for result in results):
        raise typer.Exit(1)
    if any(result.busy for result in results):
        raise typer.Exit(3)


@etl.command("runs")
def runs_command(
    tenant: Annotated[str, typer.Option(help="The tenant's slug.")],
    limit: Annotated[int, typer.Option(min=1)] = 20,
    as_json: Json = False,
) -> None:
    """The latest runs of a tenant, newest first."""
    from prosa.db.connection import Role, connect, transaction
    from prosa.db.opening import server
    from prosa.settings import get_settings
    from prosa.sources import store
    from prosa.tenancy.tenants import find_tenant

    with server(get_settings()) as logins, connect(logins.platform) as conn, transaction(conn, Role.SUPER_ADMIN):
        rows = store.latest_runs(conn, find_tenant(conn, tenant).id, limit=limit)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        typer.echo(
            f"{row['started_at']:%Y-%m-%d %H:%M:%S}  {row['mode']:<11}  {row['state']:<7}  {row['seconds'] or 0:8.2f} s  "
            f"read {row['rows_read']}  +{row['rows_inserted']} ~{row['rows_updated']} -{row['rows_deleted']}  "
            f"aside {row['rows_rejected']}  {row['error'] or ''}".rstrip()
        )
    if not rows:
        typer.echo(f"No run yet: prosa etl run --tenant {tenant}")


def _refresh(conn: "Conn", tenant: "TenantId", conversation_ids: Sequence[int]) -> int:
    """Imported where something has changed: at most runs nothing has."""
    from prosa.facts.label_rules import refresh_with_labels

    return refresh_with_labels(conn, tenant, conversation_ids)


def _only_account(accounts: list) -> int:  # type: ignore[type-arg]
    from prosa.errors import Invalid

    if len(accounts) == 1:
        return int(accounts[0].id)
    lines = [f"  --account {a.id}   {a.name} ({len(a.inboxes)} inboxes)" for a in accounts]
    raise Invalid("\n".join(["Which account? Choose one of:", *lines]))


def _print_results(results: list) -> None:  # type: ignore[type-arg]
    if not results:
        typer.echo("No source to read yet: prosa chatwoot connect --tenant … --dsn … --account …")
    for result in results:
        name = f"{result.source.tenant_slug} / {result.source.name}"
        if result.busy:
            typer.secho(f"{name}: another run is under way ({result.busy})", err=True, fg=typer.colors.YELLOW)
        elif result.error:
            typer.secho(f"{name}: {result.error}", err=True, fg=typer.colors.RED)
        else:
            sum_ = result.run.total()
            typer.echo(
                f"{name}: {sum_.read} read, {sum_.inserted} new, {sum_.updated} changed, {sum_.unchanged} unchanged, "
                f"{sum_.deleted} deleted, {sum_.rejected} put aside"
            )
            for inbox in result.run.unassigned_inboxes:
                typer.secho(
                    f"  inbox {inbox!r} is not read: no choice of this tenant covers it", fg=typer.colors.YELLOW
                )
