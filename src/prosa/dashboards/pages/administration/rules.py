"""How conversations end: the timers, and closure detection with a box to try it in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

import streamlit as st

from prosa.conversations import closure, policy
from prosa.conversations.closure import Reason, Settings, Turn, Verdict
from prosa.conversations.closure.text import fold
from prosa.conversations.policy import LONGEST_MINUTES, LONGEST_QUESTION, QUESTION, Policy
from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.tenancy.features import get_feature, set_feature
from prosa.tenancy.model import Principal, UserRole

TONES = {"none": "quiet", "confirm": "warn", "close": "good"}
NOTABLE = 0.05  # a reason that moves the score by less does not interest whoever runs a company
SHOWN = 5  # reasons on either side
WORDINGS = ("wording", "our_wording")  # learnt runs of words, which say nothing to a reader
OURS = (
    "our_turn",
    "we_",
    "unprompted",
)  # beginnings of the names of reasons that lie in what we wrote, not in the contact's words
WORDS = 200  # a tenant's own keywords at most
LIKELY = ("wait", "ask", "ask_model")  # what a likely farewell leads to; the last two are keys of the feature


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("rules.title"), t("rules.intro"))
    actions.show_done()
    with gate.transaction(me) as conn:
        present = policy.read(conn, me.tenant_id, gate.settings())
        feature = get_feature(conn, me.tenant_id, "closure")
    with widgets.panel(t("rules.timers"), "timers"):
        _timers(me, present)
    left, right = st.columns(2, gap="small")
    with left, widgets.panel(t("rules.closure"), "closure"):
        chosen = _closure(me, present, feature.config if feature else {})
    with right, widgets.panel(t("rules.try"), "try"):
        _try(me, chosen)


def _timers(me: Principal, present: Policy) -> None:
    t, fresh = texts(me), actions.fresh("timers", (present.expiration, present.idle_timeout))
    with st.form("timers", border=False):
        expires_at, pauses_at = st.columns(2, gap="small")
        expiration = expires_at.number_input(
            t("rules.expiration"), 1, LONGEST_MINUTES, int(present.expiration.total_seconds() // 60),
            help=t("rules.expiration_help"),
        )  # fmt: skip
        idle = pauses_at.number_input(
            t("rules.idle"), 1, LONGEST_MINUTES, int(present.idle_timeout.total_seconds() // 60),
            help=t("rules.idle_help"),
        )  # fmt: skip
        if not st.form_submit_button(t("act.save"), type="primary"):
            return None
    if not fresh:
        return actions.changed_meanwhile(me)
    if idle >= expiration:
        st.error(t("rules.idle_longer"))
        return None
    config: dict[str, object] = {"expiration_minutes": int(expiration), "idle_timeout_minutes": int(idle)}
    return _save(me, "conversations", config, enabled=True)


def _closure(me: Principal, present: Policy, config: Mapping[str, Any]) -> Settings:
    """The settings as they stand on the screen, saved or not: the box beside it tries these."""
    t, base, fresh = texts(me), present.detection or closure.DEFAULT, actions.fresh("closure", dict(config))
    enabled = st.toggle(t("rules.closure_on"), present.detection is not None, help=t("rules.closure_help"))
    extra = st.text_area(t("rules.extra"), "\n".join(base.extra_keywords), help=t("rules.extra_help"), height=90)
    muted = st.text_area(t("rules.muted"), "\n".join(base.muted_keywords), help=t("rules.muted_help"), height=90)
    confirm_at, close_at = st.slider(
        t("rules.thresholds"), 0, 100, (round(base.confirm_at * 100), round(base.close_at * 100)), 5, format="%d%%",
        help=t("rules.thresholds_help"),
    )  # fmt: skip
    likely = _likely(me, config)
    chosen = Settings(_words(extra), _words(muted), confirm_at / 100, close_at / 100)
    if st.button(t("act.save"), key="save-closure", type="primary"):
        if not fresh:
            actions.changed_meanwhile(me)
        elif len(chosen.extra_keywords) > WORDS or len(chosen.muted_keywords) > WORDS:
            st.error(t("rules.too_many", most=WORDS))
        else:
            kept = {key: value for key, value in asdict(chosen).items() if key != "max_chars"}
            _save(me, "closure", {**config, **kept, **likely, "extra_keywords": [*chosen.extra_keywords],
                                  "muted_keywords": [*chosen.muted_keywords]}, enabled=enabled)  # fmt: skip
    return chosen


def _likely(me: Principal, config: Mapping[str, Any]) -> dict[str, object]:
    """What to do between the two thresholds (wait, ask the contact, or ask the model), as keys of the feature."""
    t = texts(me)
    present = next((way for way in reversed(LIKELY) if config.get(way) is True), LIKELY[0])
    way = st.selectbox(
        t("rules.likely"), LIKELY, index=LIKELY.index(present), format_func=lambda way: t(f"rules.likely_{way}"),
        help=t("rules.likely_help"),
    )  # fmt: skip
    found: dict[str, object] = {key: way == key for key in LIKELY[1:]}
    if way == "ask":
        question = str(config.get("question") or QUESTION)
        found["question"] = st.text_input(t("rules.question"), question, max_chars=LONGEST_QUESTION)
    return found


def _try(me: Principal, chosen: Settings) -> None:
    t = texts(me)
    st.html(f'<p class="prosa-intro">{escape(t("rules.try_intro"))}</p>')
    ours = st.text_area(t("rules.ours"), t("rules.ours_example"), height=80)
    message = st.text_area(t("rules.message"), t("rules.message_example"), height=80)
    achieved = st.checkbox(t("rules.achieved"), help=t("rules.achieved_help"))
    history = [Turn("agent", ours)] if ours.strip() else []
    metadata = {"goal_achieved": True} if achieved else {}
    _verdict(me, closure.score(history, message, metadata=metadata, settings=chosen), f"{ours} {message}")


def _verdict(me: Principal, verdict: Verdict, written: str) -> None:
    t, form = texts(me), formats(me)
    action = tables.badge(t(f"rules.action_{verdict.action}"), TONES[verdict.action])
    st.html(
        f'<div class="prosa-verdict" role="status"><span class="prosa-note">{escape(t("rules.score"))}</span>'
        f'<p class="prosa-value">{form.percent(verdict.score, 0)}</p>{action}</div>'
    )
    if verdict.reasons:
        _sides(me, verdict.reasons, written)
        with st.expander(t("rules.for_developers")):
            _weights(me, verdict.reasons)


def _sides(me: Principal, reasons: Sequence[Reason], written: str) -> None:
    """What speaks for the end and what against it, in words. Quotes are spelled as in `written`.

    The weightiest are shown; of those what the contact wrote stands before what we wrote, which often weighs more.
    """
    t = texts(me)
    telling = sorted(
        (reason for reason in reasons if abs(reason.weight) >= NOTABLE and reason.name not in WORDINGS),
        key=lambda reason: -abs(reason.weight),
    )
    for side, sign in (("for", 1), ("against", -1)):
        shown = [reason for reason in telling if reason.weight * sign > 0][:SHOWN]
        said = [_said(me, reason, written) for reason in sorted(shown, key=lambda reason: reason.name.startswith(OURS))]
        if said:
            lines = "".join(f"<li>{escape(line)}</li>" for line in said)
            st.html(f'<div class="prosa-reasons"><strong>{escape(t(f"rules.{side}"))}</strong><ul>{lines}</ul></div>')


def _said(me: Principal, reason: Reason, written: str) -> str:
    name = _reason(me, str(reason.name))
    spelled = {fold(word): word.lower() for word in re.findall(r"\w+", written)}
    quote = re.sub(r"\w+", lambda word: spelled.get(word[0], word[0]), reason.text)
    return f"{name}: “{quote}”" if quote else name


def _weights(me: Principal, reasons: Sequence[Reason]) -> None:
    """Every reason with its weight, as `prosa closure score` prints them."""
    t, form = texts(me), formats(me)
    rows = [
        [_reason(me, str(reason.name)), reason.text or "–", form.points(reason.weight, 0) or "–"] for reason in reasons
    ]
    headers = [t("rules.reason"), t("rules.found"), t("rules.weight")]
    tables.table(t("rules.reasons"), headers, rows, numbers={2})


def _reason(me: Principal, name: str) -> str:
    kind, _, detail = name.partition(":")
    return texts(me)(f"closure.{detail or kind}")


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.splitlines() if word.strip()))


def _save(me: Principal, feature: str, config: dict[str, object], *, enabled: bool) -> None:
    with gate.transaction(me) as conn:
        set_feature(conn, me.tenant_id, feature, enabled=enabled, config=config, actor=me.actor)
    actions.done(texts(me)("act.saved"))
