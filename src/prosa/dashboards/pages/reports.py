"""Reports: one to read or hand on now, and those that are sent by e-mail on a schedule."""

from datetime import timedelta
from urllib.parse import urlencode

import streamlit as st

from prosa.dashboards import actions, filters, gate, tables, widgets
from prosa.dashboards.gate import formats, locale, require, texts
from prosa.dashboards.i18n import LOCALES
from prosa.dashboards.reports import content, delivery, schedules
from prosa.dashboards.reports.schedules import Frequency, Schedule
from prosa.errors import Invalid, Unavailable
from prosa.facts import periods
from prosa.facts.model import Period
from prosa.gateways import mail
from prosa.tenancy.model import Principal, UserRole

CHOICES = ("last_week", "last_month", "month", "custom")


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    widgets.page_title(t("reports.title"), t("reports.intro"))
    actions.show_done()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="report-tools"):
        period = _period(me)
        if period is None:
            return
        _hand_on(me, period)
    with widgets.error_boundary("the report"), st.container(key="report"):
        # From its own route, whose content security policy lets nothing in it run.
        st.iframe(_address(me, period, look=st.context.theme.type or "light"), height=1500, alt=t("reports.heading"))
    if me.role is UserRole.ADMIN:
        with widgets.error_boundary("the schedules"), widgets.panel(t("reports.by_mail"), "report-schedules"):
            _schedules(me)


def _period(me: Principal) -> Period | None:
    t, today = texts(me), filters.local_today(me)
    asked = st.query_params.get("period")
    choice = st.selectbox(
        t("reports.period"), CHOICES, index=CHOICES.index(asked) if asked in CHOICES else 0, key="report-period", width=230,
        format_func=lambda name: t(f"reports.{name}"), on_change=_remember_period,
    )  # fmt: skip
    if choice == "custom":
        days = filters.asked_dates((today - timedelta(days=6), today))
        chosen = st.date_input(
            t("reports.days"), days, key="dates", min_value=periods.EARLIEST, max_value=max(today, days[1]), width=250,
            format=filters.DATE_INPUT[locale(me)], on_change=filters.remember_dates,
        )  # fmt: skip
        if not isinstance(chosen, tuple) or len(chosen) != 2:
            st.info(t("reports.choose_end"))
            return None
        return periods.between(*chosen)
    return content.last_week(today) if choice == "last_week" else periods.preset(choice, today)


def _remember_period() -> None:
    """Keep the period in the address, so that the report can be shared and survives reloading."""
    choice = st.session_state["report-period"]
    filters.set_parameter("period", choice if choice != CHOICES[0] else None)
    if choice != "custom":
        filters.set_parameter("from", None)
        filters.set_parameter("to", None)


def _hand_on(me: Principal, period: Period) -> None:
    t = texts(me)
    st.link_button(t("reports.pdf"), _address(me, period, "pdf"), icon=":material/picture_as_pdf:")
    st.link_button(t("reports.html"), _address(me, period), icon=":material/open_in_new:")
    with st.popover(t("reports.link"), icon=":material/link:"):
        st.markdown(t("reports.link_text"))
        if st.button(t("reports.make_link"), key="make-link"):
            address = delivery.address(gate.settings(), me.tenant_id, period, locale=locale(me), base=gate.base_url())
            st.code(address, language=None, wrap_lines=True)


def _address(me: Principal, period: Period, fmt: str = "html", *, look: str = "light") -> str:
    asked = {"from": period.first, "to": period.last, "locale": locale(me), "format": fmt, "look": look}
    return f"/reports?{urlencode(asked)}"


def _schedules(me: Principal) -> None:
    t = texts(me)
    if not mail.is_configured(gate.settings()):
        widgets.hint(t("reports.no_mail"), "SMTP_HOST=…")
    with gate.transaction(me) as conn:
        orders = schedules.read(conn, me.tenant_id)
    if not orders:
        widgets.hint(t("reports.no_schedules"))
    for order in orders:
        _order(me, order)
    with st.expander(t("reports.new"), expanded=not orders):
        _new(me)


def _order(me: Principal, order: Schedule) -> None:
    t, form = texts(me), formats(me)
    details = t(
        "reports.details", hour=f"{order.hour:02}", people=", ".join(order.recipients), day=form.date(order.told_until)
    )
    with st.container(horizontal=True, vertical_alignment="center", key=f"order-{order.id}"):
        tables.line(t(f"reports.{order.frequency}"), details, tables.badge(LOCALES[order.locale]))
        if st.button(t("reports.send_now"), key=f"send-{order.id}"):
            _send_now(me, order)
        actions.confirm(
            me, f"cancel-{order.id}", t("reports.cancel"), t("reports.cancel_sure"), lambda: _cancel(me, order)
        )


def _send_now(me: Principal, order: Schedule) -> None:
    t = texts(me)
    period = schedules.period_before(order.frequency, filters.local_today(me))
    with actions.explaining_errors(me, {Unavailable: "reports.not_sent"}), st.spinner(t("reports.sending")):
        delivery.send(gate.database(), gate.settings(), me.tenant_id, period, to=me.email, locale=order.locale)
        actions.done(t("reports.sent", to=me.email))


def _cancel(me: Principal, order: Schedule) -> None:
    with gate.transaction(me) as conn:
        schedules.remove(conn, me.tenant_id, order.id, actor=me.actor)
    actions.done(texts(me)("reports.cancelled"))


def _new(me: Principal) -> None:
    t = texts(me)
    with st.form("report-schedule", border=False):
        frequency = st.radio(
            t("reports.how_often"), list(Frequency), format_func=lambda f: t(f"reports.{f}"), horizontal=True
        )
        people = st.text_area(t("reports.recipients"), me.email, help=t("reports.recipients_help"))
        hour = st.number_input(t("reports.hour"), 0, 23, 8, help=t("reports.hour_help"))
        language = st.selectbox(t("reports.language"), list(LOCALES), index=list(LOCALES).index(locale(me)),
                                format_func=LOCALES.__getitem__)  # fmt: skip
        if not st.form_submit_button(t("reports.order"), type="primary"):
            return
    with actions.explaining_errors(me, {Invalid: "reports.bad_order"}):
        with gate.transaction(me) as conn:
            schedules.add(
                conn, me.tenant_id, frequency=frequency or Frequency.WEEKLY, locale=language, hour=int(hour),
                recipients=people.replace(",", "\n").splitlines(), actor=me.actor,
            )  # fmt: skip
        actions.done(t("reports.ordered"))
