"""A pooler in transaction mode gives each transaction any free connection, so nothing lives longer than a transaction."""

from prosa.db.connection import Conn, connect
from prosa.errors import Unavailable


def check_session(conn: Conn, dsn: str, *, who: str) -> None:
    """Raise Unavailable, naming `who`, where another connection to `dsn` takes over the server process of this one.

    A pooler tells its clients made-up process ids, so without one this is a single question.
    """
    [(process,)] = conn.execute("select pg_backend_pid()").fetchall()
    if process == conn.info.backend_pid:
        return
    with connect(dsn) as other:
        [(others,)] = other.execute("select pg_backend_pid()").fetchall()
    if others == process:
        raise Unavailable(
            f"DATABASE_URL leads to a pooler in transaction mode, and {who} needs a session of its own: "
            "name the server itself there, or the pooler's port in session mode."
        )
