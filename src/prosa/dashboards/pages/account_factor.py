"""The user's second factor: switching it on with a QR code, recovery codes, switching it off."""

from html import escape

import segno
import streamlit as st

from prosa.dashboards import actions, gate
from prosa.dashboards.gate import texts
from prosa.errors import Invalid, Unauthenticated
from prosa.tenancy import second_factor, sessions
from prosa.tenancy.model import Principal, TooManyTries

SECRET, CODES = "_factor_secret", "_factor_codes"  # in the session's state: shown once, kept nowhere else
WRONG: actions.Wrong = {
    Unauthenticated: "account.wrong_password",
    TooManyTries: "account.brake",
    Invalid: "account.wrong_code",
}


def show(me: Principal) -> None:
    """Draw what there is to do."""
    with gate.own_transaction(me) as conn:
        left = second_factor.owners(conn, me.home).get(me.user_id)
    if codes := st.session_state.get(CODES):
        _codes(me, codes)
    elif left is not None:
        _on(me, left)
    elif secret := st.session_state.get(SECRET):
        _confirm(me, secret)
    else:
        _off(me)


def _off(me: Principal) -> None:
    t = texts(me)
    st.html(f'<p class="prosa-intro">{escape(t("account.factor_off"))}</p>')
    if st.button(t("account.factor_begin"), type="primary"):
        with actions.explaining_errors(me, {}):
            with gate.own_transaction(me) as conn:
                secret = second_factor.begin(conn, me.home, me.user_id, secret_keys=gate.settings().secret_keys)
            st.session_state[SECRET] = secret
            st.rerun()


def _confirm(me: Principal, secret: str) -> None:
    t = texts(me)
    qr = segno.make(second_factor.address(secret, me.email), error="m").svg_data_uri(scale=5, border=2, light="#ffffff")
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    st.html(
        f'<p class="prosa-intro">{escape(t("account.factor_scan"))}</p>'
        f'<img class="prosa-qr" src="{qr}" alt="{escape(t("account.factor_qr"))}">'
        f'<p class="prosa-intro">{escape(t("account.factor_secret"))}<br><code class="prosa-secret">{grouped}</code></p>'
    )
    with st.form("factor", border=False):
        code = st.text_input(t("login.code"), autocomplete="one-time-code")
        if not st.form_submit_button(t("account.factor_confirm"), type="primary"):
            return
    with actions.explaining_errors(me, WRONG):
        with gate.own_transaction(me) as conn:
            codes = second_factor.confirm(conn, me.home, me.user_id, code, secret=secret, actor=me.actor)
        del st.session_state[SECRET]
        st.session_state[CODES] = codes
        st.rerun()


def _codes(me: Principal, codes: list[str]) -> None:
    t = texts(me)
    st.success(t("account.factor_is_on"))
    st.html(f'<p class="prosa-intro">{escape(t("account.codes_intro"))}</p>')
    st.code("\n".join(codes), language=None)
    if st.button(t("account.codes_kept"), type="primary"):
        del st.session_state[CODES]
        st.rerun()


def _on(me: Principal, left: int) -> None:
    t = texts(me)
    st.success(t("account.factor_is_on"))
    st.html(f'<p class="prosa-intro">{escape(t("account.codes_left", count=left))}</p>')
    with st.form("factor-off", border=False):
        password = st.text_input(t("account.current"), type="password", autocomplete="current-password")
        with st.container(horizontal=True):
            renew = st.form_submit_button(t("account.codes_renew"))
            off = st.form_submit_button(t("account.factor_remove"))
    if not (renew or off):
        return
    with actions.explaining_errors(me, WRONG):
        sessions.check_password(gate.database(), me, password, address=gate.address())
        with gate.own_transaction(me) as conn:
            if off:
                second_factor.remove(conn, me.home, me.user_id, actor=me.actor)
            else:
                st.session_state[CODES] = second_factor.renew_recovery_codes(conn, me.home, me.user_id, actor=me.actor)
        if off:
            actions.done(t("account.factor_removed"))
        st.rerun()
