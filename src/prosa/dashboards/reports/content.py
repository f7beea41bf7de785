"""What a report says, ready to be drawn: every number as text, every bar with its share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from prosa.dashboards.cards import card, groups
from prosa.dashboards.format import Format
from prosa.dashboards.i18n import Translate, translator
from prosa.dashboards.widgets import Kpi
from prosa.db import Conn, TenantId
from prosa.errors import NotFound
from prosa.facts import day_counts, days, inventory, kpis
from prosa.facts.days import Days
from prosa.facts.inventory import Named
from prosa.facts.model import Period
from prosa.tenancy import branding

LONGEST_LIST = 10
MOST_COLUMNS = 45  # days drawn singly; a longer period is drawn by weeks


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
    """Read the period's numbers and put them into words. Raises NotFound for a tenant that is gone or suspended."""
    name, slug, timezone = _tenant(conn, tenant)
    t, form = translator(locale), Format(locale, timezone)
    both = days.read(conn, tenant, first=period.before.first, end=period.end)
    asked = day_counts.within(both, period)
    now, before = day_counts.kpis(asked.rows), day_counts.kpis(day_counts.within(both, period.before).rows)
    waiting = kpis.awaiting_reply(conn, tenant)
    brand = branding.read(conn, tenant)
    worded = tuple(
        (t(f"overview.{group}"), tuple(card(spec, now, before, waiting, t=t, form=form) for spec in specs))
        for group, specs in groups(now, before).items()
    )
    return Report(
        title=t("reports.heading"), tenant=name, span=form.span(period.first, period.last),
        compared=t("reports.compared", span=form.span(period.before.first, period.before.last)),
        groups=worded, columns=_columns(asked, period, t, form),
        charts=_charts(conn, tenant, asked, t, form) if now.conversations else (),
        nothing="" if now.conversations else t("reports.nothing"),
        footer=t("reports.footer"), color=brand.color or branding.OURS, logo=brand.logo, locale=locale,
        file_name=f"{slug}-{period.first}-{period.last}",
    )  # fmt: skip


def _tenant(conn: Conn, tenant: TenantId) -> tuple[str, str, str]:
    row = conn.execute(
        "select name, slug, timezone from tenants where id = %s and suspended_at is null", [tenant]
    ).fetchone()
    if row is None:
        raise NotFound("There is no such tenant.")
    return row[0], row[1], row[2]


def _columns(found: Days, period: Period, t: Translate, form: Format) -> Chart:
    length = (period.end - period.first).days
    counts = np.bincount(found.day, minlength=length)
    step = 1 if length <= MOST_COLUMNS else 7
    pieces: list[tuple[date, int]] = [
        (period.first + timedelta(days=start), int(counts[start : start + step].sum()))
        for start in range(0, length, step)
    ]
    title = t("reports.per_day" if step == 1 else "reports.per_week")
    return Chart(title, _bars(((form.day(day), count) for day, count in pieces), form))


def _charts(conn: Conn, tenant: TenantId, found: Days, t: Translate, form: Format) -> tuple[Chart, ...]:
    charts = [
        Chart(t(f"overview.by_{field}"), _bars(_counted(found, field, names, t(unset))[:LONGEST_LIST], form))
        for field, names, unset in (
            ("inbox", inventory.inboxes(conn, tenant), "overview.no_inbox"),
            ("agent", inventory.agents(conn, tenant), "overview.nobody"),
        )
    ]
    by_band = np.bincount(found.rows["hour"] // 6, minlength=4)
    bands = [(t("reports.hours", band=_band(band)), int(count)) for band, count in enumerate(by_band)]
    charts.append(Chart(t("overview.by_hour_band"), _bars(bands, form)))
    judged = day_counts.opinions(found.rows)
    for kind, counts in (("category", judged.category), ("sentiment", judged.sentiment)):
        if sum(counts.values()):
            named = ((t(f"{kind}.{name}"), count) for name, count in counts.items())
            charts.append(Chart(t(f"overview.{kind}"), _bars(named, form)))
    return tuple(charts)


def _counted(found: Days, field: str, names: Sequence[Named], unset: str) -> list[tuple[str, int]]:
    """The inboxes or agents (`field`) by name, the busiest first."""
    known = {named.id: named.name for named in names}
    return [(known.get(key or 0, unset), len(rows)) for key, rows in day_counts.groups(found, field)]


def _band(number: int) -> str:
    return f"{number * 6:02}–{number * 6 + 5:02}"


def _bars(items: Iterable[tuple[str, int]], form: Format) -> tuple[Bar, ...]:
    found = list(items)
    longest = max((count for _, count in found), default=0) or 1
    return tuple(Bar(label, form.number(count), count / longest) for label, count in found)


def last_week(today: date) -> Period:
    """The last whole week before `today`, Monday to Sunday."""
    end = today - timedelta(days=today.weekday())
    return Period(end - timedelta(days=7), end)
