"""A draft's first line: to whom it goes, how, when, and how long free text may still be sent."""

from datetime import UTC, datetime
from html import escape

import streamlit as st

from prosa.dashboards import filters, links
from prosa.dashboards.format import Format, listed
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages.remarketing_queries import Board
from prosa.remarketing.model import Draft, DraftState, Reason
from prosa.tenancy.model import Principal

SOON = 3600  # seconds to the window's end, for the colour beside the words


def show(me: Principal, draft: Draft, found: Board) -> None:
    """Draw the line."""
    t, form = texts(me), formats(me)
    number = draft.contact_address.removeprefix("whatsapp:")
    name = listed(found.names.get(draft.conversation_id), number, t("overview.unnamed"))
    parts = [t(f"draft.{draft.state}"), t(f"via.{draft.via}"), t(f"author.{draft.author}")]
    if draft.due_at and draft.state is DraftState.SCHEDULED:
        parts.append(t("remarketing.due", moment=form.moment(draft.due_at)))
    if draft.sent_at:
        parts.append(t("remarketing.sent_at", moment=form.moment(draft.sent_at)))
    if draft.reason in set(Reason):
        parts.append(t(f"reason.{draft.reason}"))
    address = links.conversation(draft.conversation_id, filters.here("remarketing"))
    st.html(
        f'<p class="prosa-draft-head"><a href="{escape(address)}" target="_self">'
        f'{escape(name)}</a> <span class="prosa-note">{escape(" · ".join(parts))}</span> '
        f"{_window(draft, found.windows.get(draft.id), t, form)}</p>"
    )


def _window(draft: Draft, closes: datetime | None, t: Translate, form: Format) -> str:
    """How long free text may still be sent by WhatsApp; api/static/countdown.js goes on counting."""
    if draft.channel != "whatsapp":
        return ""
    left, closed = (closes - datetime.now(UTC)).total_seconds() if closes else 0, escape(t("remarketing.window_closed"))
    if left <= 0:
        return f'<span class="prosa-note">{closed}</span>'
    said = escape(t("remarketing.window", left=form.duration(left)))
    pattern = escape(t("remarketing.window", left="{left}"))
    return (
        f'<strong class="prosa-{"late" if left < SOON else "good"}" data-left="{left:.0f}" data-open="{pattern}" '
        f'data-closed="{closed}">{said}</strong>'
    )
