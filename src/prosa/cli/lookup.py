"""What several commands need: tenants by their slugs."""

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import NotFound


def tenant_named(db: Database, slug: str) -> TenantId:
    """The tenant's id. Raises NotFound naming the slug."""
    with db.operator() as conn:
        row = conn.execute("select id from tenants where slug = %s and id > 0", [slug]).fetchone()
    if row is None:
        raise NotFound(f"There is no tenant {slug!r}. `prosa tenant list` shows them.")
    return TenantId(row[0])


def tenants(db: Database) -> dict[str, TenantId]:
    """Every tenant's id by its slug, in the order of slugs."""
    with db.operator() as conn:
        return {
            row[0]: TenantId(row[1]) for row in conn.execute("select slug, id from tenants where id > 0 order by slug")
        }
