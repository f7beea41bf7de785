"""The command line. Each module holds the commands of one subject; a command only translates.

Imports that cost time stand inside the commands: `prosa etl run` must not wait for the web framework.
"""

import errno
import io
import os
import re
import signal
import sys
from typing import Annotated

import typer

from prosa import __version__
from prosa.cli import (
    ai,
    chatwoot,
    contact,
    demo,
    etl,
    export,
    insight,
    remarketing,
    run,
    secrets,
    status,
    tenancy,
    twilio,
    webhook,
)
from prosa.errors import Busy, Invalid, ProsaError
from prosa.signals import asked_to_end, leave

SURROGATE = re.compile("[\ud800-\udfff]")  # how Python writes a byte that is no UTF-8

app = typer.Typer(
    name="prosa",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
for module in (
    run,
    status,
    demo,
    tenancy,
    chatwoot,
    etl,
    insight,
    ai,
    export,
    contact,
    twilio,
    webhook,
    remarketing,
    secrets,
):
    module.register(app)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"prosa {__version__}")
        raise typer.Exit


@app.callback()
def prosa(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """The conversation platform for companies that serve their customers on WhatsApp."""


def main() -> None:
    """Entry point of the `prosa` command. What goes wrong is one line on standard error; exit 1, or 3 where busy."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="backslashreplace")  # a ✓ in a Latin-1 locale is no reason to fail
    for number in asked_to_end():
        if number != signal.SIGINT:  # Python's own way with Ctrl-C does as well
            signal.signal(number, leave)  # else the embedded database would stay behind
    try:
        _command()
    except ProsaError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        sys.exit(3 if isinstance(error, Busy) else 1)
    except Exception as error:
        refused = _refused(error)
        if refused is None:
            raise
        typer.secho(refused, err=True, fg=typer.colors.RED)
        sys.exit(1)


def _open_closed_streams() -> None:
    """Give a process that was started with a stream closed (`<&-`) an empty one.

    Python has None there, and the next file or connection to be opened would take the stream's number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            empty = os.open(os.devnull, os.O_RDWR)
            os.dup2(empty, number)
            if empty != number:
                os.close(empty)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115


def _command() -> None:
    if any(SURROGATE.search(argument) for argument in sys.argv):
        raise Invalid("The command's arguments must be UTF-8.")
    app()


def _refused(error: Exception) -> str | None:
    """What the disk or the database refused, in one line. None for a fault of our own, whose traceback is wanted."""
    from psycopg import OperationalError
    from psycopg.errors import UndefinedTable

    if isinstance(error, OSError) and error.filename:
        return (
            f"{error.filename}: {error.strerror}. Prosa keeps its data in PROSA_HOME: that must be a folder which this user "
            "may write, on a disk that has room."
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # a file without a name: standard output
        return f"Standard output cannot be written: {error.strerror}."
    if isinstance(error, UndefinedTable):
        return f"The database is not up to date ({error.diag.message_primary}). Run: prosa migrate"
    return f"The database failed: {error}".strip() if isinstance(error, OperationalError) else None
