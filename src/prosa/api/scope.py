"""What a caller may read: its own tenant, in a transaction with its rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends

from prosa.api.access import OwnerId, check_owner
from prosa.api.session import CurrentCaller, Db
from prosa.db import Conn, Database, Role
from prosa.db.connection import TenantId
from prosa.errors import Forbidden
from prosa.tenancy.model import PLATFORM, Principal

ANALYTICS = "analytics"  # the scope that a restricted API key needs


class Scope:
    """One caller's way into the database."""

    def __init__(self, db: Database, caller: CurrentCaller) -> None:
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


async def analytics_scope(db: Db, caller: CurrentCaller, owner_id: OwnerId = None) -> Scope:
    """The caller's tenant. Raises NotFound for another's, Forbidden for a key without the scope and for operators."""
    check_owner(caller, owner_id)
    if caller.tenant_id == PLATFORM:
        raise Forbidden("The platform has no conversations of its own. Use an API key or a login of the tenant.")
    if not isinstance(caller, Principal) and caller.scopes and ANALYTICS not in caller.scopes:
        raise Forbidden(f"This API key may not read analytics: it lacks the scope '{ANALYTICS}'.")
    return Scope(db, caller)


AnalyticsScope = Annotated[Scope, Depends(analytics_scope)]
