"""The formats of an export, and what writes each."""

from collections.abc import Callable, Generator, Iterable
from datetime import date
from enum import StrEnum

from prosa.db import Conn, TenantId
from prosa.facts.export import text
from prosa.facts.export.rows import Row, stream
from prosa.facts.model import EVERYTHING, Filter


class Format(StrEnum):
    """What an export may be."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"

    @property
    def binary(self) -> bool:
        """Whether a terminal could not show it."""
        return self in (Format.XLSX, Format.PARQUET)


def export_rows(
    conn: Conn, tenant: TenantId, fmt: Format, where: Filter = EVERYTHING,
    *, first: date | None = None, end: date | None = None, bom: bool = False,
) -> Generator[bytes, None, None]:  # fmt: skip
    """The tenant's conversations as the bytes of a file, in pieces of some ten to hundred kilobytes.

    Columns and their order are those of docs/metrics.md; rows are ordered by conversation_id. `first` and `end` are local dates
    of creation, `end` exclusive. `bom` puts a byte order mark before a csv. The connection is in use until the last piece was
    taken: a caller who stops earlier must close the generator, or the connection waits for ever.
    """
    return _writer(fmt, bom=bom)(stream(conn, tenant, where, first=first, end=end))


def _writer(fmt: Format, *, bom: bool) -> Callable[[Iterable[Row]], Generator[bytes, None, None]]:
    """The function that writes a format. Excel's and Arrow's libraries are heavy, so they are imported only if asked for."""
    if fmt is Format.XLSX:
        from prosa.facts.export.excel import xlsx  # noqa: PLC0415

        return xlsx
    if fmt is Format.PARQUET:
        from prosa.facts.export.arrow import parquet  # noqa: PLC0415

        return parquet
    if fmt is Format.JSONL:
        return text.jsonl
    return lambda rows: text.csv(rows, bom=bom)
