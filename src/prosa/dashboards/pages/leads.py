"""The list of a period's conversations: filters, order and pages, all kept in the address, and downloads."""

import streamlit as st

from prosa.dashboards import filters, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages import leads_filters, no_conversations, queries, table
from prosa.errors import Invalid
from prosa.facts.listing import Page, Sort
from prosa.facts.model import Filter, Period
from prosa.tenancy.model import Principal, UserRole

ROWS = 50  # a page


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    basics = queries.basics(me)
    if basics.coverage.newest is None:
        return no_conversations.show(me, basics.coverage, t("leads.title"))
    widgets.page_title(t("leads.title"), t("leads.intro", tenant=me.tenant_name))
    with st.container(key="filters"):
        period = filters.period_picker(me)
    where = leads_filters.show(me, basics.inboxes)
    with widgets.error_boundary("the list"):
        _list(me, period, where)


def _list(me: Principal, period: Period, where: Filter) -> None:
    t, form, sort = texts(me), formats(me), _asked_sort()
    found = _page(me, period, where, sort)
    if not found.total:
        widgets.empty_state(t("leads.none_title"), t("leads.none_text"), hint=t("leads.none_hint"))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="list-tools"):
        _sort_picker(me, sort)
        columns = _columns(me, sort)
        table.downloads(me, period, where, t("leads.count", count=form.number(found.total)))
    table.show(me, found.rows, columns, page="leads", sort=sort)
    with st.container(horizontal=True, horizontal_alignment="right", key="paging"):
        if "after" in st.query_params:
            st.button(
                t("leads.first"), on_click=filters.set_parameter, args=("after", None), icon=":material/first_page:"
            )
        if found.next:
            st.button(t("leads.next"), on_click=filters.set_parameter, args=("after", found.next),
                      icon=":material/chevron_right:")  # fmt: skip


def _page(me: Principal, period: Period, where: Filter, sort: Sort) -> Page:
    """The page that the address names. A cursor of another order, or a made-up one, means the first page."""
    try:
        return queries.listed(me, period, where, sort, st.query_params.get("after"), ROWS)
    except Invalid:
        filters.set_parameter("after", None)
        return queries.listed(me, period, where, sort, None, ROWS)


def _asked_sort() -> Sort:
    asked = st.query_params.get("sort", Sort.NEWEST)
    return Sort(asked) if asked in list(Sort) else Sort.NEWEST


def _sort_picker(me: Principal, sort: Sort) -> None:
    t, names = texts(me), list(Sort)
    st.selectbox(
        t("leads.sort"), names, index=names.index(sort), key="sort", width=230, format_func=lambda name: t(f"sort.{name}"),
        on_change=_remember_sort, label_visibility="collapsed",
    )  # fmt: skip


def _remember_sort() -> None:
    filters.set_parameter("after", None)
    filters.set_parameter("sort", None if st.session_state.sort == Sort.NEWEST else str(st.session_state.sort))


def _columns(me: Principal, sort: Sort) -> list[str]:
    """The chosen columns in their usual order, and the one that the list is ordered by, or it would look unordered.

    Among the usual columns it takes the place of the last one, so that they still fit on every screen.
    """
    t = texts(me)
    asked = [key for key in table.COLUMNS if key in st.query_params.get_all("col")] or list(table.USUAL)
    with st.popover(t("leads.columns"), icon=":material/view_column:"):
        chosen = st.multiselect(
            t("leads.columns"), table.COLUMNS, default=asked, key="columns", label_visibility="collapsed",
            format_func=lambda key: t(f"column.{key}"), on_change=_remember_columns, placeholder=t("leads.choose"),
            select_all=False,
        )  # fmt: skip
    by, _ = table.ORDERED_BY[sort]
    if not chosen or tuple(chosen) == table.USUAL:
        chosen = list(table.USUAL if by in table.USUAL else table.USUAL[:-1])
    shown = {*chosen, by}
    return [key for key in table.COLUMNS if key in shown]


def _remember_columns() -> None:
    chosen = st.session_state.columns
    filters.set_parameter("col", None if tuple(chosen) == table.USUAL else list(chosen))
