"""When and how often the company writes on its own initiative: hours, holidays, caps (prosa.remarketing.policy)."""

import re
from datetime import date, datetime, time
from typing import Any

import streamlit as st
from babel import Locale

from prosa.dashboards import actions, gate, widgets
from prosa.dashboards.gate import require, texts
from prosa.errors import Invalid
from prosa.remarketing import policy
from prosa.remarketing.policy import MESSAGING_TIERS, Policy
from prosa.tenancy.features import get_feature
from prosa.tenancy.model import Principal, UserRole

STATES = ("AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR", "RJ",
          "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO")  # fmt: skip
WRONG: actions.Wrong = {Invalid: "limits.invalid"}
WRITTEN = {"pt_BR": "%d/%m/%Y", "en": "%Y-%m-%d"}  # a day, by language; either is understood


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("limits.title"), t("limits.intro"))
    actions.show_done()
    with widgets.error_boundary("the limits"):
        with gate.transaction(me) as conn:
            present = policy.read(conn, me.tenant_id)
        _form(me, present)


def _form(me: Principal, present: Policy) -> None:
    t, fresh = texts(me), actions.fresh("limits", present)
    with st.form("limits", border=True):
        enabled = st.toggle(t("limits.enabled"), present.enabled, help=t("limits.enabled_help"))
        left, right = st.columns(2, gap="small")
        with left:
            hours = _hours(me, present)
        with right:
            caps = _caps(me, present)
        if not st.form_submit_button(t("act.save"), type="primary"):
            return
    if not fresh:
        actions.changed_meanwhile(me)
        return
    typed = re.split(r"[,;\s]+", hours["closed_days"].strip(" ,;"))
    days = {text: day_of(text) for text in typed if text}
    if wrong := next((text for text, day in days.items() if day is None), None):
        st.error(t("limits.bad_day", typed=widgets.plain(wrong[:40])))
        return
    hours["closed_days"] = sorted({day.isoformat() for day in days.values() if day})
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            feature = get_feature(conn, me.tenant_id, policy.FEATURE)
            config = {**(feature.config if feature else {}), "hours": hours, **caps}
            policy.save(conn, me.tenant_id, config, enabled=enabled, actor=me.actor)
        actions.done(t("act.saved"))


def _hours(me: Principal, present: Policy) -> dict[str, Any]:
    t, names = texts(me), Locale.parse(gate.locale(me)).days["format"]["abbreviated"]
    hours, written = present.hours, WRITTEN[gate.locale(me)]
    opens_at, closes_at = st.columns(2, gap="small")
    opens: time = opens_at.time_input(t("limits.opens"), hours.opens, step=900)
    closes: time = closes_at.time_input(t("limits.closes"), hours.closes, step=900)
    days = st.pills(
        t("limits.days"), range(1, 8), selection_mode="multi", default=sorted(hours.weekdays),
        format_func=lambda day: names[day - 1].rstrip(".").capitalize(), wrap=True,
    )  # fmt: skip
    state = st.selectbox(
        t("limits.state"), [None, *STATES], index=STATES.index(hours.state) + 1 if hours.state in STATES else 0,
        format_func=lambda code: code or t("limits.nation"), help=t("limits.state_help"),
    )  # fmt: skip
    closed = st.text_input(
        t("limits.closed"), ", ".join(day.strftime(written) for day in sorted(hours.closed_days)),
        help=t("limits.closed_help"), placeholder=t("limits.closed_example"), max_chars=1000,
    )  # fmt: skip
    return {
        "opens": opens.isoformat("minutes"), "closes": closes.isoformat("minutes"), "weekdays": sorted(days),
        "country": hours.country, "state": state, "closed_days": closed,
    }  # fmt: skip


def _caps(me: Principal, present: Policy) -> dict[str, Any]:
    t, form = texts(me), gate.formats(me)
    messages_at, days_at = st.columns(2, gap="small")
    messages = messages_at.number_input(t("limits.messages"), 1, 50, present.contact_messages)
    days = days_at.number_input(t("limits.period"), 1, 365, present.contact_period.days)
    tiers = list(MESSAGING_TIERS)
    tier = st.selectbox(
        t("limits.tier"), tiers, index=tiers.index(present.messaging_limit) if present.messaging_limit in tiers else 0,
        format_func=lambda limit: form.number(limit) if limit else t("limits.unlimited"), help=t("limits.tier_help"),
    )  # fmt: skip
    consent = st.checkbox(t("limits.consent"), present.require_consent, help=t("limits.consent_help"))
    attribution = st.number_input(
        t("limits.attribution"), 1, 90, present.attribution.days, help=t("limits.attribution_help")
    )
    return {
        "contact_cap": {"messages": int(messages), "days": int(days)}, "messaging_limit": tier,
        "require_consent": consent, "attribution_days": int(attribution),
    }  # fmt: skip


def day_of(text: str) -> date | None:
    """A day as people write it: 24/12/2026 or 2026-12-24. None for anything else."""
    for form in WRITTEN.values():
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            continue
    return None
