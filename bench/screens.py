"""How long all that a page asks takes with a large tenant: the sum of its queries, nothing cached.

Run `python bench/screens.py [--conversations 300000] [--days 365]`.

Makes an installation of its own in a temporary folder, fills one tenant with generated conversations spread evenly over the
days, prepares its days as the worker does, and prints the median of five calls for each page, in milliseconds.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st
from kpis import fill

from prosa.dashboards import gate
from prosa.dashboards.pages import queries
from prosa.db import Database, open_database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.facts.listing import Sort
from prosa.facts.model import Filter, Period
from prosa.jobs.facts import prepare_days
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
                measure(db, tenant)


def measure(db: Database, tenant: TenantId) -> None:
    """Print the milliseconds of each page."""
    began = time.perf_counter()
    prepare_days(db)
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
    for days in (30, 90, 365):
        report(f"overview, {days} days", me, Period(end - timedelta(days=days), end))
    period = Period(end - timedelta(days=90), end)
    for name, where, sort in (
        ("list, 90 days", Filter(), Sort.NEWEST),
        ("list, leads by score", Filter(leads=True), Sort.SCORE),
        ("list, by name and phone", Filter(name="contato 17", phone="1000"), Sort.NEWEST),
    ):
        show(name, [
            lambda: queries.basics(me),
            lambda where=where: queries.counted(me, period, where),  # type: ignore[misc]
            lambda where=where, sort=sort: queries.listed(me, period, where, sort, None, 50),  # type: ignore[misc]
        ])  # fmt: skip
    show("live", [lambda: queries.waiting(me, Filter())])


def report(name: str, me: Principal, period: Period) -> None:
    """Print the median of five draws of the overview."""
    parts: list[Callable[[], object]] = [
        lambda: queries.basics(me),
        lambda: queries.overview(me, period, Filter()),
        lambda: queries.listed(me, period, Filter(), Sort.NEWEST, None, 10),
    ]
    show(name, parts)


def show(name: str, parts: list[Callable[[], object]]) -> None:
    """Print the median of five rounds of all parts, each asked anew."""
    times = []
    for _ in range(5):
        st.cache_data.clear()
        start = time.perf_counter()
        for part in parts:
            part()
        times.append((time.perf_counter() - start) * 1000)
    print(f"{name:40} {statistics.median(times):7.0f}", flush=True)


if __name__ == "__main__":
    main()
