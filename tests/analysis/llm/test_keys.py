"""A company's own key: its calls are billed to it, it never comes out again, and its troubles are nobody else's."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from analysis.llm.conftest import Serve
from analysis.llm.endpoint import Fail
from analysis.llm.test_run import fill, good, quick
from prosa.analysis.llm import accounts, keys, policy
from prosa.analysis.llm.calls import Line
from prosa.analysis.llm.limiter import Quota
from prosa.analysis.llm.run import run
from prosa.db import Database, Role
from prosa.db.connection import TenantId
from prosa.errors import Invalid, NotFound
from prosa.settings import Settings
from prosa.tenancy.model import PLATFORM

__all__ = ["quick"]
SECRET = "sk-own-0123456789"
NO_LIMIT: dict[str, Any] = {"openai_requests_per_minute": 60_000, "openai_tokens_per_minute": 100_000_000}


def ours(**changes: Any) -> Settings:
    return Settings(secret_key="test", **{**NO_LIMIT, **changes})  # type: ignore[arg-type]


def give_key(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        keys.put(conn, tenant, f" {SECRET}\n", secret_keys=["test"], actor="user:1")


def line_of(db: Database, tenant: TenantId, settings: Settings) -> Line | None:
    with db.tenant(tenant) as conn:
        return keys.line(conn, tenant, settings)


def installation_spent(db: Database) -> Decimal:
    with db.operator() as conn:
        return next(row.day_usd for row in accounts.spending(conn) if row.tenant_id == PLATFORM)


def test_calls_by_an_own_key_are_the_companys_alone(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 2)
    give_key(db, tenant)
    line = line_of(db, tenant, ours(openai_api_key="sk-installation", openai_base_url=serve(good).url))
    assert line and line.gateway._client.api_key == SECRET  # type: ignore[attr-defined]
    before = installation_spent(db)
    with db.operator() as conn:
        accounts.set_budget(conn, PLATFORM, day=Decimal(0), month=None, actor="test")
    try:
        assert run(db, {tenant: line}, threads=1).counts.analysed == 2
    finally:
        with db.operator() as conn:
            conn.execute("delete from llm_budgets where tenant_id = 0")
    assert installation_spent(db) == before
    with db.tenant(tenant) as conn:
        [own] = accounts.spending(conn)
        assert conn.execute("select bool_and(own_key) from llm_calls").fetchone() == (True,)
    assert own.day_usd == Decimal("0.00024")


def test_a_companys_budget_bounds_its_own_key_too(db: Database, tenant: TenantId, serve: Serve) -> None:
    fill(db, tenant, 2)
    give_key(db, tenant)
    endpoint = serve(good)
    line = line_of(db, tenant, ours(openai_base_url=endpoint.url))
    assert line, "a company may use the model where the installation has no key"
    with db.operator() as conn:
        accounts.set_budget(conn, tenant, day=Decimal(0), month=None, actor="test")
    assert run(db, {tenant: line}, threads=1).counts.offline == 2
    assert not endpoint.requests


def test_a_key_that_is_refused_stops_its_own_company_only(
    db: Database, make_tenant: Callable[..., TenantId], serve: Serve
) -> None:
    own, other = make_tenant(), make_tenant()
    fill(db, own, 12)
    fill(db, other, 12)
    give_key(db, own)
    bad, well = serve(lambda body, number: Fail(401)), serve(good)
    lines = {own: line_of(db, own, ours(openai_base_url=bad.url)),
             other: line_of(db, other, ours(openai_api_key="sk-installation", openai_base_url=well.url))}  # fmt: skip
    ended = run(db, {tenant: line for tenant, line in lines.items() if line}, threads=1)
    assert ended.stopped == {own}
    assert (len(bad.requests), ended.counts.analysed) == (1, 12)
    assert len({line.bucket for line in lines.values() if line}) == 2, "limits are of an account"


def test_a_key_never_comes_out_again(db: Database, tenant: TenantId) -> None:
    give_key(db, tenant)
    with db.tenant(tenant) as conn:
        kept = keys.kept(conn, tenant)
        row = conn.execute(
            "select l::text || (select string_agg(a::text, '') from audit_log a) from llm_keys l"
        ).fetchone()
        assert kept and kept.created_by == "user:1"
        assert row and SECRET not in row[0] and SECRET.encode().hex() not in row[0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.tenant(tenant, role=Role.CLIENT) as conn:
        conn.execute("select * from llm_keys")


def test_a_key_that_does_not_open_is_not_replaced_by_the_installations(db: Database, tenant: TenantId) -> None:
    give_key(db, tenant)
    settings = Settings(secret_key="another", openai_api_key="sk-installation")
    assert line_of(db, tenant, settings) is None
    with db.tenant(tenant) as conn:
        keys.forget(conn, tenant, actor="user:1")
    assert line_of(db, tenant, settings) is not None
    with db.tenant(tenant) as conn, pytest.raises(NotFound):
        keys.forget(conn, tenant, actor="user:1")


@pytest.mark.parametrize("key", ["", "short", "with a space", "ação-12345678", "x" * 301])
def test_what_cannot_be_a_key_is_refused(db: Database, tenant: TenantId, key: str) -> None:
    with db.tenant(tenant) as conn, pytest.raises(Invalid):
        keys.put(conn, tenant, key, secret_keys=["test"], actor="user:1")


def test_an_own_key_has_the_limits_of_its_own_account(db: Database, tenant: TenantId) -> None:
    settings = Settings(secret_key="test", openai_api_key="sk-installation", openai_requests_per_day=10)
    with db.tenant(tenant) as conn:
        policy.set_own_limits(conn, tenant, {"requests_per_minute": 60, "tokens_per_day": 5_000}, actor="user:1")
    line = line_of(db, tenant, settings)
    assert line and line.quota == Quota(500, 200_000, 10, None), "without an own key the installation's hold"
    give_key(db, tenant)
    line = line_of(db, tenant, settings)
    assert line and line.quota == Quota(60, 200_000, 10, 5_000), "what is not said is the installation's"
    for wrong in ({"requests_per_minute": 0}, {"requests_per_minute": True}, {"requests_per_hour": 1}):
        with db.tenant(tenant) as conn, pytest.raises(Invalid):
            policy.set_own_limits(conn, tenant, wrong, actor="user:1")


def test_an_account_that_allows_little_holds_its_own_company_only(
    db: Database, make_tenant: Callable[..., TenantId], serve: Serve
) -> None:
    own, other = make_tenant(), make_tenant()
    fill(db, own, 3)
    fill(db, other, 3)
    give_key(db, own)
    with db.tenant(own) as conn:
        policy.set_own_limits(conn, own, {"requests_per_day": 1}, actor="user:1")
    settings = ours(openai_api_key="sk-installation", openai_base_url=serve(good).url)
    ended = run(db, {each: line for each in (own, other) if (line := line_of(db, each, settings))}, threads=1)
    assert (ended.counts.analysed, ended.stopped) == (4, {own})
