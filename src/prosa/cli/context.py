"""What several commands need: their options, the database, the actor's name, and a progress bar."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from prosa.db import Database
    from prosa.db.migrate import Migration
    from prosa.db.opening import Logins
    from prosa.settings import Settings

TenantOption = Annotated[str, typer.Option("--tenant", metavar="SLUG", help="Slug of the tenant.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


@contextmanager
def database() -> Iterator["Database"]:
    """The database of this process's settings.

    The embedded one is made and brought up to date on the way. A server of your own is changed by `prosa migrate` only:
    raises Unavailable where that has to come first.
    """
    from prosa.db import open_database
    from prosa.db.migrate import migrate, pending
    from prosa.db.opening import server
    from prosa.settings import get_settings

    settings = get_settings()
    with server(settings) as logins:
        if settings.database_url is None:
            migrate(settings)
        else:
            _check(logins, pending(logins.owner))
        with open_database(settings) as db:
            yield db


def make_ready(settings: "Settings", *, session_for: str | None = None) -> None:
    """Do for a process that stays, and was started by itself, what `database` does for a command.

    `prosa up` does it for its children. A server of your own that does not answer may come up later: the pools wait for it.
    Raises Unavailable if it answers but was not migrated, or not with this SECRET_KEY: the pools would wait for ever, and fill
    the log. Raises it too if there is only a pooler in transaction mode and the process needs more; `session_for` names that
    process.
    """
    from psycopg import Error

    from prosa import supervisor
    from prosa.db.connection import connect
    from prosa.db.migrate import migrate, pending
    from prosa.db.opening import logins
    from prosa.db.pooler import check_session
    from prosa.errors import Unavailable

    if supervisor.is_child():
        return
    if settings.database_url is None:
        migrate(settings)
        return
    found = logins(settings, settings.database_url)
    try:
        waiting = pending(found.owner)
    except (Unavailable, Error):
        return
    _check(found, waiting)
    if session_for is not None:
        with connect(found.platform) as conn:
            check_session(conn, found.platform, who=session_for)


def _check(logins: "Logins", waiting: "Sequence[Migration]") -> None:
    """Raise Unavailable if migrations wait, or our login is not let in."""
    from prosa.db.connection import connect
    from prosa.errors import Unavailable

    if waiting:
        raise Unavailable("The database is not up to date. Run: prosa migrate")
    connect(logins.platform).close()  # fails at once, with the reason; a pool would go on trying


def actor() -> str:
    """The audit log's name for whoever typed the command."""
    try:
        return f"cli:{getuser()}"
    except (KeyError, OSError):  # a container's user may have a number and no name
        return "cli"


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """A function (what, done, total) that draws a bar on a terminal's standard error, and nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, int] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type]

        yield show
