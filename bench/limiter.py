"""The limiter: processes that share a limit against an endpoint that enforces it over every window.

    python bench/limiter.py [--processes 4] [--rate 600] [--window 60] [--seconds 65]

Prints the share of the limit that was reached and how many requests were refused (429). A server of its own is started under
a temporary PROSA_HOME.
"""

import argparse
import json
import multiprocessing as mp
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from installation import installation

from analysis.llm.endpoint import Say, serving  # the endpoint's twin of the tests
from prosa.analysis.llm.calls import Line, Question, perform
from prosa.analysis.llm.limiter import Quota
from prosa.analysis.llm.prompt import Prompt
from prosa.db import open_database
from prosa.gateways.llm.openai import OpenAiGateway
from prosa.settings import Settings
from prosa.tenancy.tenants import add_tenant

THREADS = 6


def work(settings: Settings, tenant: int, url: str, per_minute: float, seconds: float) -> None:
    """One worker process: some threads that ask as often as they may."""
    from concurrent.futures import ThreadPoolExecutor

    from pydantic import BaseModel

    class Said(BaseModel):
        text: str

    end = time.monotonic() + seconds
    with open_database(settings) as db:
        gateway = OpenAiGateway(api_key="bench", model="gpt-4o-mini", base_url=url)
        line = Line(gateway, Quota(requests_per_minute=int(per_minute), tokens_per_minute=None), patience=60)
        question = Question("bench", Prompt("bench.v1", "Answer."), {"text": "oi"}, Said, max_tokens=10)

        def ask() -> None:
            while time.monotonic() < end:
                perform(db, tenant, line, question)

        with ThreadPoolExecutor(THREADS) as threads:
            for future in [threads.submit(ask) for _ in range(THREADS)]:
                future.result()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--processes", type=int, default=4)
    options.add_argument("--rate", type=int, default=600, help="requests that the endpoint takes in a window")
    options.add_argument("--window", type=float, default=60.0, help="seconds")
    options.add_argument("--seconds", type=float, default=65.0, help="how long to measure")
    chosen = options.parse_args()
    per_minute = chosen.rate * 60 / chosen.window
    with installation() as (settings, _):
        with open_database(settings) as db, db.operator() as conn:
            tenant = add_tenant(conn, slug="bench", name="Bench", actor="bench").id
        said = lambda body, number: Say('{"text": "oi"}')  # noqa: E731
        with serving(said, latency=0.2, limit=(chosen.rate, chosen.window)) as endpoint:
            spawn = mp.get_context("spawn")
            arguments = (settings, tenant, endpoint.url, per_minute, chosen.seconds + 3)
            workers = [spawn.Process(target=work, args=arguments) for _ in range(chosen.processes)]
            for worker in workers:
                worker.start()
            while endpoint.served == 0:
                time.sleep(0.05)
            began, before = time.monotonic(), endpoint.served
            time.sleep(chosen.seconds)
            took, served = time.monotonic() - began, endpoint.served - before
            for worker in workers:
                worker.join()
            print(json.dumps({"processes": chosen.processes, "requests": served, "seconds": round(took, 1),
                              "share_of_limit": round(served / took * 60 / per_minute, 3),
                              "refused_429": endpoint.refused}))  # fmt: skip


if __name__ == "__main__":
    main()
