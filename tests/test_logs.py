"""What the processes really log of a day's work: JSON, with request and tenant ids, and nothing that is anybody's secret."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.receiver import receiving

from analysis.llm.endpoint import Say, serving
from prosa.assistant import service as assistant
from prosa.assistant.model import Feature, Task
from prosa.db import Database, open_database
from prosa.db.connection import TenantId
from prosa.db.migrate import migrate
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.sources.twilio import accounts
from prosa.tenancy import api_keys
from prosa.tenancy.features import set_feature
from prosa.tenancy.webhooks import service as webhooks
from prosa.tenancy.webhooks.model import CHOSEN
from twilio_twin import Twin, twilio_twin
from twilio_world import INBOUND, Connected, new_sid

__all__ = ["twilio_twin"]

CONTACT, OURS = "+5511987654321", "+5511940041234"
ASKED, SAID, REPLIED = "quanto custa a Xilofonia?", "a Xilofonia custa cem", "Oi! A Xilofonia espera por você."
MODEL_KEY, TOKEN_IN_URL = "sk-chave-do-modelo", "token-no-endereco"
SECONDS = 60
EVENTS = 6  # opened, received, and for each of two messages: sent, and its status


@dataclass(frozen=True)
class Day:
    """What was logged, by process, and what must not stand there."""

    logs: dict[str, str]
    secrets: dict[str, str]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def process(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[None]:
    """A command of Prosa's, whose standard error goes to a file, for as long as the block lasts."""
    command = [sys.executable, "-c", "from prosa.cli import main; main()", *arguments]
    with log.open("w") as stderr, subprocess.Popen(command, env=environment, stderr=stderr, stdout=stderr) as running:
        try:
            yield
        finally:
            running.terminate()
            running.wait(20)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.fixture
def day(empty_database: str, open_folder: Path, tmp_path: Path, twilio_twin: Twin) -> Day:
    """A web process and a worker receive, answer, send and tell; some of it goes wrong."""
    settings = Settings(prosa_home=open_folder, database_url=empty_database, secret_key="test-secret-key")
    migrate(settings)
    with ExitStack() as stack:
        db = stack.enter_context(open_database(settings))
        receiver = stack.enter_context(receiving())
        model = stack.enter_context(
            serving(lambda body, _: Say(json.dumps({"text": REPLIED, "hand_over": False, "confidence": 1})))
        )
        mine, key, secret = arrange(db, settings, twilio_twin, f"{receiver.url}/hook?token={TOKEN_IN_URL}")
        base = f"http://127.0.0.1:{free_port()}"
        environment = {
            **os.environ, "PROSA_HOME": str(open_folder), "DATABASE_URL": empty_database, "PUBLIC_URL": base,
            "SECRET_KEY": "test-secret-key", "API_DEBUG": "true", "TWILIO_API_BASE_URL": twilio_twin.url,
            "OPENAI_API_KEY": MODEL_KEY, "OPENAI_BASE_URL": model.url,
        }  # fmt: skip
        logs = {"web": tmp_path / "web.log", "worker": tmp_path / "worker.log"}
        port = base.rpartition(":")[2]
        stack.enter_context(process(["serve", "--only", "api", "--port", port], environment, logs["web"]))
        stack.enter_context(process(["worker"], environment, logs["worker"]))
        work(db, mine, base, key)
        wait_until(
            lambda: {t.fields["Body"] for t in twilio_twin.taken} >= {SAID, REPLIED}, "the messages were not sent"
        )
        wait_until(lambda: len(receiver.requests) >= EVENTS, "the webhooks were not delivered")
        wait_until(lambda: jobs_in_hand(empty_database) == 0, "the worker did not come to rest")
        secrets = {"key": key, "webhook secret": secret, "webhook secret's bytes": secret.removeprefix("whsec_"),
                   "token": mine.account.token}  # fmt: skip
    return Day({name: path.read_text() for name, path in logs.items()}, secrets)


def arrange(db: Database, settings: Settings, twin: Twin, url: str) -> tuple[Connected, str, str]:
    """A tenant with an account, a key and an endpoint."""
    account = Account(new_sid("AC"), "0123456789abcdef0123456789abcdef", base_url=twin.url)
    twin.tokens[account.sid] = account.token
    with db.operator() as conn:
        row = conn.execute("insert into tenants (slug, name) values ('clinica', 'Clínica') returning id").fetchone()
        assert row
        tenant = TenantId(row[0])
        accounts.connect(conn, tenant, account=account, secret_keys=settings.secret_keys, numbers=[OURS], actor="test")
        set_feature(conn, tenant, "reply", enabled=False, actor="test", config={"facts": "Abrimos às 8h."})
    with db.tenant(tenant) as conn:
        key = api_keys.create_key(conn, tenant, actor="test").secret
        secret = webhooks.add_endpoint(
            conn,
            tenant,
            url=url,
            event_types=CHOSEN,
            note="",
            actor="test",
            secret_keys=settings.secret_keys,
            loopback=True,
        ).secret
    return Connected(tenant, account, OURS), key, secret


def work(db: Database, mine: Connected, base: str, key: str) -> None:
    """A contact writes, a reply is made, a program sends; and what is forged, unreadable or unknown is refused."""
    with httpx.Client(base_url=base, timeout=30, headers={"Authorization": f"Bearer {key}"}) as client:
        wait_until(lambda: answers(client), "the web process did not start")
        form = mine.message(ASKED, CONTACT)
        assert client.post(INBOUND, data=form, headers=mine.sign(base + INBOUND, form)).status_code == 200
        assert client.post(INBOUND, data=form).status_code == 403
        conversation = client.get("/conversations/").json()["items"][0]["conv_id"]
        path = f"/conversations/{conversation}/messages"
        message = client.get(path).json()["items"][0]["id"]
        with db.tenant(mine.tenant) as conn:
            assistant.send(conn, Task(mine.tenant, conversation, message, Feature.REPLY))
        wait_until(lambda: len(client.get(path).json()["items"]) == 2, "nobody replied")
        sent = {"body": SAID, "direction": "outbound", "message_owner": "support", "to_number": CONTACT}
        assert client.post(path, json=sent).status_code == 201
        assert client.post(path, json=sent | {"direction": ASKED}).status_code == 422
        assert client.post(path, content=f'{{"body": "{ASKED}').status_code == 422
        assert client.get("/conversations/", params={"contact": CONTACT}).status_code == 200
        assert client.get("/conversations/", headers={"Authorization": f"Bearer {key}x"}).status_code == 401


def jobs_in_hand(dsn: str) -> int:
    with psycopg.connect(dsn) as conn:
        row = conn.execute("select count(*) from procrastinate_jobs where status = 'doing'").fetchone()
    assert row
    return int(row[0])


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.slow
def test_logs_tell_what_happened_and_no_secrets(day: Day) -> None:
    for name, log in day.logs.items():
        lines = [json.loads(line) for line in log.splitlines()]
        assert lines, name
        assert all({"event", "level", "timestamp"} <= line.keys() for line in lines), name
        assert any("tenant_id" in line for line in lines), name
    web = [json.loads(line) for line in day.logs["web"].splitlines()]
    requests = [line for line in web if line["event"] == "request"]
    assert requests and all(line.get("request_id") for line in requests)
    everything = "\n".join(day.logs.values())
    hidden = day.secrets | {
        "asked": "Xilofonia", "number": CONTACT[1:], "without country": CONTACT[3:], "our number": OURS[1:],
        "model's key": MODEL_KEY, "URL's token": TOKEN_IN_URL, "name": "Ana Souza",
    }  # fmt: skip
    assert [what for what, text in hidden.items() if text in everything] == []
    assert not re.search(r"Traceback|\"level\": \"(error|critical)\"", everything), everything
