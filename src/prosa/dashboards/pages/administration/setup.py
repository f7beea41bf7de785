"""The first steps of a new company: connect a source, the first reading with its progress, the first insight."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from prosa.analysis.offline.wording import told
from prosa.dashboards import actions, gate, reasons, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.pages.administration import connect_chatwoot, connect_twilio
from prosa.db import Conn, TenantId, fetch_all
from prosa.sources.store import ERROR, STATE
from prosa.tenancy.model import Principal, UserRole

EVERY_SECONDS = 3.0  # how often the progress is looked at
MOST = 50_000  # that are counted: by then nobody is a beginner


@dataclass(frozen=True)
class Progress:
    """How far a company has come. `running` and `failed` are of the latest reading of a Chatwoot."""

    chatwoots: int
    numbers: int
    conversations: int
    messages: int
    running: bool
    failed: str | None
    analysed: int
    people: int
    latest_insight: str | None

    @property
    def connected(self) -> bool:
        """Whether anything can come in."""
        return self.chatwoots + self.numbers > 0

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to watch."""
        return self.connected and self.conversations > 0 and not self.running and self.analysed > 0

    @property
    def stage(self) -> tuple[bool, ...]:
        """What the page around the steps is drawn for: its forms, and what it says was asked for."""
        return self.connected, self.running, self.conversations > 0, self.failed is not None, self.is_complete


def page() -> None:
    """Draw the page."""
    me = require(UserRole.ADMIN)
    t = texts(me)
    widgets.page_title(t("setup.title"), t("setup.intro", company=me.tenant_name))
    actions.show_done()
    with gate.transaction(me) as conn:
        now = progress(conn, me.tenant_id)
    st.fragment(_steps, run_every=None if now.is_complete else EVERY_SECONDS)(now.stage)
    if not now.connected:
        left, right = st.columns(2, gap="small")
        with left, widgets.panel(t("connections.chatwoot"), "chatwoot"):
            connect_chatwoot.show(me)
        with right, widgets.panel(t("connections.twilio"), "twilio"):
            connect_twilio.show(me)


def _steps(drawn_for: tuple[bool, ...]) -> None:
    """Draw the steps. It runs by itself while the page is open, so it does not keep the session alive.

    `drawn_for` is the stage that the rest of the page was drawn for. Past it, the page's forms and texts are outdated.
    """
    me = require(UserRole.ADMIN, touch=False)
    t, form = texts(me), formats(me)
    with gate.transaction(me) as conn:
        now = progress(conn, me.tenant_id)
    if now.stage != drawn_for:
        gate.draw_anew()
    arrived = t("setup.arrived", conversations=form.number(now.conversations), messages=form.number(now.messages))
    steps = [
        ("connect", now.connected, t("setup.connect_done" if now.connected else "setup.connect_todo")),
        ("read", now.conversations > 0 and not now.running, _reading(me, now, arrived)),
        ("insight", now.analysed > 0, _insight(me, now)),
        ("people", now.people > 1, t("setup.people_done" if now.people > 1 else "setup.people_todo")),
    ]
    todo = next((name for name, done, _ in steps if not done), None)
    st.html('<ol class="prosa-steps">' + "".join(_step(me, *step, current=step[0] == todo) for step in steps) + "</ol>")
    if todo is None:
        st.success(t("setup.all_done"), icon=":material/celebration:")


def _reading(me: Principal, now: Progress, arrived: str) -> str:
    t = texts(me)
    if now.failed:
        return t("setup.read_failed", error=reasons.reading(t, now.failed))
    if now.running:
        return t("setup.read_running", arrived=arrived)
    return arrived if now.conversations else t("setup.read_todo" if now.connected else "setup.read_first")


def _insight(me: Principal, now: Progress) -> str:
    t, form = texts(me), formats(me)
    if not now.analysed:
        return t("setup.insight_todo")
    latest = told(now.latest_insight or "–", form.locale)
    return t("setup.insight_done", count=form.number(now.analysed), summary=latest)


def _step(me: Principal, name: str, done: bool, text: str, *, current: bool) -> str:
    t = texts(me)
    mark = tables.badge(t("setup.done"), "good") if done else tables.badge(t("setup.now"), "warn") if current else ""
    return (
        f'<li class="{"prosa-step-done" if done else ""}"><strong>{escape(t(f"setup.{name}"))} {mark}</strong>'
        f"<span>{escape(text)}</span>{_way(me, name)}</li>"
    )


def _way(me: Principal, name: str) -> str:
    """The link to the page where the step is taken, or its result seen."""
    page = {"connect": "connections", "read": "leads", "insight": "overview", "people": "users"}[name]
    return f'<a href="/app/{page}" target="_self">{escape(texts(me)(f"{page}.title"))} →</a>'


def progress(conn: Conn, tenant: TenantId) -> Progress:
    """How far the company has come, in one statement."""
    sql = f"""select
               (select count(*) from sources where tenant_id = %(t)s and kind = 'chatwoot' and enabled) as chatwoots,
               (select count(*) from twilio_numbers where tenant_id = %(t)s) as numbers,
               (select count(*) from (select from conversations where tenant_id = %(t)s limit %(most)s) c)
                 as conversations,
               (select count(*) from (select from messages where tenant_id = %(t)s limit %(most)s) m) as messages,
               coalesce((select {STATE} = 'running' from etl_runs r where tenant_id = %(t)s
                 order by started_at desc limit 1), false) as running,
               (select {ERROR} from etl_runs r where tenant_id = %(t)s order by started_at desc limit 1) as failed,
               (select count(*) from insights where tenant_id = %(t)s) as analysed,
               (select count(*) from users where tenant_id = %(t)s and active) as people,
               (select nullif(summary, '') from insights where tenant_id = %(t)s
                order by conversation_created_at desc nulls last limit 1) as latest_insight"""
    [found] = fetch_all(conn, Progress, sql.encode(), {"t": tenant, "most": MOST})
    return found
