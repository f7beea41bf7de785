"""Corrects what the AI understood: a person's word wins over every later analysis, and is kept with its reason."""

from typing import Any

import streamlit as st

from prosa.analysis import corrections
from prosa.analysis.latest_insight import Judgement
from prosa.dashboards import actions
from prosa.dashboards.gate import texts, transaction
from prosa.errors import Invalid, NotFound
from prosa.facts.model import CATEGORIES, SENTIMENTS
from prosa.tenancy.model import Principal

LONGEST = 200  # characters of the name, the goal and the reason


def show(me: Principal, conversation_id: int, judged: Judgement) -> None:
    """A form with what was judged. Unchanged fields are not sent; agreeing has a button of its own."""
    t = texts(me)
    with st.popover(t("correct.title"), icon=":material/edit:"), st.form("correct", border=False):
        said: dict[str, Any] = {
            "category": st.selectbox(t("column.category"), CATEGORIES, index=CATEGORIES.index(judged.category),
                                     format_func=lambda name: t(f"category.{name}")),
            "sentiment": st.selectbox(t("column.sentiment"), SENTIMENTS, index=SENTIMENTS.index(judged.sentiment),
                                      format_func=lambda name: t(f"sentiment.{name}")),
            "conversion_score": st.number_input(t("column.conversion_score"), 0, 100, judged.conversion_score),
            "lead_name": st.text_input(t("column.lead_name"), judged.lead_name or "", max_chars=LONGEST).strip() or None,
            "lead_goal": st.text_input(t("column.lead_goal"), judged.lead_goal or "", max_chars=LONGEST).strip() or None,
        }  # fmt: skip
        reason = st.text_input(t("correct.reason"), max_chars=LONGEST)
        with st.container(horizontal=True, gap="small"):
            correct = st.form_submit_button(t("correct.save"), type="primary")
            agree = st.form_submit_button(t("correct.agree"))
    before = {name: getattr(judged, name) for name in said}
    if correct:
        _keep(me, conversation_id, {name: value for name, value in said.items() if value != before[name]}, reason)
    if agree:
        _keep(
            me, conversation_id, {name: before[name] for name in ("category", "sentiment", "conversion_score")}, reason
        )


def _keep(me: Principal, conversation_id: int, values: dict[str, Any], reason: str) -> None:
    t = texts(me)
    if not values:
        st.info(t("correct.nothing"))
        return
    with actions.explaining_errors(me, {NotFound: "talk.not_analysed", Invalid: "correct.invalid"}):
        with transaction(me) as conn:
            corrections.correct(conn, me.tenant_id, conversation_id, values=values, by=me.actor, reason=reason)
        actions.done(t("correct.done"))
