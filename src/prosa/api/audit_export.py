"""The audit log as a file, for those who run a tenant."""

import csv
import io
import json
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from prosa.api.exports import streamed
from prosa.api.session import CurrentUser, Db
from prosa.db import Conn, Database
from prosa.errors import Forbidden
from prosa.facts.export.text import neutral
from prosa.tenancy import audit
from prosa.tenancy.audit import AuditFilter
from prosa.tenancy.model import PLATFORM, Principal, UserRole

router = APIRouter(prefix="/exports", include_in_schema=False)
BATCH = 2000  # entries
COLUMNS = ("id", "at", "actor", "action", "object", "before", "after", "address")


@router.get("/audit", response_class=StreamingResponse)
def get_audit(
    me: CurrentUser, db: Db, action: Annotated[str, Query(max_length=60)] = "",
    actor: Annotated[str, Query(max_length=100)] = "",
    first: Annotated[date | None, Query(alias="from")] = None, last: Annotated[date | None, Query(alias="to")] = None,
) -> StreamingResponse:  # fmt: skip
    """The audit log of these days in the tenant's time zone as csv, newest first. Downloading it is logged as well."""
    if me.role is UserRole.CLIENT:
        raise Forbidden("The audit log is for those who run the tenant.")
    zone = ZoneInfo(me.timezone)
    where = AuditFilter(
        action, actor, datetime.combine(first, time.min, zone) if first else None,
        datetime.combine(last + timedelta(days=1), time.min, zone) if last and last < date.max else None,
    )  # fmt: skip
    with _log_of(db, me) as conn:
        audit.record(
            conn, me.tenant_id, me.actor, "audit.export", after={"from": first and str(first), "to": last and str(last)}
        )
    pieces = _pieces(db, me, where)
    headers = {
        "Content-Disposition": f'attachment; filename="{me.tenant_slug}-audit.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_stream(pieces), media_type="text/csv; charset=utf-8", headers=headers)


def _log_of(db: Database, me: Principal) -> AbstractContextManager[Conn]:
    """A transaction that may read the caller's log: an administrator's tenant's, or for an operator the platform's own."""
    return db.operator() if me.tenant_id == PLATFORM else db.tenant(me.tenant_id)


def _stream(pieces: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    return streamed(pieces, next(pieces))


def _pieces(db: Database, me: Principal, where: AuditFilter) -> Generator[bytes, None, None]:
    """The file, with a transaction for each batch, so that a slow reader holds no connection."""
    yield "\ufeff".encode() + _lines([COLUMNS])
    before = None
    while True:
        with _log_of(db, me) as conn:
            found = audit.list_entries(conn, me.tenant_id, where=where, before_id=before, limit=BATCH)
        if not found:
            return
        yield _lines([[_cell(getattr(entry, column)) for column in COLUMNS] for entry in found])
        before = found[-1].id


def _cell(value: object) -> str:
    return neutral(
        "" if value is None else json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    )


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
