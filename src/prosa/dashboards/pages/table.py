"""Conversations as a table; on a telephone, where a table would be wider than the screen, as cards."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from prosa.dashboards import filters, links
from prosa.dashboards.format import DASH, Format, cut, listed, phone
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages import queries
from prosa.facts.listing import Sort
from prosa.facts.metrics import columns
from prosa.facts.model import Filter, Period
from prosa.tenancy.model import Principal

COLUMNS = (
    "contact_phone", "inbox_name", "state", "assignee_name", "is_lead", "category", "sentiment", "interest",
    "conversion_score", "lead_goal", "messages_total", "first_response_seconds", "resolution_seconds", "csat_rating",
    "labels", "recency", "visit_scheduled_at", "converted_at", "last_message_text", "last_message_at", "created_at",
)  # fmt: skip
USUAL = (
    "contact_phone",
    "inbox_name",
    "state",
    "is_lead",
    "conversion_score",
    "first_response_seconds",
    "created_at",
)
# The column that each order goes by, and whether the least comes first.
ORDERED_BY = {
    Sort.NEWEST: ("created_at", False), Sort.OLDEST: ("created_at", True), Sort.ACTIVITY: ("last_message_at", False),
    Sort.SCORE: ("conversion_score", False), Sort.SLOWEST: ("first_response_seconds", False),
    Sort.LONGEST: ("messages_total", False),
}  # fmt: skip
LONGEST = 160  # letters in a cell: a conversation may have a thousand labels, which its own page shows
DURATIONS = {"first_response_seconds", "resolution_seconds"}
NUMBERS = {"conversion_score", "messages_total", "csat_rating", *DURATIONS}  # flush right
TEXTS: dict[str, Callable[[Any], str]] = {
    "contact_phone": phone, "inbox_name": phone, "labels": lambda names: names.replace(";", ", "),
}  # fmt: skip
CODES = {
    "state": "state",
    "category": "category",
    "sentiment": "sentiment",
    "interest": "interest",
    "recency": "recency",
}


def show(
    me: Principal, rows: Sequence[Mapping[str, Any]], chosen: Sequence[str], *, page: str, sort: Sort | None = None
) -> None:
    """Draw the rows: the contact, whose name leads to the conversation and from there back to `page`, and the chosen columns.

    With `sort`, the column that they are ordered by says so, and the heads lead to the other orders.
    """
    t, form = texts(me), formats(me)
    meaning = {column.key: column.text(form.locale) for column in columns()}
    head = "".join(
        f'<th scope="col" class="prosa-c-{key}{_side(key)}" title="{escape(meaning[key])}"{_ordered(key, sort)}>'
        f"{_title(key, sort, t)}</th>"
        for key in ("contact_name", *chosen)
    )
    noted = queries.noted(me, tuple(row["conversation_id"] for row in rows))
    back = filters.here(page)
    body = "".join(_row(row, chosen, noted.get(row["conversation_id"], 0), back, t, form) for row in rows)
    st.html(
        f'<div class="prosa-wide" role="region" tabindex="0" aria-label="{escape(t("leads.table"))}"><table class="prosa-list">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def downloads(me: Principal, period: Period, where: Filter, intro: str) -> None:
    """The same conversations as files: all of them, with all columns."""
    t = texts(me)
    anchors = " ".join(
        f'<a href="{escape(links.file(fmt, period, where))}" target="_self" download>'
        f"{escape(t(f'overview.download_{fmt}'))}</a>"
        for fmt in ("csv", "xlsx")
    )
    st.html(
        f'<div class="prosa-downloads"><p>{escape(intro)}</p>'
        f'<nav aria-label="{escape(t("overview.downloads"))}">{anchors}</nav></div>'
    )


def cell(key: str, value: Any, t: Translate, form: Format) -> str:
    """A value of this column as people write it."""
    if value is None or value == "":
        return DASH
    if key in CODES:
        return t(f"{CODES[key]}.{value}")
    if isinstance(value, bool):
        return t(f"lead.{str(value).lower()}")
    if key in DURATIONS:
        return form.duration(value)
    if key.endswith("_at"):
        return form.moment(value)
    return form.number(value) if isinstance(value, int | float) else TEXTS.get(key, str)(value)


def _ordered(key: str, sort: Sort | None) -> str:
    """How the rows are ordered by this column, for screen readers and for the arrow beside its title."""
    by, ascending = ORDERED_BY[sort] if sort else ("", False)
    return f' aria-sort="{"ascending" if ascending else "descending"}"' if key == by else ""


def _title(key: str, sort: Sort | None, t: Translate) -> str:
    """The column's title; where the list may be ordered by it, a link to that order, or to the opposite of the present one."""
    orders = [order for order, (by, _) in ORDERED_BY.items() if by == key and sort]
    others = [order for order in orders if order != sort]
    text = escape(t(f"column.{key}"))
    if not others:
        return text
    return f'<a href="{escape(filters.address(sort=others[0], after=None))}" target="_self">{text}</a>'


def _row(row: Mapping[str, Any], chosen: Sequence[str], notes: int, back: str, t: Translate, form: Format) -> str:
    name = listed(row["contact_name"], row["contact_phone"], t("overview.unnamed"))
    address = escape(links.conversation(row["conversation_id"], back))
    cells = "".join(
        f'<td class="prosa-c-{key}{_side(key)}" data-label="{escape(t(f"column.{key}"))}"><span{_look(key, row[key])}>'
        f"{escape(cut(cell(key, row[key], t, form), LONGEST))}</span></td>"
        for key in chosen
    )
    mark = (
        f' <span class="prosa-badge prosa-badge-warn">{escape(t("talk.note_count", count=notes))}</span>'
        if notes
        else ""
    )
    return f'<tr><th scope="row"><a href="{address}" target="_self">{escape(name)}</a>{mark}</th>{cells}</tr>'


def _side(key: str) -> str:
    return " prosa-number" if key in NUMBERS else ""


def _look(key: str, value: Any) -> str:
    """What the eye finds before it reads: the state's colour, the score's length, who is a lead."""
    if value is None or value == "":
        return ' class="prosa-none"'
    if key in ("is_lead", "conversion_score") and not value:
        return ' class="prosa-neutral"'
    if key == "state":
        return f' class="prosa-state prosa-state-{escape(value)}"'
    if key == "conversion_score":
        return f' class="prosa-score" style="--share:{int(value)}%"'
    return ' class="prosa-badge prosa-badge-good"' if key == "is_lead" else ""
