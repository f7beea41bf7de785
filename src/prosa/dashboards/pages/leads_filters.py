"""The list's filters. The address holds them: widgets start from its parameters and write each choice back into it."""

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from babel import Locale

from prosa.conversations.states import State
from prosa.dashboards import filters
from prosa.dashboards.gate import locale, texts
from prosa.dashboards.i18n import Translate
from prosa.dashboards.pages import queries
from prosa.facts import filter_query
from prosa.facts.inventory import Named
from prosa.facts.model import CATEGORIES, Filter
from prosa.tenancy.model import Principal

# A widget's key, the address's parameter it stands for, and its value when nothing is chosen.
QUICK: dict[str, tuple[str, Any]] = {
    "q-name": ("name", ""), "q-phone": ("phone", ""), "q-inbox": ("inbox", []), "q-state": ("state", []),
    "q-class": ("category", []), "q-lead": ("lead", "all"), "q-score": ("min_score", 0),
}  # fmt: skip
NO_INBOX = ("inbox", "0")  # no field offers it
QUICK_CHIP = ' class="prosa-quick"'
FROM_ELSEWHERE = ("agent", "label", "sentiment", "outcome", "mark", "weekday", "hour", "band")


def show(me: Principal, inboxes: Sequence[Named]) -> Filter:
    """Draw the filters. Returns what they say."""
    t = texts(me)
    where = _asked()
    # Only telephones show this, and fold the filters away.
    st.html(f'<details class="prosa-fold"><summary>{escape(t("leads.filters"))}</summary></details>')
    with st.container(horizontal=True, vertical_alignment="bottom", key="quick"):
        _text("q-name", t("leads.name"), where.name)
        _text("q-phone", t("leads.phone"), where.phone)
        names = {inbox.id: inbox.name for inbox in inboxes}
        _several("q-inbox", t("filter.inboxes"), list(names), [i for i in where.inboxes if i in names],
                 lambda i: names.get(i, ""), t("filter.all_inboxes"))  # fmt: skip
        _several("q-state", t("column.state"), [str(s) for s in State], where.states, lambda s: t(f"state.{s}"),
                 t("leads.all"))  # fmt: skip
        _several(
            "q-class", t("leads.class"), CATEGORIES, where.categories, lambda c: t(f"category.{c}"), t("leads.all")
        )
        choices = ("all", "true", "false")
        at = 0 if where.leads is None else choices.index(str(where.leads).lower())
        st.selectbox(t("column.is_lead"), choices, index=at, key="q-lead", format_func=lambda c: t(f"leads.lead_{c}"),
                     on_change=_remember, args=("q-lead",), width=130)  # fmt: skip
        st.number_input(t("leads.score"), 0, 100, value=where.min_score or 0, step=10, key="q-score", on_change=_remember,
                        args=("q-score",), width=150)  # fmt: skip
    where = _asked()
    active = _active()
    if active:
        with st.container(horizontal=True, vertical_alignment="center", key="active"):
            st.button(
                t("leads.clear", count=len(active)), on_click=_clear, icon=":material/filter_alt_off:", key="clear"
            )
            _chips(me, t)
    return where


def _text(key: str, label: str, value: str) -> None:
    st.text_input(label, value, key=key, on_change=_remember, args=(key,), width=190, autocomplete="off", max_chars=40)


def _several(key: str, label: str, options: Sequence[Any], chosen: Sequence[Any], name: Any, placeholder: str) -> None:
    st.multiselect(label, options, default=list(chosen), key=key, format_func=name, placeholder=placeholder,
                   on_change=_remember, args=(key,), width=230, select_all=False)  # fmt: skip


def _asked() -> Filter:
    return filter_query.read({name: st.query_params.get_all(name) for name in st.query_params})


def _active() -> list[str]:
    """The parameters in the address that restrict the list."""
    known = {name for name, _ in QUICK.values()} | set(FROM_ELSEWHERE)
    return [name for name in dict(filter_query.write(_asked())) if name in known]


def _remember(key: str) -> None:
    name, empty = QUICK[key]
    value = st.session_state[key]
    filters.set_parameter("after", None)
    if value == empty:
        filters.set_parameter(name, None)
    else:
        filters.set_parameter(name, [str(v) for v in value] if isinstance(value, list) else str(value).strip())


def _clear() -> None:
    for key, (name, empty) in QUICK.items():
        st.session_state[key] = empty
        filters.set_parameter(name, None)
    for name in (*FROM_ELSEWHERE, "after"):
        filters.set_parameter(name, None)


def _chips(me: Principal, t: Translate) -> None:
    """What restricts the list, each with a way to remove it. Those that have a field are shown while the fields are folded."""
    everything = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    chips = "".join(
        f"<a{'' if name in FROM_ELSEWHERE or (name, value) == NO_INBOX else QUICK_CHIP} "
        f'href="/app/leads?{escape(urlencode([pair for pair in everything if pair != (name, value)]))}" target="_self">'
        f'{escape(_said(me, t, name, value))} <span aria-hidden="true">×</span>'
        f'<span class="prosa-before">{escape(t("leads.remove"))}</span></a>'
        for name, value in filter_query.write(_asked())
    )
    if chips:
        st.html(f'<nav class="prosa-chips" aria-label="{escape(t("leads.also"))}">{chips}</nav>')


def _said(me: Principal, t: Translate, name: str, value: str) -> str:
    """A filter in words."""
    if name in ("agent", "inbox"):
        known = queries.basics(me).agents if name == "agent" else queries.basics(me).inboxes
        otherwise = t("overview.nobody" if name == "agent" else "overview.no_inbox")
        return next((each.name for each in known if str(each.id) == value), otherwise)
    if name == "weekday":
        return str(Locale.parse(locale(me)).days["format"]["wide"][int(value) - 1])
    plain = {
        "name": value,
        "phone": value,
        "label": value,
        "hour": f"{value}h",
        "min_score": f"{t('leads.score')}: {value}",
    }
    keys = {"lead": f"leads.lead_{value}", "band": f"response.{'never' if value == '-1' else value}"}
    return plain.get(name) or t(keys.get(name, f"{name}.{value}"))
