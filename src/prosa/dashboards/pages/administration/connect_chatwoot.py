"""The form that connects a Chatwoot account: where its database is, a test, the account and its inboxes."""

from html import escape
from urllib.parse import quote

import streamlit as st

from prosa.dashboards import actions, gate
from prosa.dashboards.gate import texts
from prosa.dashboards.pages.administration.read_now import read_now
from prosa.errors import Invalid, Unavailable
from prosa.gateways.chatwoot.connecting import only_public
from prosa.gateways.chatwoot.errors import PrivateHost
from prosa.sources import connect
from prosa.sources.connect import Account
from prosa.tenancy.model import Principal

USUAL_NAME = "chatwoot_production"  # as Chatwoot's own installer calls its database
FOUND = "_chatwoot"  # in the session's state: the connection string that was tested, and the accounts there
WRONG: actions.Wrong = {
    PrivateHost: "chatwoot.private", Unavailable: "chatwoot.unreachable", Invalid: "chatwoot.unreadable"
}  # fmt: skip


def show(me: Principal) -> None:
    """Draw the form, or after a test the choice of account and inboxes."""
    if FOUND in st.session_state:
        _choose(me, *st.session_state[FOUND])
    else:
        _test(me)


def _test(me: Principal) -> None:
    t = texts(me)
    with st.form("chatwoot", border=False):
        host_at, port_at = st.columns([3, 1], gap="small")
        host = host_at.text_input(t("chatwoot.host"), placeholder="db.example.com", max_chars=200)
        port = port_at.number_input(t("chatwoot.port"), 1, 65535, 5432)
        name = st.text_input(t("chatwoot.database"), value=USUAL_NAME, max_chars=63)
        user = st.text_input(t("chatwoot.user"), max_chars=63, autocomplete="off")
        password = st.text_input(t("chatwoot.password"), type="password", autocomplete="off")
        st.html(f'<p class="prosa-intro">{escape(t("chatwoot.read_only"))}</p>')
        if not st.form_submit_button(t("chatwoot.test"), type="primary"):
            return
    if not (host.strip() and name.strip() and user.strip() and password):
        st.error(t("chatwoot.missing"))
        return
    if host.startswith(("/", "@")) or "," in host:  # a socket or a list of hosts: nothing that a tenant may name
        st.error(t("chatwoot.unreachable"))
        return
    address = f"postgresql://{quote(user.strip(), safe='')}:{quote(password, safe='')}@{_host(host)}:{int(port)}/"
    dsn = address + quote(name.strip(), safe="")
    if not (me.acting or host.strip().lower() in gate.settings().chatwoot_hosts):
        dsn = only_public(dsn)
    with actions.explaining_errors(me, WRONG), st.spinner(t("chatwoot.testing")):
        found = connect.accounts(dsn)
        if not found:
            raise Invalid("no accounts")
        st.session_state[FOUND] = (dsn, found)
        st.rerun()


def _choose(me: Principal, dsn: str, accounts: list[Account]) -> None:
    t = texts(me)
    st.success(t("chatwoot.works"), icon=":material/check_circle:")
    account = st.selectbox(t("chatwoot.account"), accounts, format_func=lambda a: f"{a.name} ({a.id})")
    names = {number: name for number, name, _ in account.inboxes}
    inboxes = st.multiselect(
        t("filter.inboxes"), names, format_func=lambda number: names[number], placeholder=t("chatwoot.all_inboxes"),
        help=t("chatwoot.inboxes_help"), select_all=False,
    )  # fmt: skip
    with st.container(horizontal=True):
        if st.button(t("chatwoot.connect"), type="primary"):
            _connect(me, dsn, account.id, inboxes)
        if st.button(t("act.cancel"), key="chatwoot-cancel"):
            del st.session_state[FOUND]
            st.rerun()


def _connect(me: Principal, dsn: str, account: int, inboxes: list[int]) -> None:
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            connected = connect.connect(
                conn, me.tenant_id, secret_keys=gate.settings().secret_keys, dsn=dsn, account_id=account,
                inboxes=inboxes, actor=me.actor,
            )  # fmt: skip
        del st.session_state[FOUND]
        read_now(me, me.tenant_id, me.tenant_slug, connected.server)


def _host(host: str) -> str:
    host = host.strip()
    return f"[{host}]" if ":" in host and not host.startswith("[") else quote(host, safe="[]:.")
