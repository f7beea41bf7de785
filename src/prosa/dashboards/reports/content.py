"""What a report says, ready to be drawn: every number as text, every bar with its share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from prosa.dashboards.cards import card, groups
from prosa.dashboards.format import Format
from prosa.dashboards.i18n import Translate, translator
from prosa.dashboards.widgets import Kpi
from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import NotFound
from prosa.facts import kpis
from prosa.facts.model import DayKpis, Period
from prosa.facts.opinions import opinions
from prosa.tenancy import branding

LONGEST_LIST = 10
MOST_COLUMNS = 45  # days drawn singly; a longer period is drawn by weeks
COLOR = "#0f766e"


@dataclass(frozen=True)
class Bar:
    """A line of a bar chart: `share` of the longest bar, 0 to 1."""

    label: str
    value: str
    share: float


@dataclass(frozen=True)
class Chart:
    """A titled list of bars, or of columns along time."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Report:
    """A tenant's period. `groups`: (title, cards). `columns`: conversations along the period."""

    title: str
    tenant: str
    span: str
    compared: str
    groups: tuple[tuple[str, tuple[Kpi, ...]], ...]
    columns: Chart
    charts: tuple[Chart, ...]
    nothing: str  # why there are no numbers; empty where there are
    footer: str
    color: str
    logo: bytes | None
    locale: str
    file_name: str


def build(conn: Conn, tenant: TenantId, period: Period, *, locale: str) -> Report:
    """Ask for the period's numbers and word them. Raises NotFound for a tenant that is gone or suspended."""
    name, slug, timezone = _tenant(conn, tenant)
    t, form = translator(locale), Format(locale, timezone)
    now, before = kpis.kpis(conn, tenant, period=period), kpis.kpis(conn, tenant, period=period.before)
    waiting = kpis.awaiting_reply(conn, tenant)
    brand = branding.read(conn, tenant)
    worded = tuple(
        (t(f"overview.{group}"), tuple(card(spec, now, before, waiting, t=t, form=form) for spec in specs))
        for group, specs in groups(now, before).items()
    )
    return Report(
        title=t("reports.heading"), tenant=name, span=form.span(period.first, period.last),
        compared=t("reports.compared", span=form.span(period.before.first, period.before.last)),
        groups=worded, columns=_columns(kpis.by_day(conn, tenant, period=period), t, form),
        charts=_charts(conn, tenant, period, t, form) if now.conversations else (),
        nothing="" if now.conversations else t("reports.nothing"),
        footer=t("reports.footer"), color=brand.color or COLOR, logo=brand.logo, locale=locale,
        file_name=f"{slug}-{period.first}-{period.last}",
    )  # fmt: skip


def _tenant(conn: Conn, tenant: TenantId) -> tuple[str, str, str]:
    row = conn.execute(
        "select name, slug, timezone from tenants where id = %s and suspended_at is null", [tenant]
    ).fetchone()
    if row is None:
        raise NotFound("There is no such tenant.")
    return row[0], row[1], row[2]


def _columns(days: Sequence[DayKpis], t: Translate, form: Format) -> Chart:
    step = 1 if len(days) <= MOST_COLUMNS else 7
    pieces: list[tuple[date, int]] = [
        (days[start].day, sum(day.conversations for day in days[start : start + step]))
        for start in range(0, len(days), step)
    ]
    title = t("reports.per_day" if step == 1 else "reports.per_week")
    return Chart(title, _bars(((form.day(day), count) for day, count in pieces), form))


def _charts(conn: Conn, tenant: TenantId, period: Period, t: Translate, form: Format) -> tuple[Chart, ...]:
    inboxes = [
        (row.name or t("overview.no_inbox"), row.conversations) for row in kpis.by_inbox(conn, tenant, period=period)
    ]
    agents = [
        (row.name or t("overview.nobody"), row.conversations) for row in kpis.by_agent(conn, tenant, period=period)
    ]
    bands = [(t("reports.hours", band=_band(row.band)), row.conversations)
             for row in kpis.by_hour_band(conn, tenant, period=period)]  # fmt: skip
    judged = opinions(conn, tenant, period=period)
    charts = [
        Chart(t("overview.by_inbox"), _bars(inboxes[:LONGEST_LIST], form)),
        Chart(t("overview.by_agent"), _bars(agents[:LONGEST_LIST], form)),
        Chart(t("overview.by_hour_band"), _bars(bands, form)),
    ]
    for kind, counts in (("category", judged.category), ("sentiment", judged.sentiment)):
        if judged.analysed:
            named = ((t(f"{kind}.{name}"), count) for name, count in counts.items())
            charts.append(Chart(t(f"overview.{kind}"), _bars(named, form)))
    return tuple(charts)


def _band(number: int) -> str:
    return f"{number * 6:02}–{number * 6 + 5:02}"


def _bars(items: Iterable[tuple[str, int]], form: Format) -> tuple[Bar, ...]:
    found = list(items)
    longest = max((count for _, count in found), default=0) or 1
    return tuple(Bar(label, form.number(count), count / longest) for label, count in found)


def last_week(today: date) -> Period:
    """The last whole week, Monday to Sunday, before `today`."""
    end = today - timedelta(days=today.weekday())
    return Period(end - timedelta(days=7), end)
