"""The states of mirrored conversations, derived from what Chatwoot says of them."""

from collections.abc import Sequence

from prosa.db import Conn, TenantId
from prosa.db.connection import ANY_OF_IDS, bigints

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


def derive(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Bring the states of these conversations in line with their status, messages and events. Returns how many changed."""
    if not conversation_ids:
        return 0
    values = {"tenant": tenant, "ids": bigints(conversation_ids)}
    bounds = {"lowest": min(conversation_ids), "highest": max(conversation_ids)}
    conn.execute(b"set local enable_nestloop = off")  # for the reason that facts.refresh gives
    changed = conn.execute(STATES, values | bounds).rowcount
    conn.execute(b"set local enable_nestloop = on")
    return changed
