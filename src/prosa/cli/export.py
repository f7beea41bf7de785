"""`prosa export`: conversations as a file."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from prosa.cli.context import TenantOption, database


class ExportFormat(StrEnum):
    """The values of prosa.facts.export.Format, without its imports."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    export = typer.Typer(no_args_is_help=True, help="Write data to a file or to standard output.")
    export.command("conversations")(conversations)
    app.add_typer(export, name="export")


DAY = ["%Y-%m-%d"]


def conversations(
    tenant: TenantOption,
    format: Annotated[ExportFormat, typer.Option(help="Format of the file.")] = ExportFormat.CSV,
    out: Annotated[Path, typer.Option(help="File to write; - is standard output.")] = Path("-"),
    bom: Annotated[bool, typer.Option("--bom", help="Begin a csv with a byte order mark, for Excel.")] = False,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="Created on this local date or later.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Created before this local date.")] = None,
) -> None:
    """Export one row a conversation, with the columns of docs/metrics.md."""
    from prosa.db import Role
    from prosa.db.connection import TenantId
    from prosa.errors import Invalid
    from prosa.facts.export import Format, export_rows
    from prosa.tenancy.tenants import find_tenant

    fmt = Format(format)
    if since and until and since >= until:
        raise Invalid("--from must be before --to.")
    with target(out, binary=fmt.binary) as file, database() as db:
        with db.operator() as conn:
            tenant_id = TenantId(find_tenant(conn, tenant).id)
        first, end = since.date() if since else None, until.date() if until else None
        with (
            db.tenant(tenant_id, role=Role.CLIENT) as conn,
            closing(export_rows(conn, tenant_id, fmt, first=first, end=end, bom=bom)) as pieces,
        ):
            for piece in pieces:
                file.write(piece)


@contextmanager
def target(out: Path, *, binary: bool) -> Iterator[BinaryIO]:
    """The file to write to. A named file appears only once it is complete; until then it has a temporary name beside it."""
    from prosa.errors import Invalid, Unavailable

    if out == Path("-"):
        if binary and sys.stdout.isatty():
            raise Invalid("This format is binary: name a file with --out, or send it through a pipe.")
        with _standard_output() as stdout:
            yield stdout
        return
    if out.is_dir():
        raise Invalid(f"{out} is a folder: name a file in it.")
    if not out.parent.is_dir():
        raise Invalid(f"The folder {out.parent} does not exist.")
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(out)
    except OSError as error:
        if error.filename not in (None, str(unfinished)):  # a file of the database's, perhaps
            raise
        raise Unavailable(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    """Standard output. If the reader has enough (`| head`), the command ends silently, like any other."""
    from prosa.errors import Unavailable

    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        if isinstance(error, BrokenPipeError):
            raise SystemExit(128 + signal.SIGPIPE) from None
        raise Unavailable(f"Standard output cannot be written: {error.strerror}.") from None
