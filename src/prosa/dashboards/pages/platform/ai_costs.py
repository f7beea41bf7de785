"""What the language model costs: by company, by day, against the budgets, and where the month is heading."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import escape
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import streamlit as st

from prosa.analysis.llm import accounts
from prosa.analysis.llm.accounts import Rate
from prosa.dashboards import actions, gate, lists, tables, widgets
from prosa.dashboards.format import DASH, Format
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages.platform import ai_cost_queries
from prosa.dashboards.pages.platform.ai_cost_queries import DayCost, TenantCost
from prosa.dashboards.theme import DATES
from prosa.dashboards.widgets import Kpi
from prosa.tenancy.model import PLATFORM, Principal, UserRole

DAYS = 30
MOST_USD = 99_999_999.0  # of a budget: what its column holds
WARN_AT, OVER = Decimal("0.8"), Decimal(1)  # shares of a month's budget


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t = texts(me)
    today = datetime.now(ZoneInfo(me.timezone)).date()
    widgets.page_title(t("ai_costs.title"), t("ai_costs.intro"))
    actions.show_done()
    with widgets.error_boundary("the costs"):
        with gate.transaction(me) as conn:
            everything, *tenants = ai_cost_queries.by_tenant(conn)
            rate = accounts.rate(conn, today=today)
            days = ai_cost_queries.by_day(conn, first=today - timedelta(days=DAYS - 1), timezone=me.timezone)
        if days or any(tenant.month_usd for tenant in tenants):
            _cards(me, tenants, days, today)
            with widgets.panel(t("ai_costs.by_day"), "costs"):
                _by_day(me, tenants, today)
            with widgets.panel(t("ai_costs.by_tenant"), "tenant-costs"):
                _table(me, tenants, today)
        else:
            widgets.empty_state(t("ai_costs.empty_title"), t("ai_costs.empty_text"))
    with widgets.panel(t("ai_costs.set_budget"), "budget"):
        _budget(me, [everything, *tenants])
    with widgets.panel(t("ai_costs.rate"), "rate"):
        _rate(me, rate, today)


def _budget(me: Principal, tenants: Sequence[TenantCost]) -> None:
    """Set the budgets, in US$, of a company or of the whole installation. An empty one is no limit."""
    t = texts(me)
    found = {tenant.id: tenant for tenant in tenants}
    names = _names(tenants) | {PLATFORM: t("ai_costs.everything")}
    tenant = st.selectbox(t("ai_costs.tenant"), names, format_func=lambda i: names[i], width=360)
    present = found[tenant]
    fresh = actions.fresh(f"budget-{tenant}", (present.day_budget, present.month_budget))
    with st.form("budget", border=False):
        day_at, month_at = st.columns(2, gap="small")
        day = day_at.number_input(
            t("ai_costs.day_budget"),
            0.0,
            MOST_USD,
            value=_float(present.day_budget),
            step=1.0,
            placeholder=t("limits.unlimited"),
        )
        month = month_at.number_input(
            t("ai_costs.budget"),
            0.0,
            MOST_USD,
            value=_float(present.month_budget),
            step=5.0,
            placeholder=t("limits.unlimited"),
        )
        if not st.form_submit_button(t("act.save"), type="primary"):
            return None
    if not fresh:
        return actions.changed_meanwhile(me)
    with gate.transaction(me) as conn:
        accounts.set_budget(conn, tenant, day=_decimal(day), month=_decimal(month), actor=me.actor)
    return actions.done(t("act.saved"))


def _names(tenants: Sequence[TenantCost]) -> dict[int, str]:
    return lists.told_apart((tenant.id, tenant.name, tenant.slug) for tenant in tenants)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _rate(me: Principal, present: Rate | None, today: date) -> None:
    """The exchange rate by which amounts are booked in R$, its date, and a form for today's."""
    t, form = texts(me), formats(me)
    if present is None:
        st.error(t("ai_costs.rate_none"))
    else:
        said = t(
            "ai_costs.rate_is",
            brl=form.number(present.brl_per_usd, 4),
            date=form.date(present.on),
            source=present.source.partition(" (")[0],  # without a remark, which has one language
        )
        st.html(f'<p class="prosa-intro">{escape(said)}</p>')
        if present.is_old(today):
            st.warning(t("ai_costs.rate_old"), icon=":material/schedule:")
    with st.form("rate", border=False):
        given = st.number_input(t("ai_costs.rate_new"), 0.01, 1000.0, value=None, step=0.01, format="%.4f")
        if not st.form_submit_button(t("act.save"), type="primary") or given is None:
            return
    with gate.transaction(me) as conn:
        accounts.set_rate(conn, Decimal(str(given)), on=today, source=me.name or me.email, actor=me.actor)
    actions.done(t("act.saved"))


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def projected(spent: Decimal, today: date) -> Decimal:
    """What the month comes to if its remaining days are like those so far. Today counts as a whole day."""
    return spent / today.day * monthrange(today.year, today.month)[1]


def _cards(me: Principal, tenants: Sequence[TenantCost], days: Sequence[DayCost], today: date) -> None:
    t, form = texts(me), formats(me)
    month = sum((tenant.month_usd for tenant in tenants if not tenant.own_key), Decimal(0))
    calls = sum(day.calls for day in days)
    spent = sum((day.usd for day in days if day.day == today), Decimal(0))
    widgets.kpi_cards(t("ai_costs.summary"), [
        Kpi(t("ai_costs.today"), _usd(form, spent), definition=t("ai_costs.today_help")),
        Kpi(t("ai_costs.month"), _usd(form, month), definition=t("ai_costs.month_help")),
        Kpi(t("ai_costs.projection"), _usd(form, projected(month, today)), definition=t("ai_costs.projection_help")),
        Kpi(t("ai_costs.calls"), form.compact(calls), definition=t("ai_costs.calls_help"),
            note=t("ai_costs.last_days", days=DAYS)),
    ])  # fmt: skip


def _by_day(me: Principal, tenants: Sequence[TenantCost], today: date) -> None:
    """The days of all companies, or of one."""
    t, names = texts(me), _names(tenants)
    tenant = st.selectbox(
        t("ai_costs.tenant"), [None, *names], format_func=lambda i: names[i] if i else t("readings.all"), width=360,
        label_visibility="collapsed", key="cost-of",
    )  # fmt: skip
    with gate.transaction(me) as conn:
        days = ai_cost_queries.by_day(conn, first=today - timedelta(days=DAYS - 1), timezone=me.timezone, tenant=tenant)
    widgets.chart(_figure(me, days, today), t("ai_costs.by_day"))


def _figure(me: Principal, days: Sequence[DayCost], today: date) -> go.Figure:
    """Every one of the last thirty days; a day without calls is zero."""
    found = {day.day: day.usd for day in days}
    axis = [today - timedelta(days=i) for i in range(DAYS - 1, -1, -1)]
    fig = go.Figure(go.Bar(x=axis, y=[float(found.get(day, 0)) for day in axis], hovertemplate="US$ %{y:,.4f}"))
    fig.update_xaxes(tickformat=DATES[formats(me).locale]["dayMonth"], hoverformat=DATES[formats(me).locale]["date"])
    fig.update_yaxes(tickprefix="US$ ")
    return fig


def _table(me: Principal, tenants: Sequence[TenantCost], today: date) -> None:
    t, form = texts(me), formats(me)
    headers = [t(f"ai_costs.{name}") for name in ("tenant", "today", "month", "projection", "budget", "state")]
    rows: list[list[tables.Cell]] = []
    ranked, names = sorted(tenants, key=lambda tenant: -tenant.month_usd), _names(tenants)
    for tenant in lists.narrowed(me, ranked, lambda tenant: names[tenant.id], key="costs", most=20):
        heading = projected(tenant.month_usd, today)
        budget = DASH if tenant.month_budget is None else _usd(form, tenant.month_budget)
        rows.append([
            names[tenant.id], _usd(form, tenant.day_usd), _usd(form, tenant.month_usd), _usd(form, heading), budget,
            tables.Html(_state(me, tenant, heading)),
        ])  # fmt: skip
    tables.table(t("ai_costs.by_tenant"), headers, rows, numbers={1, 2, 3, 4})


def _state(me: Principal, tenant: TenantCost, heading: Decimal) -> str:
    t = texts(me)
    if tenant.own_key:
        return tables.badge(t("ai_costs.own_key"))
    if not tenant.month_budget:
        return tables.badge(t("ai_costs.no_budget"))
    used = tenant.month_usd / tenant.month_budget
    if used >= OVER:
        return tables.badge(t("ai_costs.used_up"), "bad")
    if used >= WARN_AT or heading > tenant.month_budget:
        return tables.badge(t("ai_costs.near"), "warn")
    return tables.badge(t("ai_costs.fine"), "good")


def _usd(form: Format, value: Decimal) -> str:
    return form.money(value, "USD")
