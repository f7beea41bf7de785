"""Running the ETL within a test, and all that a tenant then has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row
from tests.sources.chatwoot import FakeChatwoot

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.opening import Logins
from prosa.facts.refresh import refresh
from prosa.settings import Settings
from prosa.sources import connect as connecting
from prosa.sources import etl
from prosa.sources.model import Mode
from prosa.sources.session import Progress

Rows = dict[str, list[dict[str, Any]]]

# Everything that is mirrored. Of agents: those who are there, and those that a conversation or message names. A name that
# nothing shows any more may stay behind.
MIRROR = {
    "contacts": "select * from contacts where tenant_id = %(t)s",
    "conversations": "select * from conversations where tenant_id = %(t)s",
    "messages": "select * from messages where tenant_id = %(t)s",
    "conversation_events": "select * from conversation_events where tenant_id = %(t)s",
    "csat_answers": "select * from csat_answers where tenant_id = %(t)s",
    "labels": "select * from labels where tenant_id = %(t)s",
    "inboxes": "select * from inboxes where tenant_id = %(t)s and not removed",
    "teams": "select * from teams where tenant_id = %(t)s and (not removed or id in (select team_id from conversations))",
    "agents": """select * from agents a where tenant_id = %(t)s and (not removed
                   or id in (select assignee_id from conversations where tenant_id = %(t)s)
                   or id in (select agent_id from messages where tenant_id = %(t)s))""",
    "conversation_rows": "select * from conversation_rows where tenant_id = %(t)s",
    "conversation_facts": "select * from conversation_facts where tenant_id = %(t)s",
}


@dataclass(frozen=True)
class Etl:
    """Connects tenants and runs the ETL in this process."""

    settings: Settings
    db: Database
    make_tenant: Callable[..., TenantId]

    @property
    def logins(self) -> Logins:
        """The application's connection URLs."""
        assert self.db.platform_dsn
        return Logins(owner="", app=self.db.app_dsn, platform=self.db.platform_dsn)

    def connect(
        self, chatwoot: FakeChatwoot, account: int, *, inboxes: Sequence[int] = (), tenant: TenantId | None = None,
        dsn: str | None = None,
    ) -> TenantId:  # fmt: skip
        """Make an account, or inboxes of it, a source of the tenant, or of a new one."""
        tenant = tenant or self.make_tenant()
        with self.db.tenant(tenant) as conn:
            connecting.connect(conn, tenant, secret_keys=self.settings.secret_keys, dsn=dsn or chatwoot.dsn,
                               account_id=account, inboxes=inboxes, actor="test")  # fmt: skip
        return tenant

    def try_run(
        self, tenant: TenantId | None = None, mode: Mode = Mode.INCREMENTAL,
        progress: Progress = lambda what, done, total: None,
    ) -> list[etl.Result]:  # fmt: skip
        """Read one tenant's sources, or those of every tenant that this test connected."""
        with self.db.operator() as conn:
            found = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
        slugs = [found[0]] if found else None
        return etl.run(
            self.logins, self.settings.secret_keys, slugs=slugs, mode=mode, refresh=refresh, progress=progress
        )

    def run(self, tenant: TenantId | None = None, mode: Mode = Mode.INCREMENTAL) -> list[etl.Result]:
        """The same; it must succeed."""
        results = self.try_run(tenant, mode)
        assert [r.error or r.busy for r in results] == [None] * len(results)
        return results

    def first_load(self, chatwoot: FakeChatwoot, account: int, *, inboxes: Sequence[int] = ()) -> TenantId:
        """A new tenant that has read the account just now."""
        tenant = self.connect(chatwoot, account, inboxes=inboxes)
        self.run(tenant)
        return tenant

    def rows(self, tenant: TenantId) -> Rows:
        """All that the tenant has of its source, without the tenant itself, in order."""
        with self.db.tenant(tenant) as conn, conn.cursor(row_factory=dict_row) as cursor:
            return {name: _comparable(cursor.execute(query.encode(), {"t": tenant}).fetchall())
                    for name, query in MIRROR.items()}  # fmt: skip

    def select(self, tenant: TenantId, query: str) -> list[tuple[Any, ...]]:
        """What a query returns to the tenant."""
        with self.db.tenant(tenant) as conn:
            return conn.execute(query.encode()).fetchall()


def _comparable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        row.pop("tenant_id")
        row.pop("tenant", None)
    return sorted(rows, key=lambda row: tuple(row.get(k) or 0 for k in ("conversation_id", "id")))


def differences(left: Rows, right: Rows) -> list[str]:
    """What is not the same, one line a row: readable when a test fails."""
    found = []
    for table, rows in left.items():
        if rows == right[table]:  # both are in order; looking for each row among thousands is for the unlike only
            continue
        for mark, some, others in (("-", rows, right[table]), ("+", right[table], rows)):
            found += [f"{mark} {table} {row}" for row in some if row not in others]
        if len(rows) != len(right[table]):
            found.append(f"{table}: {len(rows)} and {len(right[table])} rows")
    return found
