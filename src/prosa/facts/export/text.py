"""Conversations as csv and jsonl."""

import csv as standard
import io
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from prosa.facts.export.rows import Row
from prosa.facts.metrics import columns

BATCH = 200  # rows a piece: about 100 KB

# A spreadsheet takes a cell that begins so for a formula, and a contact may have written it (OWASP, "CSV Injection"). A cell
# begins at a semicolon too, and at a line break within quotes: where Excel separates by semicolons, as in Brazil, it sees no
# quotes after a comma. The wide letters are formulas in Japan.
FORMULA = re.compile(r"(^|[;\r\n])(?=[=+\-@\t\r＝＋－＠])")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def csv(rows: Iterable[Row], *, bom: bool = False) -> Generator[bytes, None, None]:
    """RFC 4180 in UTF-8, first the header; ISO 8601 times, true and false, empty where unset, formulas neutralised."""
    if bom:
        yield b"\xef\xbb\xbf"
    yield (",".join(column.key for column in columns()) + "\r\n").encode()
    spell = [SPELLING[column.type] for column in columns()]
    for batch in batches(rows, BATCH):
        buffer = io.StringIO()
        standard.writer(buffer).writerows(
            ["" if value is None else as_text(value) for as_text, value in zip(spell, row, strict=True)]
            for row in batch
        )
        yield buffer.getvalue().encode()


def jsonl(rows: Iterable[Row]) -> Generator[bytes, None, None]:
    """One JSON object a line: numbers, true, false and null as such, times as ISO 8601 strings."""
    keys = [column.key for column in columns()]
    encode = json.JSONEncoder(ensure_ascii=False, default=datetime.isoformat).encode
    for batch in batches(rows, BATCH):
        yield "".join(encode(dict(zip(keys, row, strict=True))) + "\n" for row in batch).encode()


def boolean(value: bool) -> str:
    """true or false."""
    return "true" if value else "false"


def neutral(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet would run it as a formula.

    A plain number is no formula, not even with a sign: a phone such as +5511987654321 stays as it is, so whoever reads the file
    can dial, match and load it.
    """
    return text if NUMBER.fullmatch(text) else FORMULA.sub(r"\1'", text)


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Lists of up to `size` rows."""
    rest = iter(rows)
    while batch := list(islice(rest, size)):
        yield batch


SPELLING: dict[str, Callable[[Any], str]] = {
    "text": neutral,
    "integer": str,
    "number": str,
    "boolean": boolean,
    "time": datetime.isoformat,
}
