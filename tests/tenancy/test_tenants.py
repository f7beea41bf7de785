"""Tenants: adding, finding, and what a bad name answers."""

import uuid

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid, NotFound
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM
from prosa.tenancy.tenants import add_tenant, find_tenant, list_tenants, set_suspended, slug_of


def test_an_added_tenant_is_found_and_audited(db: Database) -> None:
    slug = f"acme-{uuid.uuid4().hex[:8]}"
    with db.operator() as conn:
        tenant = add_tenant(conn, slug=slug, name=" Acme ", timezone="America/Manaus", actor="cli:maria")
        assert find_tenant(conn, slug) == tenant
        assert (tenant.name, tenant.timezone) == ("Acme", "America/Manaus")
        [entry] = audit.list_entries(conn, tenant.id)
    assert (entry.actor, entry.action, entry.object) == ("cli:maria", "tenant.create", f"tenant:{tenant.id}")


def test_a_slug_is_made_from_any_name() -> None:
    assert slug_of("  Padaria Pão Quente & Cia. ") == "padaria-pao-quente-cia"
    assert slug_of("ß" * 80) == "s" * 63
    assert slug_of(f"{'a' * 62} Sol") == "a" * 62
    assert slug_of("日本") == ""


def test_the_platform_is_no_tenant(db: Database) -> None:
    with db.operator() as conn:
        assert all(tenant.id > 0 for tenant in list_tenants(conn))
        with pytest.raises(NotFound):
            find_tenant(conn, "platform")


def test_an_unknown_slug_names_those_that_the_caller_may_see(db: Database, make_tenant) -> None:
    mine = make_tenant("0-mine")  # digits come first in the list
    make_tenant("0-theirs")
    with db.operator() as conn, pytest.raises(NotFound, match=r"There are: 0-mine, 0-theirs"):
        find_tenant(conn, "nowhere")
    with db.tenant(mine) as conn, pytest.raises(NotFound, match=r"There are: 0-mine\.$"):
        find_tenant(conn, "0-theirs")


def test_the_platform_is_never_suspended(db: Database) -> None:
    with db.operator() as conn, pytest.raises(NotFound):
        set_suspended(conn, PLATFORM, suspended=True, actor="test")


@pytest.mark.parametrize("assignment", ["timezone = 'Nowhere/Else'", "locale = 'x y'", "name = ''"])
def test_a_tenant_cannot_break_the_operators_queries(db: Database, tenant: TenantId, assignment: str) -> None:
    """An administrator may change these columns, and the operator reads them for all tenants in one query."""
    with (
        pytest.raises((psycopg.errors.InvalidParameterValue, psycopg.errors.CheckViolation)),
        db.tenant(tenant) as conn,
    ):
        conn.execute(f"update tenants set {assignment}".encode())


@pytest.mark.parametrize("slug", ["", "Acme", "-acme", "acme-", "a_b", "a b", "é", "a" * 64, "acme\n"])
def test_a_bad_slug_is_refused_before_the_database(db: Database, slug: str) -> None:
    with db.operator() as conn, pytest.raises(Invalid, match="slug"):
        add_tenant(conn, slug=slug, name="Acme", actor="test")


def test_a_taken_slug_leaves_the_transaction_usable(db: Database, tenant: TenantId) -> None:
    with db.operator() as conn:
        [slug] = [t.slug for t in list_tenants(conn) if t.id == tenant]
        with pytest.raises(Conflict, match=slug):
            add_tenant(conn, slug=slug, name="Acme", actor="test")
        assert find_tenant(conn, slug).id == tenant


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("Sao_Paulo", "America/Sao_Paulo"),
        ("america/sao paulo", "America/Sao_Paulo"),
        ("America/SaoPaulo", "America/Sao_Paulo"),
        ("Manaus", "America/Manaus"),
        ("America/Fortalezza", "America/Fortaleza"),
    ],
)
def test_a_mistyped_time_zone_is_answered_with_the_right_one(db: Database, wrong: str, meant: str) -> None:
    with db.operator() as conn, pytest.raises(Invalid, match=f"Did you mean {meant}"):
        add_tenant(conn, slug="never-added", name="Acme", timezone=wrong, actor="test")
