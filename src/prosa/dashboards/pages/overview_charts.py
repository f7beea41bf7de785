"""The overview's charts. Every bar and cell links to the conversations behind it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape
from typing import Any

import streamlit as st
from babel import Locale

from prosa.dashboards import charts, links, widgets
from prosa.dashboards.cards import CARDS, change, written
from prosa.dashboards.filters import local_today
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.pages.queries import Basics, Overview
from prosa.dashboards.widgets import Bar
from prosa.facts import metrics
from prosa.facts.day_counts import Cohort, Group
from prosa.facts.inventory import Named
from prosa.facts.model import HOUR_BANDS, Filter, Period, Volume
from prosa.tenancy.model import Principal

SENTIMENT_COLORS = {"positive": "good", "neutral": "quiet", "negative": "bad"}
LONGEST_LIST = 8  # lines; a tenant may have hundreds of agents


def show(me: Principal, period: Period, where: Filter, found: Overview, basics: Basics) -> None:
    """Draw them all."""
    t = texts(me)
    widgets.heading(t("overview.patterns"))
    wide, narrow = st.columns([2, 1], gap="small")
    with wide, widgets.panel(t("overview.evolution"), "evolution", _definition(me, "conversations")):
        _evolution(me, period, where, found)
    with narrow:
        with widgets.panel(t("overview.funnel"), "funnel", t("overview.funnel_definition")):
            _funnel(me, period, where, found)
        with widgets.panel(t("overview.by_hour_band"), "bands", t("overview.by_hour_band_definition")):
            _hour_bands(me, period, where, found.volumes)
    with widgets.panel(t("overview.heat_map"), "heat-map", t("overview.heat_map_definition")):
        _heat_map(me, period, where, found.volumes)
    left, middle, right = st.columns(3, gap="small")
    with left, widgets.panel(t("overview.states"), "states", _definition(me, "state")):
        counts = sorted(((name, count) for name, count in found.states.items() if count), key=lambda item: -item[1])
        _bars(me, [Bar(t(f"state.{name}"), count, "", href=links.rows(period, where, states=(name,)))
                   for name, count in counts])  # fmt: skip
    for column, kind, field in ((middle, "sentiment", "sentiments"), (right, "category", "categories")):
        with column, widgets.panel(t(f"overview.{kind}"), kind, _definition(me, kind)):
            _opinion(me, period, where, getattr(found.opinions, kind), kind, field)
    with widgets.panel(t("overview.cohorts"), "cohorts", t("overview.cohorts_definition")):
        _cohorts(me, period, where, found.cohorts)
    left, right = st.columns(2, gap="small")
    with left, widgets.panel(t("overview.by_inbox"), "inboxes", t("overview.by_inbox_definition")):
        _comparison(me, period, where, found.inboxes, basics.inboxes, "inboxes", t("overview.no_inbox"))
    with right, widgets.panel(t("overview.by_agent"), "agents", t("overview.by_agent_definition")):
        _comparison(me, period, where, found.agents, basics.agents, "agents", t("overview.nobody"))


def _evolution(me: Principal, period: Period, where: Filter, found: Overview) -> None:
    """The chart, and its days as links: a point of a line is hard to hit, and no keyboard reaches it."""
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


def _funnel(me: Principal, period: Period, where: Filter, found: Overview) -> None:
    t, form, now = texts(me), formats(me), found.numbers.now
    stages = [
        ("conversations", now.conversations, links.rows(period, where)),
        ("leads", now.leads, links.rows(period, where, leads=True)),
        ("visits", now.visits, links.rows(period, where, outcomes=("visit",))),
        ("conversions", now.conversions, links.rows(period, where, outcomes=("conversion",))),
    ]
    whole = now.conversations or 1
    widgets.bars([
        Bar(t(f"kpi.{key}"), count, f"{form.number(count)} · {form.percent(count / whole)}", href=href)
        for key, count, href in stages
    ])  # fmt: skip


def _heat_map(me: Principal, period: Period, where: Filter, volumes: Sequence[Volume]) -> None:
    """A table whose cells are links: it is read aloud, reached by keyboard, and as quick as text."""
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
            href = escape(links.rows(period, where, weekdays=(day + 1,), hours=(hour,)))
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


def _hour_bands(me: Principal, period: Period, where: Filter, volumes: Sequence[Volume]) -> None:
    _bars(me, [
        Bar(f"{name} h", count, "", href=links.rows(period, where, hours=tuple(range(band * 6, band * 6 + 6))))
        for band, (name, count) in enumerate(zip(HOUR_BANDS, charts.by_hour_band(volumes), strict=True))
    ])  # fmt: skip


def _opinion(me: Principal, period: Period, where: Filter, counts: dict[str, int], kind: str, field: str) -> None:
    t = texts(me)
    if not sum(counts.values()):
        return widgets.hint(t("overview.after_analysis"))
    _bars(me, [
        Bar(t(f"{kind}.{name}"), count, "", color=SENTIMENT_COLORS.get(name, "accent"),
            href=links.rows(period, where, **_narrowed(field, name)) if count else "")
        for name, count in counts.items()
    ])  # fmt: skip


def _cohorts(me: Principal, period: Period, where: Filter, cohorts: Sequence[Cohort]) -> None:
    """How soon the first response came, and what became of the conversation."""
    t, form = texts(me), formats(me)
    heads = "".join(
        f'<th scope="col">{escape(t(key))}</th>'
        for key in (
            "overview.first_response",
            "kpi.conversations",
            "kpi.leads",
            "kpi.conversions",
            "overview.converted_share",
        )
    )
    lines = ""
    for cohort in cohorts:
        name = t(f"response.{'never' if cohort.band is None else cohort.band}")
        share = cohort.conversions / cohort.conversations if cohort.conversations else None
        cells = [
            ("kpi.conversations", cohort.conversations, form.number(cohort.conversations), {}),
            ("kpi.leads", cohort.leads, form.number(cohort.leads), CARDS["leads"].rows),
            ("kpi.conversions", cohort.conversions, form.number(cohort.conversions), CARDS["conversions"].rows),
            ("overview.converted_share", cohort.conversions, form.percent(share), CARDS["conversions"].rows),
        ]
        whole = links.rows(period, where, bands=(cohort.band,)) if cohort.conversations else ""
        lines += f'<tr><th scope="row">{widgets.link_html(name, whole)}</th>' + "".join(
            _cell(t(key), text, links.rows(period, where, bands=(cohort.band,), **rows) if count else "")
            for key, count, text, rows in cells
        ) + "</tr>"  # fmt: skip
    st.html(f'<table class="prosa-list prosa-numbers"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>')


def _comparison(
    me: Principal,
    period: Period,
    where: Filter,
    groups: Sequence[Group],
    names: Sequence[Named],
    field: str,
    unset: str,
) -> None:
    """The busiest side by side, each with its change against the period before."""
    t, form, known = texts(me), formats(me), {named.id: named.name for named in names}
    keys = ("conversations", "leads", "never_answered_rate", "first_response_median")
    heads = "".join(f'<th scope="col">{escape(t(f"kpi.{key}"))}</th>' for key in keys)
    lines = ""
    for group in groups[:LONGEST_LIST]:
        name = known.get(group.id, unset) if group.id is not None else unset
        delta = change("count", group.conversations, group.conversations_before, form) or ""
        values = (getattr(group, key) for key in keys)
        cells = "".join(
            _cell(
                t(f"kpi.{key}"), written(CARDS[key].kind, value, form),
                links.rows(period, where, **_narrowed(field, group.id), **CARDS[key].rows) if value else "",
                delta if key == "conversations" else "",
            )
            for key, value in zip(keys, values, strict=True)
        )  # fmt: skip
        whole = links.rows(period, where, **_narrowed(field, group.id))
        lines += f'<tr><th scope="row">{widgets.link_html(name, whole)}</th>{cells}</tr>'
    st.html(
        f'<table class="prosa-list prosa-numbers"><thead><tr><th scope="col">{escape(t(f"overview.{field}"))}</th>{heads}'
        f"</tr></thead><tbody>{lines}</tbody></table>"
    )
    if len(groups) > LONGEST_LIST:
        widgets.hint(t("overview.others", count=len(groups) - LONGEST_LIST))


def _cell(label: str, text: str, href: str, beside: str = "") -> str:
    """A number that leads to its rows; `label` names it where a narrow screen shows no heads, `beside` is small print."""
    small = f" <small>{escape(beside)}</small>" if beside else ""
    return f'<td data-label="{escape(label)}"><span>{widgets.link_html(text, href)}{small}</span></td>'


def _bars(me: Principal, bars: Sequence[Bar]) -> None:
    """The bars with their counts and shares written out."""
    form, total = formats(me), sum(bar.value for bar in bars) or 1
    widgets.bars(
        [replace(bar, text=f"{form.number(bar.value)} · {form.percent(bar.value / total, 0)}") for bar in bars]
    )


def _narrowed(field: str, value: str | int | None) -> dict[str, Any]:
    return {field: (value,)}


def _definition(me: Principal, key: str) -> str:
    """What a KPI or a column means."""
    found = metrics.kpis().get(key) or next(column for column in metrics.columns() if column.key == key)
    return found.text(formats(me).locale)
