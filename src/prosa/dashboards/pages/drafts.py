"""Drafts to read and decide on, one by one or together. Approval is for what stands on the screen, saved or not."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from prosa.dashboards import actions, filters, widgets
from prosa.dashboards.gate import formats, locale, recheck, texts, transaction
from prosa.dashboards.pages import draft_head
from prosa.dashboards.pages.remarketing_queries import GROUPS, Board
from prosa.db import Conn
from prosa.errors import Invalid
from prosa.remarketing import policy, service, whatsapp_templates
from prosa.remarketing.model import Draft, IllegalStep, StaleDraft
from prosa.remarketing.service import Done
from prosa.remarketing.whatsapp_templates import BadVariables, WhatsAppTemplate
from prosa.tenancy.model import Principal, UserRole

Versions = Mapping[int, int]
Verb = Callable[[Conn, Sequence[int], Versions], Done]
OPEN = ("review", "approved", "scheduled")  # groups of which something is still to be decided
APPROVED = ("approved", "scheduled")  # groups whose approval can be taken back
WRONG = {StaleDraft: "remarketing.stale", IllegalStep: "remarketing.stale", Invalid: "remarketing.bad_text",
         BadVariables: "remarketing.bad_variables"}  # fmt: skip


def show(me: Principal, found: Board, group: str) -> None:
    """Draw the group's drafts, and above them what can be done with all of them, or with those that are marked."""
    is_open = me.role is not UserRole.CLIENT and group in OPEN
    if (whole := sum(found.counts.get(state, 0) for state in GROUPS[group])) > len(found.drafts):
        form = formats(me)
        widgets.hint(texts(me)("remarketing.cut", shown=form.number(len(found.drafts)), all=form.number(whole)))
    if is_open:
        _together(me, found, group)
    for draft in found.drafts:
        with st.container(border=True, key=f"draft-{draft.id}"):
            _draft(me, draft, found, group if is_open else "")


def _together(me: Principal, found: Board, group: str) -> None:
    """What can be done with several drafts at once."""
    t = texts(me)
    marked = [draft for draft in found.drafts if st.session_state.get(f"mark-{draft.id}")]
    chosen = marked or list(found.drafts)
    kind = "remarketing.of_marked" if marked else "remarketing.of_all"

    def label(act: str) -> str:
        return t(kind, act=t(f"remarketing.{act}"), count=len(chosen))

    with st.container(horizontal=True, horizontal_alignment="right", key="together"):
        if group == "review":
            with st.popover(label("approve"), icon=":material/check:", type="primary"):
                st.markdown(t("remarketing.approve_sure", count=len(chosen)))
                st.button(t("act.yes"), key="approve-many", type="primary", on_click=_approve, args=(me, chosen, found))
        if group == "approved":
            _schedule(me, chosen, found, label("schedule"))
        if group == "scheduled":
            st.button(label("unschedule"), key="unschedule", icon=":material/event_busy:", on_click=_do, args=(
                me, chosen, lambda conn, ids, _: service.unschedule(conn, me.tenant_id, ids, by=me.actor, now=_now()),
            ))  # fmt: skip
        if group in APPROVED:
            st.button(
                label("take_back"), key="take-back", icon=":material/undo:", on_click=_take_back, args=(me, chosen)
            )
        _reject(me, chosen, label("reject"), t("remarketing.reject_sure", count=len(chosen)), "reject")


def _approve(me: Principal, chosen: Sequence[Draft], found: Board) -> None:
    """Approve the drafts. A callback, so these are the drafts that were on the screen when the button was pressed."""
    _do(
        me, chosen,
        lambda conn, ids, versions: service.approve(conn, me.tenant_id, ids, by=me.actor, now=_now(), versions=versions),
        found, "remarketing.approved_done",
    )  # fmt: skip


def _take_back(me: Principal, chosen: Sequence[Draft]) -> None:
    _do(
        me, chosen,
        lambda conn, ids, _: service.take_back(conn, me.tenant_id, ids, by=me.actor, now=_now()),
        said="remarketing.taken_back",
    )  # fmt: skip


def _reject(me: Principal, chosen: Sequence[Draft], label: str, question: str, key: str) -> None:
    def act() -> None:
        _do_now(me, chosen, lambda conn, ids, _: service.reject(conn, me.tenant_id, ids, by=me.actor, now=_now()))

    actions.confirm(me, key, label, question, act)


def _schedule(me: Principal, chosen: Sequence[Draft], found: Board, label: str) -> None:
    """Schedule for now, or for a moment in the tenant's time. The rules move that out of quiet hours."""
    t, here = texts(me), ZoneInfo(me.timezone)
    with st.popover(label, icon=":material/schedule_send:"):
        today = datetime.now(here)
        later = st.checkbox(t("remarketing.later"), key="later")
        day = st.date_input(t("remarketing.day"), today.date() + timedelta(days=1), key="day",
                            format=filters.DATE_INPUT[locale(me)], min_value=today.date(), disabled=not later)  # fmt: skip
        hour = st.time_input(t("remarketing.hour"), time(10), key="hour", disabled=not later)
        if st.button(t("remarketing.schedule"), key="schedule-now", type="primary"):
            at = datetime.combine(day, hour, here) if later else None
            _do_now(me, chosen, lambda conn, ids, versions: service.schedule(
                conn, me.tenant_id, ids, policy=policy.read(conn, me.tenant_id), by=me.actor, now=_now(), at=at,
                versions=versions,
            ), found)  # fmt: skip


def _do(
    me: Principal, chosen: Sequence[Draft], verb: Verb, found: Board | None = None, said: str = "remarketing.done"
) -> None:
    """Do it to all of them. With `found`, what was typed into them is saved first: that is what the person has read."""
    recheck(me)
    t = texts(me)
    with actions.explaining_errors(me, WRONG | {Invalid: "remarketing.no_hour"}):
        with transaction(me) as conn:
            versions = {draft.id: _kept(conn, me, draft, found) for draft in chosen}
            done = verb(conn, list(versions), versions)
        st.session_state[actions.DONE] = t(said, count=len(done.drafts)) + (
            f" {t('remarketing.refused', count=len(done.refused))}" if done.refused else ""
        )


def _do_now(me: Principal, chosen: Sequence[Draft], verb: Verb, found: Board | None = None) -> None:
    """The same as `_do`, but in the page's own run: the page is drawn again afterwards."""
    _do(me, chosen, verb, found)
    if actions.DONE in st.session_state:
        st.rerun()


def _kept(conn: Conn, me: Principal, draft: Draft, found: Board | None) -> int:
    """Save what was typed into the draft, unless it is saved. Returns the draft's version."""
    changes = _typed(draft, found.templates.get(draft.whatsapp_template_id or 0)) if found else {}
    if not changes:
        return draft.version
    edited = service.edit(conn, me.tenant_id, draft.id, version=draft.version, by=me.actor, now=_now(), **changes)
    return edited.version


def _typed(draft: Draft, template: WhatsAppTemplate | None) -> dict[str, Any]:
    """The draft's fields that differ from what was saved."""
    typed = st.session_state.get
    if template is None:
        body = typed(f"body-{draft.id}-{draft.version}", draft.body)
        return {} if body == draft.body else {"body": body}
    saved = {name: draft.variables.get(name, "") for name in template.variables}
    given = {name: typed(f"variable-{draft.id}-{draft.version}-{name}", value) for name, value in saved.items()}
    return {} if given == saved else {"variables": given}


def _draft(me: Principal, draft: Draft, found: Board, group: str) -> None:
    """Draw one draft. The `group` says what can be done with it; in none, it can only be read."""
    t = texts(me)
    draft_head.show(me, draft, found)
    if not group:
        st.html(f'<blockquote class="prosa-draft">{escape(draft.body)}</blockquote>')
        return
    template = found.templates.get(draft.whatsapp_template_id or 0)
    if template:
        _preview(me, draft, template)
    else:
        st.text_area(t("remarketing.text"), draft.body, key=f"body-{draft.id}-{draft.version}",
                     label_visibility="collapsed", height="content", max_chars=1600)  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key=f"tools-{draft.id}"):
        st.checkbox(t("remarketing.mark"), key=f"mark-{draft.id}")
        if group == "review":
            st.button(t("remarketing.approve"), key=f"approve-{draft.id}", icon=":material/check:", on_click=_approve,
                      args=(me, [draft], found))  # fmt: skip
        if group in APPROVED:
            st.button(t("remarketing.take_back"), key=f"take-back-{draft.id}", icon=":material/undo:",
                      on_click=_take_back, args=(me, [draft]))  # fmt: skip
        _reject(me, [draft], t("remarketing.reject"), t("remarketing.reject_one"), f"reject-{draft.id}")
        if template and template.variables:
            with st.popover(t("remarketing.change_variables"), icon=":material/edit:"):
                _variables(me, draft, template)
                _save(me, draft, template)
        elif not template:
            _save(me, draft, None)


def _preview(me: Principal, draft: Draft, template: WhatsAppTemplate) -> None:
    """The text that the contact would read, with the variables as they stand in the fields."""
    t = texts(me)
    if template.is_approved and template.leaves(draft.via):
        st.html(f'<p class="prosa-note">{escape(t("remarketing.template"))}</p>')
    else:
        st.warning(t("remarketing.template_not_approved"))
    try:
        body, _ = whatsapp_templates.fill(template, _typed(draft, template).get("variables", draft.variables))
    except BadVariables:
        st.warning(t("remarketing.bad_variables"))
    else:
        st.html(f'<blockquote class="prosa-draft">{escape(body)}</blockquote>')


def _variables(me: Principal, draft: Draft, template: WhatsAppTemplate) -> None:
    t = texts(me)
    for name in template.variables:
        st.text_input(t("remarketing.variable", name=name), draft.variables.get(name, ""), max_chars=500, width=320,
                      key=f"variable-{draft.id}-{draft.version}-{name}")  # fmt: skip


def _save(me: Principal, draft: Draft, template: WhatsAppTemplate | None) -> None:
    t = texts(me)
    label = t("remarketing.save_variables" if template else "remarketing.save")
    if not st.button(label, key=f"save-{draft.id}", icon=":material/save:"):
        return
    changes = _typed(draft, template)
    if not changes:
        return
    with actions.explaining_errors(me, WRONG):
        with transaction(me) as conn:
            service.edit(conn, me.tenant_id, draft.id, version=draft.version, by=me.actor, now=_now(), **changes)
        actions.done(t("remarketing.saved"))


def _now() -> datetime:
    return datetime.now(UTC)
