-- migrate:up
-- Conversations that live here: matched in both forms of a Brazilian number, found by the clock, counted when they change.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- An address is kept as it was given; its key is the form in which two spellings of one address are equal
-- (prosa.conversations.addresses). A key is what makes a conversation the only open one of its pair.
alter table conversations add column contact_key text, add column our_key text;
alter table conversations no force row level security;  -- it binds the owner too, who would see no rows to fill
update conversations set contact_key = contact_address, our_key = our_address where source <> 'chatwoot';
alter table conversations force row level security;
alter table conversations add constraint conversations_keys_check
  check (source = 'chatwoot' or (contact_key is not null and our_key is not null));
drop index conversations_one_open;
create unique index conversations_one_open on conversations (tenant_id, channel, our_key, contact_key)
  where source <> 'chatwoot' and state in ('pending', 'progress', 'idle_timeout', 'human_handoff');
create index conversations_by_pair on conversations (tenant_id, contact_key, our_key, channel, id) where source <> 'chatwoot';
create index conversations_here on conversations (tenant_id, created_at, id) where source <> 'chatwoot';
-- What the clock ends or pauses, and what has changed since its facts were counted.
create index conversations_by_expiry on conversations (tenant_id, expires_at)
  where source <> 'chatwoot' and state in ('pending', 'progress', 'idle_timeout', 'human_handoff');
create index conversations_by_activity on conversations (tenant_id, last_activity_at)
  where source <> 'chatwoot' and state = 'progress';
create index conversations_by_change on conversations (tenant_id, updated_at) where source <> 'chatwoot';

-- Contacts that were born here are known by the key of their address; a source's contacts by the source's id.
alter table contacts add column address_key text;
create unique index contacts_by_address on contacts (tenant_id, address_key) where address_key is not null;

-- A client that repeats a request names it, and gets the first one's message.
alter table messages add column idempotency_key text;
create unique index messages_by_idempotency_key on messages (tenant_id, idempotency_key) where idempotency_key is not null;

-- The conversation's version that was counted: another one means that the facts are stale.
alter table conversation_facts add column version integer not null default 0;

-- Requests of one API key in one minute.
create table api_usage (
  tenant_id bigint not null,
  key_id bigint not null,
  minute timestamptz not null,
  requests integer not null,
  primary key (tenant_id, key_id)
);
select wall('api_usage', admin => 'select, insert, update, delete');

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
