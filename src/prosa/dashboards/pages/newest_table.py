"""The newest conversations of a period as a table, and all of them as files."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

import pyarrow as pa
import streamlit as st

from prosa.dashboards import widgets
from prosa.dashboards.filters import download_address
from prosa.dashboards.format import DASH
from prosa.dashboards.gate import formats, texts
from prosa.dashboards.i18n import Translate
from prosa.facts.metrics import columns
from prosa.facts.model import Filter, Period
from prosa.tenancy.model import Principal

MOMENT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    {
        "contact_name": pa.string(),
        "inbox_name": pa.string(),
        "state": pa.string(),
        "messages_total": pa.int64(),
        "first_response_seconds": pa.float64(),
        "is_lead": pa.string(),
        "conversion_score": pa.int64(),
        "last_message_at": MOMENT,
        "last_message_text": pa.string(),
        "created_at": MOMENT,
    }
)


def show(me: Principal, rows: Sequence[dict[str, Any]], period: Period, where: Filter) -> None:
    """Draw the table and its downloads."""
    t, form = texts(me), formats(me)
    widgets.heading(t("overview.newest"))
    links = " ".join(
        f'<a href="{escape(download_address(fmt, period, [i for i in where.inboxes if i is not None]))}" '
        f'target="_self" download>{escape(t(f"overview.download_{fmt}"))}</a>'
        for fmt in ("csv", "xlsx")
    )
    st.html(
        f'<div class="prosa-downloads"><p>{escape(t("overview.newest_intro", count=form.number(len(rows))))}</p>'
        f'<nav aria-label="{escape(t("overview.downloads"))}">{links}</nav></div>'
    )
    st.dataframe(
        table(rows, t), key="newest", hide_index=True, width="stretch", height=min(36 + 35 * len(rows), 560),
        column_config=_columns(me, t), alt=t("overview.newest"), placeholder=DASH,
    )  # fmt: skip


def table(rows: Sequence[dict[str, Any]], t: Translate) -> pa.Table:
    """The rows with words for states and leads, and the first response in minutes."""
    return pa.Table.from_pylist([_cells(row, t) for row in rows], schema=SCHEMA)


def _cells(row: dict[str, Any], t: Translate) -> dict[str, Any]:
    seconds = row["first_response_seconds"]
    return {
        **row,
        "contact_name": row["contact_name"] or row["contact_phone"] or t("overview.unnamed"),
        "state": t(f"state.{row['state']}"),
        "is_lead": t(f"lead.{str(row['is_lead']).lower()}"),
        "first_response_seconds": None if seconds is None else round(seconds / 60, 1),
    }


def _columns(me: Principal, t: Translate) -> dict[str, Any]:
    """Streamlit's tables write numbers as the browser does, whose language we have set; dates take a pattern."""
    locale = formats(me).locale
    definitions = {column.key: column.text(locale) for column in columns()}
    moment = "DD/MM HH:mm" if locale == "pt_BR" else "MMM D, HH:mm"
    date = partial(st.column_config.DatetimeColumn, format=moment, timezone=me.timezone, width=100)
    number = partial(st.column_config.NumberColumn, format="localized", width=96)
    score = partial(st.column_config.ProgressColumn, format="%d", min_value=0, max_value=100, width=88)
    text = partial(st.column_config.TextColumn, width=150)
    kinds: dict[str, Any] = {
        "is_lead": partial(st.column_config.TextColumn, width=52),
        "state": partial(st.column_config.TextColumn, width=175),
        "last_message_text": partial(st.column_config.TextColumn, width=420),
        "created_at": date,
        "last_message_at": date,
        "messages_total": number,
        "first_response_seconds": number,
        "conversion_score": score,
    }
    return {key: kinds.get(key, text)(label=t(f"column.{key}"), help=definitions[key]) for key in SCHEMA.names}
