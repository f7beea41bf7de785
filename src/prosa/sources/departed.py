"""Users who left the account but still appear in conversations and messages. They stay in `agents`, marked as removed."""

from collections.abc import Collection

from prosa.db import Conn, Role
from prosa.db.connection import transaction
from prosa.gateways.chatwoot import queries
from prosa.gateways.chatwoot.reader import Reader
from prosa.sources import merging, store
from prosa.sources.model import Source


def find(conn: Conn, reader: Reader, source: Source, users: Collection[int]) -> list[tuple[int, str, str | None]]:
    """The ones among these users who are not in `agents` yet, as (id at the source, name, e-mail)."""
    with transaction(conn, Role.ADMIN, source.tenant_id):
        here = store.known(conn, source.tenant_id, "agents", [source.base + user for user in users])
    unknown = [user for user in users if source.base + user not in here]
    return reader.rows(queries.users(reader, unknown)) if unknown else []


def save(conn: Conn, source: Source, users: list[tuple[int, str, str | None]]) -> None:
    """Add these users to `agents`, marked as removed."""
    for user_id, name, email in users:
        conn.execute(
            """insert into agents (tenant_id, source_id, id, name, email, removed) values (%s, %s, %s, %s, %s, true)
               on conflict (tenant_id, id) do nothing""",
            [source.tenant_id, source.id, source.base + user_id, name or "", email],
        )


def known(conn: Conn, source: Source) -> dict[int, tuple[str, str | None]]:
    """The removed agents of the source: id at the source -> name, e-mail."""
    rows = conn.execute(
        "select id - %(base)s, name, email from agents where tenant_id = %(tenant)s and source_id = %(source)s and removed",
        merging.parameters(source),
    )
    return {id: (name, email) for id, name, email in rows}


def follow_names(conn: Conn, reader: Reader, source: Source, left: dict[int, tuple[str, str | None]]) -> None:
    """Update names and e-mails of removed agents that have changed at the source."""
    users = reader.rows(queries.users(reader, list(left))) if left else []
    renamed = [(id, name or "", email) for id, name, email in users if (name or "", email) != left[id]]
    if not renamed:
        return
    with transaction(conn, Role.ADMIN, source.tenant_id):
        for user_id, name, email in renamed:
            conn.execute(
                "update agents set name = %s, email = %s where tenant_id = %s and id = %s",
                [name, email, source.tenant_id, source.base + user_id],
            )
