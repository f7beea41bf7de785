"""Reads a Chatwoot server at once instead of at its next half hour."""

from procrastinate.exceptions import AlreadyEnqueued

from prosa.dashboards import actions, gate
from prosa.dashboards.gate import texts
from prosa.queue import enqueue
from prosa.sources.model import Mode
from prosa.tenancy import audit
from prosa.tenancy.model import Principal


def read_now(me: Principal, tenant: int, slug: str, server: str) -> None:
    """Ask the worker to read this server for the tenant, unless such a job waits already. The queue is the platform's."""
    t = texts(me)
    try:
        with gate.database().operator() as conn:
            enqueue(conn, "etl.read", lock=f"etl {server}", once=f"etl now {server} {slug}", slugs=[slug],
                    mode=Mode.INCREMENTAL.value)  # fmt: skip
            actor = me.actor if me.tenant_id == tenant else me.as_operator
            audit.record(conn, tenant, actor, "etl.run", f"tenant:{tenant}")
    except AlreadyEnqueued:
        actions.done(t("connections.waits_already"))
    actions.done(t("connections.will_read"))
