"""WhatsApp templates: the table says what the providers say now."""

from collections.abc import Iterator

import pytest
from tests.gateways.chatwoot import twin as chatwoot
from tests.gateways.chatwoot.twin import TOKEN, Twin
from tests.remarketing.conftest import NOW, Company

from prosa.remarketing import whatsapp_templates
from prosa.remarketing.syncing import sync_templates
from prosa.remarketing.whatsapp_templates import FoundTemplate, WhatsAppTemplate
from prosa.settings import Settings
from prosa.sources import chatwoot_api


@pytest.fixture
def twin() -> Iterator[Twin]:
    with chatwoot.running() as running:
        yield running


def kept(company: Company) -> list[WhatsAppTemplate]:
    with company.db.tenant(company.tenant) as conn:
        return whatsapp_templates.list_templates(conn, company.tenant)


def test_what_the_provider_no_longer_shows_is_removed_and_may_come_back(company: Company) -> None:
    found = [FoundTemplate(f"HX{n}", f"t{n}", "pt_BR", "MARKETING", "Oi {{1}}", "approved") for n in range(3)]
    with company.db.tenant(company.tenant) as conn:
        for shown in (found, found[:1], [*found[:1], found[2]]):
            whatsapp_templates.sync(conn, company.tenant, provider="twilio", account="AC1", found=shown, now=NOW)
        whatsapp_templates.sync(conn, company.tenant, provider="twilio", account="AC2", found=[], now=NOW)
    assert [template.external_id for template in kept(company)] == ["HX0", "HX2"]


def test_templates_of_connected_inboxes_are_read_and_an_outage_forgets_none(
    company: Company, twin: Twin, settings: Settings
) -> None:
    with company.db.tenant(company.tenant) as conn:
        conn.execute(
            "insert into sources (tenant_id, id, kind, name, account_id) values (%s, 1, 'chatwoot', 'c', 1)",
            [company.tenant],
        )
        conn.execute(
            "insert into inboxes (tenant_id, id, source_id, channel) values (%s, 100000000005, 1, 'whatsapp')",
            [company.tenant],
        )
        chatwoot_api.connect(
            conn, company.tenant, 1, url=twin.url, token=TOKEN, secret_keys=settings.secret_keys, actor="user:1"
        )
    nowhere = Settings(prosa_home=settings.prosa_home, secret_key=settings.secret_key,
                       twilio_api_base_url="http://127.0.0.1:9")  # fmt: skip
    assert sync_templates(company.db, company.tenant, settings=nowhere, now=NOW) == 2
    assert [(t.name, t.status, t.variables, t.account) for t in kept(company)] == [
        ("antigo", "rejected", [], "100000000005"), ("volta", "approved", ["1", "2"], "100000000005"),
    ]  # fmt: skip
    with company.db.tenant(company.tenant) as conn:
        conn.execute("update sources set api_url = 'http://127.0.0.1:9' where tenant_id = %s", [company.tenant])
    assert sync_templates(company.db, company.tenant, settings=nowhere, now=NOW) == 0
    assert len(kept(company)) == 2
