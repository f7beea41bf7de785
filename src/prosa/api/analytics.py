"""The numbers and the conversations behind them, as JSON. Definitions and names: docs/metrics.md."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from prosa.api.access import may
from prosa.api.problems import PROBLEMS
from prosa.api.session import Caller, Db
from prosa.db import Conn, Role, TenantId
from prosa.facts import kpis, listing, periods
from prosa.facts.filter_query import LISTS, Asked
from prosa.facts.model import Filter, Kpis, Period
from prosa.facts.summary import summary

router = APIRouter(prefix="/analytics", tags=["analytics"], responses=PROBLEMS)

Reader = Annotated[Caller, Depends(may("analytics", repeatable=LISTS))]
From = Annotated[date | None, Query(alias="from", description="First local day. Default: 30 days up to `to`.")]
To = Annotated[date | None, Query(alias="to", description="Last local day, included. Default: today.")]


class Groups(StrEnum):
    """What the KPIs may be broken down by."""

    INBOX = "inbox"
    AGENT = "agent"
    DAY = "day"
    HOUR_BAND = "hour_band"


BREAKDOWNS: dict[Groups, Callable[..., Any]] = {
    Groups.INBOX: kpis.by_inbox,
    Groups.AGENT: kpis.by_agent,
    Groups.DAY: kpis.by_day,
    Groups.HOUR_BAND: kpis.by_hour_band,
}


def asked_filter(asked: Annotated[Asked, Query()]) -> Filter:
    """The conversations that count. Raises Invalid."""
    return asked.filter()


Where = Annotated[Filter, Depends(asked_filter)]


@router.get("/kpis", summary="KPIs of a period, and of the one before")
def get_kpis(
    caller: Reader, db: Db, where: Where, first: From = None, last: To = None,
    by: Annotated[Groups | None, Query(description="Also per group.")] = None,
) -> dict[str, Any]:  # fmt: skip
    """Conversations count by the local day on which they were created. Durations in seconds, rates 0 to 1."""
    tenant = caller.tenant_id
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        period = asked_period(conn, tenant, first, last)
        now, before = summary(conn, tenant, period=period, where=where)
        answer: dict[str, Any] = {
            "period": _days(period),
            "kpis": asdict(now),
            "before": {"period": _days(period.before), "kpis": asdict(before)},
            "awaiting_reply": kpis.awaiting_reply(conn, tenant, where=where),
        }
        if by:
            groups: list[Kpis] = BREAKDOWNS[by](conn, tenant, period=period, where=where)
            answer["by"] = [asdict(group) for group in groups]
    return answer


@router.get("/conversations", summary="Conversations of a period, newest first")
def get_conversations(
    caller: Reader, db: Db, where: Where, first: From = None, last: To = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> dict[str, Any]:  # fmt: skip
    """One object a conversation, times in UTC. `next` is null on the last page."""
    tenant = caller.tenant_id
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        period = asked_period(conn, tenant, first, last)
        page = listing.newest(conn, tenant, period=period, where=where, after=cursor, limit=limit)
    return {
        "period": _days(period),
        "conversations": [{key: _in_utc(value) for key, value in row.items()} for row in page.rows],
        "next": page.next,
    }


def asked_period(conn: Conn, tenant: TenantId, first: date | None, last: date | None) -> Period:
    """The period asked for, by default the last 30 days. Raises Invalid."""
    last = last or periods.today(conn, tenant)
    if first is None:
        first = max(periods.EARLIEST, last - timedelta(days=29)) if last > periods.EARLIEST else last
    return periods.between(first, last)


def _days(period: Period) -> dict[str, date]:
    return {"from": period.first, "to": period.last}


def _in_utc(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
