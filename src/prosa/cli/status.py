"""`prosa status`: what runs and how it does, in a screenful."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from prosa.cli.context import JsonOption

if TYPE_CHECKING:
    from prosa.status import DatabaseStatus, Part, SourceStatus, State, Status, WebStatus, WorkerStatus


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(status)


def status(as_json: JsonOption = False) -> None:
    """Say what runs and how it does; start nothing. Exit 1 where database, web, worker or the reading of a source fails."""
    import json

    from prosa import __version__
    from prosa.settings import get_settings
    from prosa.status import look

    found = look(get_settings())
    if as_json:
        typer.echo(json.dumps({"version": __version__, **_report(found)}, ensure_ascii=False, default=str))
    else:
        typer.echo(f"Prosa {__version__}")
        for state, line in _lines(found):
            typer.echo(f"{styled(state)}  {line}")
    if not found.works:
        raise typer.Exit(1)


def styled(state: "State") -> str:
    """A state as the first word of a line, in its colour."""
    colors = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}
    return typer.style(f"{state:<4}", fg=colors[state])


def _report(found: "Status") -> dict[str, object]:
    """The whole status as a dictionary, each part with its state."""
    from dataclasses import asdict

    def part(of: "Part | None") -> dict[str, object] | None:
        return None if of is None else {"state": of.state, **asdict(of)}

    return {
        "works": found.works, "database": part(found.database), "web": part(found.web), "worker": part(found.worker),
        "jobs": part(found.jobs), "sources": [part(source) for source in found.sources],
    }  # fmt: skip


def _lines(found: "Status") -> Iterator[tuple["State", str]]:
    """A line for each part, with its state."""
    yield found.database.state, f"database: {_database(found.database)}"
    yield found.web.state, f"web: {_web(found.web)}"
    if found.worker:
        yield found.worker.state, f"worker: {_worker(found.worker)}"
    if jobs := found.jobs:
        line = f"jobs: {jobs.waiting} wait ({jobs.due} could run now), {jobs.running} run, {jobs.failed} failed"
        yield jobs.state, line
    for source in found.sources:
        yield source.state, f"source {source.tenant}/{source.name}: {_source(source)}"


def _database(database: "DatabaseStatus") -> str:
    where = f"embedded, in {database.where}" if database.embedded else database.where
    if database.problem:
        return f"{where}: {database.problem}"
    return f"PostgreSQL {database.version}, {where}, {(database.bytes or 0) / 1024**2:,.0f} MB"


def _web(web: "WebStatus") -> str:
    if web.problem:
        return f"{web.address} {web.problem}"
    return f"{web.address} answers" + (f", as version {web.version}: start it again" if web.state == "warn" else "")


def _worker(worker: "WorkerStatus") -> str:
    heard = worker.heard_seconds_ago
    said = "none runs" if heard is None else f"heard of {_span(heard)} ago"
    if worker.state == "warn":
        return f"{said}; the sources are read without it"
    return said if worker.lives else f"{said}; start it with: prosa up, or prosa worker"


def _source(source: "SourceStatus") -> str:
    now = datetime.now(UTC)
    if source.started_at is None:
        said = "not read yet"
    else:
        said = f"{source.ended}, {source.mode}, began {_span((now - source.started_at).total_seconds())} ago"
        said += "" if source.seconds is None else f", took {source.seconds:.1f} s"
    said += (
        f"; next in {_span((source.due_at - now).total_seconds())}"
        if source.due_at
        else "; no worker schedules the next"
    )
    said += f"; rows put aside: {source.rejects} (prosa etl rejects --tenant {source.tenant})" if source.rejects else ""
    said += "; overdue" if source.overdue else ""
    return said + (f": {source.error}" if source.error else "")


def _span(seconds: float) -> str:
    """A duration as a person says it, in seconds, minutes, hours or days."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
