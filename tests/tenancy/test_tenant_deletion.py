"""The end of a tenant, which may be undone until it comes. What deletion leaves: tests/db/test_deleted_tenant.py."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import NotFound
from prosa.tenancy import api_keys, audit, tenant_deletion, tenants
from prosa.tenancy.model import LoggedIn, TenantSuspended, User
from prosa.tenancy.tenant_deletion import GRACE

NOW = datetime.now(UTC)
MakeUser = Callable[..., User]


def test_a_marked_tenant_is_shut_out_and_can_be_kept(
    db: Database, tenant: TenantId, make_user: MakeUser, log_in: Callable[..., LoggedIn]
) -> None:
    user = make_user(tenant)
    with db.operator() as conn:
        assert tenant_deletion.delete_later(conn, tenant, actor="test", now=NOW) == NOW + GRACE
    with pytest.raises(TenantSuspended):
        log_in(user.email)
    with db.operator() as conn:
        assert tenant not in [due.id for due in tenant_deletion.due(conn, now=NOW + GRACE / 2)]
        with pytest.raises(NotFound):
            tenant_deletion.delete(conn, tenant, actor="test", now=NOW + GRACE / 2)
        tenant_deletion.keep(conn, tenant, actor="test")
        assert tenant not in [due.id for due in tenant_deletion.due(conn, now=NOW + 2 * GRACE)]
    assert log_in(user.email)


def test_the_platform_cannot_be_deleted(db: Database) -> None:
    with db.operator() as conn, pytest.raises(NotFound):
        tenant_deletion.delete_later(conn, 0, actor="test", now=NOW)


def test_a_changed_tenant_says_what_it_was(db: Database, tenant: TenantId) -> None:
    with db.operator() as conn:
        api_keys.create_key(conn, tenant, actor="test")
        tenants.change_tenant(conn, tenant, name=" Sol ", timezone="America/Manaus", locale="en", actor="test")
        [entry, *_] = audit.list_entries(conn, tenant)
    assert entry.after == {"name": "Sol", "timezone": "America/Manaus", "locale": "en"}
    assert entry.before and entry.before["timezone"] == "America/Sao_Paulo"
