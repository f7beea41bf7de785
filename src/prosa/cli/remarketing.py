"""`prosa remarketing` and `prosa conversions`: drafts for another sender, WhatsApp templates, a CRM's list."""

from pathlib import Path
from typing import Annotated

import typer

from prosa.cli.context import TenantOption, actor, database


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    remarketing = typer.Typer(no_args_is_help=True, help="Drafts that bring leads back.")
    remarketing.command("handover")(handover)
    remarketing.command("templates")(templates)
    conversions = typer.Typer(no_args_is_help=True, help="What came of conversations.")
    conversions.command("import")(import_list)
    conversions.callback()(lambda: None)
    app.add_typer(remarketing, name="remarketing")
    app.add_typer(conversions, name="conversions")


def handover(
    tenant: TenantOption,
    out: Annotated[Path, typer.Option(help="File to write; - is standard output.")] = Path("-"),
    limit: Annotated[int, typer.Option(help="At most so many drafts.", min=1, max=10_000)] = 1_000,
) -> None:
    """Write the due drafts that go by file as CSV. What is written counts as sent."""
    from datetime import UTC, datetime

    from prosa.cli.export import target
    from prosa.remarketing import policy, store, whatsapp_templates
    from prosa.remarketing.model import Via
    from prosa.sending import draft_file, drafts
    from prosa.settings import get_settings
    from prosa.tenancy.tenants import find_tenant

    now = datetime.now(UTC)
    with database() as db, target(out, binary=False) as file:
        with db.operator() as conn:
            tenant_id = find_tenant(conn, tenant).id
        with db.tenant(tenant_id) as conn:
            rules = policy.read(conn, tenant_id)
            due = store.due(conn, tenant_id, now=now, limit=limit, via=Via.CSV)
            handed = drafts.hand_over(
                conn, tenant_id, due, policy=rules, secret_keys=get_settings().secret_keys, by=actor(), now=now
            )
            names = {each.id: each.name for each in whatsapp_templates.list_templates(conn, tenant_id)}
            file.write(draft_file.as_csv(handed, names))
            file.flush()  # what could not be written does not count as sent
    typer.echo(f"{len(handed)} drafts handed over, {len(due) - len(handed)} held back.", err=True)


def templates(tenant: TenantOption) -> None:
    """Read the WhatsApp templates of Twilio and Chatwoot now, and list them with their approval."""
    from datetime import UTC, datetime

    from prosa.remarketing import syncing, whatsapp_templates
    from prosa.settings import get_settings
    from prosa.tenancy.tenants import find_tenant

    with database() as db:
        with db.operator() as conn:
            tenant_id = find_tenant(conn, tenant).id
        syncing.sync_templates(db, tenant_id, settings=get_settings(), now=datetime.now(UTC))
        with db.tenant(tenant_id) as conn:
            for each in whatsapp_templates.list_templates(conn, tenant_id):
                typer.echo(f"{each.id}\t{each.provider}\t{each.name}\t{each.language}\t{each.status}")


def import_list(
    tenant: TenantOption,
    file: Annotated[Path, typer.Argument(help="CSV with telefone or email, and data; see docs/remarketing.md.")],
) -> None:
    """State the sales or visits of a CRM's list. Exit 1 where lines could not be matched; the others are kept."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from prosa.errors import Invalid
    from prosa.facts.conversion_import import import_csv
    from prosa.tenancy.tenants import find_tenant

    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    with database() as db:
        with db.operator() as conn:
            found = find_tenant(conn, tenant)
        with db.tenant(found.id) as conn:
            report = import_csv(conn, found.id, file.read_bytes(), zone=ZoneInfo(found.timezone), actor=actor(),
                                now=datetime.now(UTC))  # fmt: skip
    typer.echo(f"{report.recorded} recorded, {report.repeated} known already, {len(report.unmatched)} not matched.")
    for line in report.unmatched:
        typer.echo(f"line {line.line}: {line.reason}", err=True)
    if report.unmatched:
        raise typer.Exit(1)
