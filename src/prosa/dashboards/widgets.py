"""The parts that pages are made of: cards, charts, definitions, empty states, and the error boundary around each of them.

They are HTML where Streamlit's own part would cut numbers short or cost a round trip, styled in `dashboards.css`. Whatever
comes from data is escaped.
"""

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Literal

import plotly.graph_objects as go
import streamlit as st
import structlog
from psycopg import DataError
from psycopg.errors import UntranslatableCharacter

from prosa.dashboards import gate, theme
from prosa.dashboards.format import TIMES
from prosa.dashboards.i18n import Translate, translator

log = structlog.get_logger()

Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Kpi:
    """One number: already formatted, with its change against the period before and what it means.

    `tone` says whether the change is good news, which a rising waiting time is not. `note` stands beside it in small print.
    `href` leads to the rows behind it. `course` is how it developed over the period (None where there was no value). `against`
    says what the change is against if that is not simply the period before.
    """

    label: str
    value: str
    delta: str | None = None
    definition: str = ""
    tone: Tone = "neutral"
    note: str = ""
    href: str = ""
    course: Sequence[float | None] = ()
    against: str = ""


@dataclass(frozen=True)
class Bar:
    """One line of a list of bars. Its length is `value`, which `text` writes for people; `href` leads to its rows."""

    label: str
    value: float
    text: str
    note: str = ""
    color: str = "accent"
    href: str = ""


def kpi_cards(title: str, kpis: Sequence[Kpi]) -> None:
    """Cards side by side under a heading, as many in a row as fit: two on a telephone, six on a desk."""
    st.html(heading_html(title) + kpis_html(kpis))


def kpis_html(kpis: Sequence[Kpi]) -> str:
    """The markup of cards side by side."""
    return f'<div class="prosa-kpis">{"".join(kpi_html(kpi) for kpi in kpis)}</div>'


def kpi_html(kpi: Kpi) -> str:
    """The markup of one card."""
    arrow = "▲" if (kpi.delta or "").endswith(TIMES) else {"+": "▲", "-": "▼"}.get((kpi.delta or "")[:1], "")
    before = escape(kpi.against or _t()("widget.before"))
    delta = (
        f'<p class="prosa-delta prosa-{kpi.tone}"><span aria-hidden="true">{arrow}</span> {escape(kpi.delta)} '
        f'<span class="prosa-before">{before}</span></p>'
        if kpi.delta
        else ""
    )
    note = f'<p class="prosa-note">{escape(kpi.note)}</p>' if kpi.note else ""
    return (
        f'<section class="prosa-kpi" aria-label="{escape(kpi.label)}"><header><h3>{escape(kpi.label)}</h3>'
        f"{definition_html(kpi.label, kpi.definition)}</header>"
        f'<p class="prosa-value">{link_html(kpi.value, kpi.href)}</p>'
        f'<div class="prosa-under">{delta}{note}</div>{spark_html(kpi.course)}</section>'
    )


def link_html(text: str, href: str) -> str:
    """The text, as a link where there is somewhere to go."""
    return f'<a class="prosa-rows" href="{escape(href)}" target="_self">{escape(text)}</a>' if href else escape(text)


def spark_html(values: Sequence[float | None]) -> str:
    """A small area of the values' course, for the eye alone: the number stands above it. Nothing for fewer than three."""
    known = [value for value in values if value is not None]
    if len(known) < 3 or max(known) == min(known):
        return ""
    low, high, step = min(known), max(known), 100 / (len(values) - 1)
    points = [(i * step, 95 - 85 * (v - low) / (high - low)) for i, v in enumerate(values) if v is not None]
    shape = ", ".join(f"{x:.1f}% {y:.1f}%" for x, y in ((points[0][0], 100.0), *points, (points[-1][0], 100.0)))
    return f'<span class="prosa-spark" aria-hidden="true" style="clip-path: polygon({shape})"></span>'


def definition_html(label: str, text: str) -> str:
    """A small "?" that opens the definition; works by keyboard, by touch and without JavaScript."""
    if not text:
        return ""
    name = escape(_t()("widget.definition_of", label=label))
    return (
        f'<details class="prosa-definition" name="prosa-definition">'
        f'<summary aria-label="{name}" title="{name}">?</summary>'
        f"<p>{escape(text)}</p></details>"
    )


def heading(text: str, definition: str = "") -> None:
    """A section's heading, with the definition of what it shows."""
    st.html(heading_html(text, definition))


def heading_html(text: str, definition: str = "") -> str:
    """The markup of a section's heading."""
    return f'<div class="prosa-heading"><h2>{escape(text)}</h2>{definition_html(text, definition)}</div>'


@contextmanager
def panel(title: str, key: str, definition: str = "") -> Iterator[None]:
    """A framed part of the page with its title, as high as its neighbours. What breaks in it stays in it."""
    with st.container(border=True, height="stretch", key=f"panel-{key}"):
        st.html(f'<div class="prosa-panel-title"><h2>{escape(title)}</h2>{definition_html(title, definition)}</div>')
        with error_boundary(key):
            yield


def page_title(title: str, intro: str = "") -> None:
    """The page's heading and one sentence under it."""
    st.html(f'<header class="prosa-title"><h1>{escape(title)}</h1><p>{escape(intro)}</p></header>')


def bars(items: Sequence[Bar]) -> None:
    """Horizontal bars, the longest at full width, which are a list for those who cannot see them."""
    longest = max((bar.value for bar in items), default=0) or 1
    lines = "".join(
        f'<li><div class="prosa-bar-line"><span class="prosa-bar-label">{link_html(bar.label, bar.href)}</span>'
        f"<strong>{escape(bar.text)}</strong></div>"
        f'<div class="prosa-bar-track"><div class="prosa-bar-{escape(bar.color)}" '
        f'style="width:{100 * bar.value / longest:.1f}%"></div></div>'
        + (f'<span class="prosa-note">{escape(bar.note)}</span>' if bar.note else "")
        + "</li>"
        for bar in items
    )
    st.html(f'<ul class="prosa-bars">{lines}</ul>')


def hint(text: str, command: str = "", *, link: tuple[str, str] | None = None) -> None:
    """A quiet remark in place of a part that has nothing to show; `command` is shown as a line to type.

    `link` is the text and the address of a page where something can be done about it.
    """
    st.html(hint_html(text, command, link=link))


def hint_html(text: str, command: str = "", *, link: tuple[str, str] | None = None) -> str:
    """The markup of a quiet remark."""
    code = f"<code>{escape(command)}</code>" if command else ""
    return f'<div class="prosa-hint"><p>{escape(text)}</p>{code}{_more(link)}</div>'


def way(text: str, href: str, *, back: bool = False) -> None:
    """A link on a line of its own, onward or back."""
    st.html(_more((text, href), back=back))


def chart(fig: go.Figure, label: str, *, height: int = 320) -> None:
    """A Plotly figure in the product's look and the user's language. `label` says what it shows to those who do not see it.

    It is drawn by `api/static/charts.js`, which knows lines and bars. Build figures with graph_objects: plotly.express costs 25
    times as much.
    """
    locale = gate.locale(None)
    theme.apply(fig, locale, height=height)
    config = json.dumps(theme.plotly_config(locale))
    st.html(
        f'<div class="prosa-chart" role="img" aria-label="{escape(label)}" style="height:{height}px" '
        f'data-figure="{escape(fig.to_json())}" data-config="{escape(config)}" '
        f'data-broken="{escape(_t()("widget.broken"))}"></div>'
    )


def plain(text: str) -> str:
    """The text escaped for Streamlit's Markdown: names come from other people, and may hold links or pictures."""
    return re.sub(r"([\\`*_\[\]<>~$])", r"\\\1", text)


def empty_state(title: str, text: str, hint: str = "", *, link: tuple[str, str] | None = None) -> None:
    """Say that there is nothing to show yet, and what to do about it. `link` is the text and address of the page to do it."""
    hint_html = f"<p>{escape(hint)}</p>" if hint else ""
    st.html(
        f'<section class="prosa-empty"><div class="prosa-empty-art" aria-hidden="true"></div><h2>{escape(title)}</h2>'
        f'<p class="prosa-empty-text">{escape(text)}</p>{hint_html}{_more(link)}</section>'
    )


@contextmanager
def error_boundary(part: str) -> Iterator[None]:
    """Show a message with a reference into the log in place of a part that fails. The rest of the page goes on.

    Streamlit's own stop and rerun are no `Exception` and pass through.
    """
    try:
        yield
    except Exception as error:
        if is_unwritable(error):
            st.error(_t()("widget.unwritable"), icon=":material/error:")
            return
        reference = uuid.uuid4().hex[:8]
        log.exception("a part of a page failed", part=part, reference=reference)
        t = _t()
        hint = escape(t("widget.broken_hint", reference=reference))
        st.html(f'<div class="prosa-broken" role="alert"><strong>{escape(t("widget.broken"))}</strong> {hint}</div>')


def _more(link: tuple[str, str] | None, *, back: bool = False) -> str:
    if link is None:
        return ""
    text = escape(link[0])
    said = f"← {text}" if back else f"{text} →"
    return f'<p class="prosa-more"><a href="{escape(link[1])}" target="_self">{said}</a></p>'


def is_unwritable(error: Exception) -> bool:
    """Whether PostgreSQL refused a text: no text holds NUL (alone or in JSON), or half of a surrogate pair."""
    return isinstance(error, UntranslatableCharacter | UnicodeEncodeError) or (
        isinstance(error, DataError) and "NUL" in str(error)
    )


def _t() -> Translate:
    return translator(gate.locale(None))
