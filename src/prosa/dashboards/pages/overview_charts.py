"""The overview's charts, with its tables below them. Every bar and cell links to the conversations behind it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import escape

import streamlit as st
from babel import Locale

from prosa.dashboards import charts, links, widgets
from prosa.dashboards.filters import local_today
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.links import Rows
from prosa.dashboards.pages import overview_tables
from prosa.dashboards.pages.queries import Basics, Overview
from prosa.dashboards.widgets import Bar
from prosa.facts import metrics
from prosa.facts.model import HOUR_BANDS, Filter, Period, Volume
from prosa.tenancy.model import Principal

SENTIMENT_COLORS = {"positive": "good", "neutral": "quiet", "negative": "bad"}


def show(me: Principal, period: Period, where: Filter, found: Overview, basics: Basics) -> None:
    """Draw them all."""
    t, rows = texts(me), partial(links.rows, period, where)
    widgets.heading(t("overview.patterns"))
    wide, narrow = st.columns([2, 1], gap="small")
    with wide, widgets.panel(t("overview.evolution"), "evolution", _definition(me, "conversations")):
        _evolution(me, period, where, found)
    with narrow:
        with widgets.panel(t("overview.funnel"), "funnel", t("overview.funnel_definition")):
            _funnel(me, rows, found)
        with widgets.panel(t("overview.by_hour_band"), "bands", t("overview.by_hour_band_definition")):
            _hour_bands(me, rows, found.volumes)
    with widgets.panel(t("overview.heat_map"), "heat-map", t("overview.heat_map_definition")):
        _heat_map(me, rows, found.volumes)
    left, middle, right = st.columns(3, gap="small")
    with left, widgets.panel(t("overview.states"), "states", _definition(me, "state")):
        counts = sorted(((name, count) for name, count in found.states.items() if count), key=lambda item: -item[1])
        _bars(me, [Bar(t(f"state.{name}"), count, "", href=rows(states=(name,)))
                   for name, count in counts])  # fmt: skip
    for column, kind, field in ((middle, "sentiment", "sentiments"), (right, "category", "categories")):
        with column, widgets.panel(t(f"overview.{kind}"), kind, _definition(me, kind)):
            _opinion(me, rows, getattr(found.opinions, kind), kind, field)
    with widgets.panel(t("overview.cohorts"), "cohorts", t("overview.cohorts_definition")):
        overview_tables.cohorts(me, rows, found.cohorts)
    with widgets.panel(t("overview.by_inbox"), "inboxes", t("overview.by_inbox_definition")):
        overview_tables.comparison(
            me, rows, found.inboxes, basics.inboxes, field="inboxes", unset=t("overview.no_inbox")
        )
    with widgets.panel(t("overview.by_agent"), "agents", t("overview.by_agent_definition")):
        overview_tables.comparison(me, rows, found.agents, basics.agents, field="agents", unset=t("overview.nobody"))


def _evolution(me: Principal, period: Period, where: Filter, found: Overview) -> None:
    """The chart, with its days as links below it: a point on a line is hard to hit, and no keyboard reaches it."""
    t, form, label = texts(me), formats(me), texts(me)("overview.evolution")
    if period.first == period.last:
        return widgets.chart(charts.per_hour(found.volumes, t), label)
    fig = charts.per_day(found.volumes, found.volumes_before, period, t, form, today=local_today(me))
    widgets.chart(fig, label)
    days = [(v.day, v) for v in found.volumes if v.dimension == "day" and v.day]
    lines = "".join(
        f'<li><a href="{escape(links.rows(Period(day, day + timedelta(days=1)), where))}" target="_self">'
        f"{escape(form.day(day))}</a> {escape(form.number(volume.conversations))}</li>"
        for day, volume in days
    )
    st.html(f'<details class="prosa-days"><summary>{escape(t("overview.days"))}</summary><ol>{lines}</ol></details>')


def _funnel(me: Principal, rows: Rows, found: Overview) -> None:
    t, form, now = texts(me), formats(me), found.numbers.now
    stages = [
        ("conversations", now.conversations, rows()),
        ("leads", now.leads, rows(leads=True)),
        ("visits", now.visits, rows(outcomes=("visit",))),
        ("conversions", now.conversions, rows(outcomes=("conversion",))),
    ]
    whole = now.conversations or 1
    widgets.bars([
        Bar(t(f"kpi.{key}"), count, f"{form.number(count)} · {form.percent(count / whole)}", href=href)
        for key, count, href in stages
    ])  # fmt: skip


def _heat_map(me: Principal, rows: Rows, volumes: Sequence[Volume]) -> None:
    """A table whose cells are links: it can be read aloud and reached by keyboard, and is as quick as text."""
    t, form = texts(me), formats(me)
    cells = {(v.weekday, v.hour): v.conversations for v in volumes if v.dimension == "hour"}
    most = max(cells.values(), default=0) or 1
    names = Locale.parse(form.locale).days["format"]
    hours = "".join(f'<th scope="col"><span>{hour}h</span></th>' for hour in range(24))
    lines = []
    for day in range(7):
        line = f'<th scope="row">{escape(names["abbreviated"][day].rstrip(".").capitalize())}</th>'
        for hour in range(24):
            count = cells.get((day + 1, hour), 0)
            said = f"{names['wide'][day]}, {hour}h · {t('overview.conversations_lower')}: {form.number(count)}"
            href = escape(rows(weekdays=(day + 1,), hours=(hour,)))
            shade = f'style="--share:{100 * count / most:.0f}%"'
            line += (
                f'<td><a href="{href}" target="_self" {shade} title="{escape(said)}"></a></td>'
                if count
                else f'<td><span {shade} title="{escape(said)}"></span></td>'
            )
        lines.append(f"<tr>{line}</tr>")
    st.html(
        f'<table class="prosa-heat"><thead><tr><td></td>{hours}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
        f'<p class="prosa-scale prosa-note"><span>{escape(t("kpi.conversations"))}: 0</span><i></i>'
        f"<span>{form.number(most)}</span></p>"
    )


def _hour_bands(me: Principal, rows: Rows, volumes: Sequence[Volume]) -> None:
    _bars(me, [
        Bar(f"{name} h", count, "", href=rows(hours=tuple(range(band * 6, band * 6 + 6))))
        for band, (name, count) in enumerate(zip(HOUR_BANDS, charts.by_hour_band(volumes), strict=True))
    ])  # fmt: skip


def _opinion(me: Principal, rows: Rows, counts: dict[str, int], kind: str, field: str) -> None:
    t = texts(me)
    if not sum(counts.values()):
        return widgets.hint(t("overview.after_analysis"))
    _bars(me, [
        Bar(t(f"{kind}.{name}"), count, "", color=SENTIMENT_COLORS.get(name, "accent"),
            href=rows(**{field: (name,)}) if count else "")
        for name, count in counts.items()
    ])  # fmt: skip


def _bars(me: Principal, bars: Sequence[Bar]) -> None:
    """The bars with their counts and shares written out."""
    form, total = formats(me), sum(bar.value for bar in bars) or 1
    widgets.bars(
        [replace(bar, text=f"{form.number(bar.value)} · {form.percent(bar.value / total, 0)}") for bar in bars]
    )


def _definition(me: Principal, key: str) -> str:
    """What a KPI or a column means."""
    found = metrics.kpis().get(key) or next(column for column in metrics.columns() if column.key == key)
    return found.text(formats(me).locale)
