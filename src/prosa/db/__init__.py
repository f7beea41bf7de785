"""The database: connections that are one tenant's or the operator's, for one transaction."""

from prosa.db.connection import Conn, Database, Role, TenantId
from prosa.db.fetch import fetch_all, fetch_one
from prosa.db.opening import open_database

__all__ = ["Conn", "Database", "Role", "TenantId", "fetch_all", "fetch_one", "open_database"]
