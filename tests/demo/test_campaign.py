"""What the demo's companies have of remarketing."""

from datetime import UTC, datetime

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.demo import campaign
from prosa.remarketing import campaigns, segments


def test_a_company_gets_its_campaign_once_and_keeps_what_was_made_of_it(db: Database, tenant: TenantId) -> None:
    for _ in range(2):
        campaign.prepare(db, tenant, secret_keys=(), actor="test", now=datetime.now(UTC))
    with db.tenant(tenant) as conn:
        assert [one.name for one in segments.list_segments(conn, tenant)] == [
            campaign.FELL_SILENT,
            campaign.NEVER_ANSWERED,
        ]
        assert [one.cap for one in campaigns.list_campaigns(conn, tenant)] == [campaign.DRAFTS]
