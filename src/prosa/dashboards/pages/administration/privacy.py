"""What the law entitles a contact to (LGPD, Art. 18): a copy of everything about a number, and its erasure."""

import json
from datetime import UTC, datetime

import streamlit as st

from prosa import privacy
from prosa.conversations import addresses
from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages.administration import audit_log
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit, users
from prosa.tenancy.audit import AuditFilter
from prosa.tenancy.model import Principal, UserRole

WRONG: actions.Wrong = {Invalid: "privacy.bad_phone", NotFound: "privacy.nothing"}
ROWS = 20
ERASED = "_erased"  # in the session's state: how many contacts have been erased
COPY = "_copy"  # in the session's state: a number and the file about it


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("privacy.title"), t("privacy.intro"))
    actions.show_done()
    # The key changes with each erasure, so the number that was erased does not stay in the field.
    with st.form(f"phone-{st.session_state.get(ERASED, 0)}", border=False):
        phone = st.text_input(t("privacy.phone"), placeholder="+55 11 99999-0000", max_chars=60)
        asked = st.form_submit_button(t("privacy.find"), type="primary")
    if asked:
        phone = phone.strip()  # as copied from elsewhere; to erase, it is typed once more
        st.session_state["_phone"] = phone
        st.session_state.pop(COPY, None)
        if not phone:
            st.error(t("privacy.bad_phone"))
    phone = st.session_state.get("_phone", "")
    if not phone:
        with widgets.panel(t("privacy.answered"), "answered", t("privacy.answered_help")):
            _answered(me)
        return
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            traces = privacy.find(conn, me.tenant_id, phone, secret_keys=gate.settings().secret_keys)
        found = t("privacy.found", contacts=len(traces.contacts), conversations=len(traces.conversations))
        st.info(found, icon=":material/person_search:")
        left, right = st.columns(2, gap="small")
        with left, widgets.panel(t("privacy.copy"), "copy"):
            _copy(me, phone)
        with right, widgets.panel(t("privacy.erase"), "erase"):
            _erase(me, phone, traces)


def _answered(me: Principal) -> None:
    """The latest requests that were answered, out of the audit log: what to show when the authority asks."""
    t, form = texts(me), formats(me)
    with gate.transaction(me) as conn:
        found = audit.list_entries(conn, me.tenant_id, where=AuditFilter("contact."), limit=ROWS)
        names = {f"user:{user.id}": user.name or user.email for user in users.list_users(conn, me.tenant_id)}
    if not found:
        return widgets.hint(t("privacy.none_answered"))
    headers = [t(f"audit_log.{name}") for name in ("at", "actor", "action", "object")]
    rows = [
        [form.moment(entry.at), audit_log.who(t, entry.actor, names), audit_log.named(me, entry.action),
         audit_log.who(t, entry.object or "–", names)]
        for entry in found
    ]  # fmt: skip
    return tables.table(t("privacy.answered"), headers, rows)


def _copy(me: Principal, phone: str) -> None:
    t = texts(me)
    st.html(f'<p class="prosa-intro">{t("privacy.copy_text")}</p>')
    if st.button(t("privacy.make_copy")):
        with gate.transaction(me) as conn:
            keys = gate.settings().secret_keys
            found = privacy.export(conn, me.tenant_id, phone, secret_keys=keys, actor=me.actor)
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
    actions.confirm(me, "erase", t("privacy.erase"), t("privacy.erase_sure"), lambda: _do_erase(me, phone), typed=phone)


def _do_erase(me: Principal, phone: str) -> None:
    """Erase by the operator's connection: a tenant's own may not touch the log of transitions (prosa.privacy.erase)."""
    with gate.database().operator() as conn:
        keys = gate.settings().secret_keys
        privacy.erase(conn, me.tenant_id, phone, secret_keys=keys, actor=me.actor, now=datetime.now(UTC))
    for key in ("_phone", COPY):
        st.session_state.pop(key, None)
    st.session_state[ERASED] = st.session_state.get(ERASED, 0) + 1
    actions.done(texts(me)("privacy.erased"))
