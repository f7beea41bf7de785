"""What `prosa analyze` does with each tenant: by the model where there is a key and the tenant wants it, else offline."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from prosa.analysis import service, store
from prosa.analysis.llm import attempts, keys
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.estimate import estimate as estimate_tenant
from prosa.analysis.llm.run import run_to_end
from prosa.analysis.offline.analyse import MODEL as OFFLINE
from prosa.analysis.service import Counts
from prosa.db import Conn, Database, TenantId
from prosa.errors import Invalid
from prosa.settings import get_settings
from prosa.tenancy.model import Tenant

PATIENCE = 600.0  # seconds that a conversation waits for its slot: nobody waits but the command's user
Bar = Callable[[str, int], AbstractContextManager[Callable[[Counts], None]]]


def run(
    db: Database, tenants: Sequence[Tenant], limit: int | None, bar: Bar, *, again: bool = False
) -> list[dict[str, Any]]:
    """Analyse each tenant's due conversations. Returns a row for each tenant. `again` adds those that were judged offline."""
    lines = _lines(db, tenants, again=again)
    for tenant in lines if again else ():
        with db.tenant(tenant) as conn:
            _reopen(conn, tenant, limit)
    found = []
    for each in tenants:
        if each.id in lines:
            continue
        waiting = _due(db, each.id)
        with bar(each.slug, min(waiting, limit or waiting)) as advance:
            counts = service.analyse_tenant(db, each.id, limit=limit, on_batch=advance)
        found.append({"tenant": each.slug, "analysed": counts.analysed, "skipped": counts.skipped})
    if lines:
        found += _by_model(db, lines, [each for each in tenants if each.id in lines], limit, bar)
    return found


def estimate(
    db: Database, tenants: Sequence[Tenant], limit: int | None, *, again: bool = False
) -> list[dict[str, Any]]:
    """How many conversations of each tenant are due, and what they would cost at most. Changes nothing."""
    lines = _lines(db, tenants, again=again)
    found = []
    for each in tenants:
        line = lines.get(each.id)
        if line is None:
            due = _due(db, each.id)
            found.append(
                {"tenant": each.slug, "conversations": min(due, limit or due), "tokens": 0, "usd": 0.0, "brl": 0.0}
            )
            continue
        with db.tenant(each.id) as conn, conn.transaction(force_rollback=True):
            if again:
                _reopen(conn, each.id, limit)
            most = estimate_tenant(conn, each.id, line, limit=limit)
        found.append({"tenant": each.slug, "conversations": most.conversations, "tokens": most.tokens,
                      "usd": round(float(most.usd), 4), "brl": round(float(most.brl), 4), "marked": most.marked})  # fmt: skip
    return found


def _lines(db: Database, tenants: Sequence[Tenant], *, again: bool) -> dict[TenantId, Line]:
    """The way to a model of each tenant that has one. Raises Invalid if `again` is asked for and none has."""
    lines = keys.lines(db, [each.id for each in tenants], get_settings(), patience=PATIENCE)
    if again and not lines:
        raise Invalid("Judging again needs a language model: OPENAI_API_KEY, or a key of the tenant's own.")
    return lines


def _reopen(conn: Conn, tenant: TenantId, limit: int | None) -> None:
    """Make due again what was judged offline, up to the limit: the worker would do any rest, at the provider's price."""
    room = None if limit is None else max(0, limit - store.count_stale(conn, tenant))
    store.reopen(conn, tenant, model=OFFLINE, limit=room)


def _by_model(
    db: Database, lines: Mapping[TenantId, Line], tenants: Sequence[Tenant], limit: int | None, bar: Bar
) -> list[dict[str, Any]]:
    """Analyse all of these tenants in one run, in turn."""
    totals = {each.id: Counts() for each in tenants}
    waiting = [_due(db, each.id) - sum(_marked(db, each.id).values()) for each in tenants]
    with bar(get_settings().openai_model, sum(min(due, limit or due) for due in waiting)) as advance:

        def report(tenant: TenantId, counts: Counts) -> None:
            totals[tenant] += counts
            advance(counts)

        run_to_end(db, lines, limit=limit, report=report)
    return [
        {"tenant": each.slug, "analysed": counts.analysed, "skipped": counts.skipped, "offline": counts.offline,
         "cost_usd": round(float(counts.cost_usd), 6), "marked": _marked(db, each.id)}
        for each, counts in zip(tenants, totals.values(), strict=True)
    ]  # fmt: skip


def _marked(db: Database, tenant: TenantId) -> dict[str, int]:
    with db.tenant(tenant) as conn:
        return attempts.marked(conn, tenant)


def _due(db: Database, tenant: TenantId) -> int:
    with db.tenant(tenant) as conn:
        return store.count_stale(conn, tenant)
