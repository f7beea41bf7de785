"""Campaigns on the remarketing page: one at a time, with its arms, what it caused in plain words, and who may start or end it."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from prosa.dashboards import actions, gate, links, tables, widgets
from prosa.dashboards.cache import tenant_cache
from prosa.dashboards.gate import formats, texts, transaction
from prosa.dashboards.pages import campaign_editor
from prosa.dashboards.pages.campaign_editor import WRONG
from prosa.db import Conn
from prosa.errors import Invalid
from prosa.remarketing import campaigns, effects, policy
from prosa.remarketing.campaign_model import Campaign, CampaignState
from prosa.remarketing.effects import Arm, Figure, Report
from prosa.remarketing.policy import Policy
from prosa.remarketing.segments import Segment
from prosa.tenancy.model import Principal, UserRole

TONES = {CampaignState.ACTIVE: "good", CampaignState.PAUSED: "warn", CampaignState.ENDED: "quiet"}


def show(me: Principal, segments: Sequence[Segment]) -> None:
    """The panel."""
    t = texts(me)
    with transaction(me) as conn:
        found = {campaign.id: campaign for campaign in campaigns.list_campaigns(conn, me.tenant_id)}
        rules = _rules(conn, me)
    if found and not (rules and rules.is_on):
        st.warning(t("campaign.off"))
    if found:
        chosen = st.selectbox(
            t("campaign.which"), found, format_func=lambda i: found[i].name, key="campaign", width=420,
            label_visibility="collapsed",
        )  # fmt: skip
        _campaign(me, found[chosen], segments, rules)
    else:
        widgets.hint(t("campaign.none"))
    if me.role is not UserRole.CLIENT:
        with st.container(horizontal=True, gap="small", key="campaign-tools"):
            if found and found[chosen].state is not CampaignState.ENDED:
                _steps(me, found[chosen])
                campaign_editor.open_for(me, found[chosen], segments)
            campaign_editor.open_for(me, None, segments)


def _rules(conn: Conn, me: Principal) -> Policy | None:
    try:
        return policy.read(conn, me.tenant_id)
    except Invalid:
        return None


def _campaign(me: Principal, campaign: Campaign, segments: Sequence[Segment], rules: Policy | None) -> None:
    """The campaign: its state and rules in a line, its arms in a table, what it caused in a sentence for each."""
    t, form = texts(me), formats(me)
    name = next((segment.name for segment in segments if segment.id == campaign.segment_id), "")
    details = [t("campaign.to", segment=name), t("campaign.holdout_of", percent=form.number(campaign.holdout_percent))]
    if campaign.cap:
        details.append(t("campaign.cap_of", count=form.number(campaign.cap)))
    if campaign.daily_cap:
        details.append(t("campaign.daily_cap_of", count=form.number(campaign.daily_cap)))
    state = tables.badge(t(f"campaign.{campaign.state}"), TONES[campaign.state])
    tables.line(campaign.name, " · ".join(details), state)
    if rules:
        _arms(me, campaign.id, _report(me, campaign.id))
    if not campaign.holdout_percent and len(campaign.variants) == 1:
        widgets.hint(t("campaign.no_comparison"))


@tenant_cache()
def _report(me: Principal, campaign_id: int) -> Report:
    """What came of it, at most a minute old: the people of a large campaign are many."""
    with transaction(me) as conn:
        return effects.report(conn, me.tenant_id, campaign_id, policy=policy.read(conn, me.tenant_id))


def _arms(me: Principal, campaign_id: int, report: Report) -> None:
    t, form = texts(me), formats(me)
    if not report.arms:
        return widgets.hint(t("campaign.nobody"))

    def name(arm: Arm) -> str:
        return t("campaign.holdout_group") if arm.variant is None else arm.variant

    def cell(arm: Arm, figure: Figure) -> tables.Cell:
        count = getattr(arm, figure)
        href = links.campaign(campaign_id, figure, arm.variant) if count else ""
        return tables.Html(widgets.link_html(form.number(count), href))

    tables.table(
        t("campaign.arms"), [t("campaign.arm"), *(t(f"campaign.{figure}") for figure in Figure)],
        [[name(arm), *(cell(arm, figure) for figure in Figure)] for arm in report.arms],
        numbers=range(1, 5),
    )  # fmt: skip
    for effect in report.effects:
        said = effects.sentence(effect, gate.locale(me))
        st.html(f"<p><strong>{escape(name(effect.arm))}:</strong> {escape(said)}</p>")


def _steps(me: Principal, campaign: Campaign) -> None:
    """Start or pause; and end, which cannot be undone."""
    t = texts(me)
    if campaign.state is CampaignState.ACTIVE:
        st.button(
            t("campaign.pause"), icon=":material/pause:", on_click=_set, args=(me, campaign, CampaignState.PAUSED)
        )
    else:
        st.button(t("campaign.start"), icon=":material/play_arrow:", type="primary", on_click=_set,
                  args=(me, campaign, CampaignState.ACTIVE))  # fmt: skip
    actions.confirm(
        me, f"campaign-end-{campaign.id}", t("campaign.end"), t("campaign.end_sure", name=campaign.name),
        lambda: _end(me, campaign),
    )  # fmt: skip


def _set(me: Principal, campaign: Campaign, state: CampaignState) -> None:
    gate.recheck(me)
    with actions.explaining_errors(me, WRONG):
        with transaction(me) as conn:
            campaigns.set_state(conn, me.tenant_id, campaign.id, state, actor=me.actor)
        st.session_state[actions.DONE] = texts(me)(f"campaign.now_{state}", name=campaign.name)


def _end(me: Principal, campaign: Campaign) -> None:
    _set(me, campaign, CampaignState.ENDED)
    if actions.DONE in st.session_state:
        st.rerun()
