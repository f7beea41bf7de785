"""Exports: every format says, row by row, what the view says; and what a contact wrote is never run."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from psycopg.rows import dict_row

from facts.builder import Conversation, save, save_names
from prosa.db import Conn, Database, Role
from prosa.db.connection import TenantId
from prosa.facts.export import Format, export_rows
from prosa.facts.export.excel import xlsx
from prosa.facts.export.text import neutral
from prosa.facts.metrics import columns
from prosa.facts.model import Filter

NAMES = [column.key for column in columns()]
TYPES = {column.key: column.type for column in columns()}


@pytest.fixture
def filled(db: Database, tenant: TenantId) -> TenantId:
    """A tenant with conversations that are hard to write down."""
    start = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
    texts = [
        "=1+1",
        '+55 is "mine", yes',
        "line\r\nbreak",
        "olá \u2028 ação 😀",
        "\x07bell\x1b",
        "",
        None,
        "@sum",
        "-3,5",
    ]
    given = [
        Conversation(
            number, created_at=start + timedelta(hours=number), first_text=text, last_text=text, labels=("a", "b;c"),
            first_response_seconds=1 / 3 if number % 2 else None, resolution_seconds=60.25 if number % 3 else None,
            is_lead=[None, True, False][number % 3], state=["progress", "expired"][number % 2], messages_bot=number % 2,
            inbox_id=1, outcomes=("visit", "conversion") if number == 4 else (), csat_rating=5, csat_feedback=text,
        )
        for number, text in enumerate(texts, start=1)
    ]  # fmt: skip
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1], agents=[1])
        conn.execute(
            "insert into contacts (tenant_id, id, name, phone) values (%s, 1, '=cmd()', '+5511987654321')", [tenant]
        )
        save(conn, tenant, given)
    return tenant


def view(conn: Conn, tenant: TenantId) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cur:
        sql = "select * from conversation_rows where tenant_id = %s order by conversation_id"
        return [{name: row[name] for name in NAMES} for row in cur.execute(sql, [tenant]).fetchall()]


def exported(conn: Conn, tenant: TenantId, fmt: Format, **options: Any) -> bytes:
    return b"".join(export_rows(conn, tenant, fmt, **options))


def test_the_columns_are_the_views_in_its_order(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        found = conn.execute("select * from conversation_rows limit 0").description
    assert found is not None
    assert [column.name for column in found] == ["tenant_id", *NAMES]


def test_csv_equals_the_view(db: Database, filled: TenantId) -> None:
    def spelled(name: str, value: Any) -> str:
        if value is None:
            return ""
        if TYPES[name] == "time":
            return value.astimezone(UTC).isoformat()
        return {True: "true", False: "false"}[value] if TYPES[name] == "boolean" else str(value)

    with db.tenant(filled, role=Role.CLIENT) as conn:
        data = exported(conn, filled, Format.CSV)
        wanted = view(conn, filled)
    found = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert len(found) == len(wanted) == 9
    for row, truth in zip(found, wanted, strict=True):
        assert list(row) == NAMES
        for name in NAMES:
            text = spelled(name, truth[name])
            dangerous = (
                TYPES[name] == "text" and text[:1] in tuple("=+-@\t\r") and text not in {"+5511987654321", "-3,5"}
            )
            assert row[name] == ("'" + text if dangerous else text)


def test_csv_lines_end_as_rfc_4180_says_and_a_bom_comes_on_demand(db: Database, filled: TenantId) -> None:
    with db.tenant(filled) as conn:
        plain, marked = exported(conn, filled, Format.CSV), exported(conn, filled, Format.CSV, bom=True)
    assert plain.split(b"\r\n")[0].decode().split(",") == NAMES
    assert plain.endswith(b"\r\n")
    assert marked == b"\xef\xbb\xbf" + plain


def test_jsonl_equals_the_view_with_types(db: Database, filled: TenantId) -> None:
    with db.tenant(filled) as conn:
        lines = exported(conn, filled, Format.JSONL).decode().split("\n")
        wanted = view(conn, filled)
    assert lines.pop() == ""
    found = [json.loads(line) for line in lines]
    for row, truth in zip(found, wanted, strict=True):
        assert list(row) == NAMES
        for name, value in truth.items():
            is_time = TYPES[name] == "time" and value is not None
            assert row[name] == (value.astimezone(UTC).isoformat() if is_time else value)
            assert type(row[name]) is (str if is_time else type(value))


def test_parquet_equals_the_view_with_types_and_utc(db: Database, filled: TenantId) -> None:
    with db.tenant(filled) as conn:
        table = pq.read_table(io.BytesIO(exported(conn, filled, Format.PARQUET)))
        wanted = view(conn, filled)
    assert table.column_names == NAMES
    assert str(table.schema.field("created_at").type) == "timestamp[us, tz=UTC]"
    assert table.to_pylist() == wanted


def test_xlsx_equals_the_view(db: Database, filled: TenantId) -> None:
    with db.tenant(filled) as conn:
        book = openpyxl.load_workbook(io.BytesIO(exported(conn, filled, Format.XLSX)))
        wanted = view(conn, filled)
    (sheet,) = book.worksheets
    header, *lines = list(sheet.iter_rows())
    assert [cell.value for cell in header] == NAMES
    for line, truth in zip(lines, wanted, strict=True):
        for cell, name in zip(line, NAMES, strict=True):
            value = truth[name]
            if value is None or value == "":
                assert cell.value in (None, "")
            elif TYPES[name] == "time":
                assert isinstance(cell.value, datetime)
                assert abs(cell.value.replace(tzinfo=UTC) - value) < timedelta(milliseconds=1)
                assert cell.number_format == 'yyyy-mm-dd"T"hh:mm:ss"+00:00"'
            elif TYPES[name] == "text":
                assert cell.data_type == "s", "a text is stored as a text and so is no formula"
                kept = value.replace("\x07", "").replace("\x1b", "")
                assert cell.value.replace("\r\n", "\n") == kept.replace("\r\n", "\n")
            else:
                assert cell.value == pytest.approx(value, rel=1e-12)
                assert isinstance(cell.value, bool) == (TYPES[name] == "boolean")


def test_a_full_sheet_is_followed_by_another() -> None:
    rows = [tuple([f"t{number}"] + [None] * (len(NAMES) - 1)) for number in range(5)]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx(rows, sheet_rows=3))))
    assert [[cell.value for cell in sheet["A"]] for sheet in book.worksheets] == [
        ["tenant", "t0", "t1"], ["tenant", "t2", "t3"], ["tenant", "t4"],
    ]  # fmt: skip
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.column_dimensions["S"].width > len("2026-11-22T17:11:00+00:00"), "else Excel shows ####"


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "+55 11 98765-4321", "--1"]
)
def test_what_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize(
    ("text", "kept"),
    [("Ana;=1+1", "Ana;'=1+1"), ("oi\n=cmd|' /C calc'!A0", "oi\n'=cmd|' /C calc'!A0"), ("a\r@SUM(A1)", "a\r'@SUM(A1)"),
     ("\n=1", "\n'=1"), ("＝1+1", "'＝1+1"), ("＋1-＠", "'＋1-＠"), ("－1", "'－1"), ("＠x", "'＠x"), ("=1;=2", "'=1;'=2")],
)  # fmt: skip
def test_a_formula_hides_neither_behind_a_separator_nor_in_wide_letters(text: str, kept: str) -> None:
    """Excel in Brazil splits cells at semicolons and knows no quotes within a line; in Japan it runs wide letters."""
    assert neutral(text) == kept


@pytest.mark.parametrize(
    "text", ["+5511987654321", "-3", "-3,5", "+1.25", "oi", "a=b", "", "1-2", "a; b", "seg;ter\nqua"]
)
def test_numbers_and_phones_stay_usable(text: str) -> None:
    assert neutral(text) == text


@pytest.mark.parametrize("fmt", list(Format))
def test_an_export_of_nothing_is_a_whole_file(db: Database, tenant: TenantId, fmt: Format) -> None:
    with db.tenant(tenant) as conn:
        data = exported(conn, tenant, fmt)
    if fmt is Format.PARQUET:
        assert pq.read_table(io.BytesIO(data)).num_rows == 0
    elif fmt is Format.XLSX:
        assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].max_row == 1
    else:
        assert data.decode() == (",".join(NAMES) + "\r\n" if fmt is Format.CSV else "")


def test_dates_are_the_tenants_and_the_end_is_not_included(db: Database, make_tenant: Callable[..., TenantId]) -> None:
    tenant = make_tenant(timezone="America/Manaus")  # UTC-4
    times = [
        datetime(2026, 3, 2, 3, 59, tzinfo=UTC),
        datetime(2026, 3, 2, 4, tzinfo=UTC),
        datetime(2026, 3, 3, 4, tzinfo=UTC),
    ]
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(number, created_at=at) for number, at in enumerate(times, start=1)])
        data = exported(conn, tenant, Format.JSONL, first=date(2026, 3, 2), end=date(2026, 3, 3))
    assert [json.loads(line)["conversation_id"] for line in data.splitlines()] == [2]


def test_an_export_obeys_the_filter(db: Database, filled: TenantId) -> None:
    with db.tenant(filled) as conn:
        data = exported(conn, filled, Format.JSONL, where=Filter(states=("expired",), labels=("a",)))
    assert {json.loads(line)["state"] for line in data.splitlines()} == {"expired"}
    assert len(data.splitlines()) == 5


def test_two_tenants_never_mix(db: Database, filled: TenantId, make_tenant: Callable[..., TenantId]) -> None:
    other = make_tenant()
    with db.tenant(other) as conn:
        save(conn, other, [Conversation(1)])
        assert len(exported(conn, other, Format.JSONL).splitlines()) == 1
        assert exported(conn, filled, Format.JSONL) == b""
