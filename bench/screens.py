"""How long all that a page asks takes with a large tenant: the sum of its queries, nothing cached.

Run `python bench/screens.py [--conversations 300000] [--days 365]`.

Makes an installation of its own in a temporary folder, fills one tenant with generated conversations spread evenly over the
days, prepares its days as the worker does, and prints for each page the median of five calls: milliseconds by the clock, and
of processor time, this process's and the database's together. On a machine that does other work only the latter tells anything.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import streamlit as st
from kpis import fill

from prosa.dashboards import gate
from prosa.dashboards.pages import conversation, queries
from prosa.dashboards.pages.remarketing_queries import board
from prosa.dashboards.reports import content
from prosa.db import Database, open_database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.facts.listing import Sort
from prosa.facts.model import Filter, Period
from prosa.jobs.facts import prepare_days
from prosa.remarketing import segments
from prosa.remarketing.segments import Situation
from prosa.settings import Settings
from prosa.tenancy.model import Principal, UserId, UserRole


def main() -> None:
    """Fill a database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prosa-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        settings = Settings(prosa_home=home / "home", secret_key="bench")
        with EmbeddedServer(settings.prosa_home).running() as server:
            migrate(settings)
            tenant = fill(server.dsn("prosa"), conversations=options.conversations, days=options.days)
            with open_database(settings) as db:
                measure(db, tenant, server.pid() or 0)


def measure(db: Database, tenant: TenantId, postmaster: int) -> None:
    """Print the milliseconds of each page."""
    began = time.perf_counter()
    prepare_days(db)
    print(f"{'':40} {'clock':>7} {'cpu':>7}")
    print(f"{'preparing every day, once':40} {(time.perf_counter() - began) * 1000:7.0f}", flush=True)
    me = Principal(
        tenant,
        "bench",
        "Bench",
        "America/Sao_Paulo",
        1,
        UserId(1),
        "ana@exemplo.com.br",
        "Ana",
        UserRole.CLIENT,
        "pt_BR",
    )
    gate.connect(gate.Connection(db, lambda _token, _touch: me, "prosa"))
    end = datetime.now(UTC).date() + timedelta(days=1)
    pages: dict[str, list[Callable[[], object]]] = {}
    for days in (30, 90, 365):
        period = Period(end - timedelta(days=days), end)
        pages[f"overview, {days} days"] = [
            partial(queries.basics, me),
            partial(queries.overview, me, period, Filter()),
            partial(queries.listed, me, period, Filter(), Sort.NEWEST, None, 10),
        ]
    period = Period(end - timedelta(days=90), end)
    for name, where, sort in (
        ("list, 90 days", Filter(), Sort.NEWEST),
        ("list, leads by score", Filter(leads=True), Sort.SCORE),
        ("list, by name and phone", Filter(name="contato 17", phone="1000"), Sort.NEWEST),
        ("list, by state and inbox", Filter(states=("progress",), inboxes=(1,)), Sort.ACTIVITY),
        ("list, slowest first", Filter(marks=("answered",)), Sort.SLOWEST),
        ("list, by label", Filter(labels=("vip",)), Sort.NEWEST),
        ("list, by a team without any", Filter(teams=(1,)), Sort.NEWEST),
    ):
        pages[name] = [
            partial(queries.basics, me),
            partial(queries.counted, me, period, where),
            partial(queries.listed, me, period, where, sort, None, 50),
        ]
    newest = str(queries.listed(me, period, Filter(), Sort.NEWEST, None, 1).rows[0]["conversation_id"])
    pages["live"] = [partial(queries.waiting, me, Filter())]
    pages["conversation"] = [partial(conversation._ask, me, newest)]
    with db.tenant(tenant) as conn:
        for name, situation in (("Silent", Situation.FELL_SILENT), ("Unanswered", Situation.NEVER_ANSWERED)):
            segments.save(conn, tenant, name, segments.define({"situation": situation}), actor="user:1")
    pages["remarketing, two segments"] = [partial(board, me, "review")]
    pages["report of a month"] = [partial(_report, db, tenant, Period(end - timedelta(days=30), end))]
    for name, parts in pages.items():
        show(name, parts, postmaster)


def _report(db: Database, tenant: TenantId, period: Period) -> object:
    with db.tenant(tenant) as conn:
        return content.build(conn, tenant, period, locale="pt_BR")


def show(name: str, parts: list[Callable[[], object]], postmaster: int) -> None:
    """Print the medians of five rounds of all parts, each asked anew."""
    by_clock, used = [], []
    for _ in range(5):
        st.cache_data.clear()
        start, before = time.perf_counter(), processor_seconds(postmaster)
        for part in parts:
            part()
        by_clock.append((time.perf_counter() - start) * 1000)
        used.append((processor_seconds(postmaster) - before) * 1000)
    print(f"{name:40} {statistics.median(by_clock):7.0f} {statistics.median(used):7.0f}", flush=True)


def processor_seconds(postmaster: int) -> float:
    """What this process and the server's, which live on between the calls, have used so far (proc(5): utime and stime)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
