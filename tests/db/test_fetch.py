"""Rows become the objects that are asked for."""

from dataclasses import dataclass

import pytest

from prosa.db import Database, TenantId, fetch_all, fetch_one
from prosa.tenancy.model import UserRole


@dataclass(frozen=True)
class Member:
    """Somebody with a role."""

    name: str
    role: UserRole = UserRole.CLIENT


def test_a_field_that_is_an_enum_gets_its_member(db: Database, tenant: TenantId) -> None:
    sql = "select 'Ana' as name, 'admin' as role"
    with db.tenant(tenant) as conn:
        assert fetch_one(conn, Member, sql).role is UserRole.ADMIN
        assert fetch_all(conn, Member, sql) == [Member("Ana", UserRole.ADMIN)]
        assert fetch_all(conn, Member, "select 'Rui' as name") == [Member("Rui", UserRole.CLIENT)]


def test_a_value_that_the_enum_lacks_is_an_error(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn, pytest.raises(ValueError, match="'owner' is not a valid UserRole"):
        fetch_one(conn, Member, "select 'Ana' as name, 'owner' as role")
