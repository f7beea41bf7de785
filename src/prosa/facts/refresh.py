"""Facts of conversations, counted from their messages and events. The definitions are METRICS' (docs/metrics.md)."""

from collections.abc import Sequence

from prosa.db.connection import Conn, TenantId

COLUMNS = (
    "created_at", "inbox_id", "contact_id", "assignee_id", "closed",
    "messages_total", "messages_contact", "messages_agent", "messages_bot", "private_notes",
    "first_message_at", "last_message_at", "last_contact_message_at", "first_message_text", "last_message_text",
    "last_sender", "first_agent_message_at", "first_response_seconds", "resolved_at", "resolution_seconds",
    "times_resolved", "times_reopened", "csat_rating", "csat_feedback", "version",
)  # fmt: skip

# The conversations are read once; what hangs on each is a range of a primary key. As joins over all of them, a planner without
# statistics (a young tenant) would read the tenant once a conversation; `lateral` with an aggregate leaves it no choice.
COUNTED = """
with bots as materialized (
  select coalesce(array_agg(id), '{}') as ids from agents where tenant_id = %(tenant)s and is_bot
)
select c.tenant_id, c.id, c.created_at, c.inbox_id, c.contact_id, c.assignee_id,
  c.state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed'),
  m.messages_total, m.messages_contact, m.messages_agent, m.messages_bot, m.private_notes,
  m.first_message_at, m.last_message_at, m.last_contact_message_at,
  m.texts[1], m.texts[m.messages_total], m.classes[m.messages_total],
  m.first_agent_message_at,
  extract(epoch from m.first_agent_message_at - coalesce(
    (select max(h) from unnest(e.handoffs) as h where h <= m.first_agent_message_at), c.created_at)),
  e.resolved_at, extract(epoch from e.resolved_at - c.created_at), e.times_resolved, e.times_reopened,
  s.rating, s.feedback, c.version
from bots
cross join (select * from conversations where tenant_id = %(tenant)s and id = any(%(ids)s) offset 0) as c
cross join lateral (
  select
    count(*) filter (where not private) as messages_total,
    count(*) filter (where not private and class = 'contact') as messages_contact,
    count(*) filter (where not private and class = 'agent') as messages_agent,
    count(*) filter (where not private and class = 'bot') as messages_bot,
    count(*) filter (where private) as private_notes,
    min(created_at) filter (where not private) as first_message_at,
    max(created_at) filter (where not private) as last_message_at,
    max(created_at) filter (where not private and class = 'contact') as last_contact_message_at,
    array_agg(text) filter (where not private) as texts,
    array_agg(class) filter (where not private) as classes,
    min(created_at) filter (where not private and class = 'agent' and created_at >= c.created_at) as first_agent_message_at
  from (
    select created_at, private, left(body, 500) as text,
      case when sender = 'agent' and agent_id = any(bots.ids) then 'bot'::message_sender else sender end as class
    from messages
    where tenant_id = %(tenant)s and conversation_id = c.id and sender <> 'system'
    order by messages.created_at, messages.id
  ) as message
) as m
cross join lateral (
  select
    count(*) filter (where kind = 'resolved') as times_resolved,
    max(at) filter (where kind = 'resolved') as resolved_at,
    count(*) filter (where kind = 'opened' and at >= first_resolved_at) as times_reopened,
    array_agg(at) filter (where kind = 'bot_handoff') as handoffs
  from (
    select kind, at, min(at) filter (where kind = 'resolved') over () as first_resolved_at
    from (
      select kind, at from conversation_events where tenant_id = %(tenant)s and conversation_id = c.id
      union all
      select case when to_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed') then 'resolved'
                  when from_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed') then 'opened'
                  else 'bot_handoff' end::event_kind, at
      from transitions
      where tenant_id = %(tenant)s and conversation_id = c.id
        and (to_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed')
          or from_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed')
          -- a person who takes over by replying was not handed anything before: the reply is what is to be timed
          or to_state = 'human_handoff' and reason <> 'reply')
    ) as event
  ) as life
) as e
left join lateral (
  select rating, feedback from csat_answers where tenant_id = %(tenant)s and conversation_id = c.id
  order by csat_answers.created_at desc, id desc limit 1
) as s on true
"""

SAVE = f"""
insert into conversation_facts (tenant_id, conversation_id, {", ".join(COLUMNS)})
{COUNTED}
on conflict (tenant_id, conversation_id) do update
set ({", ".join(COLUMNS)}) = ({", ".join("excluded." + c for c in COLUMNS)})
where ({", ".join("conversation_facts." + c for c in COLUMNS)})
  is distinct from ({", ".join("excluded." + c for c in COLUMNS)})
"""


def refresh(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Count the facts of these conversations anew; facts of conversations that are gone go too.

    Returns how many rows changed. Runs in the transaction that changed the conversations, so the two never disagree.
    """
    if not conversation_ids:
        return 0
    values = {"tenant": tenant, "ids": list(conversation_ids)}
    gone = conn.execute(
        """delete from conversation_facts f where tenant_id = %(tenant)s and conversation_id = any(%(ids)s)
           and (conversation_id in (select c.id from conversations c
                                    where c.tenant_id = %(tenant)s and c.id = any(%(ids)s))) is not true""",
        values,
    ).rowcount
    return gone + conn.execute(SAVE, values).rowcount
