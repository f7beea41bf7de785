"""The operator's first page: every tenant side by side, with trends and alerts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any

import streamlit as st

from prosa.dashboards import filters, lists, tables, widgets
from prosa.dashboards.cards import CARDS, Card, card, change, direction, groups, written
from prosa.dashboards.format import Format
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages.platform import entering, queries
from prosa.dashboards.pages.platform.queries import Company
from prosa.facts import metrics
from prosa.facts.model import Period
from prosa.tenancy.model import UserRole

COLUMNS = tuple(
    CARDS[key] for key in ("conversations", "leads", "conversions", "never_answered_rate", "first_response_median")
)
LATE = timedelta(hours=2)  # the ETL runs every half hour
FALL = 0.3  # of conversations, against the period before
ENOUGH = 20  # conversations; below that a share says little
UNANSWERED = 0.2
DEFAULT = "conversations"
# What the list can be sorted by, largest first; names and the share of unanswered have orders of their own.
ORDERS: dict[str, Callable[[Company], Any]] = {
    "conversations": lambda c: -c.numbers.now.conversations,
    "leads": lambda c: -c.numbers.now.leads,
    "conversions": lambda c: -c.numbers.now.conversions,
    "never_answered_rate": lambda c: -(c.numbers.now.never_answered_rate or 0),
    "first_response_median": lambda c: -(c.numbers.now.first_response_median or 0),
    "name": lambda c: lists.folded(c.state.name),
    "alerts": lambda c: -len(alerts(c, datetime.now(UTC))),
}


@dataclass(frozen=True)
class Alert:
    """Something that the operator ought to look at: a text of the table `alert`, with how bad it is."""

    key: str
    tone: str


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t, form = texts(me), formats(me)
    head = st.empty()
    with st.container(key="filters", horizontal=True, vertical_alignment="center", gap="small"):
        period = filters.period_picker(me)
        order = _order(t)
    with widgets.error_boundary("the tenants"):
        found = queries.companies(me, period)
        with head:
            span, before = form.span(period.first, period.last), form.span(period.before.first, period.before.last)
            intro = t("agency.intro", period=span, before=before, time=form.time(found.at))
            widgets.page_title(t("agency.title"), intro)
        if not found.companies:
            widgets.empty_state(
                t("agency.empty_title"), t("agency.empty_text"), link=(t("tenants.title"), "/app/tenants")
            )
            return
        companies = sorted(found.companies, key=lambda c: (ORDERS[order](c), c.state.slug))
        companies = lists.narrowed(me, companies, lambda c: f"{c.state.name} {c.state.slug}", key="companies")
        names = lists.told_apart((c.state.id, c.state.name, c.state.slug) for c in found.companies)
        lines = "".join(_company(c, names[c.state.id], period, t, form) for c in companies)
        st.html(f'<div class="prosa-companies">{_heads(order, t, form)}{lines}</div>')


def _order(t: Translate) -> str:
    """The order of the companies, which the address remembers."""
    asked, names = st.query_params.get("order", DEFAULT), list(ORDERS)
    order: str = st.selectbox(
        t("agency.sort"), names, index=names.index(asked if asked in names else DEFAULT), key="order", width=260,
        format_func=lambda name: t("agency.sorted_by", name=t(f"agency.by_{name}")), label_visibility="collapsed",
        on_change=lambda: filters.set_parameter(
            "order", None if st.session_state.order == DEFAULT else st.session_state.order
        ),
    )  # fmt: skip
    return order


def _heads(order: str, t: Translate, form: Format) -> str:
    """The titles of the columns, once for all companies; each leads to the order by it. A telephone shows none."""

    def head(key: str, title: str, meaning: str = "") -> str:
        mark = ' aria-current="true"' if key == order else ""
        address = escape(filters.address(order=key))
        return f'<a href="{address}" target="_self" title="{escape(meaning)}"{mark}>{escape(title)}</a>'

    columns = (head(spec.key, t(f"kpi.{spec.key}"), metrics.kpis()[spec.key].text(form.locale)) for spec in COLUMNS)
    name, trend = head("name", t("agency.company")), f"<span>{escape(t('agency.trend_head'))}</span>"
    return f'<nav class="prosa-company-heads" aria-label="{escape(t("agency.sort"))}">{name}{trend}{"".join(columns)}</nav>'


def alerts(company: Company, now: datetime) -> list[Alert]:
    """What is wrong with a tenant, the worst first."""
    state, numbers = company.state, company.numbers
    found = []
    if state.delete_after:
        found.append(Alert("deleting", "bad"))
    elif state.suspended_at:
        found.append(Alert("suspended", "bad"))
    if not state.sources:
        found.append(Alert("no_source", "warn"))
    elif state.read_error:
        found.append(Alert("failed", "bad"))
    elif state.read_at and now - state.read_at > LATE and not state.suspended_at:
        found.append(Alert("late", "warn"))
    before = numbers.before.conversations
    if before >= ENOUGH and numbers.now.conversations < before * (1 - FALL):
        found.append(Alert("falling", "warn"))
    if numbers.now.conversations >= ENOUGH and (numbers.now.never_answered_rate or 0) >= UNANSWERED:
        found.append(Alert("unanswered", "warn"))
    return found


def _company(company: Company, name: str, period: Period, t: Translate, form: Format) -> str:
    """One tenant: its line, and what opens under it."""
    state, found = company.state, company.numbers
    cells = "".join(_cell(spec, company, t, form) for spec in COLUMNS)
    marks = "".join(tables.badge(t(f"alert.{a.key}"), a.tone) for a in alerts(company, datetime.now(UTC)))
    opened = "".join(
        f"<h2>{escape(t(f'overview.{group}'))}</h2>"
        + widgets.kpis_html([card(spec, found.now, found.before, state.awaiting, t=t, form=form) for spec in specs])
        for group, specs in groups(found.now, found.before).items()
    )
    return (
        f'<details class="prosa-company"><summary><span class="prosa-company-name">'
        f"<strong><bdi>{escape(name)}</bdi></strong>"
        f'<span class="prosa-note">{escape(_newest(company, t, form))}</span><span class="prosa-marks">{marks}</span></span>'
        f"{_trend(found.days, period, t)}{cells}</summary>"
        f'<div class="prosa-company-kpis">{entering.form_html(state.id, t("agency.enter"))}'
        f"{opened}</div></details>"
    )


def _cell(spec: Card, company: Company, t: Translate, form: Format) -> str:
    now, before = getattr(company.numbers.now, spec.key), getattr(company.numbers.before, spec.key)
    delta = change(spec.kind, now, before, form) or ""
    return (
        f'<span class="prosa-cell"><span class="prosa-note">{escape(t(f"kpi.{spec.key}"))}</span>'
        f"<strong>{escape(written(spec.kind, now, form))}</strong>"
        f'<span class="prosa-{direction(delta, now, before, spec.better)}">{escape(delta)}</span></span>'
    )


def _trend(days: dict[date, int], period: Period, t: Translate) -> str:
    """The conversations of each day as small bars without numbers; the numbers stand beside them."""
    length = (period.end - period.first).days
    counts = [days.get(period.first + timedelta(days=i), 0) for i in range(length)]
    highest = max(counts, default=0) or 1
    bars = "".join(f'<i style="height:{max(4, 100 * n / highest):.0f}%"></i>' for n in counts)
    return f'<span class="prosa-trend" role="img" aria-label="{escape(t("agency.trend"))}">{bars}</span>'


def _newest(company: Company, t: Translate, form: Format) -> str:
    newest = company.state.newest
    return t("agency.newest", moment=form.moment(newest)) if newest else t("agency.nothing_read")
