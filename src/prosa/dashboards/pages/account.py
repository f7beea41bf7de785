"""The user's own account: password, second factor, sessions, language and theme."""

from html import escape

import streamlit as st

from prosa.dashboards import actions, chrome, gate, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import LOCALES
from prosa.dashboards.pages import account_factor
from prosa.errors import Invalid, Unauthenticated
from prosa.tenancy import sessions, users
from prosa.tenancy.model import Principal, SessionInfo, TooManyTries, UserRole
from prosa.tenancy.passwords import MIN_LENGTH

THEMES = ("auto", "light", "dark")


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    widgets.page_title(t("account.title"), " · ".join(filter(None, (me.name, me.email, t(f"app.role_{me.role}")))))
    actions.show_done()
    left, right = st.columns(2, gap="small")
    with left, widgets.panel(t("account.password"), "password"):
        _password(me)
    with right:
        with widgets.panel(t("account.factor"), "factor"):
            account_factor.show(me)
        with widgets.panel(t("account.appearance"), "appearance"):
            _appearance(me)
    with widgets.panel(t("account.sessions"), "sessions"):
        _sessions(me)


def _password(me: Principal) -> None:
    t = texts(me)
    with st.form("password", border=False):
        current = st.text_input(t("account.current"), type="password", autocomplete="current-password")
        new = st.text_input(t("password.new"), type="password", autocomplete="new-password",
                            help=t("password.rule", least=MIN_LENGTH))  # fmt: skip
        again = st.text_input(t("password.again"), type="password", autocomplete="new-password")
        if not st.form_submit_button(t("account.change"), type="primary"):
            return
    if new != again:
        st.error(t("password.differ"))
        return
    if len(new) < MIN_LENGTH:
        st.error(t("password.too_short", least=MIN_LENGTH))
        return
    wrong: actions.Wrong = {
        Unauthenticated: "account.wrong_password",
        TooManyTries: "account.brake",
        Invalid: "act.failed",
    }
    with actions.explaining_errors(me, wrong):
        users.change_own_password(gate.database(), me, current=current, new=new, address=gate.address())
        actions.done(t("account.changed"))


def _appearance(me: Principal) -> None:
    """Language and theme, as forms of the page and not widgets: both are kept in cookies, which a Streamlit page cannot set."""
    t = texts(me)
    themes = {theme: t(f"account.theme_{theme}") for theme in THEMES}
    theme = st.context.cookies.get("prosa_theme", THEMES[0])
    for kind, label, choices, chosen in (
        ("language", t("app.language"), LOCALES, gate.locale(me)),
        ("theme", t("account.theme"), themes, theme),
    ):
        form = chrome.preference_html(kind, label, choices, chosen=chosen, back="/app/account")
        st.html(f'<div class="prosa-choice"><span>{escape(label)}</span>{form}</div>')


def _sessions(me: Principal) -> None:
    t = texts(me)
    with gate.own_transaction(me) as conn:
        found = sessions.live_sessions(conn, me.home, me.user_id)
    st.html(f'<p class="prosa-intro">{escape(t("account.sessions_intro"))}</p>')
    for session in found:
        _session(me, session)
    if len(found) > 1:
        actions.confirm(me, "end-others", t("account.end_others"), t("account.end_others_sure"), lambda: _end(me, None))


def _session(me: Principal, session: SessionInfo) -> None:
    t, form = texts(me), formats(me)
    mine = session.id == me.session_id
    with st.container(horizontal=True, vertical_alignment="center", key=f"session-{session.id}"):
        used = t("account.this_session") if mine else t("account.last_used", moment=form.moment(session.last_seen_at))
        st.html(
            f'<div class="prosa-line"><strong>{escape(device(session.user_agent or "", t("account.unknown_device")))}</strong>'
            f'<span class="prosa-note">{escape(used)} · {escape(session.address or "–")} · '
            f"{escape(t('account.since', moment=form.moment(session.created_at)))}</span></div>"
        )
        if not mine and st.button(t("account.end"), key=f"end-{session.id}"):
            _end(me, session.id)


def _end(me: Principal, only: int | None) -> None:
    """End one of the user's own sessions, or all but this one."""
    with gate.own_transaction(me) as conn:
        sessions.revoke_sessions(conn, me.home, me.user_id, actor=me.actor, only=only, keep=me.session_id)
    actions.done(texts(me)("account.ended"))


def device(user_agent: str, unknown: str) -> str:
    """The browser and system in a user agent, as far as people care: Chrome · Windows."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
    found = [next((name for mark, name in known if mark in user_agent), None) for known in (browsers, systems)]
    return " · ".join(name for name in found if name) or unknown
