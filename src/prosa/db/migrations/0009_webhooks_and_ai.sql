-- migrate:up
-- Outgoing webhooks, and what AI features made of single messages.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table webhook_endpoints (
  tenant_id bigint not null references tenants check (tenant_id > 0),
  id bigserial,
  url text not null,
  note text not null default '',          -- the tenant's own words
  event_types text[] not null default '{}',
  secret_encrypted bytea not null,        -- Fernet; shown once
  old_secret_encrypted bytea,             -- after a rotation both sign, so that the receiver may follow at leisure
  old_secret_until timestamptz,
  enabled boolean not null default true,
  failing_since timestamptz,              -- the first failure since the last success
  switched_off_reason text,               -- why Prosa itself switched it off
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
select wall('webhook_endpoints', admin => 'select, insert, update, delete');

-- One row an event and endpoint, written in the transaction of the event. A pending one is due at next_try_at; while it is
-- being sent that time lies ahead, so that another worker leaves it alone and a killed one's is taken up later.
create table webhook_deliveries (
  tenant_id bigint not null,
  id bigserial,
  endpoint_id bigint not null,
  message_id uuid not null default gen_random_uuid(), -- the header webhook-id: the same in every try
  type text not null,
  data jsonb not null,
  conversation_id bigint,                 -- whom it tells about: for export and erasure
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  response_code integer,                  -- of the last try, as what follows
  error text,
  milliseconds integer,
  tried_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, endpoint_id) references webhook_endpoints (tenant_id, id) on delete cascade
);
create index webhook_deliveries_by_endpoint on webhook_deliveries (tenant_id, endpoint_id, id);
create index webhook_deliveries_due on webhook_deliveries (tenant_id, next_try_at) where state = 'pending';
create index webhook_deliveries_by_conversation on webhook_deliveries (tenant_id, conversation_id) where conversation_id is not null;
create index webhook_deliveries_by_age on webhook_deliveries (tenant_id, created_at) where state <> 'pending';
select wall('webhook_deliveries', admin => 'select, insert, update, delete');

-- One row a message and feature, claimed before the work: a job that runs twice finds it and stops.
create table ai_results (
  tenant_id bigint not null,
  conversation_id bigint not null,
  message_id bigint not null,
  feature text not null,
  state text not null default 'claimed' check (state in ('claimed', 'done', 'skipped', 'failed')),
  model text,
  prompt_version text not null default '',
  result jsonb not null default '{}',
  tokens integer not null default 0,      -- in and out; the ledger of calls tells them apart
  cost numeric(12, 8) not null default 0, -- US dollars
  milliseconds integer,
  error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, conversation_id, message_id, feature),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
select wall('ai_results', client => 'select', admin => 'select, insert, update, delete');

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
