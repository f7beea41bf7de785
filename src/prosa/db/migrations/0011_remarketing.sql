-- migrate:up
-- Remarketing: whom to write to (segments), with what (templates, drafts), under which rules (consents), and what came of it
-- (campaigns with a holdout group, label rules, outcomes that can be taken back).

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table segments (
  tenant_id bigint not null references tenants,
  id bigserial,
  name text not null check (name <> ''),
  definition jsonb not null,              -- prosa.remarketing.segments.Definition
  created_by text not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select wall('segments', client => 'select', admin => 'select, insert, update, delete');

-- What a segment asks of the insights, without their texts.
create index insights_for_segments on insights (tenant_id, conversation_id) include (is_lead, category, interest);

-- The tenant's own wording, in jinja2. One that is archived stays, for the drafts that it made.
create table message_templates (
  tenant_id bigint not null references tenants,
  id bigserial,
  name text not null check (name <> ''),
  body text not null,
  updated_by text not null,
  updated_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select wall('message_templates', client => 'select', admin => 'select, insert, update');

-- Templates that Meta approves, as the provider shows them. Only an approved one may open a conversation (DOMAIN.md, rule 19).
create table whatsapp_templates (
  tenant_id bigint not null references tenants,
  id bigserial,
  provider text not null check (provider in ('twilio', 'chatwoot')),
  account text not null,                  -- Twilio: the AccountSid; Chatwoot: our inbox's id
  external_id text not null,              -- Twilio: the ContentSid; Chatwoot: name and language
  name text not null,
  language text not null,
  category text not null default '',      -- MARKETING, UTILITY, AUTHENTICATION
  body text not null,
  variables text[] not null default '{}', -- names as they stand in the body: 1, 2, … or words
  status text not null,                   -- approved, pending, rejected, paused, …: the provider's word, in lower case
  rejection_reason text not null default '',
  removed boolean not null default false, -- no longer at the provider
  synced_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, provider, account, external_id)
);
select wall('whatsapp_templates', client => 'select', admin => 'select, insert, update');

-- The ledger: each row is one statement of one contact, and none is ever changed.
create table consents (
  tenant_id bigint not null references tenants,
  id bigserial,
  contact_key text not null,              -- prosa.conversations.addresses: both forms of the ninth digit are one contact
  granted boolean not null,               -- false: withdrawn
  origin text not null check (origin in ('message', 'form', 'person', 'api', 'csv')),
  evidence text not null check (evidence <> ''),
  actor text not null,
  at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index consents_by_contact on consents (tenant_id, contact_key, at);
select wall('consents', client => 'select', admin => 'select, insert');

create table campaigns (
  tenant_id bigint not null references tenants,
  id bigserial,
  name text not null check (name <> ''),
  segment_id bigint not null,
  state text not null default 'paused' check (state in ('paused', 'active', 'ended')),
  variants jsonb not null,                -- prosa.remarketing.campaigns.Variant
  holdout_percent smallint not null default 0 check (holdout_percent between 0 and 50),
  cap integer check (cap > 0),            -- messages in all
  daily_cap integer check (daily_cap > 0),-- messages in 24 hours
  auto_approve boolean not null default false,
  via_csv boolean not null default false, -- handed to another sender, whatever the conversation's own channel is
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, segment_id) references segments (tenant_id, id)
);
select wall('campaigns', client => 'select', admin => 'select, insert, update');

-- Whom a campaign has reached for, and in which arm: a variant's name, or none for the holdout group, who get nothing.
create table campaign_members (
  tenant_id bigint not null,
  campaign_id bigint not null,
  contact_key text not null,
  conversation_id bigint not null,
  variant text,
  joined_at timestamptz not null default now(),
  primary key (tenant_id, campaign_id, contact_key),
  foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id)
);
select wall('campaign_members', client => 'select', admin => 'select, insert');

create type draft_state as enum ('drafted', 'approved', 'scheduled', 'claimed', 'sent', 'delivered', 'read', 'replied',
  'converted', 'rejected', 'suppressed', 'failed', 'unknown');

-- One message to one contact, from its wording to what came of it. It names its conversation without a foreign key: what was
-- sent still counts toward the caps when a source deletes the conversation.
create table drafts (
  tenant_id bigint not null references tenants,
  id bigserial,
  campaign_id bigint,
  variant text,
  conversation_id bigint not null,
  contact_id bigint,
  contact_key text not null,
  contact_address text not null,          -- as the provider gave it
  channel text not null,
  inbox_id bigint,
  via text not null check (via in ('twilio', 'chatwoot', 'csv')),
  body text not null,                     -- what the contact will read; of a WhatsApp template with its variables filled in
  whatsapp_template_id bigint,
  variables jsonb not null default '{}',
  author text not null check (author in ('ai', 'template', 'person')),
  model text not null default '',         -- the AI's, with the version of the prompt
  prompt_version text not null default '',
  state draft_state not null default 'drafted',
  reason text not null default '',        -- why it is in this state, or why it waits
  version integer not null default 0,     -- compare-and-set
  attempts smallint not null default 0,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  approved_by text,
  approved_at timestamptz,
  due_at timestamptz,
  claimed_at timestamptz,
  sent_at timestamptz,
  message_id bigint,                      -- its message in the store
  primary key (tenant_id, id),
  foreign key (tenant_id, campaign_id) references campaigns (tenant_id, id),
  foreign key (tenant_id, whatsapp_template_id) references whatsapp_templates (tenant_id, id)
);
create index drafts_by_state on drafts (tenant_id, state, id);
create index drafts_due on drafts (tenant_id, due_at) where state = 'scheduled';
create index drafts_by_contact on drafts (tenant_id, contact_key, claimed_at);
create index drafts_by_claim on drafts (tenant_id, claimed_at) include (contact_key, state, whatsapp_template_id)
  where claimed_at is not null;
create index drafts_by_conversation on drafts (tenant_id, conversation_id);
create unique index drafts_one_of_campaign on drafts (tenant_id, campaign_id, contact_key) where campaign_id is not null;
select wall('drafts', client => 'select', admin => 'select, insert, update');

create table draft_transitions (
  tenant_id bigint not null,
  draft_id bigint not null,
  id bigserial,
  from_state draft_state,                 -- null: the draft was written
  to_state draft_state not null,
  actor text not null,
  reason text not null default '',
  at timestamptz not null,
  primary key (tenant_id, draft_id, id),
  foreign key (tenant_id, draft_id) references drafts (tenant_id, id) on delete cascade
);
select wall('draft_transitions', client => 'select', admin => 'select, insert');

-- A label that states an outcome.
create table label_rules (
  tenant_id bigint not null references tenants,
  id bigserial,
  label text not null check (label <> ''),
  kind outcome_kind not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, label, kind)
);
select wall('label_rules', client => 'select', admin => 'select, insert, delete');

-- The teller's own name of an outcome makes a repeat harmless.
alter table outcomes add column reference text, add column amount numeric(14, 2), add column currency text;
create unique index outcomes_by_reference on outcomes (tenant_id, origin, kind, reference) where reference is not null;

-- Outcomes that somebody took back. A label rule does not state them again, and a repeated import neither.
create table undone_outcomes (
  tenant_id bigint not null,
  outcome_id bigint not null,
  conversation_id bigint not null,
  kind outcome_kind not null,
  at timestamptz not null,
  origin text not null,
  actor text not null,
  reference text,
  undone_by text not null,
  undone_at timestamptz not null default now(),
  primary key (tenant_id, outcome_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index undone_outcomes_by_conversation on undone_outcomes (tenant_id, conversation_id);
select wall('undone_outcomes', client => 'select', admin => 'select, insert');

-- Chatwoot's REST API, by which messages go out where the conversation is Chatwoot's.
alter table sources add column api_url text, add column api_token_encrypted bytea;

-- E-mail addresses of a CRM's list are matched in lower case.
create index contacts_by_email on contacts (tenant_id, lower(email)) where email is not null;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
