"""`prosa contact`, as processes."""

import json
from datetime import UTC, datetime, timedelta

from tests.processes import asked, run_command

from prosa.conversations import addresses, messages, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings

PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))


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
    exported = run_command(settings, "contact", "export", *of)
    assert json.loads(exported.stdout)["messages"][0]["body"] == "Olá, São Paulo!"
    assert "Aborted" in asked(settings, "n", "contact", "erase", *of).stderr
    erased = run_command(settings, "contact", "erase", *of)
    assert erased.returncode == 0, erased.stderr
    first, *tables = erased.stdout.splitlines()
    assert first == "Erased: 1 contacts, 1 conversations."
    assert "  messages: 1" in tables
    again = run_command(settings, "contact", "export", *of)
    assert (again.returncode, again.stdout) == (1, "")
    assert "Nothing is known about this number." in again.stderr


def test_what_is_no_number_is_refused(settings: Settings, db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row is not None
    refused = run_command(settings, "contact", "erase", "--tenant", row[0], "--phone", "+55")
    assert refused.returncode == 1
    assert "must be a telephone number" in refused.stderr
