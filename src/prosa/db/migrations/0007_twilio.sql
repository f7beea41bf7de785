-- migrate:up
-- Twilio, inwards: accounts and their numbers, the media and the advertisements that messages bring along, and the narrow
-- functions by which a webhook finds its tenant.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- A tenant's Twilio account. A subaccount is an account like any other: it has a SID and a token of its own, and signs with it.
create table twilio_accounts (
  tenant_id bigint not null references tenants check (tenant_id > 0),
  id bigserial,
  account_sid text not null check (account_sid ~ '^AC[0-9a-f]{32}$'),
  parent_sid text check (parent_sid ~ '^AC[0-9a-f]{32}$'),                       -- of a subaccount
  token_encrypted bytea not null,                                                -- Fernet
  messaging_service_sid text check (messaging_service_sid ~ '^MG[0-9a-f]{32}$'),
  name text not null default '',                                                 -- Twilio's friendly name
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, account_sid)
);
create index twilio_accounts_by_sid on twilio_accounts (account_sid);
select wall('twilio_accounts',
  client => 'select (tenant_id, id, account_sid, parent_sid, messaging_service_sid, name, created_at)',
  admin => 'select');

-- The account's numbers: what contacts write to. A number belongs to one tenant, which only the operator can see to: it is
-- he who connects accounts.
create table twilio_numbers (
  tenant_id bigint not null,
  id bigserial,
  account_id bigint not null,
  address text not null,                  -- E.164, as Twilio knows it
  address_key text not null,              -- for matching (prosa.conversations.addresses)
  inbox_id bigint not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, address_key),
  foreign key (tenant_id, account_id) references twilio_accounts (tenant_id, id) on delete cascade
);
create index twilio_numbers_by_key on twilio_numbers (address_key);
select wall('twilio_numbers', client => 'select', admin => 'select');

-- Pictures, voice notes and documents that came with a message, or go with one. A job fetches what arrives.
create type media_state as enum ('waiting', 'kept', 'refused', 'failed', 'erased');
create table message_media (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint not null,
  message_id bigint not null,
  position smallint not null check (position between 0 and 9),   -- Twilio takes up to ten
  url text,                               -- where the provider has it; null once erased
  content_type text not null,             -- as the provider says
  state media_state not null default 'waiting',
  problem text,                           -- why it was refused, or could not be fetched
  object_key text,                        -- its name in the media store
  bytes bigint,
  fetched_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, message_id, position),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index message_media_by_conversation on message_media (tenant_id, conversation_id);
create index message_media_waiting on message_media (tenant_id, id) where state = 'waiting';
select wall('message_media', client => 'select', admin => 'select, insert, update, delete');

-- The advertisement (click-to-WhatsApp) that a message answers, for attribution. The click id goes back to Meta with a
-- conversion.
create table ad_referrals (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint not null,
  message_id bigint not null,
  ad_id text,
  source_type text,                       -- 'ad' or 'post'
  source_url text,
  headline text,
  body text,
  click_id text,                          -- Meta's ctwa_clid
  media_url text,
  media_type text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, message_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index ad_referrals_by_conversation on ad_referrals (tenant_id, conversation_id);
create index ad_referrals_by_ad on ad_referrals (tenant_id, ad_id) where ad_id is not null;
select wall('ad_referrals', client => 'select', admin => 'select, insert, update, delete');

-- Webhooks for numbers that nobody has connected, for the operator: rows of tenant 0, the platform.
create table unknown_numbers (
  tenant_id bigint not null default 0 references tenants,
  account_sid text not null,
  number text not null,
  times integer not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (tenant_id, account_sid, number)
);
select wall('unknown_numbers', super_admin => 'select, delete');

-- Before a tenant is known ------------------------------------------------------------------------------------------------
-- As in 0002: these belong to prosa_login, see what its policies name, and answer about the one account and number given.

create policy login on twilio_accounts for select to prosa_login using (true);
create policy login on twilio_numbers for select to prosa_login using (true);
create policy login on unknown_numbers to prosa_login using (true) with check (true);
grant select on twilio_accounts, twilio_numbers to prosa_login;
grant select, insert, update on unknown_numbers to prosa_login;

-- Whose webhook is it? The account that has the number first; without a number_id it is an account of this SID, whose
-- token can tell whether Twilio sent the webhook, but no tenant of it has the number.
create function twilio_find(sid text, number_key text)
  returns table (tenant_id bigint, account_id bigint, token_encrypted bytea, number_id bigint, inbox_id bigint)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select a.tenant_id, a.id, a.token_encrypted, n.id, n.inbox_id
  from public.twilio_accounts a
  left join public.twilio_numbers n
    on n.tenant_id = a.tenant_id and n.account_id = a.id and n.address_key = number_key
  where a.account_sid = sid
  order by n.id nulls last, a.tenant_id limit 1;
end;

create function twilio_number_exists(number_key text) returns boolean
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select exists (select from public.twilio_numbers where address_key = number_key);
end;

-- Anybody on the internet can cause such a row, so there is an end to them.
create function unknown_number_seen(sid text, to_number text) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  insert into public.unknown_numbers as u (account_sid, number)
  select left(sid, 64), left(to_number, 160)
  where (select count(*) from public.unknown_numbers) < 1000
    or exists (select from public.unknown_numbers where account_sid = left(sid, 64) and number = left(to_number, 160))
  on conflict (tenant_id, account_sid, number) do update set times = u.times + 1, last_at = now();
end;

do $$
declare
  f regprocedure;
begin
  grant create on schema public to prosa_login;
  foreach f in array array['twilio_find(text, text)', 'twilio_number_exists(text)', 'unknown_number_seen(text, text)']::regprocedure[] loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to prosa_app', f);
    execute format('alter function %s owner to prosa_login', f);
  end loop;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
