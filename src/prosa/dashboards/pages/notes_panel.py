"""The team's notes on a conversation. Everybody reads them; administrators write them; only the author changes a note."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from prosa.conversations import notes
from prosa.conversations.notes import NoSuchNote, Note
from prosa.dashboards import actions, filters, links, widgets
from prosa.dashboards.gate import formats, require, texts, transaction
from prosa.db import Conn
from prosa.errors import Invalid, NotFound
from prosa.facts.model import EVERYTHING, Period
from prosa.tenancy.model import Principal, UserRole

WRONG = {Invalid: "talk.note_bad", NoSuchNote: "talk.note_gone", NotFound: "talk.none_title"}


def show(me: Principal, conversation_id: int, found: Sequence[Note]) -> None:
    """Draw the notes, and what this person may do with them."""
    t = texts(me)
    if not found:
        widgets.hint(t("talk.no_notes"))
    for note in found:
        _note(me, note)
    if me.role is not UserRole.CLIENT:
        with st.form(actions.anew(f"note-new-{conversation_id}"), border=False):
            body = st.text_area(
                t("talk.note_new"), max_chars=notes.LONGEST, height=80, label_visibility="collapsed",
                placeholder=t("talk.note_placeholder"),
            )  # fmt: skip
            if st.form_submit_button(t("talk.note_add"), icon=":material/add:"):
                author = me.name or me.email
                _act(me, "talk.note_added", lambda conn: notes.write(
                    conn, me.tenant_id, conversation_id, body, actor=me.actor, author=author))  # fmt: skip
    today = filters.local_today(me)
    ever = Period(today - timedelta(days=3650), today + timedelta(days=1))
    address = links.rows(ever, EVERYTHING, marks=("noted",))
    st.html(
        f'<p class="prosa-more prosa-small"><a href="{escape(address)}" target="_self">{escape(t("talk.note_all"))}</a></p>'
    )


def _note(me: Principal, note: Note) -> None:
    t, form = texts(me), formats(me)
    when = form.moment(note.created_at)
    if note.edited_at:
        when += f" · {t('talk.note_edited', moment=form.moment(note.edited_at))}"
    st.html(
        f'<article class="prosa-memo"><header><strong>{escape(note.author)}</strong> '
        f'<span class="prosa-note">{escape(when)}</span></header><p>{escape(note.body)}</p></article>'
    )
    if note.actor != me.actor or me.role is UserRole.CLIENT:
        return
    with st.container(horizontal=True, gap="small", key=f"note-tools-{note.id}"):
        with st.popover(t("talk.note_change"), key=actions.anew(f"note-open-{note.id}")):
            field = actions.anew(f"note-{note.id}")
            st.session_state.setdefault(field, note.body)  # once: another tab must not replace what is typed
            body = st.text_area(t("talk.note_change"), key=field, max_chars=notes.LONGEST, label_visibility="collapsed")
            if st.button(t("talk.note_save"), key=f"note-save-{note.id}", type="primary"):
                _act(me, "talk.note_added", lambda conn: notes.edit(
                    conn, me.tenant_id, note.id, body, actor=me.actor, now=datetime.now(UTC)))  # fmt: skip
        actions.confirm(
            me, f"note-delete-{note.id}", t("talk.note_delete"), t("talk.note_delete_sure"),
            lambda: _act(me, "talk.note_deleted",
                         lambda conn: notes.delete(conn, me.tenant_id, note.id, actor=me.actor)),
        )  # fmt: skip


def _act(me: Principal, said: str, verb: Callable[[Conn], object]) -> None:
    require(UserRole.ADMIN)
    with actions.explaining_errors(me, WRONG):
        with transaction(me) as conn:
            verb(conn)
        actions.done(texts(me)(said))
