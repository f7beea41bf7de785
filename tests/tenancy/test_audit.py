"""The audit log's pages."""

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.tenancy.audit import list_entries, record


def test_pages_follow_each_other_without_gap_or_repetition(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        for i in range(5):
            record(conn, tenant, "test", f"thing.{i}", after={"i": i})
        first = list_entries(conn, tenant, limit=3)
        second = list_entries(conn, tenant, before_id=first[-1].id, limit=3)
    assert [e.after for e in first + second] == [{"i": i} for i in (4, 3, 2, 1, 0)]


def test_an_empty_before_is_not_a_missing_one(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        record(conn, tenant, "test", "thing.change", "thing:1", before={}, after={"a": None})
        [entry] = list_entries(conn, tenant)
    assert (entry.before, entry.after) == ({}, {"a": None})
