"""Remarketing: whom to write to, the messages and their campaigns, what was sent and what came of it."""

import streamlit as st

from prosa.dashboards import actions, filters, links, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages import campaign_rows, campaigns, drafts, segment_editor, segment_rows
from prosa.dashboards.pages.remarketing_queries import GROUPS, Board, board
from prosa.dashboards.widgets import Bar
from prosa.remarketing.model import DraftState
from prosa.tenancy.model import Principal, UserRole


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    if "segment" in st.query_params:
        return segment_rows.show(me, st.query_params["segment"], st.query_params.get("page", ""))
    if "campaign" in st.query_params:
        return campaign_rows.show(me, st.query_params.to_dict())
    intro = "remarketing.intro_read" if me.role is UserRole.CLIENT else "remarketing.intro"
    widgets.page_title(t("remarketing.title"), t(intro))
    actions.show_done()
    above = st.container()  # what to show is chosen beside the drafts, and asked for together with the rest
    st.html(f'<div id="prosa-messages">{widgets.heading_html(t("remarketing.messages"))}</div>')
    group = _group(me)
    with widgets.error_boundary("remarketing"):
        found = board(me, group)
        with above:
            _to_decide(me, found)
            _panels(me, found)
        if not found.drafts:
            return widgets.empty_state(t("remarketing.none_title"), t(f"remarketing.none_{group}"))
        drafts.show(me, found, group)


def _to_decide(me: Principal, found: Board) -> None:
    """A line on top with the number of drafts to decide on, and a link down to them: on most screens they are out of sight."""
    count = found.counts.get(DraftState.DRAFTED, 0)
    if count and me.role is not UserRole.CLIENT:
        widgets.way(texts(me)("remarketing.to_decide", count=formats(me).number(count)), "#prosa-messages")


def _panels(me: Principal, found: Board) -> None:
    t = texts(me)
    left, right = st.columns(2, gap="small")
    with left, widgets.panel(t("remarketing.segments"), "segments", t("remarketing.segments_definition")):
        _segments(me, found)
    with right, widgets.panel(t("remarketing.results"), "results", t("remarketing.results_definition")):
        _results(me, found)
    with widgets.panel(t("campaign.title"), "campaigns", t("campaign.definition")):
        campaigns.show(me, [segment for segment, _ in found.segments])


def _group(me: Principal) -> str:
    t, asked = texts(me), st.query_params.get("show", "review")
    st.segmented_control(
        t("remarketing.show"), list(GROUPS), default=asked if asked in GROUPS else "review", key="show", required=True,
        format_func=lambda group: t(f"remarketing.{group}"), label_visibility="collapsed", wrap=True,
        on_change=lambda: filters.set_parameter("show", st.session_state.show),
    )  # fmt: skip
    return str(st.session_state.show)


def _segments(me: Principal, found: Board) -> None:
    t, form = texts(me), formats(me)
    if found.segments:
        widgets.bars([
            Bar(segment.name, size.conversations, form.number(size.conversations),
                note=t("remarketing.contacts", count=form.number(size.contacts)), href=links.segment(segment.id))
            for segment, size in found.segments
        ])  # fmt: skip
    else:
        widgets.hint(t("remarketing.no_segments"))
    if me.role is not UserRole.CLIENT:
        segment_editor.show(me, [segment for segment, _ in found.segments])


def _results(me: Principal, found: Board) -> None:
    """Every draft by where it is now: what was sent, and what came of it."""
    t, form = texts(me), formats(me)
    if not any(found.counts.values()):
        return widgets.hint(t("remarketing.no_drafts"))
    widgets.bars([
        Bar(t(f"draft.{state}"), count, form.number(count), color="good" if state is DraftState.CONVERTED else "accent",
            href=f"/app/remarketing?show={next(group for group, states in GROUPS.items() if state in states)}")
        for state, count in found.counts.items() if count
    ])  # fmt: skip
