"""What a caller may read: its own tenant, in a transaction with its rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from fastapi import Depends

from prosa.api.access import may
from prosa.api.session import Caller, Db
from prosa.db import Conn, Database, Role
from prosa.db.connection import TenantId
from prosa.facts.address import LISTS
from prosa.tenancy.model import Principal

ANALYTICS: Final = "analytics"  # the scope that a restricted API key needs


class Scope:
    """One caller's way into the database."""

    def __init__(self, db: Database, caller: Caller) -> None:
        self._db = db
        self.tenant: TenantId = caller.tenant_id
        self.slug = caller.tenant_slug
        self.actor = caller.actor
        self.role = caller.role.database_role if isinstance(caller, Principal) else Role.CLIENT

    @contextmanager
    def reading(self) -> Iterator[Conn]:
        """One transaction that sees the caller's tenant."""
        with self._db.tenant(self.tenant, role=self.role) as conn:
            yield conn


async def analytics_scope(db: Db, caller: Annotated[Caller, Depends(may(ANALYTICS, repeatable=LISTS))]) -> Scope:
    """The caller's tenant. Raises as `may` does: also for an API key that lacks the scope, or calls too often."""
    return Scope(db, caller)


AnalyticsScope = Annotated[Scope, Depends(analytics_scope)]
