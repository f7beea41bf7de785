"""The schedule of analysis: fresh conversations first and by day, the backlog by night; without a key everything offline."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from analysis.llm.conftest import Serve, line_to, serve
from analysis.llm.test_run import fill, good, state
from prosa.analysis.llm import keys
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.jobs.analysis import analyse_all, is_night
from prosa.settings import Settings
from prosa.tenancy.features import set_feature
from prosa.tenancy.model import Tenant
from prosa.tenancy.tenants import list_tenants

__all__ = ["serve"]
NOON = datetime(2026, 3, 1, 15, tzinfo=UTC)  # in São Paulo; the conversations are of that day, from 12:01 UTC on
MIDNIGHT = datetime(2026, 3, 4, 3, tzinfo=UTC)


def row(db: Database, tenant: TenantId) -> Tenant:
    with db.tenant(tenant) as conn:
        return list_tenants(conn)[0]


def test_fresh_conversations_are_analysed_by_day_and_the_backlog_by_night(
    db: Database, tenant: TenantId, serve: Serve
) -> None:
    fill(db, tenant, 3)
    line = line_to(serve(good))
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=True, config={"batch": False}, actor="test")
    analyse_all(db, {tenant: line}, [row(db, tenant)], now=NOON + timedelta(days=2))
    assert state(db, tenant)[0] == Counter(), "they are old, and it is day"
    analyse_all(db, {tenant: line}, [row(db, tenant)], now=NOON)
    assert state(db, tenant)[0] == {"gpt-4o-mini": 3}
    fill(db, tenant, 2, first=10)
    analyse_all(db, {tenant: line}, [row(db, tenant)], now=MIDNIGHT)
    assert state(db, tenant)[0] == {"gpt-4o-mini": 5}


def test_a_worker_that_is_told_to_end_asks_nothing_more(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 60)
    endpoint = serve(good, latency=0.1)
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=True, config={"batch": False}, actor="test")
    analyse_all(db, {tenant: line_to(endpoint)}, [row(db, tenant)], now=NOON, is_told=lambda: endpoint.served >= 10)
    assert 10 <= endpoint.served <= 26
    assert state(db, tenant)[0] == {"gpt-4o-mini": endpoint.served}


def test_without_a_key_or_without_the_tenants_wish_analysis_is_offline(
    db: Database, tenant: TenantId, serve: Serve
) -> None:
    fill(db, tenant, 2)
    analyse_all(db, {}, [row(db, tenant)], now=NOON)
    assert state(db, tenant)[0] == {"offline-1": 2}
    fill(db, tenant, 1, first=5)
    endpoint = serve(good)
    with db.tenant(tenant) as conn:
        set_feature(conn, tenant, "ai", enabled=False, actor="test")
    ours = Settings(secret_key="test", openai_api_key="sk-installation", openai_base_url=endpoint.url)
    analyse_all(db, keys.lines(db, [tenant], ours), [row(db, tenant)], now=NOON)
    assert state(db, tenant)[0] == {"offline-1": 3}
    assert not endpoint.requests


@pytest.mark.parametrize(
    ("zone", "night"), [("America/Sao_Paulo", True), ("America/Noronha", True), ("Asia/Tokyo", False)]
)
def test_night_is_the_tenants_own(db: Database, make_tenant, zone: str, night: bool) -> None:
    assert is_night(row(db, make_tenant(timezone=zone)), MIDNIGHT) is night
