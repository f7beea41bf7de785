"""Receives one webhook, or reacts to one message, and is killed (SIGKILL) before the step that it is told: a child a step.

What is given: {"dsn", "secret_key", "public_url", "webhook" or "reaction"}. A step is a round trip to the database.
Whoever comes through is done once more, as one that was killed before it could say so.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

import prosa.jobs  # noqa: F401  (as in a worker, and in the web process once it has enqueued)
from prosa.api import twilio
from prosa.api.twilio_signature import Webhook
from prosa.conversations import policy, receiving
from prosa.db import Database
from prosa.db.connection import pool
from prosa.settings import Settings


def steps_until_done(given: dict[str, Any]) -> int:
    """Try again and again, killed a step later each time, until one comes through. To be called in a process of its own."""
    settings = Settings(secret_key=given["secret_key"], public_url=given["public_url"])
    step = 0
    while True:
        step += 1
        child = os.fork()
        if child == 0:
            die_at(step)
            work(given, settings)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "it failed by itself"
            work(given, settings)
            return step
        assert os.WTERMSIG(status) == signal.SIGKILL


def work(given: dict[str, Any], settings: Settings) -> None:
    db = Database(given["dsn"], None, pool(given["dsn"], max_size=2), None)
    if "webhook" in given:
        asyncio.run(twilio.keep(db, settings, twilio.together(db), Webhook(**given["webhook"])))
        return
    tenant, conversation, message = given["reaction"]
    with db.tenant(tenant) as conn:
        ours = policy.read(conn, tenant, settings)
        receiving.react(conn, tenant, conversation, message, policy=ours, now=datetime.now(UTC))


def die_at(step: int) -> None:
    """Be killed before this step."""
    waited = 0
    wait: Callable[..., Any] = psycopg.Connection.wait

    def counted(self: Any, generator: Any, *args: Any, **options: Any) -> Any:
        nonlocal waited
        waited += 1
        if waited == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return wait(self, generator, *args, **options)

    psycopg.Connection.wait = counted  # type: ignore[method-assign]
