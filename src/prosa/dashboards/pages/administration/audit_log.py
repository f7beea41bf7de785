"""Who did what, when and from where: filtered, paged, and as a file."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import streamlit as st

from prosa.dashboards import filters, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import Translate, catalogue
from prosa.tenancy import audit, users
from prosa.tenancy.audit import AuditFilter
from prosa.tenancy.model import AuditEntry, Principal, UserRole

ROWS = 50  # a page of the list
SUBJECTS = ("", "session.", "user.", "apikey.", "feature.", "branding.", "contact.", "conversation", "chatwoot.", "twilio.",
            "webhook.", "optout.", "tenant.", "operator.")  # fmt: skip


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("audit_log.title"), t("audit_log.intro"))
    with gate.reading(me) as conn:
        names = {f"user:{user.id}": user.name or user.email for user in users.list_users(conn, me.tenant_id)}
        actors = audit.list_actors(conn, me.tenant_id)
    where, days = _filters(me, actors, names)
    before = st.session_state.get("_before") if st.session_state.get("_where") == where else None
    with gate.reading(me) as conn:
        found = audit.list_entries(conn, me.tenant_id, where=where, before_id=before, limit=ROWS + 1)
    if not found:
        widgets.empty_state(t("audit_log.empty_title"), t("audit_log.empty_text"))
        return
    _table(me, found[:ROWS], names)
    with st.container(horizontal=True):
        st.link_button(t("overview.download_csv"), _download(where, days), icon=":material/download:")
        if before and st.button(t("audit_log.newest")):
            st.session_state["_before"] = None
            st.rerun()
        if len(found) > ROWS and st.button(t("audit_log.older")):
            st.session_state["_where"], st.session_state["_before"] = where, found[ROWS - 1].id
            st.rerun()


def _filters(me: Principal, actors: list[str], names: dict[str, str]) -> tuple[AuditFilter, tuple[date, date]]:
    t, today = texts(me), filters.local_today(me)
    subject_at, actor_at, days_at = st.columns(3, gap="small")
    subject = subject_at.selectbox(
        t("audit_log.subject"), SUBJECTS, format_func=lambda s: t(f"audit_subject.{s.strip('.') or 'all'}")
    )
    actor = actor_at.selectbox(
        t("audit_log.actor"), ["", *actors],
        format_func=lambda name: who(t, name, names) if name else t("audit_log.everybody"),
    )  # fmt: skip
    chosen = days_at.date_input(
        t("filter.dates"), (today - timedelta(days=30), today), max_value=today,
        format=filters.DATE_INPUT[gate.locale(me)],
    )  # fmt: skip
    picked = sorted(chosen) if isinstance(chosen, tuple) and chosen else [today]
    zone = ZoneInfo(me.timezone)
    since = datetime.combine(picked[0], time.min, zone)
    until = datetime.combine(picked[-1] + timedelta(days=1), time.min, zone)
    return AuditFilter(subject, actor, since, until), (picked[0], picked[-1])


def _table(me: Principal, entries: list[AuditEntry], names: dict[str, str]) -> None:
    t, form = texts(me), formats(me)
    headers = [t(f"audit_log.{name}") for name in ("at", "actor", "action", "object", "details", "address")]
    rows = [
        [form.moment(entry.at), who(t, entry.actor, names), named(me, entry.action),
         who(t, entry.object or "–", names), _details(me, entry), _address(entry)]
        for entry in entries
    ]  # fmt: skip
    tables.table(t("audit_log.title"), headers, rows)


def named(me: Principal, action: str) -> str:
    """The action in the user's words; one that has none stays as it is."""
    return catalogue(gate.locale(me)).get(f"audit_action.{action.replace('.', '_')}", action)


def who(t: Translate, name: str, names: dict[str, str]) -> str:
    """user:7 by name; others as kind and number."""
    if name in names:
        return names[name]
    kind, _, rest = name.partition(":")
    known = ("user", "operator", "apikey", "cli", "job", "session", "feature", "tenant", "source", "contact", "webhook")
    return f"{t(f'audit_kind.{kind}')} {rest}" if kind in known and rest else name


def _details(me: Principal, entry: AuditEntry) -> str:
    """What is different afterwards; what is empty says nothing."""
    before, after = entry.before or {}, entry.after or {}
    changed = {
        key: value for key, value in after.items() if before.get(key) != value and value not in (None, "", [], {})
    }
    return ", ".join(f"{_word(me, key)}: {_value(me, value)}" for key, value in changed.items()) or "–"


def _address(entry: AuditEntry) -> str:
    """From where; the dashboards write `unknown` where the browser's address is not told (gate.address)."""
    return entry.address if entry.address and entry.address != "unknown" else "–"


def _word(me: Principal, key: str) -> str:
    return catalogue(gate.locale(me)).get(f"audit_field.{key}", key)


def _value(me: Principal, value: object) -> str:
    """As people write it: yes and no, roles by name, lists with commas."""
    t = texts(me)
    if isinstance(value, bool):
        return t(f"lead.{str(value).lower()}")
    if isinstance(value, dict):
        return ", ".join(f"{_word(me, str(key))} {_value(me, inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_value(me, inner) for inner in value) or "–"
    return t(f"app.role_{value}") if value in tuple(UserRole) else str(value)


def _download(where: AuditFilter, days: tuple[date, date]) -> str:
    query = {"action": where.action, "actor": where.actor, "from": days[0], "to": days[1]}
    return f"/exports/audit?{urlencode({key: value for key, value in query.items() if value})}"
