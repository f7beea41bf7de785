-- migrate:up
-- What is known about each conversation: facts (counted), insights (judged), outcomes (stated by someone). METRICS.md.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create type sentiment as enum ('positive', 'neutral', 'negative');
create type insight_category as enum ('lead', 'service', 'question', 'complaint', 'other');
create type interest as enum ('high', 'medium', 'low');
create type outcome_kind as enum ('visit', 'conversion');

-- Counted from messages and events; nothing here depends on the present time or on a judgement.
--
-- It carries the few columns of the conversation that KPIs group and filter by, so that a period's KPIs are read from one
-- narrow range of an index and without a join.
create table conversation_facts (
  tenant_id bigint not null,
  conversation_id bigint not null,
  created_at timestamptz not null,              -- these five are the conversation's
  inbox_id bigint,
  contact_id bigint,
  assignee_id bigint,
  closed boolean not null,
  messages_total integer not null,
  messages_contact integer not null,
  messages_agent integer not null,
  messages_bot integer not null,
  private_notes integer not null,
  first_message_at timestamptz,
  last_message_at timestamptz,
  last_contact_message_at timestamptz,
  first_message_text text,
  last_message_text text,
  last_sender message_sender,
  first_agent_message_at timestamptz,
  first_response_seconds double precision,
  resolved_at timestamptz,
  resolution_seconds double precision,
  times_resolved integer not null,
  times_reopened integer not null,
  csat_rating integer,
  csat_feedback text,
  primary key (tenant_id, conversation_id)
);
-- Index-only: the facts' texts, most of their bytes, stay unread.
create index conversation_facts_by_creation on conversation_facts (tenant_id, created_at) include (
  conversation_id, inbox_id, contact_id, assignee_id, closed, last_sender, messages_contact, messages_agent, messages_bot,
  times_reopened, csat_rating, first_response_seconds, resolution_seconds);
create index conversation_facts_waiting on conversation_facts (tenant_id, created_at)
  include (conversation_id, inbox_id, assignee_id) where last_sender = 'contact' and not closed;
-- What is to be analysed, newest first.
create index conversation_facts_by_contact_message on conversation_facts (tenant_id, last_contact_message_at, conversation_id)
  where last_contact_message_at is not null;
select wall('conversation_facts', client => 'select', admin => 'select, insert, update, delete');

-- The latest judgement of each conversation, and how far it had read.
create table insights (
  tenant_id bigint not null,
  conversation_id bigint not null,
  conversation_created_at timestamptz not null, -- never changes; so that a period's insights are a range of an index
  sentiment sentiment not null,
  sentiment_score real not null check (sentiment_score between -1 and 1),
  category insight_category not null,
  is_lead boolean not null,
  interest interest not null,
  conversion_score smallint not null check (conversion_score between 0 and 100),
  lead_name text,
  lead_goal text,
  fields jsonb not null default '{}',
  summary text not null default '',
  next_step text not null default '',
  evidence bigint[] not null default '{}',      -- message ids
  confidence real not null check (confidence between 0 and 1),
  model text not null,
  prompt_version text not null default '',
  read_to timestamptz not null,                 -- the contact's last message that was judged: a later one makes this stale
  created_at timestamptz not null default now(),
  primary key (tenant_id, conversation_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index insights_by_creation on insights (tenant_id, conversation_created_at) include (conversation_id, is_lead);
select wall('insights', client => 'select', admin => 'select, insert, update, delete');

-- Visits and conversions are facts with an origin; an AI's estimate never enters here.
create table outcomes (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint not null,
  kind outcome_kind not null,
  at timestamptz not null,
  origin text not null check (origin in ('person', 'label_rule', 'api', 'csv')),
  actor text not null,
  note text not null default '',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index outcomes_by_conversation on outcomes (tenant_id, conversation_id);
select wall('outcomes', client => 'select', admin => 'select, insert, update, delete');

-- One row a conversation, with the columns that every screen, export and API answer shares.
create view conversation_rows with (security_invoker = true) as
select
  c.tenant_id,
  t.slug as tenant,
  c.id as conversation_id,
  c.source::text as source,
  c.external_id,
  c.display_id,
  c.inbox_id,
  i.name as inbox_name,
  coalesce(c.channel, i.channel) as channel,
  c.contact_id,
  p.name as contact_name,
  p.phone as contact_phone,
  p.email as contact_email,
  c.state::text as state,
  c.external_status,
  c.priority,
  a.name as assignee_name,
  m.name as team_name,
  array_to_string(c.labels, ';') as labels,
  c.created_at,
  c.updated_at,
  c.last_activity_at,
  f.first_message_at,
  f.last_message_at,
  f.first_message_text,
  f.last_message_text,
  f.last_sender::text as last_sender,
  coalesce(f.messages_total, 0) as messages_total,
  coalesce(f.messages_contact, 0) as messages_contact,
  coalesce(f.messages_agent, 0) as messages_agent,
  coalesce(f.messages_bot, 0) as messages_bot,
  coalesce(f.private_notes, 0) as private_notes,
  f.first_response_seconds,
  f.resolved_at,
  f.resolution_seconds,
  coalesce(f.times_resolved, 0) as times_resolved,
  coalesce(f.times_reopened, 0) as times_reopened,
  extract(epoch from f.last_message_at - f.first_message_at)::double precision as duration_seconds,
  f.csat_rating,
  f.csat_feedback,
  coalesce(f.messages_agent, 0) > 0 as has_human_reply,
  coalesce(f.messages_contact > 0 and f.messages_agent = 0, false) as never_answered,
  coalesce(f.last_sender = 'contact', false) and not s.closed as awaiting_reply,
  s.closed and coalesce(f.messages_agent = 0 and f.messages_bot > 0, false) as bot_resolved,
  n.is_lead,
  n.category::text as category,
  n.sentiment::text as sentiment,
  n.interest::text as interest,
  n.conversion_score,
  n.lead_name,
  n.lead_goal,
  n.model as insight_model,
  n.created_at as insight_at,
  case
    when f.last_contact_message_at is null then null
    when f.last_contact_message_at > now() - interval '24 hours' then 'recent'
    when f.last_contact_message_at > now() - interval '7 days' then 'medium'
    else 'cold'
  end as recency,
  o.visit_scheduled_at,
  o.converted_at,
  o.conversion_origin
from conversations c
cross join lateral (
  select c.state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed') as closed) as s
join tenants t on t.id = c.tenant_id
left join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id
left join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
left join agents a on a.tenant_id = c.tenant_id and a.id = c.assignee_id
left join teams m on m.tenant_id = c.tenant_id and m.id = c.team_id
left join conversation_facts f on f.tenant_id = c.tenant_id and f.conversation_id = c.id
left join insights n on n.tenant_id = c.tenant_id and n.conversation_id = c.id
left join (
  select tenant_id, conversation_id,
    min(at) filter (where kind = 'visit') as visit_scheduled_at,
    min(at) filter (where kind = 'conversion') as converted_at,
    (array_agg(origin order by at, id) filter (where kind = 'conversion'))[1] as conversion_origin
  from outcomes group by tenant_id, conversation_id
) o on o.tenant_id = c.tenant_id and o.conversation_id = c.id;
grant select on conversation_rows to prosa_client, prosa_admin, prosa_super_admin;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
