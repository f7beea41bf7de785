"""Features: one row a tenant and feature, each change audited."""

from prosa.db import Database, Role
from prosa.db.connection import TenantId
from prosa.tenancy import audit
from prosa.tenancy.features import get_feature, list_features, set_feature


def test_a_feature_keeps_its_configuration_when_it_is_switched(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        assert get_feature(conn, tenant, "remarketing") is None
        set_feature(conn, tenant, "remarketing", enabled=True, config={"daily": 50}, actor="test")
        set_feature(conn, tenant, "remarketing", enabled=False, actor="test")
        feature = get_feature(conn, tenant, "remarketing")
        latest = audit.list_entries(conn, tenant)[0]
    assert feature and (feature.enabled, feature.config) == (False, {"daily": 50})
    assert latest.before == {"enabled": True, "config": {"daily": 50}}
    assert latest.after == {"enabled": False, "config": {"daily": 50}}


def test_each_tenant_has_its_own_features(db: Database, make_tenant) -> None:
    one, other = make_tenant(), make_tenant()
    with db.tenant(one) as conn:
        set_feature(conn, one, "insights", enabled=True, actor="test")
    with db.tenant(other, role=Role.CLIENT) as conn:
        assert list_features(conn, other) == []
        assert list_features(conn, one) == []
