"""How long the KPIs take with a large tenant.

Run `python bench/kpis.py [--conversations 300000] [--days 365] [--period 30] [--ledger 1000000]`.

Makes an installation of its own in a temporary folder, fills one tenant with generated conversations spread evenly over
the days, each with its share of a `--ledger` of calls of a language model, and prints the median of seven calls for each
function, in milliseconds.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
from installation import installation

from prosa.db import Database, open_database
from prosa.db.connection import TenantId
from prosa.facts import kpis
from prosa.facts.model import Period

LEDGER = """
insert into llm_calls (tenant_id, conversation_id, purpose, recipient, model, prompt_version, sent_sha256, state, own_key,
  estimated_usd, cost_usd, cost_brl, started_at)
select tenant_id, id, 'analysis', 'api.openai.com', 'gpt-4o-mini', 'insight.v1', '', 'done', false, 0.001, 0.0003, 0.0016,
  created_at
from conversations cross join generate_series(1, %s)"""
GENERATE = (Path(__file__).parent / "conversations.sql").read_text()


def main() -> None:
    """Fill a database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--period", type=int, default=30)
    parser.add_argument("--ledger", type=int, default=0)
    options = parser.parse_args()
    with installation() as (settings, server):
        tenant = fill(
            server.dsn("prosa"), conversations=options.conversations, days=options.days, ledger=options.ledger
        )
        with open_database(settings) as db:
            measure(db, tenant, days=options.period)


def fill(superuser: str, *, conversations: int, days: int, ledger: int = 0) -> TenantId:
    """One tenant with that many conversations, and calls in the ledger; returns its id."""
    with psycopg.connect(superuser, autocommit=True) as conn:
        conn.execute("select set_config('bench.conversations', %s, false)", [str(conversations)])
        conn.execute("select set_config('bench.days', %s, false)", [str(days)])
        conn.execute(GENERATE.encode())
        conn.execute(LEDGER, [-(-ledger // conversations)])
        conn.execute("vacuum analyze")
        row = conn.execute("select id from tenants where slug = 'bench'").fetchone()
        assert row
        return TenantId(row[0])


def measure(db: Database, tenant: TenantId, *, days: int) -> None:
    """Print the milliseconds of each function over the last `days` days."""
    end: date = datetime.now(UTC).date() + timedelta(days=1)
    period = Period(end - timedelta(days=days), end)
    calls: dict[str, Callable[[psycopg.Connection], object]] = {
        "kpis": partial(kpis.kpis, tenant=tenant, period=period),
        "kpis of the period before": partial(kpis.kpis, tenant=tenant, period=period.before),
        "awaiting_reply": partial(kpis.awaiting_reply, tenant=tenant),
        **{
            f.__name__: partial(f, tenant=tenant, period=period)
            for f in (kpis.by_day, kpis.by_inbox, kpis.by_agent, kpis.by_hour_band)
        },
    }
    for name, call in calls.items():
        report(db, tenant, name, call)


def report(db: Database, tenant: TenantId, name: str, call: Callable[[psycopg.Connection], object]) -> None:
    """Print the median of seven calls, in milliseconds."""
    times = []
    for _ in range(7):
        with db.tenant(tenant) as conn:
            start = time.perf_counter()
            call(conn)
            times.append((time.perf_counter() - start) * 1000)
    print(f"{name:28} {statistics.median(times):7.1f}", flush=True)


if __name__ == "__main__":
    main()
