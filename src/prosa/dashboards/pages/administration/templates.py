"""Wording that is used again: the company's own texts with a preview, and the WhatsApp templates that Meta has approved."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

import streamlit as st

from prosa.analysis.llm import policy as analysis_policy
from prosa.analysis.llm.segments import wanted_fields
from prosa.dashboards import actions, gate, lists, reasons, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import catalogue
from prosa.errors import Conflict, Invalid, NotFound
from prosa.remarketing import message_templates, policy, syncing, whatsapp_templates
from prosa.remarketing.message_templates import MessageTemplate
from prosa.remarketing.policy import Policy
from prosa.remarketing.whatsapp_templates import WhatsAppTemplate
from prosa.remarketing.wording import EXAMPLE, LONGEST_SOURCE, BadTemplate, preview
from prosa.tenancy.model import Principal, UserRole
from prosa.tenancy.tenants import find_tenant

WRONG: actions.Wrong = {Conflict: "templates.taken", NotFound: "templates.gone", Invalid: "templates.no_name"}
TONES = {"approved": "good", "rejected": "bad", "pending": "warn", "paused": "warn", "disabled": "bad"}


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("templates.title"), t("templates.intro"))
    actions.show_done()
    with gate.transaction(me) as conn:
        rules, asked = policy.read(conn, me.tenant_id), analysis_policy.read(conn, me.tenant_id)
        fields = wanted_fields(find_tenant(conn, me.tenant_slug).segment, asked.fields)
        own = message_templates.list_templates(conn, me.tenant_id)
        approved = whatsapp_templates.list_templates(conn, me.tenant_id)
    with widgets.panel(t("templates.own"), "own-templates", t("templates.own_help")):
        _own(me, own, rules, fields)
    with widgets.panel(t("templates.whatsapp"), "whatsapp-templates", t("templates.whatsapp_help")):
        _whatsapp(me, approved)


def _own(me: Principal, own: list[MessageTemplate], rules: Policy, fields: Mapping[str, str]) -> None:
    """One text at a time, with what it makes of an example beside it."""
    t, by_id = texts(me), {template.id: template for template in own}
    chosen = st.selectbox(
        t("templates.pick"), [None, *by_id], width=420, format_func=lambda i: by_id[i].name if i else t("templates.new"),
        key="template",
    )  # fmt: skip
    present = by_id.get(chosen) if chosen else None
    fresh = actions.fresh(f"template-{chosen}", present and (present.name, present.body))
    left, right = st.columns(2, gap="small")
    with left:
        key = f"template-{chosen}-{st.session_state.get('_template_saved', 0)}"
        name = st.text_input(t("templates.name"), present.name if present else "", max_chars=120, key=f"{key}-name")
        body = st.text_area(
            t("templates.body"), present.body if present else t("templates.example"), height=180, key=f"{key}-body",
            max_chars=LONGEST_SOURCE, help=t("templates.body_help"),
        )  # fmt: skip
    with right:
        sound = _preview(me, body, rules)
        _variables(me, rules, fields)
    with st.container(horizontal=True):
        if st.button(t("act.save"), type="primary", disabled=not sound):
            if fresh:
                _save(me, name, body, rules, chosen)
            else:
                actions.changed_meanwhile(me)
        if present:
            actions.confirm(
                me, f"archive-{chosen}", t("templates.archive"), t("templates.archive_sure"),
                lambda: _archive(me, present),
            )  # fmt: skip


def _preview(me: Principal, body: str, rules: Policy) -> bool:
    """What the text makes of an example, and whether it can be used."""
    t, known = texts(me), {"empresa": me.tenant_name, **rules.variables}
    st.html(f'<p class="prosa-intro">{escape(t("templates.preview"))}</p>')
    try:
        st.html(f'<blockquote class="prosa-draft">{escape(preview(body, known).text)}</blockquote>')
        sound = True
    except BadTemplate as error:
        said = t("templates.bad_line", line=error.line) if error.line else t("templates.bad")
        reasons.folded(t, said, str(error))
        sound = False
    return sound


def _variables(me: Principal, rules: Policy, fields: Mapping[str, str]) -> None:
    """What a text may name. `fields` are those that this company's analysis looks for."""
    known = catalogue(gate.locale(me))
    meanings = {name: known.get(f"variable.{name}", "") for name in (*EXAMPLE, *rules.variables)}
    if fields:
        del meanings["campos"]
        meanings |= {f"campos.{name}": known.get(f"preset_field.{name}", about) for name, about in fields.items()}
    rows = [f"<code>{{{{ {escape(name)} }}}}</code> {escape(meaning)}" for name, meaning in meanings.items()]
    st.html(f'<ul class="prosa-variables"><li>{"</li><li>".join(rows)}</li></ul>')


def _save(me: Principal, name: str, body: str, rules: Policy, chosen: int | None) -> None:
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            message_templates.save(
                conn, me.tenant_id, name, body, policy=rules, actor=me.actor, template_id=chosen or None
            )
        st.session_state["_template_saved"] = st.session_state.get("_template_saved", 0) + 1
        actions.done(texts(me)("act.saved"))


def _archive(me: Principal, template: MessageTemplate) -> None:
    with actions.explaining_errors(me, WRONG):
        with gate.transaction(me) as conn:
            message_templates.archive(conn, me.tenant_id, template.id, actor=me.actor)
        actions.done(texts(me)("templates.archived", name=template.name))


def _whatsapp(me: Principal, found: list[WhatsAppTemplate]) -> None:
    t, form = texts(me), formats(me)
    if st.button(t("templates.sync"), icon=":material/sync:"):
        with actions.explaining_errors(me, {}), st.spinner(t("templates.syncing")):
            count = syncing.sync_templates(
                gate.database(), me.tenant_id, settings=gate.settings(), now=datetime.now(UTC)
            )
            actions.done(t("templates.synced", count=count))
    if not found:
        widgets.hint(t("templates.none"))
    known = catalogue(gate.locale(me))
    for template in lists.narrowed(me, found, lambda template: f"{template.name} {template.body}", key="whatsapp"):
        state = known.get(f"templates.status_{template.status}", template.status)
        kind = known.get(f"templates.kind_{template.category.lower()}", template.category)
        details = t("templates.details", kind=kind, language=template.language, moment=form.moment(template.synced_at))
        tables.line(template.name, details, tables.badge(state, TONES.get(template.status, "quiet")))
        if template.rejection_reason:
            st.html(f'<p class="prosa-note">{escape(t("templates.why", reason=template.rejection_reason))}</p>')
        st.html(f'<blockquote class="prosa-draft">{escape(template.body)}</blockquote>')
