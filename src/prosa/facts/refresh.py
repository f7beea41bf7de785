"""Facts of conversations, counted from their messages and events. docs/metrics.md has the definitions."""

from collections.abc import Sequence
from typing import Any

from psycopg import errors

from prosa.db.connection import ANY_OF_IDS, Conn, TenantId, bigints
from prosa.facts import prepared

MANY = 100  # conversations; from here on it is worth asking first whether all of them are new

COLUMNS = (
    "created_at", "inbox_id", "contact_id", "assignee_id", "closed",
    "messages_total", "messages_contact", "messages_agent", "messages_bot", "private_notes",
    "first_message_at", "last_message_at", "last_contact_message_at", "first_message_text", "last_message_text",
    "last_sender", "first_agent_message_at", "first_response_seconds", "resolved_at", "resolution_seconds",
    "times_resolved", "times_reopened", "csat_rating", "csat_feedback", "version",
)  # fmt: skip

# The first and the last text are looked up by their times in a second reading: that costs less than sorting all texts of a
# conversation to get two of them.
COUNTED = f"""
with message as not materialized (
  select m.conversation_id, m.id, m.created_at, m.private, m.body,
    case when m.sender = 'agent' and m.agent_id = any(array(
      select id from agents where tenant_id = %(tenant)s and is_bot)) then 'bot'::message_sender else m.sender end as class
  from messages m
  where m.tenant_id = %(tenant)s and m.conversation_id = {ANY_OF_IDS} and m.sender <> 'system'
    -- says nothing new, but lets many neighbours be read as one range of the primary key
    and m.conversation_id between %(lowest)s and %(highest)s
), counted as (
  select m.conversation_id,
    count(*) filter (where not private) as messages_total,
    count(*) filter (where not private and class = 'contact') as messages_contact,
    count(*) filter (where not private and class = 'agent') as messages_agent,
    count(*) filter (where not private and class = 'bot') as messages_bot,
    count(*) filter (where private) as private_notes,
    min(m.created_at) filter (where not private) as first_message_at,
    max(m.created_at) filter (where not private) as last_message_at,
    max(m.created_at) filter (where not private and class = 'contact') as last_contact_message_at,
    min(m.created_at) filter (where not private and class = 'agent' and m.created_at >= c.created_at)
      as first_agent_message_at
  from message m join conversations c on c.tenant_id = %(tenant)s and c.id = m.conversation_id
    and c.id = {ANY_OF_IDS} and c.id between %(lowest)s and %(highest)s
  group by m.conversation_id
), outermost as (
  select m.conversation_id,
    -- all in one order, so that they are sorted once and not conversation by conversation
    (array_agg(text order by m.id) filter (where is_first))[1] as first_text,
    (array_agg(text order by m.id) filter (where is_last))[count(*) filter (where is_last)] as last_text,
    (array_agg(class order by m.id) filter (where is_last))[count(*) filter (where is_last)] as last_class
  from (select m.conversation_id, m.id, m.class, left(m.body, 500) as text,
          m.created_at = c.first_message_at as is_first, m.created_at = c.last_message_at as is_last
        from message m join counted c on c.conversation_id = m.conversation_id
        where not m.private and m.created_at in (c.first_message_at, c.last_message_at)) as m
  group by m.conversation_id
), event as (
  select conversation_id, kind, at from conversation_events
  where tenant_id = %(tenant)s and conversation_id = {ANY_OF_IDS} and conversation_id between %(lowest)s and %(highest)s
  union all
  select conversation_id,
    case when to_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed') then 'resolved'
         when from_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed') then 'opened'
         else 'bot_handoff' end::event_kind, at from transitions
  where tenant_id = %(tenant)s and conversation_id = {ANY_OF_IDS} and conversation_id between %(lowest)s and %(highest)s
    and (to_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed')
      or from_state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed')
      -- a person who takes over by replying was not handed anything before: the reply is what is to be timed
      or to_state = 'human_handoff' and reason <> 'reply')
), life as (
  select conversation_id,
    count(*) filter (where kind = 'resolved') as times_resolved,
    max(at) filter (where kind = 'resolved') as resolved_at,
    count(*) filter (where kind = 'opened' and at >= first_resolved_at) as times_reopened,
    array_agg(at) filter (where kind = 'bot_handoff') as handoffs
  from (select *, min(at) filter (where kind = 'resolved') over (partition by conversation_id) as first_resolved_at
        from event) as e
  group by conversation_id
), csat as (
  select distinct on (conversation_id) conversation_id, rating, feedback from csat_answers
  where tenant_id = %(tenant)s and conversation_id = {ANY_OF_IDS} and conversation_id between %(lowest)s and %(highest)s
  order by conversation_id, created_at desc, id desc
)
select c.tenant_id, c.id, c.created_at, c.inbox_id, c.contact_id, c.assignee_id,
  c.state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed'),
  coalesce(m.messages_total, 0), coalesce(m.messages_contact, 0), coalesce(m.messages_agent, 0),
  coalesce(m.messages_bot, 0), coalesce(m.private_notes, 0),
  m.first_message_at, m.last_message_at, m.last_contact_message_at,
  o.first_text, o.last_text, o.last_class,
  m.first_agent_message_at,
  extract(epoch from m.first_agent_message_at - coalesce(
    (select max(h) from unnest(e.handoffs) as h where h <= m.first_agent_message_at), c.created_at)),
  e.resolved_at, extract(epoch from e.resolved_at - c.created_at),
  coalesce(e.times_resolved, 0), coalesce(e.times_reopened, 0),
  s.rating, s.feedback, c.version
from conversations c
left join counted m on m.conversation_id = c.id
left join outermost o on o.conversation_id = c.id
left join life e on e.conversation_id = c.id
left join csat s on s.conversation_id = c.id
where c.tenant_id = %(tenant)s and c.id = {ANY_OF_IDS} and c.id between %(lowest)s and %(highest)s
"""

ADD = f"""
insert into conversation_facts (tenant_id, conversation_id, {", ".join(COLUMNS)})
{COUNTED}"""
SAVE = f"""{ADD}
on conflict (tenant_id, conversation_id) do update
set ({", ".join(COLUMNS)}) = ({", ".join("excluded." + c for c in COLUMNS)})
where ({", ".join("conversation_facts." + c for c in COLUMNS)})
  is distinct from ({", ".join("excluded." + c for c in COLUMNS)})
"""


def refresh(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Count the facts of these conversations again, and delete those of conversations that are gone.

    Returns how many rows changed. Runs in the transaction that changed the conversations, so the two never disagree.
    """
    if not conversation_ids:
        return 0
    values = {
        "tenant": tenant, "ids": bigints(conversation_ids), "lowest": min(conversation_ids), "highest": max(conversation_ids),
    }  # fmt: skip
    prepared.forget(conn, tenant, conversation_ids)
    # If many are counted and all are new, as in a first load, nothing is looked up one by one.
    new = len(conversation_ids) >= MANY and not _any_counted(conn, values)
    gone = 0 if new else _forget_gone(conn, values)
    # A planner without statistics (a young tenant) guesses one row a table. It would then join in a loop, and read the whole
    # tenant for every conversation. This way each table is read once, by the ids, and hashed.
    conn.execute(b"set local enable_nestloop = off")
    changed = _add(conn, values) if new else conn.execute(SAVE, values).rowcount
    conn.execute(b"set local enable_nestloop = on")
    return gone + changed


def _any_counted(conn: Conn, values: dict[str, Any]) -> bool:
    row = conn.execute(
        """select exists (select from conversation_facts
             where tenant_id = %(tenant)s and conversation_id between %(lowest)s and %(highest)s)""",
        values,
    ).fetchone()
    return bool(row and row[0])


def _forget_gone(conn: Conn, values: dict[str, Any]) -> int:
    return conn.execute(
        """delete from conversation_facts f where tenant_id = %(tenant)s and conversation_id = any(%(ids)s)
           and conversation_id between %(lowest)s and %(highest)s
           and (conversation_id in (select c.id from conversations c
                                    where c.tenant_id = %(tenant)s and c.id = any(%(ids)s))) is not true""",
        values,
    ).rowcount


def _add(conn: Conn, values: dict[str, Any]) -> int:
    try:
        with conn.transaction():
            return conn.execute(ADD, values).rowcount
    except errors.UniqueViolation:  # somebody else has counted one of them in the meantime
        return conn.execute(SAVE, values).rowcount
