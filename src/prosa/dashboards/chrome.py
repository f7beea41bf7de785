"""What surrounds every page: the brand, the user and the company, the language, and logging out."""

from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from PIL import Image

from prosa.dashboards import brand as tenant_brand
from prosa.dashboards import gate
from prosa.dashboards.i18n import LOCALES
from prosa.tenancy.model import Principal

LOGO = Path(__file__).parent / "logo.svg"


def brand(me: Principal) -> None:
    """The tenant's logo on top of the sidebar, or the product's."""
    logo = tenant_brand.of(me).logo
    if logo is None:
        st.logo(LOGO.read_text(encoding="utf-8"), size="large")
    else:
        st.logo(Image.open(BytesIO(logo)), size="large")


def menu(groups: Mapping[str, Sequence[st.Page]]) -> None:
    """The pages, by group, on top of the sidebar. Streamlit's own menu hides itself if there is only one page."""
    with st.sidebar.container(key="menu", gap=None):
        for heading, pages in groups.items():
            if heading:
                st.html(f'<h2 class="prosa-menu-heading">{escape(heading)}</h2>')
            for page in pages:
                if page.visibility == "hidden":
                    continue
                st.page_link(page, width="stretch")


def banner(me: Principal) -> None:
    """What stands above every page of a tenant that an operator looks into: whose it is, and the way back."""
    if not me.acting:
        return
    t = gate.texts(me)
    st.html(
        f'<div class="prosa-banner" role="status"><span>{escape(t("app.acting", tenant=me.tenant_name))}</span>'
        '<form method="post" action="/act"><input type="hidden" name="tenant" value="0">'
        f"<button>{escape(t('app.acting_end'))}</button></form></div>"
    )


def account(me: Principal, *, path: str) -> None:
    """The foot of the sidebar. `path` is the page's own: a change of language comes back to it, filters included.

    Logging out is a form of the page itself: it works without any script.
    """
    t, languages = gate.texts(me), _languages(me, path)
    name = me.name or me.email
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    st.sidebar.html(
        '<div class="prosa-account"><div class="prosa-who">'
        f'<span class="prosa-avatar" aria-hidden="true">{escape(initials)}</span>'
        f"<div><strong>{escape(me.tenant_name)}</strong><span>{escape(name)}</span>"
        f"<span>{escape(t(f'app.role_{me.role}'))}</span></div></div>"
        f'<div class="prosa-actions">{languages}'
        f'<form method="post" action="/logout"><button>{escape(t("app.logout"))}</button></form></div></div>'
    )


def preference_html(
    kind: str, label: str, choices: Mapping[str, str], *, chosen: str, back: str, short: bool = False
) -> str:
    """A form that keeps a language or a theme in a cookie (api/preferences.py), which a page itself cannot set.

    Then it leads `back`. `short` shows the choices' codes: PT for pt_BR.
    """
    buttons = []
    for value, name in choices.items():
        mark = ' aria-current="true"' if value == chosen else ""
        text = value.split("_")[0].upper() if short else name
        buttons.append(
            f'<button name="choice" value="{escape(value)}" title="{escape(name)}" aria-label="{escape(name)}"{mark}>'
            f"{escape(text)}</button>"
        )
    return (
        f'<form method="post" action="/{kind}" class="prosa-choices" aria-label="{escape(label)}">'
        f'<input type="hidden" name="next" value="{escape(back)}">{"".join(buttons)}</form>'
    )


def _languages(me: Principal, path: str) -> str:
    query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
    back = f"/app/{path}?{query}" if query else f"/app/{path}"
    label = gate.texts(me)("app.language")
    return preference_html("language", label, LOCALES, chosen=gate.locale(me), back=back, short=True)
