-- migrate:up
-- Messages on their way out: who does not want any, what awaits sending, and what became of it.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- Whom a number of ours must not write to any more: the contact said so, blocked it, a person decided it, a list was imported.
-- A row that was lifted stays, as evidence of what the contact wanted when.
create table suppressions (
  tenant_id bigint not null,
  our_key text not null,                  -- the sender, and the contact, as keys (prosa.conversations.addresses)
  contact_key text not null,
  reason text not null check (reason in ('word', 'blocked', 'person', 'import')),
  actor text not null,                    -- 'contact', 'user:7', 'twilio'
  at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text,
  primary key (tenant_id, contact_key, our_key)
);
select wall('suppressions', client => 'select', admin => 'select, insert, update, delete');

create type delivery_state as enum
  ('queued', 'claimed', 'sent', 'delivered', 'read', 'failed', 'unknown', 'suppressed', 'refused');

-- One message of ours on its way to the contact. Written in the transaction that adds the message; claimed by whoever
-- sends it, in a transaction of its own, before the provider is called. What was claimed and not recorded may have been
-- sent: it becomes unknown, and is never sent again by itself.
create table deliveries (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint not null,
  message_id bigint not null,
  state delivery_state not null default 'queued',
  content_sid text,                       -- an approved template of Twilio's, with its variables
  content_variables jsonb,
  media_urls text[] not null default '{}',
  attempts integer not null default 0,    -- how often it was claimed; names the claim that may record
  due_at timestamptz not null,            -- queued: not before; claimed: when it was claimed
  provider_sid text,
  error_code integer,                     -- Twilio's
  problem text,                           -- ours, where Twilio was not asked: a word of prosa.sending.model.Problem
  queued_at timestamptz not null,
  claimed_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  failed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, message_id),
  foreign key (tenant_id, conversation_id, message_id) references messages (tenant_id, conversation_id, id) on delete cascade
);
create index deliveries_by_conversation on deliveries (tenant_id, conversation_id, message_id);
create unique index deliveries_by_sid on deliveries (tenant_id, provider_sid) where provider_sid is not null;
create index deliveries_waiting on deliveries (tenant_id, due_at) where state in ('queued', 'claimed');
select wall('deliveries', client => 'select', admin => 'select, insert, update, delete');

-- What the provider says about a message it took. It may say so twice, in any order, and before our own record of its SID
-- has committed: then the row waits for the delivery to be known.
create table status_callbacks (
  tenant_id bigint not null,
  provider_sid text not null,
  status text not null,
  error_code integer,
  named_delivery bigint,                  -- the delivery and the attempt that the callback's own address names
  named_attempt bigint,
  received_at timestamptz not null,
  applied_at timestamptz,                 -- null: of a message that we do not know (yet)
  primary key (tenant_id, provider_sid, status)
);
create index status_callbacks_held on status_callbacks (tenant_id, received_at) where applied_at is null;
create index status_callbacks_by_age on status_callbacks (tenant_id, received_at);
select wall('status_callbacks', client => 'select', admin => 'select, insert, update, delete');

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
