"""The database: connections that are one tenant's or the operator's, for one transaction."""

from prosa.db.connection import Conn, Database, Role
from prosa.db.opening import open_database

__all__ = ["Conn", "Database", "Role", "open_database"]
