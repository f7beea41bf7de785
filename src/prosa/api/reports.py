"""Reports as files: of one's own tenant, and by a link that somebody was given."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from prosa.api.analytics import From, Reader, To, asked_period
from prosa.api.problems import PROBLEMS
from prosa.api.session import AppSettings, Db
from prosa.db import Role
from prosa.tenancy import audit

if TYPE_CHECKING:
    from prosa.dashboards.reports.content import Report

router = APIRouter(prefix="/reports", tags=["reports"], responses=PROBLEMS)

# The report loads nothing and runs nothing.
HEADERS = {
    "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'",
}  # fmt: skip


class ReportFormat(StrEnum):
    """What a report may be."""

    HTML = "html"
    PDF = "pdf"


class Look(StrEnum):
    """What an HTML report is made for: white paper, or a dark screen."""

    LIGHT = "light"
    DARK = "dark"


class Language(StrEnum):
    """The language of a report."""

    PT_BR = "pt_BR"
    EN = "en"


Asked = Annotated[ReportFormat, Query(alias="format")]
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}, "application/pdf": {}}, "description": "The report"}
}


@router.get("", summary="A period's report", response_class=Response, responses=FILES)
def get_report(
    caller: Reader, db: Db, first: From = None, last: To = None, fmt: Asked = ReportFormat.HTML,
    locale: Language = Language.PT_BR, look: Look = Look.LIGHT,
) -> Response:  # fmt: skip
    """The numbers of a period with their change and charts, ready to print or to send. `look` is of HTML alone."""
    from prosa.dashboards.reports import content  # noqa: PLC0415  (with it comes Streamlit)

    tenant = caller.tenant_id
    with db.tenant(tenant, role=Role.CLIENT) as conn:
        period = asked_period(conn, tenant, first, last)
        report = content.build(conn, tenant, period, locale=locale)
        after = {"format": fmt, "from": str(period.first), "to": str(period.last)}
        audit.record(conn, tenant, caller.actor, "report.read", after=after)
    return _file(report, fmt, look)


@router.get("/shared/{sealed}", include_in_schema=False)
def get_shared(sealed: str, db: Db, settings: AppSettings, fmt: Asked = ReportFormat.HTML) -> Response:
    """The report that this link was made for."""
    from prosa.dashboards.reports import content, links  # noqa: PLC0415

    shared = links.open_sealed(settings.secret_keys, sealed, now=datetime.now(UTC))
    with db.tenant(shared.tenant, role=Role.CLIENT) as conn:
        report = content.build(conn, shared.tenant, shared.period, locale=shared.locale)
    return _file(report, fmt)


def _file(report: "Report", fmt: ReportFormat, look: Look = Look.LIGHT) -> Response:
    from prosa.dashboards.reports import html, pdf  # noqa: PLC0415

    if fmt is ReportFormat.HTML:
        colors = html.DARK if look is Look.DARK else html.LIGHT
        return Response(html.render(report, colors), media_type="text/html; charset=utf-8", headers=HEADERS)
    name = f'inline; filename="{report.file_name}.pdf"'
    return Response(pdf.render(report), media_type="application/pdf", headers={**HEADERS, "Content-Disposition": name})
