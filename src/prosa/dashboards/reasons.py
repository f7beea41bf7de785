"""Why a reading or a delivery failed, in the user's words; the technical words are folded away below them.

What is stored is an English sentence for programs and logs. Here it is recognised by its words; one that is not recognised is
"unknown".
"""

import re
from html import escape

import streamlit as st

from prosa.dashboards.i18n import Translate

# The first pattern that is found decides; its name is a text of the table `reason`.
READING = (
    ("ours", r"Prosa's own database"),
    ("lost", r"Nothing was deleted here"),
    ("interrupted", r"^interrupted:"),
    ("private", r"not on the public internet"),
    ("login", r"password authentication failed|role .* does not exist|no password supplied|no pg_hba\.conf entry"),
    ("name", r"database .* does not exist"),
    ("host", r"translate host name|resolve host|Name or service not known|No address associated"),
    ("timeout", r"timeout|timed out"),
    ("refused", r"Connection refused|No route to host|Network is unreachable|cannot be reached"),
    ("rights", r"cannot be read|refused to be read|permission denied|not readable"),
    ("broke", r"database broke|has ended"),
    ("key", r"SECRET_KEY"),
)
DELIVERY = (
    ("slow", r"^no answer within"),
    ("host", r"name is unknown"),
    ("certificate", r"certificate is not valid"),
    ("private", r"not on the public internet"),
    ("no_connection", r"^the connection failed"),
    ("switched_off", r"was switched off"),
    ("address", r"^The URL"),
    ("key", r"SECRET_KEY"),
)
CODES = (
    ("accepted", range(200, 300)), ("moved", range(300, 400)), ("not_allowed", (401, 403)), ("not_there", (404, 405)),
    ("gone", (410,)), ("too_often", (429,)), ("rejected", range(400, 500)), ("broken", range(500, 600)),
)  # fmt: skip
REJECTS = (
    ("no_date", r"_at is|_time is"), ("no_inbox", r"inbox_id"), ("no_rating", r"rating"), ("no_kind", r"message_type"),
    ("no_json", r"JSON"), ("no_status", r"status"), ("too_long", r"is too long"),
)  # fmt: skip


def reading(t: Translate, error: str) -> str:
    """Why an ETL run failed."""
    return t(f"reason.{_first(READING, error)}")


def delivery(t: Translate, code: int | None, error: str | None) -> str:
    """What a webhook's receiver answered, or why there was no answer."""
    if code is None:
        return t(f"reason.{_first(DELIVERY, error)}") if error else "–"
    name = next((name for name, codes in CODES if code in codes), "unknown")
    return f"{code} · {t(f'reason.{name}')}"


def reject(t: Translate, reason: str) -> str:
    """Why a row was put aside."""
    return t(f"reason.{_first(REJECTS, reason)}")


def switched_off(t: Translate, reason: str) -> str:
    """Why an endpoint was switched off by itself."""
    return t("reason.off_gone" if "410" in reason else "reason.off_failing")


def folded(t: Translate, said: str, technical: str) -> None:
    """The plain words as a warning, with the technical ones behind a click."""
    st.html(
        f'<div class="prosa-reason" role="alert"><strong>{escape(said)}</strong><details><summary>'
        f"{escape(t('reason.technical'))}</summary><code>{escape(technical)}</code></details></div>"
    )


def _first(patterns: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in patterns if re.search(pattern, text)), "unknown")
