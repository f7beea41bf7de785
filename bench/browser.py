"""How long the overview takes to be drawn in real Chromium, and what open live pages cost the server.

Run `python bench/browser.py [--conversations 300000] [--rounds 5] [--sessions 50] [--seconds 60]`; needs Chromium
(PROSA_CHROMIUM names one).

Makes an installation of its own in a temporary folder, fills one tenant with generated conversations over a year, lets the
worker's job prepare its days, and serves it in a process of its own. Drawn means: the numbers, the bars and the newest
conversations of the period asked for are there and Streamlit is no longer at work. The one chart that needs Plotly stands below
a screen of this size and is drawn after that; how much longer it takes is said beside. Each round asks for inboxes that no other
asked for, so that no cached answer helps.

- cold: a browser that has never seen the installation; warm: with the programs in its cache;
- filter: from the click on 90 days until all is drawn anew.

Beside the clock stand seconds of processor time, of Chromium, the server and its database: on a machine that does other
work they alone tell anything. Live pages are websockets that speak Streamlit's protocol as the browser does.
"""

import argparse
import asyncio
import os
import shutil
import socket
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from installation import installation
from kpis import fill
from live_page import LivePage, keep_open
from playwright.sync_api import Browser, Page, sync_playwright
from webhook import Server, running, seconds_of

from prosa.dashboards.format import Format
from prosa.db import open_database
from prosa.facts import periods
from prosa.jobs.facts import prepare_days
from prosa.settings import Settings
from prosa.tenancy import users
from prosa.tenancy.model import UserRole

EMAIL, PASSWORD = "ana@exemplo.com.br", "uma-senha-bem-longa"
ZONE = "America/Sao_Paulo"  # the tenant's
INBOXES = [*combinations(range(1, 7), 5), *combinations(range(1, 7), 4)]  # of the six that `fill` makes
LOOK_EVERY = 20  # milliseconds; looking at every frame would make the browser draw more of them
DRAWN = """span => document.querySelector('.prosa-title')?.textContent.includes(span)
  && document.querySelector('.prosa-value') && document.querySelector('.prosa-more')
  && !document.querySelector('[data-testid=stSkeleton], [data-testid=stStatusWidget], [data-stale=true]')"""
CHART = "() => document.querySelector('.js-plotly-plot .main-svg .trace')"


def main() -> None:
    """Fill a database, serve it, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with installation() as (settings, database):
        tenant = fill(database.dsn("prosa"), conversations=options.conversations, days=365)
        with open_database(settings) as db:
            prepare_days(db)
            with db.operator() as conn:
                users.add_user(conn, tenant, email=EMAIL, password=PASSWORD, role=UserRole.CLIENT, actor="bench")
        with running(serve, settings, port=free_port(), postmaster=database.pid() or 0) as server:
            measure_pages(server, rounds=options.rounds)
            measure_sessions(server, sessions=options.sessions, seconds=options.seconds)


def serve(settings: Settings, port: int) -> None:
    """API and dashboards, as `prosa serve` runs them."""
    from prosa.api.serving import serve

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the log is written, and read by nobody
    serve(settings, host="127.0.0.1", port=port, api=True, dashboards=True)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def measure_pages(server: Server, *, rounds: int) -> None:
    """Print the medians of first pages and of filter changes, and the slowest of each."""
    print(f"{'seconds':18} {'clock':>6} {'slowest':>8} {'Chromium':>9} {'server':>7} {'database':>9}", flush=True)
    found: dict[str, list[tuple[float, ...]]] = {}
    path = os.environ.get("PROSA_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        for number in range(rounds):
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            page = logged_in(browser, server)
            chart = partial(page.wait_for_function, CHART, polling=LOOK_EVERY)
            for name, act in (
                ("first page, cold", partial(open_overview, page, server, INBOXES[2 * number])),
                ("… then its chart", chart),
                ("first page, warm", partial(open_overview, page, server, INBOXES[2 * number + 1])),
                ("… and its chart", chart),
                ("filter change", partial(choose_90_days, page)),
            ):
                found.setdefault(name, []).append(measured(server, browser, act))
            browser.close()
    for name, rows in found.items():
        clock, *used = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name:18} {clock:6.2f} {max(rows)[0]:8.2f} {used[0]:9.2f} {used[1]:7.2f} {used[2]:9.2f}", flush=True)


def measured(server: Server, browser: Browser, act: Callable[[], object]) -> tuple[float, ...]:
    """Seconds that `act` takes: by the clock, and of Chromium's, the server's and the database's processor time."""

    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    [chromium] = [process["id"] for process in processes if process["type"] == "browser"]

    def used() -> tuple[float, ...]:
        return (time.perf_counter(), sum(map(seconds_of, family(chromium))), *server.cpu())

    before = used()
    act()
    return tuple(after - start for start, after in zip(before, used(), strict=True))


def family(pid: int) -> list[int]:
    """The process and all that descend from it and live."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()
    ]
    return [pid, *(member for child in children for member in family(child))]


def logged_in(browser: Browser, server: Server) -> Page:
    """A page of a new browser with a session and nothing else: its cache is empty."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(120_000)
    answer = page.request.post(f"{server.url}/login", form={"email": EMAIL, "password": PASSWORD}, max_redirects=0)
    assert answer.status == 303, answer.text()
    return page


def open_overview(page: Page, server: Server, inboxes: tuple[int, ...]) -> None:
    """The overview of 30 days of these inboxes, until all of it is drawn."""
    page.goto(f"{server.url}/app/?" + "&".join(f"inbox={inbox}" for inbox in inboxes))
    page.wait_for_function(DRAWN, arg=span("30d"), polling=LOOK_EVERY)


def choose_90_days(page: Page) -> None:
    """Another period, until all of it is drawn."""
    page.get_by_role("radio", name="90 dias").click()
    page.wait_for_function(DRAWN, arg=span("90d"), polling=LOOK_EVERY)


def span(preset: str) -> str:
    """A period as the page's title names it."""
    period = periods.preset(preset, datetime.now(ZoneInfo(ZONE)).date())
    return Format("pt_BR", ZONE).span(period.first, period.last)


def measure_sessions(server: Server, *, sessions: int, seconds: float) -> None:
    """Print the share of a core that open live pages take, which draw themselves anew."""
    cookies = []
    for _ in range(sessions):
        answer = httpx.post(f"{server.url}/login", data={"email": EMAIL, "password": PASSWORD})
        cookies.append("; ".join(f"{name}={value}" for name, value in answer.cookies.items()))
    pages = [LivePage(server.url, cookie) for cookie in cookies]
    web, database, drawn = asyncio.run(keep_open(pages, seconds, server.cpu))
    print(f"{sessions} live pages over {seconds:.0f} s, drawn {drawn} times: cores taken by the server {web / seconds:.2f}, "
          f"by the database {database / seconds:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
