"""The platform's companies: adding one with its first administrator, changing, suspending, deleting after a time of grace."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import streamlit as st

from prosa.dashboards import actions, gate, lists, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import LOCALES
from prosa.dashboards.pages.administration.users import LINK, SENT, hand_on, show_link
from prosa.dashboards.pages.platform import entering
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy import tenant_deletion, tenants, users
from prosa.tenancy.model import Principal, Tenant, UserRole

WRONG: actions.Wrong = {Invalid: "tenants.invalid", Conflict: "tenants.taken", NotFound: "tenants.gone"}
BRAZIL = ("America/Sao_Paulo", "America/Manaus", "America/Fortaleza", "America/Cuiaba", "America/Rio_Branco",
          "America/Noronha")  # fmt: skip


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t = texts(me)
    widgets.page_title(t("tenants.title"), t("tenants.intro"))
    actions.show_done()
    show_link(me)
    with gate.transaction(me) as conn:
        found = sorted(tenants.list_tenants(conn), key=lambda tenant: lists.folded(tenant.name))
    created = st.session_state.get(SENT, 0)  # a new key closes it again
    with st.expander(t("tenants.new"), expanded=not found, icon=":material/add:", key=f"new-tenant-{created}"):
        _create(me)
    with widgets.panel(t("tenants.list", count=len(found)), "tenants"):
        if not found:
            widgets.hint(t("tenants.none"))
        for tenant in lists.narrowed(me, found, lambda tenant: f"{tenant.name} {tenant.slug}", key="tenants"):
            _tenant(me, tenant)


def _zones() -> list[str]:
    """The time zones, Brazil's first: there are four hundred others."""
    return [*BRAZIL, *sorted(name for name in available_timezones() if "/" in name and name not in BRAZIL)]


def _create(me: Principal) -> None:
    t = texts(me)
    with st.form(f"tenant-{st.session_state.get(SENT, 0)}", border=False):  # once it is there, an empty one
        left, right = st.columns(2, gap="small")
        name = left.text_input(t("tenants.name"), max_chars=200)
        slug = right.text_input(t("tenants.slug"), max_chars=63, help=t("tenants.slug_help"))
        zone = left.selectbox(t("tenants.zone"), _zones())
        email = right.text_input(t("tenants.admin"), max_chars=254, help=t("tenants.admin_help"))
        if not st.form_submit_button(t("tenants.create"), type="primary"):
            return
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            short = slug.strip() or tenants.slug_of(name)
            tenant = tenants.add_tenant(conn, slug=short, name=name, timezone=zone, actor=me.as_operator)
            token = None
            if email.strip():
                _, token = users.invite(conn, tenant.id, email=email, role=UserRole.ADMIN, actor=me.as_operator)
        st.cache_data.clear()
        st.session_state[SENT] = st.session_state.get(SENT, 0) + 1
        if token:
            hand_on(me, email.strip().lower(), token, company=tenant.name, invited_as="")
        actions.done(t("tenants.created", name=tenant.name))


def _tenant(me: Principal, tenant: Tenant) -> None:
    t, form = texts(me), formats(me)
    marks = []
    if tenant.delete_after:
        marks.append(tables.badge(t("tenants.deleted_on", day=form.date(tenant.delete_after)), "bad"))
    elif tenant.suspended_at:
        marks.append(tables.badge(t("alert.suspended"), "bad"))
    with st.container(horizontal=True, vertical_alignment="center", key=f"tenant-{tenant.id}"):
        details = t("tenants.details", slug=tenant.slug, zone=tenant.timezone, since=form.date(tenant.created_at))
        tables.line(tenant.name, details, *marks)
        st.html(entering.form_html(tenant.id, t("agency.enter"), inline=True), width="content")
        # Its contents are made when it is opened: a form with every time zone for each of 200 companies takes seconds.
        with st.popover(t("users.actions"), key=f"tenant-{tenant.id}-options", on_change="rerun") as options:
            if options.open:
                _actions(me, tenant)


def _actions(me: Principal, tenant: Tenant) -> None:
    t, key = texts(me), f"tenant-{tenant.id}"
    fresh = actions.fresh(key, (tenant.name, tenant.timezone, tenant.locale))
    with st.form(f"{key}-edit", border=False):
        name = st.text_input(t("tenants.name"), tenant.name, max_chars=200)
        zones = _zones()
        at = zones.index(tenant.timezone) if tenant.timezone in zones else 0
        zone = st.selectbox(t("tenants.zone"), zones, index=at)
        codes = list(LOCALES)
        at = codes.index(tenant.locale) if tenant.locale in codes else 0
        locale = st.selectbox(t("app.language"), codes, index=at, format_func=lambda code: LOCALES[code])
        saved = st.form_submit_button(t("act.save"))
    if saved and not fresh:
        actions.changed_meanwhile(me)
    elif saved:
        with actions.explaining_errors(me, WRONG):
            with gate.transaction(me) as conn:
                tenants.change_tenant(conn, tenant.id, name=name, timezone=zone, locale=locale, actor=me.as_operator)
            _changed(t("act.saved"))
    _end(me, tenant)


def _end(me: Principal, tenant: Tenant) -> None:
    """Suspending and deleting, and the way back from each."""
    t, key = texts(me), f"tenant-{tenant.id}"
    if tenant.delete_after:
        if st.button(t("tenants.keep"), key=f"{key}-keep", type="primary"):
            with actions.explaining_errors(me, WRONG):
                with gate.transaction(me) as conn:
                    tenant_deletion.keep(conn, tenant.id, actor=me.as_operator)
                _changed(t("tenants.kept", name=tenant.name))
        return
    sure = tenant.suspended_at or st.checkbox(
        t("tenants.suspend_sure"), key=f"{key}-sure", help=t("tenants.suspend_help")
    )
    if st.button(
        t("tenants.resume" if tenant.suspended_at else "tenants.suspend"), key=f"{key}-suspend", disabled=not sure
    ):
        with actions.explaining_errors(me, WRONG):
            with gate.transaction(me) as conn:
                tenants.set_suspended(conn, tenant.id, suspended=not tenant.suspended_at, actor=me.as_operator)
            _changed(t("act.saved"))
    word = st.text_input(
        t("tenants.delete_type", slug=tenant.slug, days=tenant_deletion.GRACE.days), key=f"{key}-typed"
    )
    if st.button(t("tenants.delete"), key=f"{key}-delete", disabled=word.strip() != tenant.slug, type="primary"):
        with actions.explaining_errors(me, WRONG):
            with gate.transaction(me) as conn:
                when = tenant_deletion.delete_later(conn, tenant.id, actor=me.as_operator, now=datetime.now(UTC))
            _changed(t("tenants.marked", name=tenant.name, day=formats(me).date(when)))


def _changed(text: str) -> None:
    st.cache_data.clear()
    st.session_state.pop(LINK, None)
    actions.done(text)
