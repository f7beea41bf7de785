-- migrate:up
-- What the KPIs count is read by the day of the conversation's creation. The facts therefore carry the few columns of
-- the conversation that KPIs group and filter by, so that a period is one narrow index range and not a join.
--
-- They are filled with the other facts, whenever a conversation is touched. An insight carries the conversation's time
-- of creation, which never changes, so that a period's insights are a range as well.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table conversation_facts
  add column created_at timestamptz,      -- the conversation's
  add column inbox_id bigint,
  add column contact_id bigint,
  add column assignee_id bigint,
  add column closed boolean;
alter table insights add column conversation_created_at timestamptz;

-- FORCE binds the owner as well, who would see no rows to fill.
alter table conversation_facts no force row level security;
alter table conversations no force row level security;
alter table insights no force row level security;
update conversation_facts f
set created_at = c.created_at, inbox_id = c.inbox_id, contact_id = c.contact_id, assignee_id = c.assignee_id,
    closed = c.state in ('agent_closed', 'support_closed', 'user_closed', 'expired', 'failed')
from conversations c where c.tenant_id = f.tenant_id and c.id = f.conversation_id;
delete from conversation_facts where created_at is null;  -- facts of a conversation that is gone
update insights n set conversation_created_at = c.created_at
from conversations c where c.tenant_id = n.tenant_id and c.id = n.conversation_id;
alter table insights force row level security;
alter table conversation_facts force row level security;
alter table conversations force row level security;

alter table conversation_facts alter column created_at set not null, alter column closed set not null;
alter table insights alter column conversation_created_at set not null;

-- Index-only: the facts' texts, most of their bytes, stay unread.
create index conversation_facts_by_creation on conversation_facts (tenant_id, created_at) include (
  conversation_id, inbox_id, contact_id, assignee_id, closed, last_sender, messages_contact, messages_agent, messages_bot,
  times_reopened, csat_rating, first_response_seconds, resolution_seconds);
create index conversation_facts_waiting on conversation_facts (tenant_id, created_at)
  include (conversation_id, inbox_id, assignee_id) where last_sender = 'contact' and not closed;
create index insights_by_creation on insights (tenant_id, conversation_created_at) include (conversation_id, is_lead);
-- What is to be analysed, newest first.
create index conversation_facts_by_contact_message on conversation_facts (tenant_id, last_contact_message_at, conversation_id)
  where last_contact_message_at is not null;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
