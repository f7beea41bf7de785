"""Making and changing a campaign: whom it writes to, in which variants, how many get no message, and how fast."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from prosa.dashboards import actions
from prosa.dashboards.gate import require, texts, transaction
from prosa.dashboards.i18n import Translate
from prosa.errors import Conflict, Invalid, NameTaken, NotFound
from prosa.remarketing import campaigns, message_templates, policy, whatsapp_templates
from prosa.remarketing.campaign_model import MOST_HOLDOUT, MOST_VARIANTS, ArmsFixed, Campaign, CampaignChange, Variant
from prosa.remarketing.message_templates import MessageTemplate
from prosa.remarketing.model import Author
from prosa.remarketing.segments import Segment
from prosa.remarketing.whatsapp_templates import WhatsAppTemplate
from prosa.tenancy.model import Principal, UserRole

WRONG: actions.Wrong = {NameTaken: "campaign.taken", ArmsFixed: "campaign.fixed", Conflict: "campaign.over",
                     NotFound: "campaign.gone", Invalid: "campaign.bad"}  # fmt: skip
Given = dict[str, Any]


def open_for(me: Principal, campaign: Campaign | None, segments: Sequence[Segment]) -> None:
    """The button behind which a campaign is changed, or without one, a new one is made."""
    t = texts(me)
    label, icon = (t("campaign.change"), ":material/edit:") if campaign else (t("campaign.new"), ":material/add:")
    with st.popover(label, icon=icon, width="content"), st.container(width=620):
        if segments:
            _editor(campaign, segments)
        else:
            st.info(t("campaign.needs_segment"))


@st.fragment
def _editor(campaign: Campaign | None, segments: Sequence[Segment]) -> None:
    """The form. It is drawn again by itself at every choice: a variant asks for what its author needs."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    with transaction(me) as conn:
        fixed = campaign is not None and campaigns.has_members(conn, me.tenant_id, campaign.id)
        own = message_templates.list_templates(conn, me.tenant_id)
        approved = whatsapp_templates.list_templates(conn, me.tenant_id, approved_only=True)
    key = f"campaign-{campaign.id}" if campaign else "campaign-new"
    given: Given = {"name": st.text_input(t("campaign.name"), campaign.name if campaign else "", max_chars=120,
                                          key=f"{key}-name")}  # fmt: skip
    if fixed:
        st.caption(t("campaign.arms_fixed"))
    else:
        given |= _arms(t, campaign, segments, own, approved, key)
    given |= _pace(t, campaign, key)
    if st.button(t("campaign.save"), type="primary", key=f"{key}-save"):
        _save(me, given, campaign)


def _arms(
    t: Translate, campaign: Campaign | None, segments: Sequence[Segment], own: Sequence[MessageTemplate],
    approved: Sequence[WhatsAppTemplate], key: str,
) -> Given:  # fmt: skip
    """Whom the campaign writes to, how, and how many it leaves out."""
    names = {segment.id: segment.name for segment in segments}
    left, middle, right = st.columns((2, 1, 1), gap="small", vertical_alignment="bottom")
    segment = left.selectbox(
        t("campaign.segment"), names, format_func=names.__getitem__, key=f"{key}-segment",
        index=list(names).index(campaign.segment_id) if campaign and campaign.segment_id in names else 0,
    )  # fmt: skip
    holdout = middle.number_input(t("campaign.holdout"), 0, MOST_HOLDOUT, campaign.holdout_percent if campaign else 10,
                                  step=5, key=f"{key}-holdout", help=t("campaign.holdout_help"))  # fmt: skip
    before = list(campaign.variants) if campaign else []
    count = right.number_input(t("campaign.variants"), 1, MOST_VARIANTS, max(1, len(before)), key=f"{key}-variants")
    known: list[Variant | None] = [*before, *[None] * count]
    return {
        "segment_id": segment, "holdout_percent": holdout,
        "variants": [_variant(t, known[place], own, approved, f"{key}-{place}", place) for place in range(count)],
    }  # fmt: skip


def _variant(
    t: Translate, before: Variant | None, own: Sequence[MessageTemplate], approved: Sequence[WhatsAppTemplate],
    key: str, place: int,
) -> Given:  # fmt: skip
    """One way of writing: its author, and what the author needs."""
    with st.container(border=True, key=key):
        left, right = st.columns((3, 1), gap="small", vertical_alignment="bottom")
        name = left.text_input(t("campaign.variant"), before.name if before else chr(ord("A") + place), max_chars=60,
                               key=f"{key}-name")  # fmt: skip
        weight = right.number_input(t("campaign.weight"), 1, 100, before.weight if before else 1, key=f"{key}-weight")
        authors = [Author.TEMPLATE, Author.AI]
        author = st.radio(
            t("campaign.author"), authors, index=authors.index(before.author) if before else 0, horizontal=True,
            format_func=lambda a: t(f"campaign.author_{a}"), key=f"{key}-author",
        )  # fmt: skip
        given: Given = {"name": name, "weight": weight, "author": author}
        if author is Author.AI:
            given["instructions"] = st.text_area(t("campaign.instructions"), before.instructions if before else "",
                                                 max_chars=2_000, key=f"{key}-instructions")  # fmt: skip
        else:
            given["message_template_id"] = _pick(
                t, "own", {each.id: each.name for each in own}, before.message_template_id if before else None, key
            )
        given["whatsapp_template_id"] = _pick(
            t,
            "whatsapp",
            {each.id: each.name for each in approved},
            before.whatsapp_template_id if before else None,
            key,
        )
        template = next((each for each in approved if each.id == given["whatsapp_template_id"]), None)
        if template and author is Author.TEMPLATE:
            given["variables"] = _variables(t, template, before.variables if before else {}, key)
    return given


def _pick(t: Translate, which: str, names: Mapping[int, str], chosen: int | None, key: str) -> int | None:
    """A template, or none."""
    options = [None, *names]
    return st.selectbox(
        t(f"campaign.{which}"), options, index=options.index(chosen) if chosen in options else 0, key=f"{key}-{which}",
        format_func=lambda i: names[i] if i else t("campaign.without"), help=t(f"campaign.{which}_help"),
    )  # fmt: skip


def _variables(t: Translate, template: WhatsAppTemplate, before: Mapping[str, str], key: str) -> dict[str, str]:
    """What fills the template's variables: jinja2, as in the company's own templates."""
    st.caption(template.body)
    return {
        name: st.text_input(t("remarketing.variable", name=name), before.get(name, ""), max_chars=1_000,
                            key=f"{key}-{template.id}-{name}", help=t("campaign.variable_help"))
        for name in template.variables
    }  # fmt: skip


def _pace(t: Translate, campaign: Campaign | None, key: str) -> Given:
    """How many messages, and whether somebody reads each one first."""
    left, right = st.columns(2, gap="small", vertical_alignment="bottom")
    cap = left.number_input(t("campaign.cap"), 1, None, campaign.cap if campaign else None, key=f"{key}-cap")
    daily = right.number_input(t("campaign.daily_cap"), 1, None, campaign.daily_cap if campaign else None,
                               key=f"{key}-daily")  # fmt: skip
    auto = st.checkbox(t("campaign.auto_approve"), campaign.auto_approve if campaign else False, key=f"{key}-auto")
    by_file = st.checkbox(t("campaign.via_csv"), campaign.via_csv if campaign else False, key=f"{key}-csv")
    return {"cap": cap, "daily_cap": daily, "auto_approve": auto, "via_csv": by_file}


def _save(me: Principal, given: Given, campaign: Campaign | None) -> None:
    with actions.explaining_errors(me, WRONG):
        with transaction(me) as conn:
            own = policy.read(conn, me.tenant_id).variables
            if campaign is None:
                campaigns.create(conn, me.tenant_id, given, tenant_variables=own, actor=me.actor)
            else:
                change = campaigns.understand(CampaignChange, given)
                campaigns.change(conn, me.tenant_id, campaign.id, change, tenant_variables=own, actor=me.actor)
        actions.done(texts(me)("campaign.saved"))
