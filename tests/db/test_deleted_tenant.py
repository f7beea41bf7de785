"""What deleting a tenant leaves, tried on a row in every table."""

from datetime import UTC, datetime, timedelta

from prosa.db import Database
from prosa.tenancy import audit, tenant_deletion
from prosa.tenancy.tenant_deletion import GRACE

NOW = datetime.now(UTC)


def test_deletion_leaves_no_row_but_the_audit_logs_and_none_of_others_goes(db: Database, two_tenants) -> None:
    """On tenants with a row in every table (tests/db/conftest.py); undone at the end: other tests use them."""
    after = NOW + GRACE + timedelta(days=1)
    with db.operator() as conn:

        def left(tenant: int) -> dict[str, int]:
            counts = {}
            for table in two_tenants.tables:
                row = conn.execute(
                    f"select count(*) from {table.name} where {table.tenant} = %s".encode(), [tenant]
                ).fetchone()
                counts[table.name] = row[0] if row else 0
            return counts

        others = left(two_tenants.b)
        tenant_deletion.delete_later(conn, two_tenants.a, actor="test", now=NOW)
        tenant_deletion.delete(conn, two_tenants.a, actor="test", now=after)
        assert {table for table, rows in left(two_tenants.a).items() if rows} == {"audit_log"}
        assert left(two_tenants.b) == others
        conn.execute("reset role")  # the queue is the platform login's
        files = conn.execute(
            "select args from procrastinate_jobs where task_name = %s", [tenant_deletion.FORGET_FILES]
        ).fetchall()
        assert files == [({"tenant_id": two_tenants.a},)]
        conn.execute("set local role prosa_super_admin")
        assert audit.list_entries(conn, 0)[0].action == "tenant.delete"
        conn.rollback()
