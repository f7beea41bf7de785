"""The job queue: how deep it is, and what was given up, to be tried again."""

import streamlit as st

from prosa.dashboards import acts, gate, tables, widgets
from prosa.dashboards.gate import formats, require, texts
from prosa.dashboards.i18n import catalogue
from prosa.dashboards.pages.platform import queries
from prosa.dashboards.pages.platform.queries import FailedJob
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM, Principal, UserRole

ROWS = 50


def page() -> None:
    """Draw the page."""
    me = require(UserRole.SUPER_ADMIN)
    t, form = texts(me), formats(me)
    widgets.page_title(t("jobs.title"), t("jobs.intro"))
    acts.show_done()
    with gate.database().queue() as conn:
        queues, failed = queries.queues(conn), queries.failed_jobs(conn, limit=ROWS)
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


def _job(me: Principal, job: FailedJob) -> None:
    t, form = texts(me), formats(me)
    with st.container(horizontal=True, vertical_alignment="center", key=f"job-{job.id}"):
        when = form.moment(job.failed_at)
        tables.line(
            f"{job.task} · {job.id}", t("jobs.details", queue=named(me, job.queue), tries=job.attempts, when=when)
        )
        if st.button(t("jobs.retry"), key=f"retry-{job.id}"):
            with gate.database().queue() as conn:
                again = queries.retry(conn, job.id)
            if again:
                with gate.reading(me) as conn:
                    audit.record(conn, PLATFORM, me.actor, "job.retry", f"job:{job.id}", after={"task": job.task})
            acts.done(t("jobs.retried" if again else "jobs.not_failed"))


def named(me: Principal, queue: str) -> str:
    """A queue in the user's words."""
    return catalogue(gate.locale(me)).get(f"queue.{queue}", queue)
