-- migrate:up
-- The one conversation store, for every source: Chatwoot's mirror, Twilio, the API.
--
-- Ids. A row that mirrors a source's row is numbered source_id * 10^11 + the source's own id, so a load needs no look-up
-- to translate references, a second full load gives the same ids, and a person reads 300000012345 as "source 3, row 12345".
-- Rows born here take a sequence, below 10^11.
--
-- Foreign keys. The mirrored tables have none among themselves: a source shows rows in any order (late commits, merges,
-- deletions), a load must not stop at that, and three million checks cost more than the load. The ETL removes children
-- itself, and its property test compares with a fresh load. What is born here does reference its conversation.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create type source_kind as enum ('chatwoot', 'twilio', 'api');
create type conversation_state as enum ('pending', 'progress', 'idle_timeout', 'human_handoff',
  'agent_closed', 'support_closed', 'user_closed', 'expired', 'failed');
create type message_sender as enum ('contact', 'agent', 'bot', 'system');
create type message_status as enum ('queued', 'sent', 'delivered', 'read', 'failed');
create type event_kind as enum ('resolved', 'bot_handoff', 'opened');

-- A place that conversations are read from. Numbered 1, 2, 3 … within its tenant, since the number is part of ids.
create table sources (
  tenant_id bigint not null references tenants,
  id integer not null check (id between 1 and 90000),
  kind source_kind not null,
  name text not null,
  dsn_encrypted bytea,                    -- Chatwoot: the connection string (Fernet)
  server_fingerprint bytea,               -- keyed hash of host, port and database: tenants of one server are read together
  account_id bigint,                      -- Chatwoot: accounts.id
  chosen_inboxes bigint[],                -- Chatwoot: inboxes.id; null takes the whole account, new inboxes included
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index sources_by_server on sources (server_fingerprint);
select wall('sources',
  client => 'select (tenant_id, id, kind, name, account_id, chosen_inboxes, enabled, created_at)',
  admin => 'select, insert, update, delete');

create table inboxes (
  tenant_id bigint not null,
  id bigserial,
  source_id integer,
  name text not null default '',
  channel text not null,                  -- whatsapp, instagram, sms, email, web, telegram, facebook, api, …
  phone text,
  timezone text,
  assigned boolean not null default true, -- false: seen at the source, not chosen, so not read
  removed boolean not null default false, -- no longer at the source
  primary key (tenant_id, id)
);
select wall('inboxes', client => 'select', admin => 'select, insert, update, delete');

create table agents (
  tenant_id bigint not null,
  id bigserial,
  source_id integer,
  name text not null default '',
  email text,
  is_bot boolean not null default false,  -- the tenant says that this user is a program (DOMAIN.md, rule 5)
  removed boolean not null default false,
  primary key (tenant_id, id)
);
select wall('agents', client => 'select', admin => 'select, insert, update, delete');

create table teams (
  tenant_id bigint not null,
  id bigserial,
  source_id integer,
  name text not null default '',
  removed boolean not null default false,
  primary key (tenant_id, id)
);
select wall('teams', client => 'select', admin => 'select, insert, update, delete');

create table labels (
  tenant_id bigint not null,
  id bigserial,
  source_id integer,
  title text not null,
  color text,
  primary key (tenant_id, id)
);
select wall('labels', client => 'select', admin => 'select, insert, update, delete');

create table contacts (
  tenant_id bigint not null,
  id bigserial,
  source_id integer,
  name text,
  phone text,                             -- as the source gives it; null for a business-scoped id (DOMAIN.md, rule 23)
  email text,
  identifier text,                        -- the source's or the tenant's own id of the contact
  blocked boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index contacts_by_phone on contacts (tenant_id, phone) where phone is not null;
select wall('contacts', client => 'select', admin => 'select, insert, update, delete');

create table conversations (
  tenant_id bigint not null,
  id bigserial,
  source source_kind not null,
  source_id integer,
  external_id bigint,
  display_id bigint,
  inbox_id bigint,
  contact_id bigint,
  assignee_id bigint,
  team_id bigint,
  state conversation_state not null default 'pending',
  external_status text,                   -- the source's own word
  priority text,
  labels text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_activity_at timestamptz not null default now(),
  -- What follows is for conversations that live here (Twilio, API); a mirror leaves it empty.
  channel text,
  contact_address text,
  our_address text,
  expires_at timestamptz,
  closed_at timestamptz,
  version integer not null default 0,     -- compare-and-set
  predecessor_id bigint,
  context jsonb,
  primary key (tenant_id, id),
  check (source = 'chatwoot' or (channel is not null and contact_address is not null and our_address is not null))
);
create index conversations_by_creation on conversations (tenant_id, created_at);
create index conversations_by_contact on conversations (tenant_id, contact_id);
-- At most one open conversation per tenant, channel and pair of addresses.
create unique index conversations_one_open on conversations (tenant_id, channel, our_address, contact_address)
  where source <> 'chatwoot' and state in ('pending', 'progress', 'idle_timeout', 'human_handoff');
select wall('conversations', client => 'select', admin => 'select, insert, update, delete');

-- Read by conversation, written by conversation: the primary key is the only index that three million rows carry.
create table messages (
  tenant_id bigint not null,
  conversation_id bigint not null,
  id bigserial,
  sender message_sender not null,
  private boolean not null default false,
  deleted boolean not null default false,
  status message_status,
  agent_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  provider_sid text,                      -- Twilio's MessageSid
  body text,                              -- null: media only
  attributes jsonb,
  primary key (tenant_id, conversation_id, id)
);
create unique index messages_by_provider_sid on messages (tenant_id, provider_sid) where provider_sid is not null;
select wall('messages', client => 'select', admin => 'select, insert, update, delete');

-- What a source reports about a conversation's life. Conversations that live here have transitions instead.
create table conversation_events (
  tenant_id bigint not null,
  conversation_id bigint not null,
  id bigserial,
  kind event_kind not null,
  at timestamptz not null,
  agent_id bigint,                        -- the person it is credited to, if any
  primary key (tenant_id, conversation_id, id)
);
select wall('conversation_events', client => 'select', admin => 'select, insert, update, delete');

create table transitions (
  tenant_id bigint not null,
  conversation_id bigint not null,
  id bigserial,
  from_state conversation_state,          -- null: the conversation began
  to_state conversation_state not null,
  actor text not null,                    -- 'contact', 'user:7', 'apikey:3', 'job:expire', 'closure'
  reason text not null default '',
  at timestamptz not null default now(),
  primary key (tenant_id, conversation_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
select wall('transitions', client => 'select', admin => 'select, insert');

create table csat_answers (
  tenant_id bigint not null,
  conversation_id bigint not null,
  id bigserial,
  rating integer not null,
  feedback text,
  created_at timestamptz not null,
  primary key (tenant_id, conversation_id, id)
);
select wall('csat_answers', client => 'select', admin => 'select, insert, update, delete');

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
