"""`prosa webhook`: a secret is printed once, and never listed."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from prosa import settings as settings_module
from prosa.cli import app
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid
from prosa.settings import Settings


@pytest.fixture
def slug(db: Database, settings: Settings, tenant: TenantId, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A tenant's slug; the commands find the tests' database by the environment."""
    monkeypatch.setenv("PROSA_HOME", str(settings.prosa_home))
    monkeypatch.setenv("SECRET_KEY", settings.secret_key or "")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings_module.get_settings.cache_clear()
    with db.operator() as conn:
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row
    yield row[0]
    settings_module.get_settings.cache_clear()


def test_an_endpoint_is_added_and_listed_without_its_secret(slug: str) -> None:
    run = CliRunner()
    added = run.invoke(
        app, ["webhook", "add", "https://crm.example.com/x", "--tenant", slug, "--event", "lead.created"]
    )
    assert added.exit_code == 0, added.output
    secret = added.output.split()[-1]
    assert secret.startswith("whsec_")
    listed = run.invoke(app, ["webhook", "list", "--tenant", slug]).output
    assert "https://crm.example.com/x lead.created" in listed
    assert secret not in listed


def test_an_event_that_does_not_exist_is_named(slug: str) -> None:
    answer = CliRunner().invoke(
        app, ["webhook", "add", "https://a.example.com", "--tenant", slug, "--event", "lead.lost"]
    )
    assert isinstance(answer.exception, Invalid)
    assert "lead.created" in str(answer.exception)


def test_which_secrets_are_under_which_key_is_said_and_changes_nothing(slug: str) -> None:
    run = CliRunner()
    run.invoke(app, ["webhook", "add", "https://crm.example.com/y", "--tenant", slug])
    said = json.loads(run.invoke(app, ["secrets", "rotate", "--dry-run", "--json"]).stdout)
    [found] = [each for each in said if (each["table"], each["column"]) == ("webhook_endpoints", "secret_encrypted")]
    assert found["current"] >= 1
