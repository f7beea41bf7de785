"""What the law gives a contact (LGPD, Art. 18): a copy of everything about a number, and its erasure."""

import json
from datetime import UTC, datetime

import streamlit as st

from prosa import privacy
from prosa.conversations import addresses
from prosa.dashboards import acts, gate, widgets
from prosa.dashboards.gate import require, texts
from prosa.errors import Invalid, NotFound
from prosa.tenancy.model import Principal, UserRole

WRONG: acts.Wrong = {Invalid: "privacy.bad_phone", NotFound: "privacy.nothing"}
COPY = "_copy"  # in the session's state: a number and the file about it


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("privacy.title"), t("privacy.intro"))
    acts.show_done()
    with st.form("phone", border=False):
        phone = st.text_input(t("privacy.phone"), placeholder="+55 11 99999-0000", max_chars=60)
        asked = st.form_submit_button(t("privacy.find"), type="primary")
    if asked:
        st.session_state["_phone"] = phone
        st.session_state.pop(COPY, None)
    phone = st.session_state.get("_phone", "")
    if not phone:
        return
    with acts.telling(me, WRONG):
        with gate.reading(me) as conn:
            traces = privacy.find(conn, me.tenant_id, phone)
        found = t("privacy.found", contacts=len(traces.contacts), conversations=len(traces.conversations))
        st.info(found, icon=":material/person_search:")
        left, right = st.columns(2, gap="small")
        with left, widgets.panel(t("privacy.copy"), "copy"):
            _copy(me, phone)
        with right, widgets.panel(t("privacy.erase"), "erase"):
            _erase(me, phone, traces)


def _copy(me: Principal, phone: str) -> None:
    t = texts(me)
    st.html(f'<p class="prosa-intro">{t("privacy.copy_text")}</p>')
    if st.button(t("privacy.make_copy")):
        with gate.reading(me) as conn:
            found = privacy.export(conn, me.tenant_id, phone, actor=me.actor)
        st.session_state[COPY] = (phone, json.dumps(found, ensure_ascii=False, indent=2, default=str))
    kept = st.session_state.get(COPY)
    if kept and kept[0] == phone:
        name = f"{addresses.parse(phone).key.lstrip('+')}.json"
        st.download_button(t("privacy.download"), kept[1], name, mime="application/json", type="primary")


def _erase(me: Principal, phone: str, traces: privacy.Traces) -> None:
    t = texts(me)
    st.html(f'<p class="prosa-intro">{t("privacy.erase_text")}</p>')
    if traces.mirrored:
        st.warning(t("privacy.mirrored", count=traces.mirrored), icon=":material/sync_problem:")
    acts.confirm(me, "erase", t("privacy.erase"), t("privacy.erase_sure"), lambda: _do_erase(me, phone), typed=phone)


def _do_erase(me: Principal, phone: str) -> None:
    """The operator's connection: a tenant's own may not touch the log of transitions (prosa.privacy.erase)."""
    with gate.database().operator() as conn:
        privacy.erase(conn, me.tenant_id, phone, actor=me.actor, now=datetime.now(UTC))
    for key in ("_phone", COPY):
        st.session_state.pop(key, None)
    acts.done(texts(me)("privacy.erased"))
