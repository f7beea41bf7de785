"""`prosa ai`: the operator sets what the model may cost, and sees what it has cost."""

import json
from datetime import date
from decimal import Decimal
from subprocess import CompletedProcess

import pytest
from tests.processes import run_command

from prosa.analysis.llm import accounts, keys, policy, prices
from prosa.analysis.llm.ledger import BudgetExhausted, Entry, open_call
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid, Unavailable
from prosa.gateways.llm import Usage
from prosa.settings import Settings
from prosa.tenancy.features import set_feature


def prosa(settings: Settings, *arguments: str, typed: str = "") -> CompletedProcess[str]:
    return run_command(settings, "ai", *arguments, stdin=typed)


def test_a_budget_set_by_command_binds_and_is_shown(settings: Settings, db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        [slug] = conn.execute("select slug from tenants").fetchone() or [""]
    done = prosa(settings, "budget", "--tenant", slug, "--day", "0.10")
    assert done.returncode == 0, done.stderr
    entry = Entry("test", "nowhere", "m", "v", b"")
    with db.tenant(tenant) as conn:
        open_call(conn, tenant, entry, estimate=Decimal("0.09"))
        with pytest.raises(BudgetExhausted):
            open_call(conn, tenant, entry, estimate=Decimal("0.02"))
    rows = {row["tenant"]: row for row in json.loads(prosa(settings, "status", "--json").stdout)}
    assert rows[slug]["day_usd"] == 0.09
    assert (rows[slug]["day_budget"], rows[slug]["month_budget"], rows[slug]["is_near"]) == (0.1, None, True)
    assert rows["platform"]["month_usd"] >= 0.09
    with db.tenant(tenant) as conn:
        [own] = accounts.spending(conn)
    assert own.day_usd == Decimal("0.09"), "a tenant sees its own figure and no other"


def test_prices_of_the_installation_win_and_an_unknown_model_is_refused(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn, pytest.raises(Unavailable, match="prosa ai price"):
        prices.terms(conn, "our-own-model")
    with db.operator() as conn:
        accounts.set_price(conn, "our-own-model", input_usd=Decimal(1), output_usd=Decimal(4), cached_usd=None,
                           since=date(2026, 1, 1), actor="cli:test")  # fmt: skip
        accounts.set_rate(conn, Decimal("5.00"), on=date(2026, 1, 2), source="test", actor="cli:test")
        with pytest.raises(Invalid):
            accounts.set_rate(conn, Decimal(0), on=date(2026, 1, 2), source="test", actor="cli:test")
    try:
        with db.tenant(tenant) as conn:
            terms = prices.terms(conn, "our-own-model")
        cost = terms.usd(Usage(1_000_000, 500_000))
        assert cost == 3
        assert terms.usd(Usage(1_000_000, 500_000), batch=True) == Decimal("1.5")
        assert (terms.brl(cost), terms.rate_on) == (15, date(2026, 1, 2))
    finally:
        with db.operator() as conn:
            conn.execute("delete from exchange_rates where source = 'test'")


def test_a_tenant_is_switched_off_and_keeps_its_fields(settings: Settings, db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        [slug] = conn.execute("select slug from tenants").fetchone() or [""]
        fields = [{"name": "plan", "about": "which"}, {"name": "model_x"}, {"name": "a b"}, "x"]
        set_feature(conn, tenant, policy.FEATURE, enabled=True, config={"fields": fields}, actor="test")
    done = prosa(settings, "use", "--tenant", slug, "--off", "--no-offline-fallback")
    assert done.returncode == 0, done.stderr
    with db.tenant(tenant) as conn:
        assert policy.read(conn, tenant) == policy.Policy(
            wanted=False, offline_fallback=False, fields={"plan": "which"}
        )


def test_a_key_goes_in_by_standard_input_and_is_not_said_again(
    settings: Settings, db: Database, tenant: TenantId
) -> None:
    with db.tenant(tenant) as conn:
        [slug] = conn.execute("select slug from tenants").fetchone() or [""]
    done = prosa(settings, "key", "--tenant", slug, typed="sk-own-0123456789\n")
    assert done.returncode == 0, done.stderr
    assert "sk-own" not in done.stdout + done.stderr
    with db.tenant(tenant) as conn:
        line = keys.line(conn, tenant, settings)
    assert line and line.payer == tenant
    assert prosa(settings, "key", "--tenant", slug, "--remove").returncode == 0
    with db.tenant(tenant) as conn:
        assert keys.kept(conn, tenant) is None


def test_an_old_exchange_rate_is_said_to_be_old() -> None:
    rate = accounts.Rate(Decimal("5.4571"), date(2025, 6, 30), "Banco Central")
    assert not rate.is_old(date(2025, 7, 30))
    assert rate.is_old(date(2025, 7, 31))


def test_the_command_says_from_when_the_rate_is(settings: Settings, db: Database) -> None:
    assert "of 2025-06-30" in prosa(settings, "rate").stdout
    done = prosa(settings, "rate", "5,31", "--source", "test")
    try:
        assert "R$ 5.3100" in done.stdout and "older" not in done.stdout
    finally:
        with db.operator() as conn:
            conn.execute("delete from exchange_rates where source = 'test'")


def test_limits_of_an_own_account_are_set_and_no_other_setting_is_lost(
    settings: Settings, db: Database, tenant: TenantId
) -> None:
    with db.tenant(tenant) as conn:
        [slug] = conn.execute("select slug from tenants").fetchone() or [""]
        policy.change(conn, tenant, {"fields": [{"name": "plan"}]}, enabled=False, actor="user:1")
    assert prosa(settings, "limits", "--tenant", slug, "--requests-per-minute", "60").returncode == 0
    with db.tenant(tenant) as conn:
        found = policy.read(conn, tenant)
    assert (found.own_limits, found.fields, found.wanted) == ({"requests_per_minute": 60}, {"plan": ""}, False)
