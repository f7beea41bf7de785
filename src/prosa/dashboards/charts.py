"""The overview's figures, made from rows of KPIs with graph_objects: plotly.express costs 25 times as much.

Traces take the colours of api/static/charts.js in order, starting again after the third.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from prosa.dashboards.format import Format
from prosa.dashboards.i18n import Translate
from prosa.dashboards.theme import DATES
from prosa.facts.model import Period, Volume

WEEK = 7  # days; up to here each has its tick, since Plotly would part them into hours


def per_day(
    volumes: Sequence[Volume], before: Sequence[Volume], period: Period, t: Translate, form: Format, *, today: date,
) -> go.Figure:  # fmt: skip
    """Conversations as an area, leads as a line, and the period before as a dotted line. A day without any is zero.

    The lines end yesterday: a day that has only begun would look like a collapse. Today's number stands on its own as a point.
    """
    found = {v.day: v for v in volumes if v.dimension == "day"}
    days = [period.first + timedelta(days=i) for i in range((period.end - period.first).days)]
    earlier = {v.day + (period.end - period.first): v for v in before if v.dimension == "day" and v.day}
    fig = _evolution(days, [found.get(day) for day in days], t, [earlier.get(day) for day in days], unfinished=today)
    fig.update_xaxes(tickformat=DATES[form.locale]["dayMonth"], hoverformat=DATES[form.locale]["date"])
    if len(days) <= WEEK:
        fig.update_xaxes(dtick=86_400_000, tick0=days[0])
    return fig


def per_hour(volumes: Sequence[Volume], t: Translate) -> go.Figure:
    """Conversations and leads of a single day, hour by hour."""
    found = {v.hour: v for v in volumes if v.dimension == "hour"}
    fig = _evolution([f"{hour:02d}h" for hour in range(24)], [found.get(hour) for hour in range(24)], t)
    fig.update_xaxes(dtick=3)  # as the heat map has it; all 24 would stand upright
    return fig


def _evolution(
    x: Sequence[date | str], groups: Sequence[Volume | None], t: Translate, before: Sequence[Volume | None] = (),
    *, unfinished: date | None = None,
) -> go.Figure:  # fmt: skip
    markers = "lines+markers" if len(x) <= 31 else "lines"
    fig, whole = go.Figure(), groups[:-1] if x[-1] == unfinished else groups
    fig.add_scatter(
        x=x, y=[group.conversations if group else 0 for group in whole], name=t("kpi.conversations"), mode=markers,
        fill="tozeroy", line={"width": 2}, marker={"size": 5},
        hovertemplate="%{y:,}",
    )  # fmt: skip
    fig.add_scatter(
        x=x, y=[group.leads if group else 0 for group in whole], name=t("kpi.leads"), mode=markers,
        line={"width": 2}, marker={"size": 5}, hovertemplate="%{y:,}",
    )  # fmt: skip
    if before:
        fig.add_scatter(
            x=x, y=[group.conversations if group else 0 for group in before], name=t("overview.before"), mode="lines",
            line={"width": 1.5, "dash": "dot"}, hovertemplate="%{y:,}",
        )  # fmt: skip
    if whole is not groups:
        fig.add_scatter(
            x=[x[-1]], y=[groups[-1].conversations if groups[-1] else 0], name=t("overview.so_far"), mode="markers",
            marker={"size": 8, "symbol": "circle-open", "line": {"width": 2}}, hovertemplate="%{y:,}",
        )  # fmt: skip
    highest = max((group.conversations for group in (*groups, *before) if group), default=0)
    fig.update_yaxes(tickformat=",d", nticks=6, dtick=1 if highest <= 6 else None)  # no halves of a conversation
    return fig


def by_hour_band(volumes: Sequence[Volume]) -> list[int]:
    """Conversations of the four bands of local hours (facts.model.HOUR_BANDS)."""
    bands = [0, 0, 0, 0]
    for v in volumes:
        if v.dimension == "hour" and v.hour is not None:
            bands[v.hour // 6] += v.conversations
    return bands
