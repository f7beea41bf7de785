"""Inboxes that no company reads; a click gives one to a company."""

import streamlit as st

from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import require, texts
from prosa.dashboards.pages.platform import inbox_queries
from prosa.dashboards.pages.platform.inbox_queries import LostInbox
from prosa.db import TenantId
from prosa.errors import Busy
from prosa.sources import connect
from prosa.tenancy.model import Principal, UserRole


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t = texts(me)
    widgets.page_title(t("inboxes.title"), t("inboxes.intro"))
    actions.show_done()
    with gate.transaction(me) as conn:
        found = inbox_queries.lost_inboxes(conn, secret_keys=gate.settings().secret_keys)
    if not found:
        widgets.empty_state(t("inboxes.empty_title"), t("inboxes.empty_text"))
    for inbox in found:  # two servers may both have an inbox 1 of an account 1
        source = inbox.candidates[0]
        with st.container(border=True, key=f"inbox-{source['tenant_id']}-{source['source_id']}-{inbox.external_id}"):
            _inbox(me, inbox)


def _inbox(me: Principal, inbox: LostInbox) -> None:
    t = texts(me)
    tables.line(inbox.name, t("inboxes.details", account=inbox.account_id, inbox=inbox.external_id))
    with st.container(horizontal=True):
        for candidate in inbox.candidates:
            key = f"map-{candidate['tenant_id']}-{candidate['source_id']}-{inbox.external_id}"
            if st.button(widgets.plain(t("inboxes.give", tenant=candidate["tenant"])), key=key):
                _give(me, inbox, candidate["tenant_id"], candidate["source_id"], candidate["tenant"])


def _give(me: Principal, inbox: LostInbox, tenant: int, source: int, name: str) -> None:
    with actions.explaining_errors(me, {Busy: "inboxes.busy"}):
        with gate.transaction(me) as conn:
            connect.add_inbox(conn, TenantId(tenant), source, inbox.external_id, name=inbox.name, actor=me.as_operator)
        actions.done(texts(me)("inboxes.given", inbox=inbox.name, tenant=name))
