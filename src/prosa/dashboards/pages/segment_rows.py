"""The conversations of a segment, as its number on the remarketing page promises them."""

import streamlit as st

from prosa.dashboards import links, widgets
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.pages import table
from prosa.dashboards.pages.remarketing_queries import members
from prosa.remarketing.segments import NoSuchSegment
from prosa.tenancy.model import Principal

COLUMNS = ("contact_phone", "inbox_name", "state", "conversion_score", "lead_goal", "last_message_at")
ROWS = 50  # a page


def show(me: Principal, segment: str, page: str) -> None:
    """Draw a page of them; `segment` and `page` are what the address says, which may be anything."""
    t, form = texts(me), formats(me)
    number = _number(page) or 1
    try:
        found = members(me, _number(segment), skip=(number - 1) * ROWS, limit=ROWS)
    except NoSuchSegment:
        widgets.page_title(t("remarketing.title"))
        return widgets.empty_state(t("segment.gone"), "", link=(t("segment.back"), "/app/remarketing"))
    size = t(
        "segment.size",
        conversations=form.number(found.size.conversations),
        contacts=form.number(found.size.contacts),
    )
    widgets.page_title(found.segment.name, f"{t('segment.one')} · {size}")
    widgets.way(t("segment.back"), "/app/remarketing", back=True)
    if not found.rows:
        return widgets.empty_state(t("segment.nobody"), t("segment.nobody_text"))
    table.show(me, found.rows, COLUMNS)
    with st.container(horizontal=True, horizontal_alignment="right", key="paging"):
        if number > 1:
            widgets.way(t("leads.first"), links.segment(found.segment.id), back=True)
        if number * ROWS < found.size.conversations:
            widgets.way(t("leads.next"), links.segment(found.segment.id, page=number + 1))


def _number(asked: str) -> int:
    """What cannot be a number of ours is 0."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
