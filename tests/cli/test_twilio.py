"""`prosa twilio`, as processes, against a web server of the test's own."""

import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from subprocess import CompletedProcess

import pytest
import uvicorn
from tests.processes import run_command

from prosa.api.app import create_app
from prosa.api.serving import server_config
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.gateways.twilio.client import fetch_account
from prosa.gateways.twilio.model import Account, TwilioUnreachable
from prosa.settings import Settings
from twilio_world import new_number, new_sid

Prosa = Callable[..., CompletedProcess[str]]


@pytest.fixture
def slug(db: Database, tenant: TenantId) -> str:
    with db.tenant(tenant) as conn:
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row
    return str(row[0])


@pytest.fixture
def prosa(settings: Settings) -> Prosa:
    """A function that runs one command against the tests' database."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> CompletedProcess[str]:
        return run_command(settings, "twilio", *arguments, stdin=stdin, environment=variables)

    return run


@pytest.fixture
def port(db: Database, settings: Settings) -> Iterator[int]:
    """A web server that knows its own port, and so what is signed for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    own = replace(settings, api_port=port)
    server = uvicorn.Server(server_config(create_app(db, own, dashboards=False), own, host="127.0.0.1", port=port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield port
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def twilio() -> Iterator[tuple[str, list[str]]]:
    """A Twilio API that knows one account, of the token `right`, and has no time for `busy`; what it was asked."""
    asked: list[str] = []

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            sid = self.path.rpartition("/")[2].removesuffix(".json")
            token = b64decode(self.headers["Authorization"].removeprefix("Basic ")).rpartition(b":")[2]
            right = token == b"right"
            body = f'{{"sid": "{sid}", "friendly_name": "Loja", "status": "active", "owner_account_sid": "{sid}"}}'
            self.send_response(200 if right else 429 if token == b"busy" else 401)
            self.end_headers()
            self.wfile.write((body if right else '{"code": 20003, "message": "Authenticate"}').encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_connect_checks_the_credentials_and_prints_the_addresses(
    prosa: Prosa, slug: str, twilio: tuple[str, list[str]]
) -> None:
    base, asked = twilio
    sid, number = new_sid("AC"), new_number()
    of = ["connect", "--tenant", slug, "--sid", sid, "--number", number, "--token-stdin"]
    wrong = prosa(*of, stdin="wrong\n", TWILIO_API_BASE_URL=base)
    assert wrong.returncode == 1 and "does not accept this account SID" in wrong.stderr
    with pytest.raises(TwilioUnreachable, match="Try again"):
        fetch_account(Account(sid, "busy", base_url=base))
    right = prosa(*of, stdin="right\n", TWILIO_API_BASE_URL=base, PUBLIC_URL="https://prosa.example.com")
    assert right.returncode == 0, right.stderr
    assert number in right.stdout and "https://prosa.example.com/webhooks/twilio/inbound" in right.stdout
    assert asked[-1].endswith(f"/Accounts/{sid}.json")


def test_environment_variables_alone_connect_a_single_tenant(prosa: Prosa, slug: str) -> None:
    number = new_number()
    done = prosa(
        "connect", "--tenant", slug, "--no-check",
        TWILIO_ACCOUNT_SID=new_sid("AC"), TWILIO_AUTH_TOKEN="t", TWILIO_PHONE_NUMBER=number,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert number in done.stdout and "PUBLIC_URL is not set" in done.stderr


def test_a_developer_without_an_account_can_send_himself_messages(
    db: Database, tenant: TenantId, prosa: Prosa, slug: str, port: int
) -> None:
    of = ["--tenant", slug]
    missing = prosa("simulate", *of)
    assert missing.returncode == 1 and "--no-check" in missing.stderr
    connected = prosa("connect", *of, "--sid", new_sid("AC"), "--number", new_number(), "--no-check", "--token-stdin",
                      stdin="any\n")  # fmt: skip
    assert connected.returncode == 0, connected.stderr
    sent = prosa("simulate", *of, "--body", "Quanto custa?", "--ad", "120", "--repeat", "2", API_PORT=str(port))
    assert sent.returncode == 0, sent.stdout + sent.stderr
    forged = prosa("simulate", *of, "--server", f"http://127.0.0.1:{port}", PUBLIC_URL="https://elsewhere.example.com")
    assert forged.returncode == 1 and "403" in forged.stdout
    with db.tenant(tenant) as conn:
        kept = conn.execute("select body from messages where tenant_id = %s", [tenant]).fetchall()
        ads = conn.execute("select ad_id from ad_referrals where tenant_id = %s", [tenant]).fetchall()
    assert (kept, ads) == ([("Quanto custa?",)], [("120",)])
