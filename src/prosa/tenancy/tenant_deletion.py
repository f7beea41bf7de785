"""Deleting a tenant: it is marked first, can be restored for 30 days, and is then deleted with all its data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from prosa.db import Conn, TenantId
from prosa.errors import NotFound
from prosa.queue import enqueue
from prosa.tenancy import audit
from prosa.tenancy.model import PLATFORM

GRACE = timedelta(days=30)
FORGET_FILES = "media.forget_tenant"  # the task, by name: it stands on a floor above
# Tables with a tenant that the operator may delete from, children before parents. The audit log stays.
TABLES = """
  with recursive tables as (
    select c.oid from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and has_table_privilege(c.oid, 'DELETE')
  ), depths as (
    select oid, 0 as depth from tables
    union
    select k.conrelid, d.depth + 1 from depths d
    join pg_constraint k on k.confrelid = d.oid and k.contype = 'f' and k.conrelid <> k.confrelid
    join tables t on t.oid = k.conrelid
    where d.depth < 20
  )
  select oid::regclass::text from depths group by oid order by max(depth) desc, 1"""


@dataclass(frozen=True)
class Due:
    """A tenant whose time of grace is over."""

    id: TenantId
    slug: str


def delete_later(conn: Conn, tenant: int, *, actor: str, now: datetime) -> datetime:
    """Suspend a tenant and mark it for deletion after GRACE. Returns when. Raises NotFound. `conn` is the operator's."""
    when = now + GRACE
    _update(conn, tenant, "delete_after = %(when)s, suspended_at = coalesce(suspended_at, now())", when)
    after = {"delete_after": when.isoformat()}
    audit.record(conn, tenant, actor, "tenant.delete_later", f"tenant:{tenant}", after=after)
    return when


def keep(conn: Conn, tenant: int, *, actor: str) -> None:
    """Take the mark off and lift the suspension. Raises NotFound. `conn` is the operator's."""
    _update(conn, tenant, "delete_after = null, suspended_at = null", None)
    audit.record(conn, tenant, actor, "tenant.keep", f"tenant:{tenant}")


def due(conn: Conn, *, now: datetime) -> list[Due]:
    """Tenants to be deleted now. `conn` is the operator's."""
    rows = conn.execute("select id, slug from tenants where delete_after <= %s and id <> %s", [now, PLATFORM])
    return [Due(TenantId(tenant), slug) for tenant, slug in rows]


def delete(conn: Conn, tenant: TenantId, *, actor: str, now: datetime) -> dict[str, int]:
    """Delete a due tenant, with all its rows except the audit log's. Returns how many there were, by table.

    A job removes its files from the media store after the commit. Raises NotFound if it is not due: the mark may have been
    taken off in the meantime. `conn` is the operator's.
    """
    locked = conn.execute(
        "select slug from tenants where id = %s and delete_after <= %s and id <> %s for update", [tenant, now, PLATFORM]
    ).fetchone()
    if locked is None:
        raise NotFound("There is no such tenant to delete.")
    deleted = {}
    for (table,) in conn.execute(TABLES).fetchall():
        count = conn.execute(f"delete from {table} where tenant_id = %s".encode(), [tenant]).rowcount
        if count:
            deleted[table] = count
    conn.execute("delete from tenants where id = %s", [tenant])
    enqueue(conn, FORGET_FILES, tenant_id=tenant)
    after = {"slug": locked[0], "rows": sum(deleted.values())}
    audit.record(conn, PLATFORM, actor, "tenant.delete", f"tenant:{tenant}", after=after)
    return deleted


def _update(conn: Conn, tenant: int, assignments: str, when: datetime | None) -> None:
    sql = f"update tenants set {assignments} where id = %(tenant)s and id <> %(platform)s"
    values = {"tenant": tenant, "when": when, "platform": PLATFORM}
    if conn.execute(sql.encode(), values).rowcount == 0:
        raise NotFound("There is no such tenant.")
