"""What several commands need: the tenant that a slug names."""

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
