"""`prosa export`: conversations as a file."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from prosa.cli.context import TenantOption, database


class ExportFormat(StrEnum):
    """As prosa.facts.export.Format, without its imports."""

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
    from prosa.facts.export import Format, export_rows
    from prosa.tenancy.tenants import find_tenant

    fmt = Format(format)
    with target(out, binary=fmt.binary) as file, database() as db:
        with db.operator() as conn:
            tenant_id = TenantId(find_tenant(conn, tenant).id)
        with db.tenant(tenant_id, role=Role.CLIENT) as conn:
            pieces = export_rows(
                conn,
                tenant_id,
                fmt,
                first=since.date() if since else None,
                end=until.date() if until else None,
                bom=bom,
            )
            for piece in pieces:
                file.write(piece)


@contextmanager
def target(out: Path, *, binary: bool) -> Iterator[BinaryIO]:
    """The file to write to. A named one appears only when it is whole: until then it has a temporary name beside it."""
    from prosa.errors import Invalid

    if out == Path("-"):
        if binary and sys.stdout.isatty():
            raise Invalid("This format is binary: name a file with --out, or send it through a pipe.")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if not out.parent.is_dir():
        raise Invalid(f"The folder {out.parent} does not exist.")
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
