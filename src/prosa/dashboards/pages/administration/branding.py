"""The tenant's colour and logo, with a preview and a look at the contrast."""

from html import escape

import streamlit as st

from prosa.dashboards import actions, brand, gate, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.tenancy import branding
from prosa.tenancy.branding import Branding
from prosa.tenancy.model import Principal, UserRole

SAVED = "_logo_saved"  # in the session's state: how many logos
WRONG: actions.Wrong = {branding.BadLogo: "branding.bad_logo"}


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("branding.title"), t("branding.intro"))
    actions.show_done()
    with gate.transaction(me) as conn:
        present = branding.read(conn, me.tenant_id)
    left, right = st.columns(2, gap="small")
    with left:
        with widgets.panel(t("branding.color"), "color"):
            color = _color(me, present)
        with widgets.panel(t("branding.logo"), "logo"):
            _logo(me, present)
    with right, widgets.panel(t("branding.preview"), "preview"):
        _preview(me, color)


def _color(me: Principal, present: Branding) -> str:
    t = texts(me)
    color = str(st.color_picker(t("branding.pick"), present.color or branding.OURS))
    with st.container(horizontal=True):
        if st.button(t("act.save"), key="save-color", type="primary"):
            _save_color(me, color)
        if present.color and st.button(t("branding.reset")):
            _save_color(me, None)
    return color


def _save_color(me: Principal, color: str | None) -> None:
    with gate.transaction(me) as conn:
        branding.set_color(conn, me.tenant_id, color, actor=me.actor)
    brand.forget()
    actions.done(texts(me)("act.saved"))


def _logo(me: Principal, present: Branding) -> None:
    t = texts(me)
    st.html(f"<style>:root{{--upload:'{escape(t('branding.choose'))}'}}</style>")
    if present.logo:
        st.image(present.logo, width=200)
        actions.confirm(
            me, "remove-logo", t("branding.remove"), t("branding.remove_sure"), lambda: _save_logo(me, None)
        )
    st.html(f'<p class="prosa-intro">{escape(t("branding.logo_rule"))}</p>')
    key = f"logo-{st.session_state.get(SAVED, 0)}"  # once it is the logo, the field is empty again
    file = st.file_uploader(t("branding.upload"), ["png", "jpg", "jpeg", "webp"], max_upload_size=2, key=key)
    if file is not None and st.button(t("branding.save_logo"), type="primary"):
        with actions.explaining_errors(me, WRONG):
            _save_logo(me, file.getvalue())


def _save_logo(me: Principal, picture: bytes | None) -> None:
    with gate.transaction(me) as conn:
        branding.set_logo(conn, me.tenant_id, picture, actor=me.actor)
    st.session_state[SAVED] = st.session_state.get(SAVED, 0) + 1
    brand.forget()
    actions.done(texts(me)("act.saved"))


def _preview(me: Principal, color: str) -> None:
    """The colour as each theme uses it, in the real sizes, with the contrast that it reaches."""
    t, form = texts(me), formats(me)
    for theme, page_color in brand.PAGES.items():
        used = brand.readable(color, brand.GROUNDS[theme])
        ratio = form.number(brand.contrast(used, brand.GROUNDS[theme]), 1)
        note = t("branding.as_chosen" if used == color else "branding.adjusted", ratio=ratio, color=used)
        st.html(
            f'<div class="prosa-preview" style="background:{page_color};color:{brand.TEXTS[theme]}">'
            f"<strong>{escape(t(f'account.theme_{theme}'))}</strong>"
            f'<p style="color:{used}">{escape(t("branding.sample"))}</p>'
            f'<span class="prosa-preview-button" style="background:{used};color:{brand.on(used)}">'
            f"{escape(t('branding.button'))}</span></div>"
        )
        st.html(f'<p class="prosa-note">{escape(note)}</p>')
