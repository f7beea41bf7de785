"""Steps of a tenant's transaction other than merging: deletions, small tables, and the states of conversations."""

from collections.abc import Sequence

from prosa.db import Conn, TenantId
from prosa.db.connection import ANY_OF_IDS, bigints
from prosa.sources import merging, store
from prosa.sources.mapping import Target
from prosa.sources.model import Phase, Source

# Chatwoot's status of a conversation as Prosa's state (docs/chatwoot.md). A resolved conversation was closed by a person if its
# latest resolution names one, otherwise by a bot or a rule. An open one is in human_handoff once a person has written.
STATES = f"""
with person as (
  select distinct m.conversation_id
  from messages m left join agents a on a.tenant_id = m.tenant_id and a.id = m.agent_id and a.is_bot
  where m.tenant_id = %(tenant)s and m.conversation_id = any(array(
      select id from conversations where tenant_id = %(tenant)s and id = {ANY_OF_IDS} and id between %(lowest)s and %(highest)s
        and external_status = 'open'))
    and m.sender = 'agent' and not m.private and a.id is null
), resolution as (
  select distinct on (conversation_id) conversation_id, agent_id from conversation_events
  where tenant_id = %(tenant)s and conversation_id = {ANY_OF_IDS} and conversation_id between %(lowest)s and %(highest)s
    and kind = 'resolved'
  order by conversation_id, at desc, id desc
), derived as (
  select c.id, case c.external_status
      when 'pending' then 'pending'::conversation_state
      when 'snoozed' then 'idle_timeout'::conversation_state
      when 'open' then case when p.conversation_id is null then 'progress'::conversation_state
                            else 'human_handoff'::conversation_state end
      else case when case when r.conversation_id is null then c.assignee_id else r.agent_id end is null or a.id is not null
                then 'support_closed'::conversation_state else 'agent_closed'::conversation_state end
    end as state
  from conversations c
  left join person p on p.conversation_id = c.id
  left join resolution r on r.conversation_id = c.id
  left join agents a on a.tenant_id = c.tenant_id and a.is_bot
    and a.id = case when r.conversation_id is null then c.assignee_id else r.agent_id end
  where c.tenant_id = %(tenant)s and c.id = {ANY_OF_IDS} and c.id between %(lowest)s and %(highest)s
)
update conversations c set state = derived.state from derived
where c.tenant_id = %(tenant)s and c.id = derived.id and c.id = {ANY_OF_IDS} and c.id between %(lowest)s and %(highest)s
  and c.state <> derived.state
"""


def compare_small(conn: Conn, source: Source, targets: Sequence[Target]) -> list[tuple[Target, int, bool]]:
    """For tables that are staged whole: how many rows are staged, and whether they differ from the store.

    One statement compares all tables. In most runs nothing has changed, and planning a merge for each would cost more.
    """
    parts = []
    rows_of = "select string_agg(r::text, chr(10) order by r::text) from"
    for number, target in enumerate(targets):
        here = f"""select {merging.columns(target)} from {target.table} where tenant_id = %(tenant)s
                   and source_id = %(source)s {"and not removed" if "removed" in target.columns else ""}"""
        parts.append(f"""select {number}, (select count(*) from stage_{target.stream.name} where account_id = %(account)s),
          ({rows_of} ({merging.staged_rows(target)}) r) is distinct from ({rows_of} ({here}) r)""")
    rows = conn.execute(" union all ".join(parts).encode(), merging.parameters(source))
    return [(targets[number], count, differs) for number, count, differs in rows]


def merge_small(conn: Conn, source: Source, target: Target, staged: int) -> Phase:
    """Merge a table that is staged whole. Rows that the source no longer has are marked as removed; labels are deleted."""
    phase = merging.merge(conn, source, target, staged=staged)
    gone = f"""from {target.table} t where t.tenant_id = %(tenant)s and t.source_id = %(source)s and not exists (
      select from stage_{target.stream.name} s where s.account_id = %(account)s and t.id = %(base)s + s.id)"""
    statement = f"delete {gone}"
    if "removed" in target.columns:
        statement = f"""update {target.table} u set removed = true where u.tenant_id = %(tenant)s and not u.removed
                        and u.id in (select t.id {gone})"""
    phase.deleted = conn.execute(statement.encode(), merging.parameters(source)).rowcount
    return phase


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


def derive_states(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Bring the states of these conversations in line with their status, messages and events."""
    if not conversation_ids:
        return 0
    values = {"tenant": tenant, "ids": bigints(conversation_ids)}
    bounds = {"lowest": min(conversation_ids), "highest": max(conversation_ids)}
    conn.execute(b"set local enable_nestloop = off")  # for the reason that facts.refresh gives
    changed = conn.execute(STATES, values | bounds).rowcount
    conn.execute(b"set local enable_nestloop = on")
    return changed


def touched(conn: Conn, source: Source) -> list[int]:
    """The ids of conversations in the store that any staged row belongs to."""
    parts = " union ".join(
        f"select %(base)s + {key} from stage_{stage} where account_id = %(account)s and {key} is not null"
        for stage, key in (("conversations", "id"), ("messages", "conversation_id"), ("events", "conversation_id"),
                           ("csat", "conversation_id"))
    )  # fmt: skip
    return sorted(
        store.known(conn, source.tenant_id, "conversations", store.ids(conn, parts, **merging.parameters(source)))
    )


def delete_missing_contacts(conn: Conn, source: Source, low: int, high: int) -> int:
    """Delete the contacts with source ids [low, high) that are not staged. The whole range must be staged."""
    return conn.execute(
        """delete from contacts t where tenant_id = %(tenant)s
             and id >= %(base)s + %(low)s and id < %(base)s + %(high)s
             and not exists (select from stage_contacts s where s.account_id = %(account)s and t.id = %(base)s + s.id
                             and (%(chosen)s::bigint[] is null or s.inboxes && %(chosen)s::bigint[]))""",
        {**merging.parameters(source), "low": low, "high": high},
    ).rowcount
