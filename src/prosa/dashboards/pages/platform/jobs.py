"""The job queue: how deep it is, and which jobs were given up and may be tried again."""

from collections.abc import Sequence

import streamlit as st

from prosa.dashboards import actions, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import catalogue
from prosa.dashboards.pages.platform import queries
from prosa.dashboards.pages.platform.queries import FailedJob
from prosa.dashboards.widgets import Kpi
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM, Principal, UserRole

ROWS = 50


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t, form = texts(me), formats(me)
    widgets.page_title(t("jobs.title"), t("jobs.intro"))
    actions.show_done()
    with gate.database().queue() as conn:
        queues, failed = queries.queues(conn), queries.failed_jobs(conn, limit=ROWS)
    waits = max((q.waits for q in queues if q.waits is not None), default=None)
    widgets.kpi_cards(t("jobs.now"), [
        Kpi(t("jobs.todo"), form.number(sum(q.todo for q in queues)), definition=t("jobs.todo_help")),
        Kpi(t("jobs.waits"), form.duration(waits), definition=t("jobs.waits_help")),
        Kpi(t("jobs.doing"), form.number(sum(q.doing for q in queues)), definition=t("jobs.doing_help")),
        Kpi(t("jobs.failed"), form.number(sum(q.failed for q in queues)), definition=t("jobs.failed_help")),
    ])  # fmt: skip
    with widgets.panel(t("jobs.queues"), "queues"):
        headers = [t(f"jobs.{name}") for name in ("queue", "todo", "waits", "doing", "failed", "done")]
        rows = [
            [named(me, q.name), form.number(q.todo), form.duration(q.waits), form.number(q.doing), form.number(q.failed),
             form.number(q.done)]
            for q in queues
        ]  # fmt: skip
        tables.table(t("jobs.queues"), headers, rows, numbers={1, 2, 3, 4, 5})
    with widgets.panel(t("jobs.given_up"), "failed-jobs"):
        if not failed:
            widgets.hint(t("jobs.none_failed"))
        for job in failed:
            _job(me, job)
        if len(failed) > 1:
            actions.confirm(
                me, "retry-all", t("jobs.retry_all", count=len(failed)), t("jobs.retry_all_sure"),
                lambda: _retry(me, failed),
            )  # fmt: skip


def _job(me: Principal, job: FailedJob) -> None:
    t, form = texts(me), formats(me)
    with st.container(horizontal=True, vertical_alignment="center", key=f"job-{job.id}"):
        when = form.moment(job.failed_at)
        tables.line(named(me, job.queue), t("jobs.details", task=job.task, id=job.id, tries=job.attempts, when=when))
        if st.button(t("jobs.retry"), key=f"retry-{job.id}"):
            _retry(me, [job])


def _retry(me: Principal, failed: Sequence[FailedJob]) -> None:
    """Put these jobs back into the queue, unless somebody has done so meanwhile."""
    with gate.database().queue() as conn:
        again = [job for job in failed if queries.retry(conn, job.id)]
    with gate.transaction(me) as conn:
        for job in again:
            audit.record(conn, PLATFORM, me.actor, "job.retry", f"job:{job.id}", after={"task": job.task})
    actions.done(texts(me)("jobs.retried" if again else "jobs.not_failed", count=len(again)))


def named(me: Principal, queue: str) -> str:
    """A queue in the user's words."""
    return catalogue(gate.locale(me)).get(f"queue.{queue}", queue)
