"""`prosa contact`, as processes."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from prosa.conversations import addresses, messages, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings

PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))


def prosa(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command against the tests' database."""
    environment = {**os.environ, "PROSA_HOME": str(settings.prosa_home), "SECRET_KEY": settings.secret_key or ""}
    environment.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "prosa", *arguments], env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_contact_is_exported_and_erased_by_either_spelling(
    db: Database, settings: Settings, tenant: TenantId
) -> None:
    now, policy = datetime.now(UTC), Policy(timedelta(days=1), timedelta(hours=1))
    with db.tenant(tenant) as conn:
        opened = service.open_conversation(conn, tenant, PAIR, policy=policy, by="test", now=now).conversation.id
        new = NewMessage(Owner.USER, "Olá, São Paulo!")
        messages.add_message(conn, tenant, opened, new, policy=policy, by="test", now=now)
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row is not None
    of = ["--tenant", row[0], "--phone", "+551187654321"]
    exported = prosa(settings, "contact", "export", *of)
    assert json.loads(exported.stdout)["messages"][0]["body"] == "Olá, São Paulo!"
    unasked = prosa(settings, "contact", "erase", *of)
    assert (unasked.returncode, unasked.stdout) == (1, "")
    assert "--yes" in unasked.stderr
    erased = prosa(settings, "contact", "erase", "--yes", *of)
    assert erased.returncode == 0, erased.stderr
    first, *tables = erased.stdout.splitlines()
    assert first == "Erased: 1 contacts, 1 conversations."
    assert "  messages: 1" in tables
    again = prosa(settings, "contact", "export", *of)
    assert (again.returncode, again.stdout) == (1, "")
    assert "Nothing is known about this number." in again.stderr


def test_what_is_no_number_is_refused(settings: Settings, db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row is not None
    refused = prosa(settings, "contact", "erase", "--yes", "--tenant", row[0], "--phone", "ana")
    assert refused.returncode == 1
    assert "must be a telephone number" in refused.stderr
