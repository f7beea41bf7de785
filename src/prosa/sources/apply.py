"""What one tenant's transaction does with staged rows, besides merging them."""

from collections.abc import Sequence

from prosa.db.connection import Conn
from prosa.sources import merging, store
from prosa.sources.merging import Target
from prosa.sources.model import Phase, Source

# Chatwoot's words in Prosa's states (DESIGN: conversation states). Resolved: by a person, where the latest resolution is
# credited to one, else by a bot or a rule. Open: handed to a person once one has written.
STATE = """case c.external_status
  when 'pending' then 'pending'
  when 'snoozed' then 'idle_timeout'
  when 'open' then case when exists (
      select from messages m left join agents a on a.tenant_id = m.tenant_id and a.id = m.agent_id
      where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.sender = 'agent' and not m.private
        and not coalesce(a.is_bot, false)) then 'human_handoff' else 'progress' end
  else case when (
      select case when a.is_bot then null else r.agent_id end from (
        select coalesce((select coalesce(e.agent_id, 0) from conversation_events e
                         where e.tenant_id = c.tenant_id and e.conversation_id = c.id and e.kind = 'resolved'
                         order by e.at desc, e.id desc limit 1), c.assignee_id) as agent_id) r
      left join agents a on a.tenant_id = c.tenant_id and a.id = r.agent_id) > 0
    then 'agent_closed' else 'support_closed' end
  end::conversation_state"""


def merge_small(conn: Conn, source: Source, target: Target) -> Phase:
    """Merge a table that is staged whole; rows that are no longer at the source are marked, or deleted (labels)."""
    phase = merging.merge(conn, source, target)
    gone = f"""from {target.table} t where t.tenant_id = %(tenant)s and t.source_id = %(source)s and not exists (
      select from stage_{target.stream.name} s where s.account_id = %(account)s and t.id = %(base)s + s.id)"""
    statement = f"delete {gone}"
    if "removed" in target.columns:
        statement = f"""update {target.table} u set removed = true where u.tenant_id = %(tenant)s and not u.removed
                        and u.id in (select t.id {gone})"""
    phase.deleted = conn.execute(statement.encode(), merging.parameters(source)).rowcount
    return phase


def delete_missing(conn: Conn, source: Source, target: Target, low: int, high: int) -> Phase:
    """Delete what the store has in a range of conversation ids [low, high) and the stage, which holds the range, has not."""
    key = " and ".join(f"t.{k} = %(base)s + s.{k}" for k in target.key)
    deleted = conn.execute(
        f"""delete from {target.table} t where tenant_id = %(tenant)s
              and conversation_id >= %(base)s + %(low)s and conversation_id < %(base)s + %(high)s
              and not exists (select from stage_{target.stream.name} s where s.account_id = %(account)s and {key})
            """.encode(),
        {**merging.parameters(source), "low": low, "high": high},
    ).rowcount
    return Phase(target.table, deleted=deleted)


def delete_missing_conversations(conn: Conn, source: Source, low: int, high: int) -> tuple[Phase, list[int]]:
    """The same for conversations themselves. Returns their ids too."""
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


def derive_states(conn: Conn, source: Source, conversation_ids: Sequence[int]) -> int:
    """Bring the states of these conversations in line with their status, messages and events."""
    return conn.execute(
        f"""update conversations c set state = derived.state
            from (select c.id, {STATE} as state from conversations c
                  where c.tenant_id = %(tenant)s and c.id = any(%(ids)s)) as derived
            where c.tenant_id = %(tenant)s and c.id = derived.id and c.state <> derived.state""".encode(),
        {"tenant": source.tenant_id, "ids": list(conversation_ids)},
    ).rowcount


def touched(conn: Conn, source: Source) -> list[int]:
    """Ids of the store's conversations that the staged rows concern."""
    parts = " union ".join(
        f"select %(base)s + {'id' if stage == 'conversations' else 'conversation_id'} from stage_{stage} "
        "where account_id = %(account)s"
        for stage in ("conversations", "messages", "events", "csat")
    )
    return store.ids(
        conn,
        f"select c.id from conversations c where c.tenant_id = %(tenant)s and c.id in ({parts})",
        **merging.parameters(source),
    )


def delete_missing_contacts(conn: Conn, source: Source, low: int, high: int) -> int:
    """Delete the store's contacts in a range of source ids that the stage, which holds the range, has not."""
    return conn.execute(
        """delete from contacts t where tenant_id = %(tenant)s
             and id >= %(base)s + %(low)s and id < %(base)s + %(high)s
             and not exists (select from stage_contacts s where s.account_id = %(account)s and t.id = %(base)s + s.id)""",
        {**merging.parameters(source), "low": low, "high": high},
    ).rowcount
