"""Runs of the ETL: phases, errors, rows put aside, and reading now.

The list refreshes itself while a run is under way or about to be; that keeps nobody's session alive.
"""

from datetime import UTC, datetime, timedelta

import streamlit as st

from prosa.dashboards import actions, gate, lists, reasons, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import catalogue
from prosa.dashboards.pages.administration.read_now import read_now
from prosa.dashboards.pages.platform import queries
from prosa.dashboards.pages.platform.queries import Run
from prosa.sources.rejects import put_aside
from prosa.tenancy.model import Principal, UserRole
from prosa.tenancy.tenants import list_tenants

ROWS = 30
REJECTS = 100
EVERY = 5  # seconds
BEGINS_WITHIN = timedelta(minutes=1)  # how soon a requested reading begins, if the worker has nothing else to do
TONES = {"running": "warn", "done": "good", "failed": "bad"}
COUNTS = ("read", "inserted", "updated", "deleted", "rejected")


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t = texts(me)
    widgets.page_title(t("readings.title"), t("readings.intro"))
    asked = actions.DONE in st.session_state
    actions.show_done()
    with gate.transaction(me) as conn:
        names = lists.told_apart((tenant.id, tenant.name, tenant.slug) for tenant in list_tenants(conn))
    with st.container(key="filters", horizontal=True, vertical_alignment="center"):
        tenant = st.selectbox(
            t("readings.tenant"), [None, *names], label_visibility="collapsed", width=300,
            format_func=lambda i: names[i] if i else t("readings.all"),
        )  # fmt: skip
        failed = st.toggle(t("readings.failed_only"))
        everything = st.toggle(t("readings.everything"))
    with gate.transaction(me) as conn:
        watched = asked or queries.is_running(conn, tenant=tenant)
    until = datetime.now(UTC) + BEGINS_WITHIN if asked else None
    st.fragment(_runs, run_every=EVERY if watched else None)(names, tenant, failed, everything, watched, until)


def _runs(
    names: dict[int, str], tenant: int | None, failed: bool, everything: bool, watched: bool, until: datetime | None
) -> None:
    """The list. It stops refreshing itself once no run is under way, and none is expected `until` then."""
    me = require(UserRole.SUPER_ADMIN, touch=False)
    t = texts(me)
    with gate.transaction(me) as conn:
        running = queries.is_running(conn, tenant=tenant)
        runs = queries.runs(conn, tenant=tenant, failed_only=failed, everything=everything, limit=ROWS)
    if watched and not running and (until is None or datetime.now(UTC) > until):
        gate.draw_anew()
    if not runs:
        widgets.empty_state(t("readings.empty_title"), t("readings.empty_text"))
    seen: set[tuple[int, int]] = set()
    for run in runs:
        newest = (run.tenant_id, run.source_id) not in seen
        seen.add((run.tenant_id, run.source_id))
        with widgets.error_boundary("a run"):
            _run(me, run, names.get(run.tenant_id, run.tenant_name), newest=newest)


def _run(me: Principal, run: Run, company: str, *, newest: bool) -> None:
    """One run. The newest run of a source also shows what is put aside now, and the button to read again."""
    t, form = texts(me), formats(me)
    with st.container(border=True, key=f"run-{run.tenant_id}-{run.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            took = form.duration(run.seconds)
            details = t(
                "readings.details", started=form.moment(run.started_at), mode=t(f"readings.{run.mode}"),
                seconds=t("readings.for", time=took) if run.state == "running" else took, read=form.number(run.rows_read),
                written=form.number(run.rows_written),
            )  # fmt: skip
            mark = tables.badge(t(f"readings.state_{run.state}"), TONES[run.state])
            name = company if run.source == run.tenant_name else f"{company} · {run.source}"
            tables.line(name, details, mark)
            if newest and st.button(t("connections.read_now"), key=f"again-{run.tenant_id}-{run.id}"):
                read_now(me, run.tenant_id, run.tenant_slug, run.server)
        if run.error:
            reasons.folded(t, reasons.reading(t, run.error), run.error)
        if run.phases:  # none if the first has not ended yet, or never did
            with st.expander(t("readings.phases")):
                _phases(me, run)
        if newest and run.rejects:
            with st.expander(t("readings.aside", rejects=form.number(run.rejects))):
                _rejects(me, run)


def _phases(me: Principal, run: Run) -> None:
    t, form = texts(me), formats(me)
    rows = [
        [named(me, phase["name"]), *(form.number(phase.get(count, 0)) for count in COUNTS),
         t("readings.seconds", seconds=form.number(phase.get("seconds", 0), 2))]
        for phase in run.phases
    ]  # fmt: skip
    headers = [t("readings.phase"), *(t(f"readings.{count}") for count in COUNTS), t("readings.took")]
    tables.table(t("readings.phase"), headers, rows, numbers=set(range(1, 7)))


def _rejects(me: Principal, run: Run) -> None:
    """Which rows, why and since when. Their contents are the company's, and are not shown."""
    t, form = texts(me), formats(me)
    with gate.transaction(me) as conn:
        found = put_aside(conn, run.tenant_id, source=run.source_id, limit=REJECTS)
    widgets.hint(t("readings.aside_help"), f"prosa etl rejects --tenant {run.tenant_slug} --rows")
    rows = [
        [named(me, r.stream), str(r.id), f"{reasons.reject(t, r.reason)} ({r.column})", form.moment(r.first_seen_at),
         form.moment(r.last_seen_at)]
        for r in found
    ]  # fmt: skip
    headers = [t(f"readings.{name}") for name in ("where", "row", "reason", "since", "last_seen")]
    tables.table(t("readings.put_aside"), headers, rows)
    if run.rejects > len(found):
        widgets.hint(t("readings.aside_cut", shown=form.number(len(found)), all=form.number(run.rejects)))


def named(me: Principal, phase: str) -> str:
    """A phase or stream in the user's words."""
    return catalogue(gate.locale(me)).get(f"phase.{phase}", phase)
