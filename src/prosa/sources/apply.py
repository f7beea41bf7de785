"""What one tenant's transaction does with staged rows, besides merging them."""

from collections.abc import Sequence

from prosa.db.connection import Conn, TenantId
from prosa.sources import merging, store
from prosa.sources.merging import Target
from prosa.sources.model import Phase, Source

# Chatwoot's words in Prosa's states (DESIGN: conversation states). Resolved: by a person, where the latest resolution
# is credited to one, else by a bot or a rule. Open: handed to a person once one has written.
STATES = """
with bots as materialized (
  select coalesce(array_agg(id), '{}') as ids from agents where tenant_id = %(tenant)s and is_bot
)
select c.id, derived.state::text
from bots
cross join (select * from conversations where tenant_id = %(tenant)s and id = any(%(ids)s) offset 0) as c
cross join lateral (
  select count(*) > 0 as has_spoken from messages m
  where m.tenant_id = %(tenant)s and m.conversation_id = c.id and m.sender = 'agent' and not m.private
    and (m.agent_id = any(bots.ids)) is not true
) as person
cross join lateral (
  select (array_agg(agent_id order by at desc, id desc))[1] as agent_id, count(*) as times from conversation_events
  where tenant_id = %(tenant)s and conversation_id = c.id and kind = 'resolved'
) as resolved
cross join lateral (select case when resolved.times = 0 then c.assignee_id else resolved.agent_id end as id offset 0) as closer
cross join lateral (
  select case c.external_status
    when 'pending' then 'pending'
    when 'snoozed' then 'idle_timeout'
    when 'open' then case when person.has_spoken then 'human_handoff' else 'progress' end
    else case when closer.id is null or closer.id = any(bots.ids) then 'support_closed' else 'agent_closed' end
  end::conversation_state as state offset 0
) as derived
where c.state <> derived.state
"""


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


def derive_states(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Bring the states of these conversations in line with their status, messages and events."""
    if not conversation_ids:
        return 0
    changed = conn.execute(STATES, {"tenant": tenant, "ids": list(conversation_ids)}).fetchall()
    if changed:
        conn.execute(
            """update conversations c set state = d.state::conversation_state
               from unnest(%(ids)s::bigint[], %(states)s::text[]) as d (id, state)
               where c.tenant_id = %(tenant)s and c.id = any(%(ids)s) and c.id = d.id""",
            {"tenant": tenant, "ids": [row[0] for row in changed], "states": [row[1] for row in changed]},
        )
    return len(changed)


def touched(conn: Conn, source: Source) -> list[int]:
    """Ids of the store's conversations that the staged rows concern."""
    parts = " union ".join(
        f"select %(base)s + {'id' if stage == 'conversations' else 'conversation_id'} from stage_{stage} "
        "where account_id = %(account)s"
        for stage in ("conversations", "messages", "events", "csat")
    )
    return sorted(
        store.known(conn, source.tenant_id, "conversations", store.ids(conn, parts, **merging.parameters(source)))
    )


def delete_missing_contacts(conn: Conn, source: Source, low: int, high: int) -> int:
    """Delete the store's contacts in a range of source ids that the stage, which holds the range, has not."""
    return conn.execute(
        """delete from contacts t where tenant_id = %(tenant)s
             and id >= %(base)s + %(low)s and id < %(base)s + %(high)s
             and not exists (select from stage_contacts s where s.account_id = %(account)s and t.id = %(base)s + s.id
                             and (%(chosen)s::bigint[] is null or s.inboxes && %(chosen)s::bigint[]))""",
        {**merging.parameters(source), "low": low, "high": high},
    ).rowcount
