"""The conversations of a segment, which its number on the remarketing page leads to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
    """Draw a page of them. `segment` and `page` come from the address, so they may be anything."""
    t, form = texts(me), formats(me)
    at = number(page) or 1
    try:
        found = members(me, number(segment), skip=(at - 1) * ROWS, limit=ROWS)
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
    pages(me, found.rows, at, lambda page: links.segment(found.segment.id, page=page),
          more=at * ROWS < found.size.conversations)  # fmt: skip


def pages(
    me: Principal, rows: Sequence[Mapping[str, Any]], page: int, address: Callable[[int], str], *, more: bool
) -> None:
    """One page of a list, with the ways to the first and to the next; `address` makes those of a page's number."""
    t = texts(me)
    table.show(me, rows, COLUMNS, page="remarketing")
    with st.container(horizontal=True, horizontal_alignment="right", key="paging"):
        if page > 1:
            widgets.way(t("leads.first"), address(1), back=True)
        if more:
            widgets.way(t("leads.next"), address(page + 1))


def number(asked: str) -> int:
    """The id as a number; 0 for anything that cannot be one."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
