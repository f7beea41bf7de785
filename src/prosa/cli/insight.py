"""Commands that understand conversations. Those named `score` need no database: JSON lines in, JSON lines out."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from prosa.analysis.service import Counts

Json = Annotated[bool, typer.Option("--json", help="JSON and nothing else.")]
AlwaysJson = Annotated[bool, typer.Option("--json", help="Changes nothing: JSON is what it prints.")]


class Analyzer(StrEnum):
    """Who judges."""

    OFFLINE = "offline"
    OPENAI = "openai"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(analyze)
    for name, command, about in (
        ("sentiment", sentiment_score, "Sentiment of texts and conversations."),
        ("insight", insight_score, "What conversations are about and what they are worth."),
        ("closure", closure_score, "Whether a message ends its conversation."),
    ):
        group = typer.Typer(no_args_is_help=True, help=about)
        group.callback()(lambda: None)  # keeps `score` a command of the group while it is the only one
        group.command("score")(command)
        app.add_typer(group, name=name)


def sentiment_score(as_json: AlwaysJson = False) -> None:
    """Score each line's {"id", "text"} or {"id", "history"}: {"id", "label", "score"}.

    A line that cannot be read is answered by {"id", "error"}; the others are scored, and the exit code is 0.
    """
    from prosa.analysis.lines import sentiment_lines

    _each_line(sentiment_lines)


def insight_score(
    as_json: AlwaysJson = False,
    analyzer: Annotated[Analyzer, typer.Option(help="Who judges.")] = Analyzer.OFFLINE,
) -> None:
    """Analyse each line's {"id", "segment"?, "messages"}: sentiment, category, lead, score, evidence.

    A line that cannot be read is answered by {"id", "error"}; the others are analysed, and the exit code is 0.
    """
    from prosa.analysis.lines import insight_lines

    if analyzer is Analyzer.OFFLINE:
        _each_line(insight_lines)
        return
    from prosa.analysis.llm import direct, policy
    from prosa.analysis.llm.run import THREADS
    from prosa.errors import Invalid
    from prosa.settings import get_settings

    line = policy.line(get_settings())
    if line is None:
        raise Invalid("Asking a model needs OPENAI_API_KEY; --analyzer offline needs nothing.")
    _each_line(lambda lines: insight_lines(lines, direct.analyser(line.gateway), at_once=THREADS))


def closure_score(as_json: AlwaysJson = False) -> None:
    """Score each line's {"id", "history", "message", "metadata"?}: {"id", "score", "action", "reasons"}.

    A line that cannot be read is answered by {"id", "error"}; the others are scored, and the exit code is 0.
    """
    from prosa.conversations.closure import score_lines

    _each_line(score_lines)


def analyze(
    tenant: Annotated[str | None, typer.Option(help="Slug of one tenant; else all of them.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many conversations of each tenant.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many there are and what they would cost.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Have the model judge what was judged offline, before there was a key.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Analyse the conversations that have no current insight, newest first: by the model where there is a key, else offline.

    Stop it whenever you like: the next run goes on.
    """
    from prosa.cli.analysis import estimate, run
    from prosa.cli.context import database
    from prosa.tenancy.tenants import find_tenant, list_tenants

    with database() as db:
        with db.operator() as conn:
            chosen = [find_tenant(conn, tenant)] if tenant else list_tenants(conn)
        found = estimate(db, chosen, limit, again=again) if dry_run else run(db, chosen, limit, _progress, again=again)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for row in found:
        plain = {name: value for name, value in row.items() if name not in ("tenant", "marked")}
        about = [f"{value} {name.replace('_', ' ')}" for name, value in plain.items()]
        about += [f"{count} marked: {reason}" for reason, count in row.get("marked", {}).items()]
        typer.echo(f"{row['tenant']}: {', '.join(about)}")


def _each_line(score: Callable[[Iterable[str]], Iterator[dict[str, Any]]]) -> None:
    """Standard input to standard output, in UTF-8 whatever the terminal says. Half a surrogate pair goes as its escape."""
    lines = (line.decode(errors="replace") for line in sys.stdin.buffer)
    for answer in score(lines):
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def _progress(label: str, total: int) -> Iterator["Callable[[Counts], None]"]:
    """A bar on standard error where that is a terminal; gives the function that moves it on."""
    if not sys.stderr.isatty():
        yield lambda counts: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda counts: bar.advance(task, counts.analysed + counts.skipped)
