"""Downloads: the rows of one tenant, in the format asked for, on the record."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openpyxl import load_workbook
from tests.api.conftest import Person
from tests.facts.builder import Conversation, save, save_names

from prosa.api import exports
from prosa.api.exports import Format, file_pieces
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts import metrics
from prosa.facts.model import EVERYTHING
from prosa.facts.periods import between
from prosa.tenancy import audit

NOON = datetime(2026, 3, 10, 15, tzinfo=UTC)
MARCH = {"from": "2026-03-10", "to": "2026-03-11"}
LogIn = Callable[[Person], httpx.Client]


def fill(db: Database, tenant: TenantId) -> None:
    """Six conversations on three days in a row, two a day."""
    with db.tenant(tenant) as conn:
        save_names(conn, tenant, inboxes=[1, 2])
        save(conn, tenant, [
            Conversation(i, NOON + timedelta(days=(i - 1) // 2), inbox_id=1 + i % 2, first_text="=1+1")
            for i in range(1, 7)
        ])  # fmt: skip


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a csv."""
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_csv_holds_the_period_both_days_included(db: Database, person: Person, log_in: LogIn) -> None:
    fill(db, person.tenant_id)
    answer = log_in(person).get("/exports/conversations", params={**MARCH, "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "2026-03-10-2026-03-11.csv" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    found = rows(answer)
    assert [row["conversation_id"] for row in found] == ["1", "2", "3", "4"]
    assert list(found[0]) == [column.key for column in metrics.columns()]
    assert found[0]["first_message_text"] == "'=1+1"


def test_an_xlsx_holds_the_same(db: Database, person: Person, log_in: LogIn) -> None:
    fill(db, person.tenant_id)
    answer = log_in(person).get("/exports/conversations", params={**MARCH, "format": "xlsx", "inbox": 2})
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == tuple(column.key for column in metrics.columns())
    assert [row[1] for row in found[1:]] == [1, 3]


def test_a_download_is_on_the_record(db: Database, person: Person, log_in: LogIn) -> None:
    log_in(person).get("/exports/conversations", params=MARCH)
    with db.tenant(person.tenant_id) as conn:
        entry = next(e for e in audit.list_entries(conn, person.tenant_id) if e.action == "conversation.export")
    assert entry.actor == f"user:{person.id}"
    assert entry.after == {"format": "csv", "from": "2026-03-10", "to": "2026-03-11", "inboxes": []}
    assert entry.address == "127.0.0.1"


def test_two_tenants_downloads_never_mix(db: Database, make_person: Callable[..., Person], log_in: LogIn) -> None:
    ours, theirs = make_person(), make_person()
    fill(db, theirs.tenant_id)
    assert rows(log_in(ours).get("/exports/conversations", params=MARCH)) == []
    assert len(rows(log_in(theirs).get("/exports/conversations", params=MARCH))) == 4
    assert log_in(ours).get("/exports/conversations", params={"owner_id": theirs.tenant_id}).status_code == 404


def test_without_a_login_there_is_no_download(site: str) -> None:
    assert httpx.get(f"{site}/exports/conversations").status_code == 401


def test_an_unknown_format_is_refused(person: Person, log_in: LogIn) -> None:
    assert log_in(person).get("/exports/conversations", params={"format": "exe"}).status_code == 422


@pytest.fixture
def all_but_one_taken() -> Iterator[None]:
    """As many downloads as may run at once, less one."""
    taken = 0
    while exports.running.acquire(blocking=False):
        taken += 1
    exports.running.release()
    yield
    for _ in range(taken - 1):
        exports.running.release()


def test_the_slow_readers_of_one_company_leave_room_for_others(
    db: Database, make_person: Callable[..., Person], log_in: LogIn
) -> None:
    slow_one, other = make_person(), make_person()
    for each in (slow_one, other):
        fill(db, each.tenant_id)
    day = between(NOON.date(), NOON.date())
    slow = [file_pieces(db, slow_one.tenant_id, Format.CSV, day, EVERYTHING) for _ in range(exports.MOST_OF_ONE)]
    for pieces in slow:
        next(pieces)
    theirs, mine = log_in(slow_one), log_in(other)
    assert theirs.get("/exports/conversations", params=MARCH).status_code == 503
    assert mine.get("/exports/conversations", params=MARCH).status_code == 200
    slow[0].close()
    assert theirs.get("/exports/conversations", params=MARCH).status_code == 200
    slow[1].close()


def test_too_many_at_once_wait_and_one_given_up_makes_room(
    db: Database, person: Person, log_in: LogIn, all_but_one_taken: None
) -> None:
    fill(db, person.tenant_id)
    slow = file_pieces(db, person.tenant_id, Format.CSV, between(NOON.date(), NOON.date()), EVERYTHING)
    next(slow)
    client = log_in(person)
    assert client.get("/exports/conversations", params=MARCH).status_code == 503
    slow.close()
    assert client.get("/exports/conversations", params=MARCH).status_code == 200
