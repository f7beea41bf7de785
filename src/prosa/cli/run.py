"""Commands that run Prosa, prepare its database, or check whether it could run."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from prosa.cli.context import JsonOption, database, make_ready

Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: API_HOST.")]
Port = Annotated[
    int | None, typer.Option(help="Port to listen on; 0 takes a free one. Default: API_PORT.", min=0, max=65535)
]


class Part(StrEnum):
    """What one web process serves."""

    API = "api"
    DASHBOARDS = "dashboards"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(up)
    app.command()(serve)
    app.command()(worker)
    app.command()(migrate)
    app.command()(doctor)


def up(host: Host = None, port: Port = None) -> None:
    """Run everything: database (embedded unless DATABASE_URL), migrations, web, worker."""
    from prosa import log, supervisor
    from prosa.settings import get_settings

    settings = get_settings()
    log.configure(debug=settings.api_debug)
    supervisor.up(
        settings,
        host=host or settings.api_host,
        port=settings.api_port if port is None else port,
        ready=lambda url: _announce(settings.public_url or url),
    )


def _announce(url: str) -> None:
    from prosa.tenancy.users import any_user

    typer.echo(f"Prosa: {url}")
    with database() as db, db.operator() as conn:
        if not any_user(conn):
            typer.echo("Nobody can log in yet: prosa user add YOU@EXAMPLE.COM --role super_admin")


def serve(
    only: Annotated[Part | None, typer.Option(help="Serve one part only, to run the two as processes.")] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Run the web process: the REST API and the dashboards, on one port."""
    from prosa import log, signals, supervisor
    from prosa.api.serving import serve
    from prosa.settings import get_settings

    settings = get_settings()
    signals.stay()
    supervisor.end_with_parent()
    log.configure(debug=settings.api_debug)
    host = host or settings.api_host
    port = supervisor.free_port(host, settings.api_port if port is None else port)
    make_ready(settings)
    # Host and port are part of the address that Twilio's signatures are checked against.
    settings = replace(settings, api_host=host, api_port=port)
    serve(settings, host=host, port=port, api=only is not Part.DASHBOARDS, dashboards=only is not Part.API)


def worker() -> None:
    """Run the jobs and schedules. Start as many of these as there is work for."""
    from prosa import log, signals, supervisor
    from prosa.db import open_database
    from prosa.jobs import run_worker
    from prosa.settings import get_settings

    settings = get_settings()
    signals.stay()
    supervisor.end_with_parent()
    log.configure(debug=settings.api_debug)
    make_ready(settings, session_for="prosa worker")
    with open_database(settings) as db:
        run_worker(db)


def migrate(
    timescale: Annotated[
        bool, typer.Option("--timescale", help="Then keep history in TimescaleDB's hypertables.")
    ] = False,
) -> None:
    """Bring the database up to date."""
    from prosa.db.migrate import migrate
    from prosa.db.timescale import use_timescale
    from prosa.settings import get_settings

    applied = migrate(get_settings())
    typer.echo("\n".join(f"applied {m.version} {m.name}" for m in applied) or "The database is up to date.")
    if timescale:
        use_timescale(get_settings())
        typer.echo("The audit log is a hypertable.")


def doctor(as_json: JsonOption = False) -> None:
    """Check this installation and say what to do. Exit 1 where something is broken."""
    import json
    from dataclasses import asdict

    from prosa.cli.status import styled
    from prosa.doctor import examine
    from prosa.settings import get_settings

    checks = examine(get_settings())
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            typer.echo(f"{styled(check.state)}  {check.name}: {check.found}")
            if check.todo:
                typer.echo(f"      {check.todo}")
    if any(check.state == "fail" for check in checks):
        raise typer.Exit(1)
