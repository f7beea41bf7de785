"""The first page: what happened in the tenant's conversations."""

from dataclasses import replace
from datetime import datetime
from html import escape

import streamlit as st

from prosa.dashboards import filters, links, widgets
from prosa.dashboards.cards import Card, card, groups
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages import no_conversations, overview_charts, queries, table
from prosa.dashboards.pages.queries import Basics, Overview
from prosa.dashboards.widgets import Kpi
from prosa.facts.model import Filter, Period
from prosa.tenancy.model import Principal, UserRole


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    basics = queries.basics(me)
    if basics.coverage.newest is None:
        return no_conversations.show(me, basics.coverage, texts(me)("overview.title"))
    head = st.empty()
    with head:
        widgets.page_title(texts(me)("overview.title"), me.tenant_name)
    period, where = _pickers(me, basics)
    with widgets.error_boundary("the numbers"):
        found = queries.overview(me, period, where)
        with head:
            _head(me, period, found.numbers.at)
        if found.numbers.now.conversations == 0:
            return _nothing_then(me, basics.coverage.newest, found.numbers.awaiting)
        _cards(me, found, period, where)
        overview_charts.show(me, period, where, found, basics)
    with widgets.error_boundary("the newest conversations"):
        _newest(me, period, where)


def _pickers(me: Principal, basics: Basics) -> tuple[Period, Filter]:
    with st.container(key="filters", horizontal=True, vertical_alignment="center", gap="small"):
        period = filters.period_picker(me)
        chosen = filters.inbox_picker(me, basics.inboxes)
    return period, Filter(inboxes=chosen)


def _head(me: Principal, period: Period, at: datetime) -> None:
    t, form = texts(me), formats(me)
    span, before = form.span(period.first, period.last), form.span(period.before.first, period.before.last)
    key = "overview.intro_today" if _is_today(me, period) else "overview.intro"
    intro = t(key, tenant=me.tenant_name, period=span, before=before, time=form.time(at))
    widgets.page_title(t("overview.title"), intro)


def _cards(me: Principal, found: Overview, period: Period, where: Filter) -> None:
    """All groups of numbers as one part, because every part costs the browser some milliseconds."""
    t, numbers, parts = texts(me), found.numbers, []
    for group, specs in groups(numbers.now, numbers.before).items():
        parts.append(widgets.heading_html(t(f"overview.{group}")))
        if group == "sales" and not numbers.now.analysed:
            parts.append(widgets.hint_html(t("overview.not_analysed"), f"prosa analyze --tenant {me.tenant_slug}"))
        parts.append(widgets.kpis_html([_card(me, spec, found, period, where) for spec in specs]))
    st.html(f'<div class="prosa-groups">{"".join(parts)}</div>')


def _card(me: Principal, spec: Card, found: Overview, period: Period, where: Filter) -> Kpi:
    """A card that draws how its number developed, and leads to the rows behind it."""
    t, numbers = texts(me), found.numbers
    shown = card(spec, numbers.now, numbers.before, numbers.awaiting, t=t, form=formats(me))
    if spec.key == "awaiting_reply":
        return replace(shown, href="/app/live")
    if _is_today(me, period):  # beside a day that is over: a smaller sum is no bad news yet
        tone = "neutral" if spec.kind in ("count", "money") else shown.tone
        shown = replace(shown, tone=tone, against=t("widget.before_today"))
    steps = [getattr(step, spec.key) for step in found.steps]
    known = getattr(numbers.now, spec.key) is not None
    return replace(
        shown, href=links.rows(period, where, **spec.rows) if known else "",
        course=[None if value is None else float(value) for value in steps],
    )  # fmt: skip


def _is_today(me: Principal, period: Period) -> bool:
    return period.first == period.last == filters.local_today(me)


def _newest(me: Principal, period: Period, where: Filter) -> None:
    t = texts(me)
    widgets.heading(t("overview.newest"))
    table.downloads(me, period, where, t("overview.newest_intro"))
    table.show(me, queries.newest(me, period, where, 10), table.USUAL, page="overview")
    st.html(f'<p class="prosa-more"><a href="{escape(links.rows(period, where))}" target="_self">'
            f'{escape(t("overview.all_rows"))}</a></p>')  # fmt: skip


def _nothing_then(me: Principal, newest: datetime, awaiting: int) -> None:
    """Say that this period and these inboxes have no conversations; contacts may be waiting all the same, so say that too."""
    t, form = texts(me), formats(me)
    if awaiting:
        widgets.way(t("overview.none_waiting", count=form.number(awaiting)), "/app/live")
    text = t("overview.none_text", moment=form.moment(newest))
    widgets.empty_state(t("overview.none_title"), text, hint=t("overview.none_hint"))
