"""Remarketing: whom to write to, the drafts to read and decide on, what was sent and what came of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from prosa.dashboards import acts, filters, links, widgets
from prosa.dashboards.gate import formats, locale, reading, require, texts
from prosa.dashboards.pages import campaigns, segment_editor
from prosa.dashboards.pages.remarketing_queries import GROUPS, Board, board
from prosa.dashboards.widgets import Bar
from prosa.db import Conn
from prosa.errors import Invalid
from prosa.remarketing import policy, service, whatsapp_templates
from prosa.remarketing.model import Draft, DraftState, IllegalStep, Reason, StaleDraft
from prosa.remarketing.service import Done
from prosa.remarketing.whatsapp_templates import BadVariables, WhatsAppTemplate
from prosa.tenancy.model import Principal, UserRole

Verb = Callable[[Conn, Sequence[int]], Done]


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    widgets.page_title(t("remarketing.title"), t("remarketing.intro"))
    acts.show_done()
    above = st.container()  # what to show is chosen beside the drafts, and asked for together with the rest
    widgets.heading(t("remarketing.messages"))
    group = _group(me)
    with widgets.error_boundary("remarketing"):
        found = board(me, group)
        with above:
            _panels(me, found)
        if not found.drafts:
            return widgets.empty_state(t("remarketing.none_title"), t(f"remarketing.none_{group}"))
        _drafts(me, found, group)


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
                note=t("remarketing.contacts", count=form.number(size.contacts)))
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


def _drafts(me: Principal, found: Board, group: str) -> None:
    decides = me.role is not UserRole.CLIENT
    if (whole := sum(found.counts.get(state, 0) for state in GROUPS[group])) > len(found.drafts):
        form = formats(me)
        widgets.hint(texts(me)("remarketing.cut", shown=form.number(len(found.drafts)), all=form.number(whole)))
    if decides and group in ("review", "approved", "scheduled"):
        _together(me, found.drafts, group)
    for draft in found.drafts:
        with st.container(border=True, key=f"draft-{draft.id}"):
            _draft(me, draft, found, editable=decides and group in ("review", "approved", "scheduled"))


def _together(me: Principal, drafts: Sequence[Draft], group: str) -> None:
    """What is done with all that are marked."""
    t = texts(me)
    marked = [draft.id for draft in drafts if st.session_state.get(f"mark-{draft.id}")]
    ids = marked or [draft.id for draft in drafts]
    which = t("remarketing.marked", count=len(marked)) if marked else t("remarketing.all_shown", count=len(drafts))
    versions = {draft.id: draft.version for draft in drafts}
    now, by = datetime.now(UTC), me.actor
    with st.container(horizontal=True, vertical_alignment="center", key="together"):
        st.html(f'<p class="prosa-note">{escape(which)}</p>')
        if (
            group == "review"
        ):  # by a callback: it holds the versions that were on the screen when the button was pressed
            st.button(t("remarketing.approve"), type="primary", icon=":material/check:", on_click=_do, args=(
                me, ids, lambda conn, ids: service.approve(conn, me.tenant_id, ids, by=by, now=now, versions=versions),
            ))  # fmt: skip
        if group == "approved":
            _schedule(me, ids, by)
        if group == "scheduled":
            st.button(t("remarketing.unschedule"), icon=":material/event_busy:", on_click=_do, args=(
                me, ids, lambda conn, ids: service.unschedule(conn, me.tenant_id, ids, by=by, now=now),
            ))  # fmt: skip
        acts.confirm(
            me, "reject", t("remarketing.reject"), t("remarketing.reject_sure", count=len(ids)),
            lambda: _do_now(me, ids, lambda conn, ids: service.reject(conn, me.tenant_id, ids, by=by, now=now)),
        )  # fmt: skip


def _schedule(me: Principal, ids: Sequence[int], by: str) -> None:
    """Now, or at a moment of the tenant's time; the rules move it out of quiet hours."""
    t, here = texts(me), ZoneInfo(me.timezone)
    with st.popover(t("remarketing.schedule"), icon=":material/schedule_send:"):
        today = datetime.now(here)
        later = st.checkbox(t("remarketing.later"), key="later")
        day = st.date_input(t("remarketing.day"), today.date() + timedelta(days=1), key="day",
                            format=filters.DATE_INPUT[locale(me)], min_value=today.date(), disabled=not later)  # fmt: skip
        hour = st.time_input(t("remarketing.hour"), time(10), key="hour", disabled=not later)
        if st.button(t("remarketing.schedule_now"), type="primary"):
            at = datetime.combine(day, hour, here) if later else None
            _do_now(me, ids, lambda conn, ids: service.schedule(
                conn, me.tenant_id, ids, policy=policy.read(conn, me.tenant_id), by=by, now=datetime.now(UTC), at=at,
            ))  # fmt: skip


def _do(me: Principal, ids: Sequence[int], verb: Verb) -> None:
    t = texts(me)
    with acts.telling(me, {Invalid: "remarketing.no_hour"}):
        with reading(me) as conn:
            done = verb(conn, ids)
        said = t("remarketing.done", count=len(done.drafts))
        st.session_state[acts.DONE] = said + (
            f" {t('remarketing.refused', count=len(done.refused))}" if done.refused else ""
        )


def _do_now(me: Principal, ids: Sequence[int], verb: Verb) -> None:
    """The same within the page's run, which is then drawn anew."""
    _do(me, ids, verb)
    if acts.DONE in st.session_state:
        st.rerun()


def _draft(me: Principal, draft: Draft, found: Board, *, editable: bool) -> None:
    t = texts(me)
    _head(me, draft, found)
    template = found.templates.get(draft.whatsapp_template_id or 0)
    if not editable:
        st.html(f'<blockquote class="prosa-draft">{escape(draft.body)}</blockquote>')
        return
    changes: dict[str, Any] = {}
    if template:
        changes["variables"] = _variables(me, draft, template)
    else:
        changes["body"] = st.text_area(t("remarketing.text"), draft.body, key=f"body-{draft.id}-{draft.version}",
                                       label_visibility="collapsed", height="content", max_chars=1600)  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key=f"tools-{draft.id}"):
        st.checkbox(t("remarketing.mark"), key=f"mark-{draft.id}")
        label = t("remarketing.save_variables" if template else "remarketing.save")
        if changes.get("variables") != {} and st.button(label, key=f"save-{draft.id}", icon=":material/save:"):
            _save(me, draft, changes)


def _variables(me: Principal, draft: Draft, template: WhatsAppTemplate) -> dict[str, str]:
    """A field for each variable of the template, and the text that the contact would read with them."""
    t = texts(me)
    if template.is_approved and template.leaves(draft.via):
        st.html(f'<p class="prosa-note">{escape(t("remarketing.template"))}</p>')
    else:
        st.warning(t("remarketing.template_not_approved"))
    preview = st.empty()
    with st.container(horizontal=True, gap="small", key=f"variables-{draft.id}"):
        given = {
            name: st.text_input(t("remarketing.variable", name=name), draft.variables.get(name, ""), max_chars=500,
                                width=240, key=f"variable-{draft.id}-{draft.version}-{name}")
            for name in template.variables
        }  # fmt: skip
    try:
        body, _ = whatsapp_templates.fill(template, given)
    except BadVariables:
        preview.warning(t("remarketing.bad_variables"))
    else:
        preview.html(f'<blockquote class="prosa-draft">{escape(body)}</blockquote>')
    return given


def _save(me: Principal, draft: Draft, changes: dict[str, Any]) -> None:
    t = texts(me)
    wrong = {StaleDraft: "remarketing.stale", IllegalStep: "remarketing.stale", Invalid: "remarketing.bad_text",
             BadVariables: "remarketing.bad_variables"}  # fmt: skip
    with acts.telling(me, wrong):
        with reading(me) as conn:
            service.edit(conn, me.tenant_id, draft.id, version=draft.version, by=me.actor,
                         now=datetime.now(UTC), **changes)  # fmt: skip
        acts.done(t("remarketing.saved"))


def _head(me: Principal, draft: Draft, found: Board) -> None:
    """To whom, by which way, when, and how long free text may still be sent."""
    t, form = texts(me), formats(me)
    name = found.names.get(draft.conversation_id) or draft.contact_address
    closes = found.windows.get(draft.id)
    left = (closes - datetime.now(UTC)).total_seconds() if closes else 0
    parts = [t(f"draft.{draft.state}"), t(f"via.{draft.via}"), t(f"author.{draft.author}")]
    if draft.due_at and draft.state is DraftState.SCHEDULED:
        parts.append(t("remarketing.due", moment=form.moment(draft.due_at)))
    if draft.sent_at:
        parts.append(t("remarketing.sent_at", moment=form.moment(draft.sent_at)))
    if draft.reason in set(Reason):
        parts.append(t(f"reason.{draft.reason}"))
    window = t("remarketing.window", left=form.duration(left)) if left > 0 else t("remarketing.window_closed")
    st.html(
        f'<p class="prosa-draft-head"><a href="{escape(links.conversation(draft.conversation_id))}" target="_self">'
        f'{escape(name)}</a> <span class="prosa-note">{escape(" · ".join(parts))}</span> '
        f'<strong class="prosa-{"good" if left > 0 else "quiet"}">{escape(window)}</strong></p>'
    )
