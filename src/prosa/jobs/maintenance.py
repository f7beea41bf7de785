"""Housekeeping: deletes what has expired, and returns the jobs of killed workers to the queue."""

import structlog
from procrastinate import JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from prosa.jobs.worker import database
from prosa.queue import app

log = structlog.get_logger()

KEEP_JOBS_HOURS = 7 * 24
WORKER_IS_DEAD_AFTER_SECONDS = 30  # without a heartbeat; one comes every ten
KEEP_SESSIONS = "7 days"  # after they ended, so that "who was logged in last week" has an answer


@app.periodic(cron="17 * * * *")
@app.task(name="maintenance.clean", queue="maintenance", queueing_lock="maintenance.clean", pass_context=True)
def clean(context: JobContext, timestamp: int) -> None:
    """Every hour: delete what has expired."""
    with database(context).operator() as conn:
        sessions = conn.execute(
            """delete from sessions
               where least(expires_at, coalesce(revoked_at, expires_at)) < now() - %s::interval""",
            [KEEP_SESSIONS],
        ).rowcount
    log.info("cleaned", sessions=sessions)


@app.periodic(cron="27 3 * * *")
@app.task(name="maintenance.forget_jobs", queue="maintenance", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Every night: finished jobs older than a week."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS)


@app.periodic(cron="* * * * *")
@app.task(name="maintenance.rescue", queue="maintenance", queueing_lock="maintenance.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Every minute: put jobs of killed workers back into the queue. So any task of ours may run twice.

    A schedule's job that already waits again (its queueing lock is taken) is only marked as failed.
    """
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=WORKER_IS_DEAD_AFTER_SECONDS):
        assert job.id is not None
        try:
            await context.app.job_manager.retry_job(job)
        except UniqueViolation:
            await context.app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        log.warning("job of a killed worker taken up", job=job.id, task=job.task_name)
