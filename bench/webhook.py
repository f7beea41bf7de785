"""How many inbound webhooks a second, beside the smallest route that could be: one INSERT of the same row.

Run `python bench/webhook.py [--seconds 10] [--contacts 1000] [--rounds 3]`; needs wrk.

Makes an installation of its own in a temporary folder. Two servers of one process each, over the same database, take turns
under the same load: Prosa's API (signature checked, row-level security, one transaction with message, conversation and job),
and a FastAPI route that inserts the message's row by psycopg as the table's owner in autocommit. Both wait for the disk
(synchronous_commit = on). Every request is another message, signed before the load begins. Printed are requests a second, their
ratio, the processor time of a request in the web process and in the database, and at about half of Prosa's throughput the median
and the 99th percentile of its answers.
"""

import argparse
import json
import multiprocessing
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psycopg
from twilio.request_validator import RequestValidator

from prosa.db import open_database
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.db.opening import server as logins_of
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.sources.twilio import accounts

PATH = "/webhooks/twilio/inbound"
ACCOUNT = Account("AC" + "5" * 32, "bench-token")
NUMBER = "+551140041234"
CONNECTIONS = 16
LUA = """
local file = io.open(os.getenv("REQUESTS"))
local from = tonumber(os.getenv("FROM"))
for i = 1, from do file:read("*l") end
request = function()
  local line = file:read("*l")
  if not line then os.exit(3) end
  local signature, body = line:match("^(%S+) (.*)$")
  return wrk.format("POST", nil, {["Content-Type"] = "application/x-www-form-urlencoded",
    ["X-Twilio-Signature"] = signature}, body)
end
local mean = tonumber(os.getenv("DELAY"))
if mean > 0 then delay = function() return math.random(0, 2 * mean) end end
done = function(summary, latency, _)
  io.write(string.format('{"requests": %d, "us": %d, "errors": %d, "p50": %d, "p99": %d}\\n', summary.requests,
    summary.duration, summary.errors.status + summary.errors.read + summary.errors.timeout + summary.errors.connect,
    latency:percentile(50), latency:percentile(99)))
end
"""


def serve_prosa(settings: Settings, port: int) -> None:
    """The API alone, as `prosa serve --only api` runs it."""
    from prosa.api.serving import serve

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the log is written, and read by nobody
    serve(settings, host="127.0.0.1", port=port, api=True, dashboards=False)


def serve_smallest(dsn: str, tenant: int, port: int) -> None:
    """The smallest route: read the form, insert one row."""
    import uvicorn
    from fastapi import FastAPI, Form
    from psycopg_pool import ConnectionPool

    pool = ConnectionPool(dsn, kwargs={"autocommit": True}, min_size=4, max_size=20, open=True)
    app = FastAPI()

    @app.post(PATH)
    def insert(MessageSid: str = Form(), Body: str = Form()) -> dict[str, str]:
        with pool.connection() as conn:
            conn.execute(
                """insert into messages (tenant_id, conversation_id, sender, body, provider_sid)
                   values (%s, 1, 'contact', %s, %s)""", [tenant, Body, MessageSid],
            )  # fmt: skip
        return {"status": "ok"}

    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


@dataclass(frozen=True)
class Server:
    """A web process over the database whose first process is `postmaster`."""

    url: str
    pid: int
    postmaster: int

    def cpu(self) -> tuple[float, float]:
        """Seconds of processor time used so far: by the web process, and by the database."""
        backends = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        return seconds_of(self.pid), sum(map(seconds_of, backends)) + seconds_of(self.postmaster, with_children=True)


def seconds_of(pid: int | str, *, with_children: bool = False) -> float:
    """Processor time of a process; `with_children` adds that of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11 : 15 if with_children else 13])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(target: object, *args: object, port: int, postmaster: int) -> Iterator[Server]:
    """A server process, once it answers."""
    process = multiprocessing.get_context("spawn").Process(target=target, args=(*args, port))  # type: ignore[arg-type]
    process.start()
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health")
            break
        except httpx.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    try:
        assert process.pid
        yield Server(f"http://127.0.0.1:{port}", process.pid, postmaster)
    finally:
        process.terminate()
        process.join()


def sign_requests(path: Path, count: int, contacts: int, own_url: str) -> None:
    """One line a request: signature and body."""
    validator = RequestValidator(ACCOUNT.token)
    with path.open("w") as file:
        for i in range(count):
            form = {
                "AccountSid": ACCOUNT.sid, "ApiVersion": "2010-04-01", "Body": f"Quero marcar uma consulta, {i}",
                "From": f"whatsapp:+55119{60_000_000 + i % contacts}", "MessageSid": "SM" + secrets.token_hex(16),
                "NumMedia": "0", "NumSegments": "1", "ProfileName": "Ana Souza", "SmsStatus": "received",
                "To": f"whatsapp:{NUMBER}", "WaId": f"55119{60_000_000 + i % contacts}",
            }  # fmt: skip
            file.write(f"{validator.compute_signature(own_url + PATH, form)} {urlencode(form)}\n")


@dataclass(frozen=True)
class Result:
    """Requests a second, the median and 99th percentile of the answers' milliseconds, and what a request costs.

    `web` and `database` are milliseconds of processor time a request.
    """

    per_second: float
    median: float
    p99: float
    web: float
    database: float


class Load:
    """The signed requests, each of which is sent once."""

    def __init__(self, path: Path, count: int) -> None:
        self.path, self.count, self.used = path, count, 0

    def run(self, server: Server, seconds: float, script: Path, *, per_second: float | None = None) -> Result:
        """What wrk measures: as fast as it goes, or about so many requests a second, at random moments."""
        delay = round(CONNECTIONS / per_second * 1000) if per_second else 0
        environment = {**os.environ, "REQUESTS": str(self.path), "FROM": str(self.used), "DELAY": str(delay)}
        before = server.cpu()
        out = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{int(seconds)}s", "-s", str(script), server.url + PATH], env=environment,
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        found = json.loads(re.findall(r"^\{.*\}$", out, re.MULTILINE)[-1])
        assert found["errors"] == 0, out
        self.used += found["requests"] + 2 * CONNECTIONS
        web, database = (
            1000 * (to - since) / found["requests"] for since, to in zip(before, server.cpu(), strict=True)
        )
        return Result(found["requests"] / (found["us"] / 1e6), found["p50"] / 1000, found["p99"] / 1000, web, database)

    def each_once(self, server: Server, count: int) -> None:
        """Send so many requests, one after the other."""
        with self.path.open() as file, httpx.Client(timeout=30) as client:
            for line in file.read().splitlines()[self.used : self.used + count]:
                signature, _, body = line.partition(" ")
                headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
                assert client.post(server.url + PATH, content=body, headers=headers).status_code == 200
        self.used += count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--contacts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prosa-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        settings = Settings(prosa_home=home / "home", secret_key="bench", public_url="https://prosa.example.com")
        settings.prosa_home.mkdir()
        with EmbeddedServer(settings.prosa_home).running() as server:
            measure(settings, server.dsn("prosa"), home, options)


def median_of(results: list[Result], what: str) -> float:
    """The median of one of the figures."""
    return statistics.median(getattr(result, what) for result in results)


def measure(settings: Settings, superuser: str, home: Path, options: argparse.Namespace) -> None:
    """Fill, take turns, print."""
    migrate(settings)
    with open_database(settings) as db, db.operator() as conn:
        row = conn.execute("insert into tenants (slug, name) values ('bench', 'Bench') returning id").fetchone()
        assert row
        accounts.connect(
            conn, row[0], account=ACCOUNT, secret_keys=settings.secret_keys, numbers=[NUMBER], actor="bench"
        )
    requests, script = home / "requests", home / "wrk.lua"
    count = int((options.rounds * 2 + 2) * options.seconds * 2500)
    sign_requests(requests, count, options.contacts, settings.own_url)
    script.write_text(LUA)
    load = Load(requests, count)
    ours: list[Result] = []
    least: list[Result] = []
    postmaster = EmbeddedServer(settings.prosa_home).pid()
    assert postmaster
    with (
        logins_of(settings) as logins,
        running(serve_smallest, superuser, row[0], port=18081, postmaster=postmaster) as smallest,
        running(serve_prosa, settings, port=18080, postmaster=postmaster) as prosa,
    ):
        assert logins.app
        load.each_once(prosa, options.contacts)  # every contact has a conversation now
        load.run(prosa, 2, script)
        load.run(smallest, 2, script)
        for _ in range(options.rounds):
            least.append(load.run(smallest, options.seconds, script))
            ours.append(load.run(prosa, options.seconds, script))
            print("smallest", least[-1], "  prosa", ours[-1], file=sys.stderr)
        half = load.run(prosa, options.seconds, script, per_second=median_of(ours, "per_second") / 2)
    with psycopg.connect(superuser) as conn:
        durable = conn.execute("show synchronous_commit").fetchone()
        jobs = conn.execute(
            "select count(*) from procrastinate_jobs where task_name = 'conversations.react'"
        ).fetchone()
    print(json.dumps({
        **{f"{name}_{what}": round(median_of(results, what), 3)
           for name, results in (("smallest", least), ("prosa", ours)) for what in ("per_second", "web", "database")},
        "ratio": round(median_of(ours, "per_second") / median_of(least, "per_second"), 3),
        "half_load_per_second": round(half.per_second),
        "half_load_median_ms": round(half.median, 2), "half_load_p99_ms": round(half.p99, 2),
        "p99_over_median": round(half.p99 / half.median, 2),
        "synchronous_commit": durable and durable[0], "jobs": jobs and jobs[0],
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()
