"""`prosa conversions import`, `prosa remarketing handover`, `prosa chatwoot api`, as processes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.processes import run_command
from tests.remarketing.conftest import ALWAYS, Company, company

from prosa.settings import Settings
from prosa.sources import chatwoot_api

__all__ = ["company"]


def slug(company: Company) -> str:
    with company.db.tenant(company.tenant) as conn:
        row = conn.execute("select slug from tenants where id = %s", [company.tenant]).fetchone()
    assert row
    return str(row[0])


def test_a_crms_list_is_imported_with_a_report_and_again_without_effect(
    company: Company, settings: Settings, tmp_path: Path
) -> None:
    company.hears(at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    sales = tmp_path / "vendas.csv"
    sales.write_text("telefone;data;valor\n(11) 8765-4321;02/03/2026;99,90\n(11) 91111-1111;02/03/2026;10\n")
    first = run_command(settings, "conversions", "import", "--tenant", slug(company), str(sales))
    assert (first.returncode, first.stdout) == (1, "1 recorded, 0 known already, 1 not matched.\n"), first.stderr
    assert first.stderr.startswith("line 3: ")
    second = run_command(settings, "conversions", "import", "--tenant", slug(company), str(sales))
    assert second.stdout == "0 recorded, 1 known already, 1 not matched.\n"


def test_drafts_are_handed_over_once(company: Company, settings: Settings) -> None:
    now = datetime.now(UTC)
    conversation = company.hears(at=now - timedelta(hours=1))
    with company.db.operator() as conn:
        conn.execute("delete from twilio_numbers where tenant_id = %s", [company.tenant])
    company.rules(hours=ALWAYS | {"closes": "23:59:59"})
    draft = company.scheduled(conversation, now=now)
    assert draft.via == "csv"
    first = run_command(settings, "remarketing", "handover", "--tenant", slug(company))
    assert "Oi, Ana!" in first.stdout, first.stderr
    assert "1 drafts handed over" in first.stderr
    assert "Oi, Ana!" not in run_command(settings, "remarketing", "handover", "--tenant", slug(company)).stdout


def test_chatwoots_api_is_connected_without_showing_the_token(company: Company, settings: Settings) -> None:
    with company.db.tenant(company.tenant) as conn:
        conn.execute("insert into sources (tenant_id, id, kind, name, account_id) values (%s, 1, 'chatwoot', 'c', 7)",
                     [company.tenant])  # fmt: skip
    given = [
        "chatwoot",
        "api",
        "--tenant",
        slug(company),
        "--source",
        "1",
        "--url",
        "https://chat.example.com/",
        "--token-stdin",
    ]
    done = run_command(settings, *given, stdin="agent-token\n")
    assert (done.returncode, done.stdout) == (0, "Connected.\n"), done.stderr
    with company.db.tenant(company.tenant) as conn:
        access = chatwoot_api.access(conn, company.tenant, 1, settings.secret_keys)
    assert access and (access.base_url, access.account_id, access.token) == (
        "https://chat.example.com",
        7,
        "agent-token",
    )
