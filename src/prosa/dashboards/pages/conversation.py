"""One conversation: the talk, what was understood of it and why, what came of it, and what the contact said before."""

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

import streamlit as st

from prosa.analysis.latest_insight import Judgement, judgement
from prosa.analysis.offline.wording import told
from prosa.conversations import media, notes, transcript
from prosa.conversations.media import Media
from prosa.conversations.notes import Note
from prosa.conversations.transcript import Said, Talk
from prosa.dashboards import actions, links, widgets
from prosa.dashboards.format import LONGEST_LISTED, cut, person, phone
from prosa.dashboards.gate import formats, locale, recheck, require, texts, transaction
from prosa.dashboards.pages import chat, correction, notes_panel, table
from prosa.errors import Invalid, NotFound
from prosa.facts import conversions, listing, outcomes
from prosa.facts.conversion_import import money
from prosa.facts.outcomes import Outcome, OutcomeKind
from prosa.tenancy.model import Principal, UserRole

DETAILS = (
    "state", "inbox_name", "assignee_name", "contact_phone", "labels", "created_at", "first_response_seconds",
    "resolution_seconds", "csat_rating", "csat_feedback",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """All that the page shows."""

    row: dict[str, Any]
    said: list[Said]
    judged: Judgement | None
    outcomes: list[Outcome]
    history: list[Talk]
    notes: list[Note]
    files: dict[int, list[Media]]


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    found = _ask(me, st.query_params.get("id", ""))
    if found is None:
        widgets.page_title(t("conversation.title"))
        asked = "id" in st.query_params
        title = t("talk.none_title" if asked else "talk.choose_title")
        return widgets.empty_state(title, t("talk.none_text"), link=(t("talk.to_list"), "/app/leads"))
    row = found.row
    name = person(row["contact_name"], row["contact_phone"], t("overview.unnamed"))
    state = t(f"state.{row['state']}")
    widgets.page_title(name, f"{state} · {phone(row['inbox_name']) or t('overview.no_inbox')}")
    page, address = links.back_to(st.query_params.get("back", ""))
    widgets.way(t(f"{page}.title"), address, back=True)
    actions.show_done()
    wide, narrow = st.columns([3, 2], gap="small")
    with wide, widgets.panel(t("talk.messages"), "chat"):
        chat.show(
            me, row["conversation_id"], found.said, found.judged.evidence if found.judged else (),
            contact=cut(name, LONGEST_LISTED), files=found.files,
        )  # fmt: skip
    with narrow:
        with widgets.panel(t("talk.insight"), "insight"):
            _insight(me, found.judged)
            if found.judged and me.role is not UserRole.CLIENT:
                correction.show(me, row["conversation_id"], found.judged)
        with widgets.panel(t("talk.notes"), "notes", t("talk.notes_definition")):
            notes_panel.show(me, row["conversation_id"], found.notes)
        with widgets.panel(t("talk.outcomes"), "outcomes", t("talk.outcomes_definition")):
            _outcomes(me, row["conversation_id"], found.outcomes)
        with widgets.panel(t("talk.details"), "details"):
            _pairs([(t(f"column.{key}"), table.cell(key, row[key], t, formats(me))) for key in DETAILS])
        with widgets.panel(t("talk.history"), "history"):
            _history(me, row["conversation_id"], found.history)


def _ask(me: Principal, asked: str) -> Found | None:
    """Read it all. None if there is no such conversation, or it is another tenant's: the page does not tell these apart."""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    number = int(asked)
    with transaction(me) as conn:
        rows = listing.by_id(conn, me.tenant_id, [number])
        if not rows:
            return None
        contact, said = rows[0]["contact_id"], transcript.said(conn, me.tenant_id, number)
        return Found(
            rows[0], said, judgement(conn, me.tenant_id, number),
            outcomes.of_conversation(conn, me.tenant_id, number),
            transcript.history(conn, me.tenant_id, contact) if contact else [],
            notes.of_conversation(conn, me.tenant_id, number),
            media.of_messages(conn, me.tenant_id, [message.id for message in said]),
        )  # fmt: skip


def _insight(me: Principal, judged: Judgement | None) -> None:
    """What was understood; a person's word is marked as such."""
    t, form = texts(me), formats(me)
    if judged is None:
        return widgets.hint(t("talk.not_analysed"))
    if judged.next_step:
        step = escape(told(judged.next_step, locale(me)))
        st.html(f'<p class="prosa-next"><strong>{escape(t("talk.next_step"))}</strong> {step}</p>')
    if judged.summary:
        st.html(f'<p class="prosa-summary">{escape(told(judged.summary, locale(me)))}</p>')
    words = {
        "is_lead": t(f"lead.{str(judged.is_lead).lower()}"), "conversion_score": f"{judged.conversion_score} / 100",
        "interest": t(f"interest.{judged.interest}"), "category": t(f"category.{judged.category}"),
        "sentiment": t(f"sentiment.{judged.sentiment}"), "lead_name": judged.lead_name, "lead_goal": judged.lead_goal,
    }  # fmt: skip
    said = t("talk.said_by_person")
    _pairs([
        (t(f"column.{key}"), f"{value} ({said})" if key in judged.corrected else value)
        for key, value in words.items() if value
    ])  # fmt: skip
    note = t(
        "talk.judged_by", model=judged.model, moment=form.moment(judged.at), sure=form.percent(judged.confidence, 0)
    )
    st.html(f'<p class="prosa-note">{escape(note)}</p>')


def _outcomes(me: Principal, conversation_id: int, stated: list[Outcome]) -> None:
    """Users who may change something can state a visit or a conversion, and take it back."""
    t, form = texts(me), formats(me)
    if not stated:
        widgets.hint(t("talk.no_outcome"))
    for outcome in stated:
        with st.container(horizontal=True, vertical_alignment="center", key=f"outcome-{outcome.id}"):
            origin = t(f"origin.{outcome.origin}")
            worth = f" · {form.money(outcome.amount, outcome.currency or 'BRL')}" if outcome.amount is not None else ""
            st.html(
                f"<p><strong>{escape(t(f'outcome.{outcome.kind}'))}</strong> · {escape(form.moment(outcome.at) + worth)}"
                f'<br><span class="prosa-note">{escape(origin)}</span></p>'
            )
            if me.role is not UserRole.CLIENT:
                st.button(t("talk.undo"), key=f"undo-{outcome.id}", icon=":material/undo:", on_click=_undo,
                          args=(me, outcome.id))  # fmt: skip
    if me.role is UserRole.CLIENT:
        return
    missing = [kind for kind in OutcomeKind if not any(o.kind == kind and o.origin == "person" for o in stated)]
    with st.container(horizontal=True, key="state-outcome"):
        if OutcomeKind.VISIT in missing:
            st.button(t("talk.mark_visit"), key="mark-visit", icon=":material/add:", on_click=_state,
                      args=(me, conversation_id, OutcomeKind.VISIT))  # fmt: skip
        if OutcomeKind.CONVERSION in missing:
            with st.popover(t("talk.mark_conversion"), icon=":material/add:"):
                # A number field drops the comma in a browser of another language: 1499,90 would be 149990.
                st.text_input(t("talk.amount"), key="amount", max_chars=20, placeholder="1.499,90")
                st.button(t("talk.mark_conversion"), key="mark-conversion", type="primary", on_click=_state,
                          args=(me, conversation_id, OutcomeKind.CONVERSION))  # fmt: skip


def _state(me: Principal, conversation_id: int, kind: OutcomeKind) -> None:
    recheck(me)
    given = st.session_state.get("amount", "") if kind is OutcomeKind.CONVERSION else ""
    with (
        actions.explaining_errors(me, {NotFound: "talk.none_title", Invalid: "talk.bad_amount"}),
        transaction(me) as conn,
    ):
        conversions.click(
            conn, me.tenant_id, conversation_id, kind, actor=me.actor, now=datetime.now(UTC), amount=money(given)
        )
        st.session_state[actions.DONE] = texts(me)("talk.stated")


def _undo(me: Principal, outcome_id: int) -> None:
    recheck(me)
    with actions.explaining_errors(me, {NotFound: "talk.already_undone"}), transaction(me) as conn:
        conversions.undo(conn, me.tenant_id, outcome_id, actor=me.actor, now=datetime.now(UTC))
        st.session_state[actions.DONE] = texts(me)("talk.undone")


def _pairs(pairs: list[tuple[str, str]]) -> None:
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
    st.html(f'<dl class="prosa-pairs">{lines}</dl>')


def _history(me: Principal, conversation_id: int, history: list[Talk]) -> None:
    t, form = texts(me), formats(me)
    others = [other for other in history if other.id != conversation_id]
    if not others:
        return widgets.hint(t("talk.no_history"))
    back = st.query_params.get("back", "")
    st.html('<ol class="prosa-waiting">' + "".join(
        f'<li><a href="{escape(links.conversation(other.id, back))}" target="_self">{escape(form.moment(other.created_at))}</a>'
        f'<span class="prosa-note">{escape(t(f"state.{other.state}"))}</span>'
        f"<p>{escape(cut(told(other.about or '', locale(me)), 160))}</p></li>"
        for other in others
    ) + "</ol>")  # fmt: skip
