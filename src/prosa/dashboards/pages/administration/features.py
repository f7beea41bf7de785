"""The parts of the product that a company switches on and off: what each does, what it costs, and what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape

import streamlit as st

from prosa.analysis.llm import keys
from prosa.assistant.model import LONGEST_REPLY, LONGEST_SETTING, reply_settings
from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.db import Conn, TenantId
from prosa.tenancy.features import list_features, set_feature
from prosa.tenancy.model import Feature, Principal, UserRole


@dataclass(frozen=True)
class Part:
    """A part of the product, by the name of its feature.

    `starts_on` is how it stands where nobody has decided, `needs` what it cannot work without, `purpose` under which its
    calls of the language model are booked, `page` where it is configured ("": on this page, or nowhere).
    """

    name: str
    page: str = ""
    purpose: str = ""
    needs: tuple[str, ...] = ()
    starts_on: bool = False


PARTS = (
    Part("ai", page="analysis", purpose="analysis", needs=("model",), starts_on=True),
    Part("closure", page="rules", purpose="ending", starts_on=True),
    Part("sentiment", needs=("own_conversations",)),
    Part("reply", purpose="reply", needs=("model", "twilio")),
    Part("remarketing", page="limits", purpose="remarketing", needs=("sender",)),
)
PAGE_OF_NEED = {
    "model": "analysis",
    "twilio": "connections",
    "own_conversations": "connections",
    "sender": "connections",
}


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("features.title"), t("features.intro", company=me.tenant_name))
    actions.show_done()
    with gate.transaction(me) as conn:
        present = {feature.name: feature for feature in list_features(conn, me.tenant_id)}
        spent, met = costs_of_month(conn, me.tenant_id), _met(conn, me.tenant_id)
    for part in PARTS:
        with st.container(border=True, key=f"panel-feature-{part.name}"), widgets.error_boundary(part.name):
            _part(me, part, present.get(part.name), spent, met)


def is_on(part: Part, feature: Feature | None) -> bool:
    """Whether the part works for the company, as far as that is the company's decision."""
    return feature.enabled if feature else part.starts_on


def costs_of_month(conn: Conn, tenant: TenantId) -> dict[str, Decimal]:
    """US$ that the tenant's calls of the language model cost in its present month, by purpose."""
    rows = conn.execute(
        """select purpose, sum(coalesce(cost_usd, case when state = 'failed' then 0 else estimated_usd end))
           from llm_calls where tenant_id = %(tenant)s and started_at >= (
             select date_trunc('month', now() at time zone timezone) at time zone timezone from tenants where id = %(tenant)s)
           group by 1""",
        {"tenant": tenant},
    )
    return dict(rows.fetchall())


def _met(conn: Conn, tenant: TenantId) -> set[str]:
    """The needs that are met."""
    [(number, chatwoot, here)] = conn.execute(
        """select exists (select from twilio_numbers where tenant_id = %(t)s),
             exists (select from sources where tenant_id = %(t)s and api_token_encrypted is not null),
             exists (select from conversations where tenant_id = %(t)s and source <> 'chatwoot')""",
        {"t": tenant},
    ).fetchall()
    model = bool(gate.settings().openai_api_key) or keys.kept(conn, tenant) is not None
    found = {"model": model, "twilio": number, "sender": number or chatwoot,
             "own_conversations": number or here}  # fmt: skip
    return {need for need, is_met in found.items() if is_met}


def _part(
    me: Principal, part: Part, feature: Feature | None, spent: Mapping[str, Decimal], met: set[str]
) -> None:  # fmt: skip
    t, on = texts(me), is_on(part, feature)
    lacking = [need for need in part.needs if need not in met]
    state, tone = ("waiting", "warn") if on and lacking else ("on", "good") if on else ("off", "quiet")
    with st.container(horizontal=True, vertical_alignment="center"):
        mark = tables.badge(t(f"features.state_{state}"), tone)
        tables.line(t(f"features.{part.name}"), t(f"features.{part.name}_does"), mark)
        verb = "turn_off" if on else "turn_on"
        actions.confirm(
            me, f"{verb}-{part.name}", t(f"features.{verb}"), t(f"features.{part.name}_{verb}"),
            lambda: _switch(me, part, on=not on),
        )  # fmt: skip
    st.html(_facts(me, part, spent, met))
    if part.name == "reply":
        with st.expander(t("features.configure")):
            _reply(me, feature)


def _facts(me: Principal, part: Part, spent: Mapping[str, Decimal], met: set[str]) -> str:
    """What the part costs and needs, and where it is configured."""
    t, form = texts(me), formats(me)
    cost = t(f"features.{part.name}_costs")
    if part.purpose:
        cost += " " + t("features.spent", usd=form.money(spent.get(part.purpose, Decimal(0)), "USD"))
    needs = "".join(_need(me, need, need in met) for need in part.needs) or escape(t("features.needs_nothing"))
    link = _link(part.page, t(f"{part.page}.title")) if part.page else ""
    where = f"<dt>{escape(t('features.configure'))}</dt><dd>{link}</dd>" if link else ""
    return (
        f'<dl class="prosa-pairs"><dt>{escape(t("features.costs"))}</dt><dd>{escape(cost)}</dd>'
        f"<dt>{escape(t('features.needs'))}</dt><dd>{needs}</dd>{where}</dl>"
    )


def _need(me: Principal, need: str, met: bool) -> str:
    t = texts(me)
    mark = tables.badge(t("features.met" if met else "features.lacking"), "good" if met else "warn")
    target = "" if met else PAGE_OF_NEED.get(need, "")
    link = " · " + _link(target, t(f"{target}.title")) if target else ""
    return f'<span class="prosa-need">{escape(t(f"features.need_{need}"))} {mark}{link}</span>'


def _link(page: str, text: str) -> str:
    return f'<a href="/app/{page}" target="_self">{escape(text)}</a>'


def _switch(me: Principal, part: Part, *, on: bool) -> None:
    with gate.transaction(me) as conn:
        set_feature(conn, me.tenant_id, part.name, enabled=on, actor=me.actor)
    name = texts(me)(f"features.{part.name}")
    actions.done(texts(me)("features.turned_on" if on else "features.turned_off", name=name))


def _reply(me: Principal, feature: Feature | None) -> None:
    """What replies may say; the same settings that the assistant reads (prosa.assistant)."""
    t = texts(me)
    fresh, present = (
        actions.fresh("reply", feature and feature.config),
        reply_settings(feature.config if feature else {}),
    )
    with st.form("reply", border=False):
        prompt = st.text_area(
            t("features.reply_prompt"), present.prompt, help=t("features.reply_prompt_help"), max_chars=LONGEST_SETTING
        )
        facts = st.text_area(
            t("features.reply_facts"), present.facts, help=t("features.reply_facts_help"), max_chars=LONGEST_SETTING,
            height=200,
        )  # fmt: skip
        sure = st.slider(
            t("features.reply_sure_from"), 0, 100, round(present.sure_from * 100), 5, format="%d%%",
            help=t("features.reply_sure_from_help"),
        )  # fmt: skip
        to_person = st.text_input(t("features.reply_to_person"), present.to_person, max_chars=LONGEST_REPLY)
        if not st.form_submit_button(t("act.save"), type="primary"):
            return
    if not fresh:
        return actions.changed_meanwhile(me)
    config = {"prompt": prompt, "facts": facts, "sure_from": sure / 100, "to_person": to_person}
    with gate.transaction(me) as conn:
        set_feature(
            conn, me.tenant_id, "reply", enabled=bool(feature and feature.enabled),
            config={**(feature.config if feature else {}), **config}, actor=me.actor,
        )  # fmt: skip
    return actions.done(t("act.saved"))
