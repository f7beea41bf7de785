"""Who did what, when and from where: filtered, paged, and as a file."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import streamlit as st

from prosa.dashboards import filters, gate, tables, widgets
from prosa.dashboards.format import Format
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate, catalogue
from prosa.dashboards.pages.administration import audit_values, features
from prosa.dashboards.pages.administration.audit_values import EMPTY
from prosa.facts import periods
from prosa.tenancy import audit, users
from prosa.tenancy.audit import AuditFilter
from prosa.tenancy.model import PLATFORM, AuditEntry, Principal, UserRole
from prosa.tenancy.tenants import list_tenants

KINDS = ("user", "operator", "apikey", "cli", "job", "session", "feature", "tenant", "source", "contact", "webhook",
         "campaign", "segment", "template", "draft", "conversation", "message", "outcome", "label_rule", "consent",
         "twilio_account", "budget", "model", "rate")  # fmt: skip
FEATURES = {**{part.name: f"features.{part.name}" for part in features.PARTS}, "conversations": "rules.timers",
            "opt_out": "opt_outs.words"}  # fmt: skip
ROWS = 50  # a page of the list
SUBJECTS = ("", "session.", "user.", "apikey.", "feature.", "branding.", "contact.", "conversation", "outcome.", "campaign.",
            "segment.", "draft.", "template.", "report.", "chatwoot.", "twilio.", "webhook.", "optout.", "tenant.",
            "operator.")  # fmt: skip
OF_THE_PLATFORM = ("", "session.", "user.", "tenant.", "ai.", "job.")


def page() -> None:
    """Draw the page: the log of the company, or the platform's own for those who run the platform."""
    me = require(UserRole.ADMIN)
    t, log = texts(me), "platform_log" if me.tenant_id == PLATFORM else "audit_log"
    widgets.page_title(t(f"{log}.title"), t(f"{log}.intro"))
    with gate.transaction(me) as conn:
        names = {f"user:{user.id}": user.name or user.email for user in users.list_users(conn, me.tenant_id)}
        if me.tenant_id == PLATFORM:
            names |= {f"tenant:{tenant.id}": tenant.name for tenant in list_tenants(conn)}
        actors = audit.list_actors(conn, me.tenant_id)
    where, days = _filters(me, actors, names)
    before = _asked_before()
    with gate.transaction(me) as conn:
        found = audit.list_entries(conn, me.tenant_id, where=where, before_id=before, limit=ROWS + 1)
    if not found:
        widgets.empty_state(t("audit_log.empty_title"), t("audit_log.empty_text"))
        return
    _table(me, found[:ROWS], names)
    with st.container(horizontal=True):
        st.link_button(t("overview.download_csv"), _download(where, days), icon=":material/download:")
        if before:
            st.button(t("audit_log.newest"), on_click=filters.set_parameter, args=("before", None))
        if len(found) > ROWS:
            st.button(t("audit_log.older"), on_click=filters.set_parameter, args=("before", str(found[ROWS - 1].id)))


def _asked_before() -> int | None:
    """The entry after which the list goes on, if the address names one."""
    asked = st.query_params.get("before", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None  # a bigint's digits


def _filters(me: Principal, actors: list[str], names: dict[str, str]) -> tuple[AuditFilter, tuple[date, date]]:
    t, today = texts(me), filters.local_today(me)
    subject_at, actor_at, days_at = st.columns(3, gap="small")
    subjects = OF_THE_PLATFORM if me.tenant_id == PLATFORM else SUBJECTS
    subject = subject_at.selectbox(
        t("audit_log.subject"), subjects, _asked("subject", subjects), key="subject", on_change=_remember,
        format_func=lambda s: t(f"audit_subject.{s.strip('.') or 'all'}"),
    )  # fmt: skip
    actor = actor_at.selectbox(
        t("audit_log.actor"), ["", *actors], _asked("actor", ["", *actors]), key="actor", on_change=_remember,
        format_func=lambda name: who(t, name, names) if name else t("audit_log.everybody"),
    )  # fmt: skip
    asked = filters.asked_dates((today - timedelta(days=30), today))
    chosen = days_at.date_input(
        t("filter.dates"), asked, min_value=periods.EARLIEST, max_value=max(today, asked[1]), key="dates",
        on_change=_remember, format=filters.DATE_INPUT[gate.locale(me)],
    )  # fmt: skip
    picked = sorted(chosen) if isinstance(chosen, tuple) and chosen else [today]
    zone = ZoneInfo(me.timezone)
    since = datetime.combine(picked[0], time.min, zone)
    until = datetime.combine(picked[-1] + timedelta(days=1), time.min, zone)
    return AuditFilter(subject, actor, since, until), (picked[0], picked[-1])


def _asked(name: str, choices: Sequence[str]) -> int:
    """The choice that the address names; the first one if it names none."""
    asked = st.query_params.get(name, "")
    return choices.index(asked) if asked in choices else 0


def _remember() -> None:
    """Keep what was chosen in the address, so that the view can be shared. The list starts again."""
    filters.set_parameter("before", None)
    for name in ("subject", "actor"):
        filters.set_parameter(name, st.session_state[name])
    filters.remember_dates()


def _table(me: Principal, entries: list[AuditEntry], names: dict[str, str]) -> None:
    t, form = texts(me), formats(me)
    headers = [t(f"audit_log.{name}") for name in ("at", "actor", "action", "object", "details", "address")]
    rows: list[list[tables.Cell]] = [
        [_when(form, entry), who(t, entry.actor, names), named(me, entry.action),
         who(t, entry.object or "–", names), _details(me, entry), _address(entry)]
        for entry in entries
    ]  # fmt: skip
    tables.table(t("audit_log.title"), headers, rows)


def _when(form: Format, entry: AuditEntry) -> tables.Html:
    return tables.Html(f'<time class="prosa-when">{escape(form.moment(entry.at))}</time>')


def named(me: Principal, action: str) -> str:
    """The action in the user's words; one without such words stays as it is."""
    return catalogue(gate.locale(me)).get(f"audit_action.{action.replace('.', '_')}", action)


def who(t: Translate, name: str, names: dict[str, str]) -> str:
    """user:7 by name, a feature as its page calls it, anything else as kind and number."""
    if name in names:
        return names[name]
    kind, _, rest = name.partition(":")
    if kind == "feature" and rest in FEATURES:
        return t(FEATURES[rest])
    return f"{t(f'audit_kind.{kind}')} {rest}" if kind in KINDS and rest else name


def _details(me: Principal, entry: AuditEntry) -> tables.Html:
    """What is different afterwards, with what was before if the entry says it. Whole texts are only in the file."""
    before, after = _flat(entry.before or {}), _flat(entry.after or {})
    told = []
    for key in sorted({**before, **after}, key=lambda key: key != "from"):  # of a span the first day first
        was, now = before.get(key), after.get(key)
        if was != now and not (was in EMPTY and now in EMPTY):
            value = audit_values.written(me, now, key)
            if was not in EMPTY:
                value = f"{audit_values.written(me, was, key)} → {value}"
            told.append(f"<bdi>{escape(f'{audit_values.named(me, key)}: {value}')}</bdi>")
    return tables.Html(f'<span class="prosa-told">{", ".join(told) or "–"}</span>')


def _flat(state: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with nested ones flattened: of a large configuration only what has changed is shown."""
    found: dict[str, Any] = {}
    for key, value in state.items():
        found |= _flat(value) if isinstance(value, dict) else {key: value}
    return found


def _address(entry: AuditEntry) -> str:
    """The address that somebody acted from. The dashboards write `unknown` if the browser's is not known (gate.address)."""
    return entry.address if entry.address and entry.address != "unknown" else "–"


def _download(where: AuditFilter, days: tuple[date, date]) -> str:
    query = {"action": where.action, "actor": where.actor, "from": days[0], "to": days[1]}
    return f"/exports/audit?{urlencode({key: value for key, value in query.items() if value})}"
