"""Conversations as an Excel workbook."""

import re
import tempfile
from collections.abc import Generator, Iterable
from datetime import datetime
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from prosa.facts.export.rows import Row, Value
from prosa.facts.metrics import columns

SHEET_ROWS = 1_048_576  # Excel's limits
CELL_CHARACTERS = 32_767
WIDTH, TIME_WIDTH = 14, 26  # characters; of a time that does not fit Excel shows ####, of a long id 1E+11
PIECE = 1 << 16
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 cannot hold them


def xlsx(rows: Iterable[Row], *, sheet_rows: int = SHEET_ROWS) -> Generator[bytes, None, None]:
    """A workbook with as many sheets as the rows need, each with the header.

    Times are Excel's own, in UTC, shown as ISO 8601 with offset. Texts are stored as texts, so no cell is a formula. What a
    cell cannot hold (control characters, whatever exceeds 32,767 characters) is left out. Rows wait on disk.
    """
    with tempfile.TemporaryFile(prefix="prosa-export-") as file:
        _write(rows, file, sheet_rows)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def storable(text: str) -> str:
    """The part of the text that a cell can hold. Excel's line break is \\n alone."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:CELL_CHARACTERS]


def _write(rows: Iterable[Row], file: IO[bytes], sheet_rows: int) -> None:
    with Workbook(file, {"constant_memory": True}) as book:
        time = book.add_format({"num_format": 'yyyy-mm-dd"T"hh:mm:ss"+00:00"'})
        sheet, line = _sheet(book), 1
        for row in rows:
            if line == sheet_rows:
                sheet, line = _sheet(book), 1
            for i, value in enumerate(row):
                _cell(sheet, line, i, value, time)
            line += 1


def _sheet(book: Workbook) -> Worksheet:
    sheet = book.add_worksheet(f"conversations {len(book.worksheets()) + 1}")
    sheet.freeze_panes(1, 0)
    for i, column in enumerate(columns()):
        sheet.set_column(i, i, TIME_WIDTH if column.type == "time" else max(WIDTH, len(column.key) + 1))
        sheet.write_string(0, i, column.key)
    return sheet


def _cell(sheet: Worksheet, line: int, column: int, value: Value, time: Format) -> None:
    if isinstance(value, str):
        sheet.write_string(line, column, storable(value))
    elif isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, column, value.replace(tzinfo=None), time)
    elif value is not None:
        sheet.write_number(line, column, value)
