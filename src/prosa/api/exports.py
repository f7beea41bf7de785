"""Downloads: the conversations of a period as a file, streamed."""

from collections.abc import AsyncIterator, Generator
from contextlib import ExitStack
from enum import StrEnum
from itertools import chain
from threading import BoundedSemaphore
from typing import Annotated

from anyio import CancelScope
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from prosa.api.analytics import From, Reader, To, Where, asked_period
from prosa.api.problems import PROBLEMS
from prosa.api.session import Db
from prosa.db import Database, Role, TenantId
from prosa.errors import Unavailable
from prosa.facts import export
from prosa.facts.model import Filter, Period
from prosa.tenancy import audit

router = APIRouter(prefix="/exports", tags=["exports"], responses=PROBLEMS)

# A download holds a connection as long as the reader takes: slow readers may not take all of the pool.
running = BoundedSemaphore(5)
MOST_OF_ONE = 2  # so that one company's slow readers do not keep the others waiting
of_tenant: dict[TenantId, BoundedSemaphore] = {}


class Format(StrEnum):
    """What a download may be."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """Its name on the wire."""
        excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return "text/csv; charset=utf-8" if self is Format.CSV else excel


@router.get("/conversations", summary="Conversations as a file", response_class=StreamingResponse)
def get_conversations(
    caller: Reader, db: Db, where: Where, first: From = None, last: To = None,
    fmt: Annotated[Format, Query(alias="format")] = Format.CSV,
) -> StreamingResponse:  # fmt: skip
    """All columns of docs/metrics.md. The csv begins with a byte order mark: Excel reads its accents only so."""
    tenant = caller.tenant_id
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        period = asked_period(conn, tenant, first, last)
        after = {"format": fmt, "from": str(period.first), "to": str(period.last), "inboxes": list(where.inboxes)}
        audit.record(conn, tenant, caller.actor, "conversation.export", after=after)
    pieces = file_pieces(db, tenant, fmt, period, where)
    beginning = next(pieces)  # what fails, fails before the answer has begun
    name = f"{caller.tenant_slug}-{period.first}-{period.last}.{fmt}"
    return StreamingResponse(
        streamed(pieces, beginning),
        media_type=fmt.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def file_pieces(
    db: Database, tenant: TenantId, fmt: Format, period: Period, where: Filter
) -> Generator[bytes, None, None]:
    """The bytes of the file; the connection is given back after the last, or on close. Raises Unavailable."""
    with ExitStack() as held:
        for room in (of_tenant.setdefault(tenant, BoundedSemaphore(MOST_OF_ONE)), running):
            if not room.acquire(blocking=False):
                raise Unavailable("Too many downloads are running. Try again in a minute.")
            held.callback(room.release)
        with db.tenant(tenant, role=Role.CLIENT) as conn:
            yield from export.export_rows(
                conn, tenant, export.Format(fmt), where, first=period.first, end=period.end, bom=True
            )


async def streamed(pieces: Generator[bytes, None, None], beginning: bytes) -> AsyncIterator[bytes]:
    """The pieces, drawn in a thread. If the reader hangs up, the connection is given back."""
    try:
        async for piece in iterate_in_threadpool(chain((beginning,), pieces)):
            yield piece
    finally:
        with CancelScope(shield=True):
            await run_in_threadpool(pieces.close)
