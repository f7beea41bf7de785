"""How long all that a page asks takes with a large tenant: the sum of its queries, nothing cached.

Run `python bench/screens.py [--conversations 300000] [--days 365]`.

Makes an installation of its own in a temporary folder, fills one tenant with generated conversations spread evenly over the
days, prepares its days as the worker does, and prints for each page the median of five calls: milliseconds by the clock, and
of processor time, this process's and the database's together. On a machine that does other work only the latter tells anything.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import streamlit as st
from installation import installation
from kpis import fill

from prosa.dashboards import gate
from prosa.dashboards.pages import conversation, queries
from prosa.dashboards.pages.remarketing_queries import board, members
from prosa.dashboards.reports import content
from prosa.db import Database, open_database
from prosa.db.connection import TenantId
from prosa.facts.listing import Sort
from prosa.facts.model import Filter, Period
from prosa.jobs.facts import prepare_days
from prosa.remarketing import segments
from prosa.remarketing.definition import define
from prosa.tenancy.model import Principal, UserId, UserRole

Call = Callable[[], object]
LISTS = (
    ("newest first", Filter(), Sort.NEWEST),
    ("leads by score", Filter(leads=True), Sort.SCORE),
    ("by name and phone", Filter(name="contato 17", phone="1000"), Sort.NEWEST),
    ("by state and inbox", Filter(states=("progress",), inboxes=(1,)), Sort.ACTIVITY),
    ("slowest first", Filter(marks=("answered",)), Sort.SLOWEST),
    ("by label", Filter(labels=("vip",)), Sort.NEWEST),
    ("by a team without any", Filter(teams=(1,)), Sort.NEWEST),
)
# The list's quick filters, each letting through as much as it sensibly does, and what charts lead to.
QUICK = {
    "everything": Filter(),
    "name": Filter(name="contato 1"),
    "phone": Filter(phone="1000"),
    "inboxes": Filter(inboxes=(1, 2, 3)),
    "state": Filter(states=("agent_closed", "support_closed")),
    "class": Filter(categories=("lead",)),
    "leads": Filter(leads=True),
    "score": Filter(min_score=50),
    "never answered": Filter(marks=("never_answered",)),
    "visit or conversion": Filter(outcomes=("visit", "conversion")),
    "all quick ones": Filter(name="contato 1", phone="1000", inboxes=(1, 2, 3), states=("agent_closed",), leads=True,
                             categories=("lead",), min_score=50),
}  # fmt: skip
SEGMENTS: dict[str, dict[str, object]] = {
    "Silent": {"situation": "fell_silent"},
    "Unanswered": {"situation": "never_answered"},
    "Everybody": {"leads_only": False, "not_converted": False},
    "Warm": {"interests": ["high", "medium"], "recencies": ["recent", "medium"], "leads_only": False},
    "Cold": {"recencies": ["cold"], "categories": ["lead", "question"], "inboxes": [1, 2, 3]},
}


def main() -> None:
    """Fill a database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    with installation() as (settings, server):
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
    show_all(db, me, postmaster)


def show_all(db: Database, me: Principal, postmaster: int) -> None:
    """Print the milliseconds of each page, the worst choices that people sensibly make among them."""
    end = datetime.now(UTC).date() + timedelta(days=1)
    month, quarter, year = (Period(end - timedelta(days=days), end) for days in (30, 90, 365))
    pages: dict[str, list[Call]] = {}
    for name, period in (("30 days", month), ("90 days", quarter), ("365 days", year)):
        pages[f"overview, {name}"] = [
            partial(queries.basics, me),
            partial(queries.overview, me, period, Filter()),
            partial(queries.newest, me, period, Filter(), 10),
        ]
    for name, where, sort in LISTS:
        pages[f"list, 90 days, {name}"] = listing_of(me, quarter, where, sort)
    newest = str(queries.newest(me, quarter, Filter(), 1)[0]["conversation_id"])
    pages["live"] = [partial(queries.waiting, me, Filter())]
    pages["conversation"] = [partial(conversation._ask, me, newest)]
    pages["report of a month"] = [partial(_report, db, me.tenant_id, month)]
    for sort in Sort:
        for name, where in QUICK.items():
            pages[f"list, 365 days, {name}, {sort}"] = listing_of(me, year, where, sort)
    for name, parts in pages.items():
        show(name, parts, postmaster)
    for count, (name, definition) in enumerate(SEGMENTS.items(), start=1):
        with db.tenant(me.tenant_id) as conn:
            saved = segments.save(conn, me.tenant_id, name, define(definition), actor="user:1")
        show(f"remarketing, {count} segments", [partial(board, me, "review")], postmaster)
        show(f"a segment's rows: {name}", [partial(members, me, saved.id, skip=0, limit=50)], postmaster)


def listing_of(me: Principal, period: Period, where: Filter, sort: Sort) -> list[Call]:
    """All that a list asks: names, the first page with its notes."""
    return [
        partial(queries.basics, me),
        lambda: queries.noted(
            me, tuple(row["conversation_id"] for row in queries.listed(me, period, where, sort, None, 50).rows)
        ),
    ]


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
