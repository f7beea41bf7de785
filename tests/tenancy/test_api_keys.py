"""API keys: shown once, found while they live."""

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Invalid, NotFound
from prosa.tenancy import audit, tenants
from prosa.tenancy.api_keys import create_key, find_key, list_keys, revoke_key
from prosa.tenancy.model import ApiKeyHolder, NewApiKey


@pytest.fixture
def key(db: Database, tenant: TenantId) -> NewApiKey:
    with db.tenant(tenant) as conn:
        return create_key(conn, tenant, name="website", scopes=["conversations:read"], actor="test")


def find(db: Database, secret: str) -> ApiKeyHolder | None:
    with db.anonymous() as conn:
        return find_key(conn, secret)


def test_a_key_finds_its_tenant_and_notes_its_use(db: Database, tenant: TenantId, key: NewApiKey) -> None:
    holder = find(db, key.secret)
    assert holder and (holder.tenant_id, holder.key_id, holder.scopes) == (tenant, key.id, ["conversations:read"])
    with db.tenant(tenant) as conn:
        [listed] = list_keys(conn, tenant)
    assert listed.last_used_at is not None


def test_a_scope_that_no_route_asks_for_is_refused(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn, pytest.raises(Invalid, match="There is no scope conversation"):
        create_key(conn, tenant, scopes=["webhooks", "conversation"], actor="test")


def test_a_key_is_recognisable_and_stored_hashed(server: EmbeddedServer, tenant: TenantId, key: NewApiKey) -> None:
    assert key.secret.startswith(key.prefix) and len(key.prefix) == len("prosa_") + 8 and len(key.secret) == 46
    with psycopg.connect(server.dsn("prosa")) as conn:
        everything = conn.execute(
            "select (select string_agg(k::text, '') from api_keys k), (select string_agg(a::text, '') from audit_log a)"
        ).fetchone()
    assert key.prefix in str(everything) and key.secret not in str(everything)


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s.lower(), lambda s: s[:14], lambda s: "", lambda s: "\x00"]
)
def test_almost_a_key_is_none(db: Database, key: NewApiKey, change) -> None:
    assert find(db, change(key.secret)) is None


def test_a_revoked_key_is_dead_at_once_and_revoking_again_is_harmless(
    db: Database, tenant: TenantId, key: NewApiKey
) -> None:
    with db.tenant(tenant) as conn:
        assert revoke_key(conn, tenant, key.prefix, actor="test") is True
        assert revoke_key(conn, tenant, key.prefix, actor="test") is False
        actions = [entry.action for entry in audit.list_entries(conn, tenant)]
    assert find(db, key.secret) is None
    assert actions == ["apikey.revoke", "apikey.create"]


def test_a_suspended_tenants_key_is_dead(db: Database, tenant: TenantId, key: NewApiKey) -> None:
    with db.operator() as conn:
        tenants.set_suspended(conn, tenant, suspended=True, actor="test")
    assert find(db, key.secret) is None


def test_another_tenants_key_is_not_there(db: Database, make_tenant, key: NewApiKey) -> None:
    other = make_tenant()
    with db.tenant(other) as conn:
        assert list_keys(conn, other) == []
        with pytest.raises(NotFound):
            revoke_key(conn, other, key.prefix, actor="test")
    assert find(db, key.secret)
