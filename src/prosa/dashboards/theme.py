"""The look of the charts. Their colours come from the style sheet, light or dark (api/static/charts.js)."""

from typing import Any

import plotly.graph_objects as go
from babel import Locale

from prosa.dashboards.i18n import browser_tag

# How the axis writes dates, in d3's words.
DATES = {
    "pt_BR": {"date": "%d/%m/%Y", "year": "%Y", "month": "%b %Y", "dayMonth": "%-d %b", "dayMonthYear": "%-d %b %Y"},
    "en": {"date": "%m/%d/%Y", "year": "%Y", "month": "%b %Y", "dayMonth": "%b %-d", "dayMonthYear": "%b %-d, %Y"},
}


def apply(fig: go.Figure, locale: str, *, height: int) -> None:
    """Bring a figure into the product's look."""
    fig.update_layout(
        template=None,
        separators=",." if locale == "pt_BR" else ".,",
        height=height,
        margin={"l": 8, "r": 8, "t": 24 if len(fig.data) > 1 else 0, "b": 8},  # room for the legend
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        bargap=0.25,
        barcornerradius=4,
        dragmode=False,  # on a telephone dragging scrolls the page
    )
    fig.update_xaxes(automargin=True, showgrid=False)
    fig.update_yaxes(automargin=True, rangemode="tozero")


def plotly_config(locale: str) -> dict[str, Any]:
    """Options of the drawing program, with the month and day names of the locale (Babel's)."""
    names = Locale.parse(locale)
    months, days = names.months["format"], names.days["format"]
    sunday_first = (6, 0, 1, 2, 3, 4, 5)
    words = {
        "days": [days["wide"][i] for i in sunday_first],
        "shortDays": [days["abbreviated"][i].rstrip(".") for i in sunday_first],
        "months": [months["wide"][i] for i in range(1, 13)],
        "shortMonths": [months["abbreviated"][i].rstrip(".") for i in range(1, 13)],
        **DATES[locale],
    }
    tag = browser_tag(locale)
    return {"displayModeBar": False, "locale": tag, "locales": {tag: {"dictionary": {}, "format": words}}}
