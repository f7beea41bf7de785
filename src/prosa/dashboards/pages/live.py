"""Contacts who are waiting for an answer, the longest first. The page refreshes itself, without extending the session."""

from datetime import UTC, datetime
from html import escape

import streamlit as st

from prosa.dashboards import filters, links, widgets
from prosa.dashboards.format import Format, cut, listed, phone
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages import no_conversations, queries
from prosa.facts.listing import Waiting
from prosa.facts.model import Filter
from prosa.tenancy.model import UserRole

EVERY = 10  # seconds
LATE, VERY_LATE = 15 * 60, 60 * 60  # seconds of waiting, for the colour beside the words


def page() -> None:
    """Draw the page."""
    me = require(UserRole.CLIENT)
    t = texts(me)
    widgets.page_title(t("live.title"), t("live.intro", seconds=EVERY))
    basics = queries.basics(me)
    if basics.coverage.newest is None:
        return no_conversations.explain(me, basics.coverage)
    with st.container(key="filters"):
        chosen = filters.inbox_picker(me, basics.inboxes)
    _waiting(Filter(inboxes=chosen))


@st.fragment(run_every=EVERY)
def _waiting(where: Filter) -> None:
    me = require(UserRole.CLIENT, touch=False)
    t, form = texts(me), formats(me)
    with widgets.error_boundary("those who wait"):
        count, rows = queries.waiting(me, where)
        now = datetime.now(UTC)
        if not rows:
            widgets.empty_state(t("live.none_title"), t("live.none_text"))
            return
        said = t("live.count", count=form.number(count), longest=form.duration((now - rows[0].since).total_seconds()))
        st.html(f'<p class="prosa-live" role="status">{escape(said)} · {escape(t("live.at", time=form.time(now)))}</p>')
        back = filters.here("live")
        st.html(f'<ol class="prosa-waiting prosa-queue">{"".join(_line(row, now, back, t, form) for row in rows)}</ol>')
        if count > len(rows):
            widgets.hint(t("live.more", count=form.number(count - len(rows))))


def _line(row: Waiting, now: datetime, back: str, t: Translate, form: Format) -> str:
    seconds = (now - row.since).total_seconds()
    tone = "bad" if seconds > VERY_LATE else "late" if seconds > LATE else "quiet"
    name = listed(row.contact, row.phone, t("overview.unnamed"))
    where = " · ".join(part for part in (phone(row.inbox), row.assignee or t("overview.nobody")) if part)
    return (
        f'<li><a href="{escape(links.conversation(row.conversation_id, back))}" target="_self">{escape(name)}</a>'
        f'<strong class="prosa-{tone}">{escape(form.duration(seconds))}</strong>'
        f'<span class="prosa-note">{escape(where)}</span><p>{escape(cut(row.text or t("talk.media"), 200))}</p></li>'
    )
