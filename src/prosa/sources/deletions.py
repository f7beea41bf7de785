"""Deletes from the store what the source no longer has, in ranges of ids [low, high) that are staged whole."""

from prosa.db import Conn
from prosa.sources import merging, store
from prosa.sources.mapping import Target
from prosa.sources.model import Phase, Source


def delete_missing_conversations(conn: Conn, source: Source, low: int, high: int) -> tuple[Phase, list[int]]:
    """Delete the conversations [low, high) that are not staged. Returns their ids too."""
    gone = store.ids(
        conn,
        """select c.id from conversations c where tenant_id = %(tenant)s
             and id >= %(base)s + %(low)s and id < %(base)s + %(high)s
             and not exists (select from stage_conversations s
                             where s.account_id = %(account)s and c.id = %(base)s + s.id
                               and (%(chosen)s::bigint[] is null or s.inbox_id = any(%(chosen)s)))""",
        **merging.parameters(source), low=low, high=high,
    )  # fmt: skip
    return Phase("conversations", deleted=store.delete_conversations(conn, source.tenant_id, gone)), gone


def delete_missing(conn: Conn, source: Source, target: Target, low: int, high: int) -> Phase:
    """Delete the store's rows of conversations [low, high) that are not staged. The whole range must be staged."""
    key = " and ".join(f"t.{k} = %(base)s + s.{k}" for k in target.key)
    deleted = conn.execute(
        f"""delete from {target.table} t where tenant_id = %(tenant)s
              and conversation_id >= %(base)s + %(low)s and conversation_id < %(base)s + %(high)s
              and not exists (select from stage_{target.stream.name} s where s.account_id = %(account)s and {key})
            """.encode(),
        {**merging.parameters(source), "low": low, "high": high},
    ).rowcount
    return Phase(target.table, deleted=deleted)


def delete_missing_contacts(conn: Conn, source: Source, low: int, high: int) -> int:
    """Delete the contacts with source ids [low, high) that are not staged. The whole range must be staged."""
    return conn.execute(
        """delete from contacts t where tenant_id = %(tenant)s
             and id >= %(base)s + %(low)s and id < %(base)s + %(high)s
             and not exists (select from stage_contacts s where s.account_id = %(account)s and t.id = %(base)s + s.id
                             and (%(chosen)s::bigint[] is null or s.inboxes && %(chosen)s::bigint[]))""",
        {**merging.parameters(source), "low": low, "high": high},
    ).rowcount
