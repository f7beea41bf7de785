"""The form that connects a Twilio account. Twilio is asked whether the credentials are right before they are kept."""

import streamlit as st

from prosa.conversations.addresses import BadAddress
from prosa.dashboards import actions, gate, widgets
from prosa.dashboards.gate import texts
from prosa.errors import Conflict, Invalid
from prosa.gateways.twilio.client import fetch_account
from prosa.gateways.twilio.model import Account, AccountFound, BadCredentials, TwilioUnreachable
from prosa.sources.twilio import accounts
from prosa.tenancy.model import Principal

WRONG: actions.Wrong = {
    BadAddress: "twilio.bad_number", BadCredentials: "twilio.bad_credentials", TwilioUnreachable: "twilio.unreachable",
    Invalid: "twilio.bad_sid", Conflict: "twilio.taken",
}  # fmt: skip


def show(me: Principal) -> None:
    """Draw the form."""
    t = texts(me)
    with st.form("twilio", border=False):
        sid = st.text_input(t("twilio.sid"), placeholder="AC…", max_chars=34, autocomplete="off")
        token = st.text_input(t("twilio.token"), type="password", autocomplete="off")
        numbers = st.text_area(
            t("twilio.numbers"), placeholder="+5511999990000", help=t("twilio.numbers_help"), height=80
        )
        with st.container(horizontal=True):
            test = st.form_submit_button(t("twilio.test"))
            save = st.form_submit_button(t("twilio.connect"), type="primary")
    if not (test or save):
        return
    account = Account(sid.strip(), token.strip(), base_url=gate.settings().twilio_api_base_url)
    wanted = [number.strip() for number in numbers.splitlines() if number.strip()]
    with actions.explaining_errors(me, WRONG):
        if not accounts.ACCOUNT_SID.fullmatch(account.sid) or not account.token:
            raise Invalid("sid or token")
        with st.spinner(t("twilio.testing")):
            found = fetch_account(account)
        if save:
            _save(me, account, found, wanted)
        st.success(widgets.plain(t("twilio.works", name=found.name or account.sid)), icon=":material/check_circle:")


def _save(me: Principal, account: Account, found: AccountFound, numbers: list[str]) -> None:
    """Save by the operator's connection: only operators see whether a number is another tenant's."""
    t = texts(me)
    if not numbers:
        raise BadAddress("")
    with gate.database().operator() as conn:
        connected = accounts.connect(
            conn, me.tenant_id, account=account, secret_keys=gate.settings().secret_keys, numbers=numbers,
            actor=me.actor, name=found.name, parent_sid=found.parent_sid,
        )  # fmt: skip
    actions.done(t("twilio.connected", numbers=", ".join(connected)))
