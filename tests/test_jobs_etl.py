"""The schedule of the ETL: one job a Chatwoot server, however many tenants share it, and none twice."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.opening import Logins
from prosa.demo import create_schema, fill
from prosa.facts.refresh import refresh
from prosa.jobs import etl as etl_jobs
from prosa.settings import Settings
from prosa.sources import connect, etl
from prosa.sources.model import Mode


def test_tenants_of_one_server_are_read_by_one_job(
    db: Database, settings: Settings, make_tenant: Callable[[], TenantId], empty_database: str
) -> None:
    """One that leaves while its job waits does not keep the others from being read."""
    with psycopg.connect(empty_database) as chatwoot:
        create_schema(chatwoot)
        fill(chatwoot, now=datetime(2026, 11, 20, tzinfo=UTC), scale=0.02)
    tenants = [make_tenant(), make_tenant()]
    for account, tenant in enumerate(tenants, start=1):
        with db.tenant(tenant) as conn:
            connect.connect(
                conn, tenant, secret_keys=settings.secret_keys, dsn=empty_database, account_id=account, actor="test"
            )
            connect.mark_bots(conn, tenant, 1, [5], refresh=refresh)
    etl_jobs.enqueue_runs(db, Mode.INCREMENTAL)
    etl_jobs.enqueue_runs(db, Mode.INCREMENTAL)
    with db.operator() as conn:
        slugs = {row[0] for row in conn.execute("select slug from tenants where id = any(%s)", [tenants])}
    assert db.platform is not None
    with db.platform.connection() as conn:
        waiting = [
            row[0] for row in conn.execute("select args->'slugs' from procrastinate_jobs where task_name = 'etl.read'")
        ]
    assert [set(job) for job in waiting if slugs & set(job)] == [slugs]

    with db.tenant(tenants[0]) as conn:  # while the job waits
        connect.disconnect(conn, tenants[0], 1, actor="test")
    logins = Logins(owner="", app=db.app_dsn, platform=db.platform_dsn or "")
    results = etl.run(logins, settings.secret_keys, slugs=sorted(slugs), refresh=refresh)
    assert [(result.source.tenant_id, result.error) for result in results] == [(tenants[1], None)]
