"""Contacts whom the company must not write to: by their own word, a block, or a person's decision. Adds and lifts these."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from prosa.conversations import addresses, aliases, suppressions
from prosa.conversations.addresses import Address
from prosa.conversations.model import Pair
from prosa.conversations.suppressions import EVERY_NUMBER
from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.format import phone
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate
from prosa.db import Conn, fetch_all
from prosa.errors import Invalid
from prosa.sources.twilio import accounts
from prosa.sources.twilio.accounts import Number
from prosa.tenancy import audit
from prosa.tenancy.features import get_feature, set_feature
from prosa.tenancy.model import Principal, UserRole

ROWS = 100
FEATURE = "opt_out"  # the words (prosa.conversations.suppressions)
WRONG: actions.Wrong = {Invalid: "privacy.bad_phone"}


@dataclass(frozen=True)
class OptOut:
    """A contact whom one number, or every number, must not write to. `all`: how many such there are."""

    contact_key: str
    our_key: str
    reason: str
    at: datetime
    all: int


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("opt_outs.title"), t("opt_outs.intro"))
    actions.show_done()
    search = st.text_input(t("opt_outs.search"), placeholder="99999", max_chars=40)
    with gate.transaction(me) as conn:
        found, numbers = listed(conn, me, search), accounts.list_numbers(conn, me.tenant_id)
    if found:
        with widgets.panel(t("opt_outs.list", count=formats(me).number(found[0].all)), "opt-outs"):
            if found[0].all > len(found):
                widgets.hint(t("opt_outs.cut", shown=len(found)))
            for opt_out in found:
                _line(me, opt_out)
    elif search.strip():
        widgets.hint(t("list.nothing", typed=search))
    else:
        widgets.empty_state(t("opt_outs.empty_title"), t("opt_outs.empty_text"))
    left, right = st.columns(2, gap="small")
    with left, widgets.panel(t("opt_outs.add"), "add"):
        _add(me, numbers)
    with right, widgets.panel(t("opt_outs.words"), "words"):
        _words(me)


def listed(conn: Conn, me: Principal, search: str) -> list[OptOut]:
    """Those who are suppressed now and whose number contains the search, the latest first.

    Somebody who was erased is only found by the whole number.
    """
    key = _key(search)
    names = aliases.names(conn, me.tenant_id, key, gate.settings().secret_keys) if key else []
    part = "".join(c for c in search if c.isdecimal()) or search.strip()
    sql = """select *, count(*) over ()::int as "all" from (
               select distinct on (1, 2)
                 case when contact_key = any(%(names)s) then %(key)s else contact_key end as contact_key, our_key, reason, at
               from suppressions
               where tenant_id = %(tenant)s and lifted_at is null and (contact_key = any(%(names)s)
                 or position(%(part)s in contact_key) > 0 and not starts_with(contact_key, %(aliases)s))
               order by 1, 2, at desc) as found
             order by at desc, contact_key limit %(limit)s"""
    values = {"tenant": me.tenant_id, "part": part, "key": key, "names": names,
              "aliases": aliases.PREFIX, "limit": ROWS}  # fmt: skip
    return fetch_all(conn, OptOut, sql, values)


def _key(search: str) -> str | None:
    """The key of a whole number, so that it is found in any usual spelling."""
    try:
        return addresses.parse(search).key
    except addresses.BadAddress:
        return None


def _line(me: Principal, opt_out: OptOut) -> None:
    t, form = texts(me), formats(me)
    with st.container(horizontal=True, vertical_alignment="center", key=f"out-{opt_out.contact_key}-{opt_out.our_key}"):
        details = t("opt_outs.details", moment=form.moment(opt_out.at), ours=_ours(t, opt_out.our_key))
        tables.line(phone(opt_out.contact_key), details, tables.badge(t(f"opt_outs.reason_{opt_out.reason}")))
        key = f"lift-{opt_out.contact_key}-{opt_out.our_key}"
        actions.confirm(me, key, t("opt_outs.lift"), t("opt_outs.lift_sure"), lambda: _lift(me, opt_out))


def _lift(me: Principal, opt_out: OptOut) -> None:
    with gate.transaction(me) as conn:
        contact, ours = (Address(key, key) for key in (opt_out.contact_key, opt_out.our_key))
        suppressions.lift(
            conn, me.tenant_id, Pair("whatsapp", contact, ours), secret_keys=gate.settings().secret_keys, actor=me.actor,
            now=datetime.now(UTC),
        )  # fmt: skip
        audit.record(conn, me.tenant_id, me.actor, "optout.lift", _named(opt_out.contact_key))
    actions.done(texts(me)("opt_outs.lifted"))


def _add(me: Principal, numbers: list[Number]) -> None:
    t = texts(me)
    choices = [EVERY_NUMBER.key, *(number.address for number in numbers)]
    with st.form("opt-out", border=False):
        given = st.text_input(t("privacy.phone"), placeholder="+55 11 99999-0000", max_chars=60)
        ours = st.selectbox(t("opt_outs.ours"), choices, format_func=lambda number: _ours(t, number))
        if not st.form_submit_button(t("opt_outs.add"), type="primary"):
            return
    with actions.explaining_errors(me, WRONG):
        pair = _pair(ours, given)
        with gate.transaction(me) as conn:
            suppressions.suppress(
                conn, me.tenant_id, pair, reason=suppressions.Reason.PERSON, actor=me.actor, now=datetime.now(UTC)
            )
            audit.record(conn, me.tenant_id, me.actor, "optout.add", _named(pair.contact.key))
        actions.done(t("opt_outs.added"))


def _words(me: Principal) -> None:
    t = texts(me)
    with gate.transaction(me) as conn:
        feature = get_feature(conn, me.tenant_id, FEATURE)
    config = feature.config if feature else {}
    fresh = actions.fresh("words", config)
    with st.form("words", border=False):
        extra = st.text_area(t("rules.extra"), "\n".join(config.get("extra_words", [])), help=t("opt_outs.extra_help"))
        muted = st.text_area(t("rules.muted"), "\n".join(config.get("muted_words", [])), help=t("opt_outs.muted_help"))
        if not st.form_submit_button(t("act.save"), type="primary"):
            return
    if not fresh:
        actions.changed_meanwhile(me)
        return
    chosen = {"extra_words": _lines(extra), "muted_words": _lines(muted)}
    with gate.transaction(me) as conn:
        set_feature(conn, me.tenant_id, FEATURE, enabled=True, config=chosen, actor=me.actor)  # fmt: skip
    actions.done(t("act.saved"))


def _named(contact_key: str) -> str:
    """The audit log's name for a contact. Nothing is ever erased there, so a whole number must not appear."""
    return f"contact:…{contact_key[-4:]}"


def _pair(ours: str, contact: str) -> Pair:
    number = EVERY_NUMBER if ours == EVERY_NUMBER.key else addresses.parse(ours)
    return Pair("whatsapp", contact=addresses.parse(contact), ours=number)


def _ours(t: Translate, number: str) -> str:
    named = {EVERY_NUMBER.key: "opt_outs.every_number", suppressions.ANY_MIRRORED: "opt_outs.any_mirrored"}
    return t(named[number]) if number in named else phone(number)


def _lines(text: str) -> list[str]:
    return [word.strip() for word in text.splitlines() if word.strip()][:100]
