"""`prosa etl`: brings what changed in Chatwoot into Prosa."""

import gc
import json
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from prosa.cli.context import JsonOption, TenantOption, actor, database, progress_bar
from prosa.signals import asked_to_end, leave

if TYPE_CHECKING:
    from prosa.db.connection import Conn, TenantId
    from prosa.sources.etl import Result
    from prosa.sources.rejects import Reject
    from prosa.sources.stop import Stop

MOST = 1_000_000  # lines at once


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    etl = typer.Typer(no_args_is_help=True, help="Bring what changed in Chatwoot into Prosa.")
    etl.command()(run)
    etl.command()(runs)
    etl.command()(rejects)
    app.add_typer(etl, name="etl")


def run(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant; else all of them.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Read everything and compare it with what is here.")] = False,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Also find what no timestamp shows: deletions, edits of old messages.")
    ] = False,
    accept_deletions: Annotated[
        bool,
        typer.Option("--accept-deletions", help="Follow a Chatwoot that has lost more than half of what was read."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read what changed. Exit 0: done; 1: failed; 3: another run holds the lock."""
    gc.disable()  # during the imports: the collector would scan the new modules again and again
    from prosa.db.opening import server
    from prosa.errors import Invalid
    from prosa.settings import get_settings
    from prosa.sources import etl as service
    from prosa.sources.model import Mode
    from prosa.sources.stop import Stop

    gc.freeze()
    gc.enable()
    if full and reconcile:
        raise Invalid("--full already finds what --reconcile finds: give one of the two.")
    mode = Mode.FULL if full else Mode.RECONCILE if reconcile else Mode.INCREMENTAL
    settings = get_settings()
    stop = Stop()
    _stop_by_signals(stop)
    with server(settings) as logins, progress_bar(quiet=as_json) as progress:
        results = service.run(
            logins, settings.secret_keys, slugs=None if tenant is None else [tenant], mode=mode, refresh=_refresh,
            progress=progress, accept_deletions=accept_deletions, stop=stop,
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps([service.report(result) for result in results], ensure_ascii=False))
    else:
        _print_results(results)
    if any(result.error for result in results):
        raise typer.Exit(1)
    if any(result.busy for result in results):
        raise typer.Exit(3)


def runs(
    tenant: TenantOption,
    everything: Annotated[bool, typer.Option("--all", help="Also those that found nothing new.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many; the latest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """The latest runs of a tenant, newest first: those that changed something or failed, and each source's last."""
    from prosa.db.connection import Role, connect, transaction
    from prosa.db.opening import server
    from prosa.settings import get_settings
    from prosa.sources import store
    from prosa.tenancy.tenants import find_tenant

    with server(get_settings()) as logins, connect(logins.platform) as conn, transaction(conn, Role.SUPER_ADMIN):
        rows = store.latest_runs(conn, find_tenant(conn, tenant).id, everything=everything, limit=limit)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    if not rows:
        typer.echo(f"No run yet: prosa etl run --tenant {tenant}")
        return
    typer.echo(f"{'started (UTC)':<19}  source  {'mode':<11}  {'state':<7}  {'seconds':>8}  what it did")
    for row in rows:
        started = f"{row['started_at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        typer.echo(
            f"{started}  {row['source_id']:>6}  {row['mode']:<11}  {row['state']:<7}  {_took(row):>8}  "
            f"{row['rows_read']} read, {row['rows_inserted']} new, {row['rows_updated']} changed, {row['rows_deleted']} deleted, "
            f"{row['rows_rejected']} put aside  {row['error'] or ''}".rstrip()
        )
    if not everything:
        typer.echo("Runs that found nothing new are left out: --all shows them.")


def _took(row: dict[str, Any]) -> str:
    """How long a run took, or has taken until now; nothing is known of one that was killed."""
    return "–" if row["seconds"] is None else f"{row['seconds']:.2f}"


def rejects(
    tenant: TenantOption,
    rows: Annotated[
        bool, typer.Option("--rows", help="Show the rows themselves too: what contacts wrote. It is audited.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many; the latest first.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List rows of a tenant's Chatwoot that cannot be read and are put aside: why, and how to repair them."""
    from prosa.sources.rejects import put_aside
    from prosa.tenancy import audit
    from prosa.tenancy.tenants import find_tenant

    with database() as db, db.operator() as conn:
        tenant_id = find_tenant(conn, tenant).id
        found = put_aside(conn, tenant_id, limit=limit + 1, with_rows=rows)
        nothing = "" if found else _why_nothing(conn, tenant_id, tenant)
        if rows and found:
            audit.record(conn, tenant_id, actor(), "chatwoot.rows", after={"rows": min(len(found), limit)})
    if len(found) > limit:
        typer.echo(f"There are more than {limit}: --limit {min(10 * limit, MOST)}", err=True)
        found = found[:limit]
    if as_json:
        told = [vars(each) | {"table": each.table, "remedy": each.remedy} for each in found]
        asked = [{key: value for key, value in each.items() if rows or key != "source_row"} for each in told]
        typer.echo(json.dumps(asked, ensure_ascii=False, default=str))
    elif found:
        _print_rejects(found, tenant)
    else:
        typer.echo(nothing)


def _stop_by_signals(stop: "Stop") -> None:
    """Have the signals that ask the process to end stop the run in all its threads."""

    def end(number: int, frame: FrameType | None) -> None:
        stop.now()
        leave(number, frame)

    for number in asked_to_end():
        signal.signal(number, end)


def _refresh(conn: "Conn", tenant: "TenantId", conversation_ids: Sequence[int]) -> int:
    """Count facts again. Imported only when something has changed, which is not so in most runs."""
    from prosa.facts.label_rules import refresh_with_labels

    return refresh_with_labels(conn, tenant, conversation_ids)


def _print_results(results: "Sequence[Result]") -> None:
    if not results:
        typer.echo("No source to read yet: prosa chatwoot connect --tenant … --dsn … --account …")
    for result in results:
        name = f"{result.source.tenant_slug} / {result.source.name}"
        if result.busy:
            typer.secho(f"{name}: another run is under way ({result.busy})", err=True, fg=typer.colors.YELLOW)
        elif result.error:
            typer.secho(f"{name}: {result.error}", err=True, fg=typer.colors.RED)
        elif result.run:
            sum_ = result.run.total()
            typer.echo(
                f"{name}: {sum_.read} read, {sum_.inserted} new, {sum_.updated} changed, {sum_.unchanged} unchanged, "
                f"{sum_.deleted} deleted, {sum_.rejected} put aside"
            )
            for inbox in result.run.unassigned_inboxes:
                typer.secho(
                    f"  inbox {inbox!r} is not read: it was not chosen (prosa chatwoot connect … --inbox)",
                    fg=typer.colors.YELLOW,
                )


def _why_nothing(conn: "Conn", tenant_id: "TenantId", slug: str) -> str:
    """Why nothing is put aside: all is well, or nothing was read yet."""
    from prosa.sources import store

    if store.was_read(conn, tenant_id):
        return f"Nothing is put aside: every row that was read of {slug}'s Chatwoot could be read."
    if store.is_connected(conn, tenant_id):
        return f"Nothing has been read yet: prosa etl run --tenant {slug}"
    return f"{slug} reads no Chatwoot yet: prosa chatwoot connect --tenant {slug} --dsn … --account …"


def _print_rejects(found: "Sequence[Reject]", slug: str) -> None:
    """Print a line for each row, and below them how to repair them."""
    typer.echo(f"{'source':<6}  {'table':<21}  {'id':>12}  {'first seen (UTC)':<16}  {'last seen':<16}  reason")
    for each in found:
        first, last = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" for at in (each.first_seen_at, each.last_seen_at))
        typer.echo(f"{each.source:<6}  {each.table:<21}  {each.id:>12}  {first}  {last}  {each.reason}")
        if each.source_row is not None:
            typer.echo(f"        {json.dumps(each.source_row, ensure_ascii=False)}")
    typer.echo("\nIn Chatwoot's database, mend them or delete them:")
    for (table, remedy), count in Counter((each.table, each.remedy) for each in found).items():
        typer.echo(f"  {table} ({count}): {remedy}")
    typer.echo(f"Then: prosa etl run --tenant {slug} --reconcile")
