"""`prosa demo`: everything at once, with made-up data."""

from typing import TYPE_CHECKING, Annotated

import typer

from prosa.cli.run import Host, Port

if TYPE_CHECKING:
    from prosa.demo.agency import Demo


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(demo)


def demo(
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the screens, or print the summary and end.")
    ] = True,
    scale: Annotated[float, typer.Option(min=0.01, help="1 makes about 1,500 conversations, 200 about 300,000.")] = 1.0,
    host: Host = None,
    port: Port = None,
) -> None:
    """Show Prosa with three made-up companies: a Chatwoot database, its reading, analysis, dashboards."""
    from prosa import log, supervisor
    from prosa.db.migrate import migrate
    from prosa.db.opening import server
    from prosa.settings import get_settings

    settings = get_settings()
    log.configure(debug=settings.api_debug)
    if not serve:
        with server(settings):
            migrate(settings)
            _print(_prepare(scale))
        return
    shown: list[Demo] = []
    supervisor.up(
        settings,
        host=host or settings.api_host,
        port=settings.api_port if port is None else port,
        prepare=lambda: shown.append(_prepare(scale)),
        ready=lambda url: _print(shown[0], settings.public_url or url),
    )


def _prepare(scale: float) -> "Demo":
    from prosa.cli.context import progress_bar
    from prosa.db import open_database
    from prosa.db.opening import server
    from prosa.demo import agency
    from prosa.settings import get_settings

    settings = get_settings()
    with server(settings) as logins, open_database(settings) as db, progress_bar() as progress:
        return agency.prepare(settings, logins, db, scale=scale, progress=progress)


def _print(demo: "Demo", url: str | None = None) -> None:
    """The summary as a table, and the logins."""
    from datetime import timedelta

    from babel.dates import format_timedelta
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    out = Console()
    out.width = max(out.width, 80)  # a narrower terminal wraps the lines; the table would cut passwords off
    table = Table(title="Today and the 90 days before", box=SIMPLE)
    table.add_column("company")
    for column in ("talks", "leads", "sales", "unanswered", "1st response", "CSAT"):
        table.add_column(column, justify="right", no_wrap=True)
    for account, numbers in demo.summary:
        response, csat = numbers.first_response_median, numbers.csat_mean
        waited = "–" if response is None else format_timedelta(timedelta(seconds=response), locale="en", format="short")
        table.add_row(
            account.name, f"{numbers.conversations:,}", f"{numbers.leads:,}", f"{numbers.conversions:,}",
            f"{numbers.never_answered:,} ({numbers.never_answered_rate or 0:.0%})",
            waited, "–" if csat is None else f"{csat:.1f}",
        )  # fmt: skip
    out.print(table)
    users = Table(title="Logins", box=SIMPLE)
    for column in ("e-mail", "password", "role", "sees"):
        users.add_column(column, no_wrap=column != "sees")
    for login in demo.logins:
        users.add_row(login.email, login.password, login.role.value, login.sees)
    out.print(users)
    if url:
        out.print(f"[bold]{url}[/bold]  (Ctrl-C ends it; the data stays in PROSA_HOME)")
    else:
        out.print("See it in a browser: prosa demo.   As a file: prosa export conversations --tenant corpo-e-vida")
