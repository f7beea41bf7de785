"""Where the tenant's conversations come from: Chatwoot's database, and Twilio's numbers; each with a test."""

from datetime import datetime

import streamlit as st

from prosa.dashboards import actions, gate, reasons, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages.administration import connect_chatwoot, connect_twilio
from prosa.dashboards.pages.administration.connection_queries import Connection, connections
from prosa.dashboards.pages.administration.read_now import read_now
from prosa.errors import NotFound
from prosa.gateways.twilio.client import fetch_account
from prosa.sources import connect
from prosa.sources.twilio import accounts
from prosa.tenancy.model import Principal, UserRole

FRESH_SECONDS = 2 * 3600  # the ETL runs every half hour; a source not read for so long is late


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("connections.title"), t("connections.intro"))
    actions.show_done()
    with gate.transaction(me) as conn:
        found = connections(conn, me.tenant_id)
    with widgets.panel(t("connections.present"), "present"):
        if not found:
            widgets.hint(t("connections.none"))
        for connection in found:
            _connection(me, connection)
    with st.expander(t("connections.chatwoot"), expanded=not found or connect_chatwoot.FOUND in st.session_state):
        connect_chatwoot.show(me)
    with st.expander(t("connections.twilio"), expanded=not found):
        connect_twilio.show(me)


def _connection(me: Principal, found: Connection) -> None:
    t, form = texts(me), formats(me)
    with st.container(horizontal=True, vertical_alignment="center", key=f"source-{found.kind}-{found.id}"):
        if found.kind == "twilio":
            mark = tables.badge(t("connections.kind_twilio"))
            tables.line(found.name, t("connections.numbers", numbers=", ".join(found.parts) or "–"), mark)
            if st.button(t("connections.test"), key=f"test-twilio-{found.id}"):
                _test_twilio(me, found)
            actions.confirm(
                me, f"disconnect-twilio-{found.id}", t("connections.disconnect"),
                t("connections.disconnect_twilio_sure"), lambda: _disconnect_twilio(me, found),
            )  # fmt: skip
            return
        state, tone = _state(found)
        read = form.moment(found.read_at) if found.read_at else t("connections.never")
        inboxes = ", ".join(found.parts) or t("connections.all_inboxes")
        details = t("connections.details", read=read, inboxes=inboxes)
        tables.line(found.name, details, tables.badge(t("connections.kind_chatwoot")),
                    tables.badge(t(f"connections.{state}"), tone))  # fmt: skip
        if st.button(t("connections.read_now"), key=f"read-{found.id}"):
            read_now(me, me.tenant_id, me.tenant_slug, found.server)
        if st.button(t("connections.test"), key=f"test-{found.id}"):
            _test_chatwoot(me, found)
        actions.confirm(
            me, f"disconnect-{found.id}", t("connections.disconnect"), t("connections.disconnect_sure"),
            lambda: _disconnect(me, found),
        )  # fmt: skip
    if found.error:
        reasons.folded(t, t("connections.failed_why", error=reasons.reading(t, found.error)), found.error)


def _test_chatwoot(me: Principal, found: Connection) -> None:
    """Say whether its database can be read now. No transaction of ours is open meanwhile."""
    t = texts(me)
    with actions.explaining_errors(me, connect_chatwoot.WRONG), st.spinner(t("chatwoot.testing")):
        with gate.transaction(me) as conn:
            dsn = connect.stored_dsn(conn, me.tenant_id, found.id, secret_keys=gate.settings().secret_keys)
        connect.accounts(dsn)
        actions.done(t("connections.answers", name=found.name))


def _test_twilio(me: Principal, found: Connection) -> None:
    t = texts(me)
    with actions.explaining_errors(me, connect_twilio.WRONG), st.spinner(t("twilio.testing")):
        with gate.transaction(me) as conn:
            account = accounts.credentials(conn, me.tenant_id, found.id, gate.settings())
        fetch_account(account)
        actions.done(t("connections.answers", name=found.name))


def _disconnect(me: Principal, found: Connection) -> None:
    with actions.explaining_errors(me, {NotFound: "connections.gone"}):
        with gate.transaction(me) as conn:
            connect.disconnect(conn, me.tenant_id, found.id, actor=me.actor)
        actions.done(texts(me)("connections.disconnected", name=found.name))


def _disconnect_twilio(me: Principal, found: Connection) -> None:
    """Disconnect by the operator's connection, like connecting: a company's own roles may not change numbers."""
    with actions.explaining_errors(me, {NotFound: "connections.gone"}):
        with gate.database().operator() as conn:
            accounts.disconnect(conn, me.tenant_id, found.id, actor=me.actor)
        actions.done(texts(me)("connections.disconnected", name=found.name))


def _state(found: Connection) -> tuple[str, str]:
    if found.error:
        return "failed", "bad"
    if found.read_at is None:
        return "waiting", "warn"
    late = (datetime.now(found.read_at.tzinfo) - found.read_at).total_seconds() > FRESH_SECONDS
    return ("late", "warn") if late else ("fresh", "good")
