"""What the analysis looks for: the company's segment, its own fields, and whether a language model is asked."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from prosa.analysis import corrections
from prosa.analysis.corrections import Quality
from prosa.analysis.llm import keys, policy
from prosa.analysis.llm.keys import Kept
from prosa.analysis.llm.policy import LONGEST_ABOUT, MOST_FIELDS, Policy
from prosa.analysis.llm.segments import PRESETS
from prosa.analysis.offline.extract import known_segment
from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate
from prosa.errors import Invalid
from prosa.tenancy.model import Principal, UserRole
from prosa.tenancy.tenants import find_tenant, set_segment

NAME = re.compile(r"(?!model_)[a-zA-Z][a-zA-Z0-9_]{0,39}")  # of a field: a key in the model's answer


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("analysis.title"), t("analysis.intro"))
    actions.show_done()
    with gate.transaction(me) as conn:
        present, segment = policy.read(conn, me.tenant_id), find_tenant(conn, me.tenant_slug).segment
        own_key, quality = keys.kept(conn, me.tenant_id), corrections.quality(conn, me.tenant_id)
    left, right = st.columns(2, gap="small")
    with left, widgets.panel(t("analysis.segment"), "segment"):
        _segment(me, segment)
    with right, widgets.panel(t("analysis.model"), "model"):
        _model(me, present, own_key)
    with widgets.panel(t("analysis.fields"), "fields"):
        _fields(me, present)
    with widgets.panel(t("analysis.quality"), "quality", t("analysis.quality_definition")):
        _quality(me, quality)


def _segment(me: Principal, present: str | None) -> None:
    t = texts(me)
    present = known_segment(present) or present  # an alias is its preset: "academia" is "gym"
    known = [None, *PRESETS, *([present] if present and present not in PRESETS else [])]
    chosen = st.selectbox(
        t("analysis.segment_pick"), known, index=known.index(present) if present in known else 0,
        format_func=lambda s: t(f"segment.{s}") if s in PRESETS else s or t("segment.none"),
    )  # fmt: skip
    if chosen is not None and chosen in PRESETS:
        names = ", ".join(t(f"preset_field.{field}") for field in PRESETS[chosen])
        st.html(f'<p class="prosa-intro">{t("analysis.preset", names=names)}</p>')
    if st.button(t("act.save"), key="save-segment", type="primary"):
        with gate.transaction(me) as conn:
            set_segment(conn, me.tenant_id, chosen, actor=me.actor)
        actions.done(t("act.saved"))


def _model(me: Principal, present: Policy, own_key: Kept | None) -> None:
    t = texts(me)
    with st.form("model", border=False):
        wanted = st.toggle(t("analysis.wanted"), present.wanted, help=t("analysis.wanted_help"))
        fallback = st.checkbox(t("analysis.fallback"), present.offline_fallback, help=t("analysis.fallback_help"))
        batch = st.checkbox(t("analysis.batch"), present.batch, help=t("analysis.batch_help"))
        if not gate.settings().openai_api_key and own_key is None:
            st.info(t("analysis.no_key"))
        if st.form_submit_button(t("act.save"), type="primary"):
            _save(me, {"offline_fallback": fallback, "batch": batch}, enabled=wanted)

    _key(me, own_key)
    if own_key:
        _limits(me, present)


def _key(me: Principal, present: Kept | None) -> None:
    """The company's own key: it can be put in, and never comes out again."""
    t, form = texts(me), formats(me)
    said = t("analysis.key_kept", date=form.date(present.created_at)) if present else t("analysis.key_none")
    with st.expander(t("analysis.key")), st.form(actions.anew("key"), border=False):
        st.html(f'<p class="prosa-intro">{escape(said)}</p>')
        given = st.text_input(t("analysis.key_new"), type="password", autocomplete="off", help=t("analysis.key_help"))
        with st.container(horizontal=True):
            saved = st.form_submit_button(t("analysis.key_save"), type="primary")
            removed = st.form_submit_button(t("analysis.key_remove")) if present else False
    if not (saved or removed):
        return
    with actions.explaining_errors(me, {Invalid: "analysis.key_bad"}):
        with gate.transaction(me) as conn:
            if removed:
                keys.forget(conn, me.tenant_id, actor=me.actor)
            else:
                keys.put(conn, me.tenant_id, given, secret_keys=gate.settings().secret_keys, actor=me.actor)  # fmt: skip
        actions.done(t("act.saved"))


def _limits(me: Principal, present: Policy) -> None:
    """What the provider allows the company's own account. An empty field means: as for the installation."""
    t, settings = texts(me), gate.settings()
    with st.expander(t("analysis.limits")), st.form("limits", border=False):
        st.html(f'<p class="prosa-intro">{escape(t("analysis.limits_help"))}</p>')
        columns = st.columns(2, gap="small", vertical_alignment="bottom")
        given = {
            name: columns[place % 2].number_input(
                t(f"analysis.{name}"), 1, policy.MOST_OF_A_LIMIT, present.own_limits.get(name), key=f"limit-{name}",
                placeholder=str(getattr(settings, f"openai_{name}") or ""),
            )
            for place, name in enumerate(policy.LIMITS)
        }  # fmt: skip
        if not st.form_submit_button(t("act.save"), type="primary"):
            return
    with gate.transaction(me) as conn:
        policy.set_own_limits(conn, me.tenant_id, given, actor=me.actor)
    actions.done(t("act.saved"))


def _quality(me: Principal, found: Sequence[Quality]) -> None:
    """How often people agreed with each analyser's judgements; of several words on one judgement the newest counts."""
    t, form = texts(me), formats(me)
    if not found:
        return widgets.hint(t("analysis.quality_none"))
    headers = [t(f"analysis.{name}") for name in ("judge", "judged_field", "checked", "agreed")]
    rows = [[f"{row.model} {row.prompt_version}".strip(), _named(row.field, t), form.number(row.checked), form.percent(row.share)]
            for row in found]  # fmt: skip
    return tables.table(t("analysis.quality"), headers, rows, numbers={2, 3})


def _named(field: str, t: Translate) -> str:
    """A column's name as screens show it. A field of the company's own keeps its name."""
    return field.removeprefix("fields.") if field.startswith("fields.") else t(f"column.{field}")


def _fields(me: Principal, present: Policy) -> None:
    """A field a line, as `name: what to look for`: quick to write, and to copy from one company to another."""
    t, fresh = texts(me), actions.fresh("fields", dict(present.fields or {}))
    lines = "\n".join(f"{name}: {about}" for name, about in (present.fields or {}).items())
    with st.form("fields", border=False):
        text = st.text_area(
            t("analysis.fields_label"), lines, help=t("analysis.fields_help", most=MOST_FIELDS), height=150
        )
        if not st.form_submit_button(t("act.save"), type="primary"):
            return
    found = [(name.strip(), about.strip()) for name, _, about in (line.partition(":") for line in text.splitlines())]
    found = [(name, about) for name, about in found if name or about]
    if not fresh:
        actions.changed_meanwhile(me)
    elif wrong := wrong_field(found, t):
        st.error(wrong)
    else:
        _save(me, {"fields": [{"name": name, "about": about} for name, about in found]})


def wrong_field(found: Sequence[tuple[str, str]], t: Translate) -> str:
    """What is wrong with the fields as they were typed; empty if all is well."""
    names = [name for name, _ in found]
    for name, about in found:
        shown = widgets.plain(name[:60])
        if not NAME.fullmatch(name):
            return t("analysis.bad_field", name=shown)
        if names.count(name) > 1:
            return t("analysis.twice", name=shown)
        if not 1 <= len(about) <= LONGEST_ABOUT:
            return t("analysis.no_about", name=shown, most=LONGEST_ABOUT)
    return t("analysis.too_many", most=MOST_FIELDS) if len(found) > MOST_FIELDS else ""


def _save(me: Principal, config: dict[str, Any], *, enabled: bool | None = None) -> None:
    with gate.transaction(me) as conn:
        policy.change(conn, me.tenant_id, config, enabled=enabled, actor=me.actor)
    actions.done(texts(me)("act.saved"))
