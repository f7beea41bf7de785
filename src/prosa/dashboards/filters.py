"""The pickers of period and inboxes. What was chosen is in the page's address, so that a view can be kept and shared.

The address carries names and ids (`?period=custom&from=2026-11-01&to=2026-11-15&inbox=7`), never translated labels.
"""

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import streamlit as st

from prosa.dashboards.gate import locale, texts
from prosa.errors import Invalid
from prosa.facts import periods
from prosa.facts.inventory import Named
from prosa.facts.model import Period
from prosa.tenancy.model import Principal

CHOICES = (*periods.PRESETS, "custom")
DEFAULT = "30d"
DATE_INPUT = {"pt_BR": "DD/MM/YYYY", "en": "MM/DD/YYYY"}  # the order of the dates on the rest of the screen


def local_today(me: Principal) -> date:
    """The present date in the tenant's zone."""
    return datetime.now(ZoneInfo(me.timezone)).date()


def period_picker(me: Principal) -> Period:
    """The choice of a period, which the address remembers. An impossible period in the address counts as the default."""
    t, today = texts(me), local_today(me)
    st.segmented_control(
        t("filter.period"), CHOICES, key="period", default=_asked_period(), required=True,
        format_func=lambda name: t(f"filter.{name}"), on_change=_remember_period, label_visibility="collapsed", wrap=True,
    )  # fmt: skip
    chosen = st.session_state.period or DEFAULT
    return _custom(me, today) if chosen == "custom" else periods.preset(chosen, today)


def inbox_picker(me: Principal, inboxes: Sequence[Named]) -> tuple[int, ...]:
    """The choice of inboxes, by id; empty means all of them."""
    t, names = texts(me), {inbox.id: inbox.name for inbox in inboxes}
    asked = [inbox for inbox in names if str(inbox) in st.query_params.get_all("inbox")]
    return tuple(
        st.multiselect(
            t("filter.inboxes"), names, key="inboxes", default=asked, format_func=lambda i: names.get(i, ""),
            placeholder=t("filter.all_inboxes"), select_all=False, on_change=_remember_inboxes,
            label_visibility="collapsed",
        )
    )  # fmt: skip


def _asked_period() -> str:
    asked = st.query_params.get("period", DEFAULT)
    return asked if asked in CHOICES else DEFAULT


def _custom(me: Principal, today: date) -> Period:
    """The choice of two dates. Until the second is chosen, the period is the first one's day."""
    usual = periods.preset(DEFAULT, today)
    asked = asked_dates((usual.first, usual.last))
    with st.container(width=300):
        chosen = st.date_input(
            texts(me)("filter.dates"), asked, key="dates", format=DATE_INPUT[locale(me)], on_change=remember_dates,
            min_value=periods.EARLIEST, max_value=max(today, asked[1]), label_visibility="collapsed",
        )  # fmt: skip
    days = sorted(chosen) if isinstance(chosen, tuple) and chosen else asked
    try:
        return periods.between(days[0], days[-1])
    except Invalid:
        return periods.between(*asked)


def asked_dates(usual: tuple[date, date]) -> tuple[date, date]:
    """The first and last day that the address names; the usual ones if it names none, or impossible ones."""
    try:
        asked = periods.between(
            date.fromisoformat(st.query_params.get("from", "")), date.fromisoformat(st.query_params.get("to", ""))
        )
    except (ValueError, Invalid):
        return usual
    return asked.first, asked.last


def _remember_period() -> None:
    set_parameter("after", None)
    set_parameter("period", st.session_state.period if st.session_state.period != DEFAULT else None)
    if st.session_state.period != "custom":
        set_parameter("from", None)
        set_parameter("to", None)


def remember_dates() -> None:
    """Keep the days of the date input `dates` in the address, once both are chosen."""
    set_parameter("after", None)
    if len(st.session_state.dates) == 2:
        for name, day in zip(("from", "to"), st.session_state.dates, strict=True):
            set_parameter(name, day.isoformat())


def _remember_inboxes() -> None:
    set_parameter("inbox", [str(inbox) for inbox in st.session_state.inboxes])


def address(**changes: str | None) -> str:
    """This page's query with these parameters changed (None: removed), for a link."""
    kept = [(name, value) for name in st.query_params if name not in changes for value in st.query_params.get_all(name)]
    return "?" + urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])


def here(page: str) -> str:
    """This page with everything in its address, for the way back to it."""
    return f"{page}{address()}" if len(st.query_params) else page


def set_parameter(name: str, value: str | list[str] | None) -> None:
    """Write a parameter into the address; nothing takes it out."""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
