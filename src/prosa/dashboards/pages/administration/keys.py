"""API keys: created (shown once), listed, revoked."""

import streamlit as st

from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.tenancy import api_keys
from prosa.tenancy.model import SCOPES, ApiKey, Principal, UserRole

SECRET = "_new_key"  # noqa: S105  (a name in the session's state)


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("keys.title"), t("keys.intro"))
    actions.show_done()
    actions.show_secret(SECRET, t("keys.shown_once"), t("keys.kept"))
    if SECRET not in st.session_state:  # a double click makes one key, and nobody leaves one behind unread
        with widgets.panel(t("keys.new"), "new-key"):
            _create(me)
    with gate.transaction(me) as conn:
        found = api_keys.list_keys(conn, me.tenant_id)
    if not found:
        widgets.empty_state(t("keys.empty_title"), t("keys.empty_text"))
        return
    with widgets.panel(t("keys.list"), "keys"):
        for key in found:
            _key(me, key)


def _create(me: Principal) -> None:
    t = texts(me)
    with st.form("key", border=False):
        name = st.text_input(t("keys.name"), max_chars=100, placeholder=t("keys.name_example"))
        scopes = st.multiselect(
            t("keys.scopes"), SCOPES, placeholder=t("keys.all_scopes"), help=t("keys.scopes_help"),
            format_func=lambda scope: t(f"keys.scope_{scope.replace(':', '_')}"), select_all=False,
        )  # fmt: skip
        if not st.form_submit_button(t("keys.create"), type="primary"):
            return
    if not name.strip():
        st.error(t("keys.no_name"))
        return
    with gate.transaction(me) as conn:
        key = api_keys.create_key(conn, me.tenant_id, actor=me.actor, name=name.strip(), scopes=scopes)
    st.session_state[SECRET] = key.secret
    st.rerun()


def _key(me: Principal, key: ApiKey) -> None:
    t, form = texts(me), formats(me)
    used = form.moment(key.last_used_at) if key.last_used_at else t("keys.never")
    details = t("keys.details", prefix=key.prefix, created=form.date(key.created_at), used=used)
    scopes = ", ".join(t(f"keys.scope_{s.replace(':', '_')}") if s in SCOPES else s for s in key.scopes)
    with st.container(horizontal=True, vertical_alignment="center", key=f"key-{key.id}"):
        marks = [tables.badge(t("keys.revoked"), "bad")] if key.revoked_at else []
        tables.line(key.name or key.prefix, f"{details} · {scopes or t('keys.all_scopes')}", *marks)
        if not key.revoked_at:
            actions.confirm(me, f"revoke-{key.id}", t("keys.revoke"), t("keys.revoke_sure"), lambda: _revoke(me, key))


def _revoke(me: Principal, key: ApiKey) -> None:
    with gate.transaction(me) as conn:
        api_keys.revoke_key(conn, me.tenant_id, key.prefix, actor=me.actor)
    actions.done(texts(me)("keys.was_revoked", name=key.name or key.prefix))
