"""A worker that is killed (kill -9) at one step of sending."""

import os
import signal
from datetime import datetime

from prosa.db.connection import Database, pool
from prosa.gateways.twilio.messages import send
from prosa.gateways.twilio.model import Account
from prosa.gateways.twilio.outcomes import Outcome, Outgoing
from prosa.sending import service, store
from prosa.settings import Settings


def work(dsn: str, tenant: int, message: int, base_url: str, step: str, now: datetime) -> None:
    """Deliver the message, to be called in a process of its own: it ends at this step."""
    if step == "before the claim commits":
        store.set_claimed = die
    if step == "before the record commits":
        store.set_state = die
    gateway = {"after the claim": die, "after the call": send_and_die}.get(step, send)
    service.deliver(
        Database(dsn, None, pool(dsn, max_size=1), None), tenant, message, gateway=gateway,
        settings=Settings(secret_key="test-secret-key", twilio_api_base_url=base_url), now=now,
    )  # fmt: skip


def die(*_: object, **__: object) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("dead")


def send_and_die(account: Account, outgoing: Outgoing) -> Outcome:
    send(account, outgoing)
    return die()
