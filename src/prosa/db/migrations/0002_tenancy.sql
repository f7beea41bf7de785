-- migrate:up
-- Tenants, users, sessions, API keys, features, the audit log; and the narrow functions that work before a tenant is known.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create type user_role as enum ('client', 'admin', 'super_admin');

-- Tenant 0 is the platform itself: the operators (super_admin) belong to it, so that users, sessions and audit rows have
-- one shape. It owns no conversations.
create table tenants (
  id bigserial primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null check (name <> ''),
  -- An administrator may write these two, and the operator's queries go over all tenants: one bad value must not stop them.
  timezone text not null default 'America/Sao_Paulo' check (timestamptz 'epoch' at time zone timezone is not null),
  locale text not null default 'pt_BR' check (locale ~ '^[a-z]{2,3}(_[A-Z]{2})?$'),
  segment text,
  suspended_at timestamptz,
  created_at timestamptz not null default now()
);
insert into tenants (id, slug, name) values (0, 'platform', 'Prosa');  -- before the wall, which binds the owner too
select wall('tenants', client => 'select', admin => 'select, update (name, timezone, locale, segment)', tenant_column => 'id');

create table users (
  tenant_id bigint not null references tenants,
  id bigserial,
  email text not null check (email = lower(email)),
  name text not null default '',
  role user_role not null,
  password_hash text not null,
  locale text check (locale ~ '^[a-z]{2,3}(_[A-Z]{2})?$'),
  active boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, email),
  check ((role = 'super_admin') = (tenant_id = 0))
);
create index users_by_email on users (email);
-- Nobody reads a password hash but the login function; writing one is enough to change it.
select wall('users',
  client => 'select (tenant_id, id, email, name, role, locale, active, created_at), update (locale)',
  admin => 'select (tenant_id, id, email, name, role, locale, active, created_at), insert, update (email, name, role, password_hash, locale, active), delete',
  super_admin => 'select (tenant_id, id, email, name, role, locale, active, created_at), insert, update, delete');

create table sessions (
  tenant_id bigint not null,
  id bigserial,
  user_id bigint not null,
  token_hash bytea not null,              -- sha256; the token itself is handed out once and stored nowhere
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  address text,
  user_agent text,
  primary key (tenant_id, id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index sessions_by_token on sessions (token_hash);
select wall('sessions',
  admin => 'select (tenant_id, id, user_id, created_at, last_seen_at, expires_at, revoked_at, address, user_agent), update (revoked_at)',
  super_admin => 'select (tenant_id, id, user_id, created_at, last_seen_at, expires_at, revoked_at, address, user_agent), update (revoked_at), delete');

create table api_keys (
  tenant_id bigint not null references tenants check (tenant_id > 0),
  id bigserial,
  name text not null default '',
  prefix text not null,                   -- to recognise a key; the key itself is shown once
  key_hash bytea not null,
  scopes text[] not null default '{}',    -- empty: everything
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, key_hash)
);
create index api_keys_by_hash on api_keys (key_hash);
select wall('api_keys',
  admin => 'select (tenant_id, id, name, prefix, scopes, created_at, last_used_at, revoked_at), insert, update (name, revoked_at)',
  super_admin => 'select (tenant_id, id, name, prefix, scopes, created_at, last_used_at, revoked_at), insert, update (name, revoked_at)');

create table features (
  tenant_id bigint not null references tenants,
  name text not null,
  enabled boolean not null default false,
  config jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  primary key (tenant_id, name)
);
select wall('features', client => 'select', admin => 'select, insert, update, delete');

-- Append-only for every role of the application: no update, no delete, for the operator neither; and nobody chooses a
-- row's number or its time.
create table audit_log (
  tenant_id bigint not null,
  id bigserial,
  at timestamptz not null default now(),
  actor text not null,                    -- 'user:7', 'apikey:3', 'cli:maria', 'job:etl'
  action text not null,                   -- 'user.create', 'session.login', …
  object text,                            -- 'user:9'
  before jsonb,
  after jsonb,
  address text,
  primary key (tenant_id, id)
);
create index audit_log_by_time on audit_log (tenant_id, at);
select wall('audit_log',
  client => 'insert (tenant_id, actor, action, object, before, after, address)',
  admin => 'select, insert (tenant_id, actor, action, object, before, after, address)',
  super_admin => 'select, insert (tenant_id, actor, action, object, before, after, address)');
grant usage on sequence audit_log_id_seq to prosa_client;

-- Attempts to log in that did not succeed (yet), for the brake. No role of the application reaches this table; the
-- functions below do.
create table login_failures (
  id bigserial primary key,
  at timestamptz not null default now(),
  email text not null,
  address text not null
);
create index login_failures_by_email on login_failures (email, at);
create index login_failures_by_address on login_failures (address, at);
create index login_failures_by_time on login_failures (at);
alter table login_failures enable row level security;
alter table login_failures force row level security;
revoke all on login_failures from public;

-- Before a tenant is known ------------------------------------------------------------------------------------------------
-- These functions belong to prosa_login, which sees what its own policies name and nothing else. prosa_app may call them
-- without becoming a tenant's role; each answers about the one e-mail, token or key that it was given.

create policy login on tenants for select to prosa_login using (true);
create policy login on users for select to prosa_login using (true);
create policy login on sessions to prosa_login using (true) with check (true);
create policy login on api_keys to prosa_login using (true) with check (true);
create policy login on login_failures to prosa_login using (true) with check (true);
create policy login on audit_log for insert to prosa_login with check (true);
grant select on tenants, users to prosa_login;
grant select, insert, update on sessions to prosa_login;
grant insert (tenant_id, actor, action, object, address) on audit_log to prosa_login;
grant usage on sequence sessions_id_seq, login_failures_id_seq, audit_log_id_seq to prosa_login;
grant select, update (last_used_at) on api_keys to prosa_login;
grant select, insert, delete on login_failures to prosa_login;

-- Every live account of one e-mail address (a person may work for several tenants), or the one in a given tenant.
create function login_candidates(login_email text, in_tenant text default null)
  returns table (tenant_id bigint, user_id bigint, password_hash text, tenant_slug text, tenant_name text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select u.tenant_id, u.id, u.password_hash, t.slug, t.name
  from public.users u join public.tenants t on t.id = u.tenant_id
  where u.email = lower(login_email) and u.active and t.suspended_at is null and (in_tenant is null or t.slug = in_tenant)
  order by u.tenant_id limit 10;
end;

-- The brake: 5 failures of one e-mail, or 50 of one address, in 15 minutes. An attempt counts as failed from its start, so
-- that many at once gain nothing; one that the brake refuses is not counted, and has no number but the seconds to wait.
create function login_attempt(login_email text, login_address text, out attempt bigint, out wait_seconds integer)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  since constant timestamptz := now() - interval '15 minutes';
begin
  perform pg_advisory_xact_lock(hashtextextended('prosa login', 0));   -- attempts are counted one after the other
  delete from public.login_failures where at < now() - interval '1 day';
  select ceil(extract(epoch from max(brake.at) - since)) into wait_seconds from (
    (select at from public.login_failures where email = lower(login_email) and at > since order by at desc offset 4 limit 1)
    union all
    (select at from public.login_failures where address = login_address and at > since order by at desc offset 49 limit 1)
  ) as brake;
  if wait_seconds is null then
    insert into public.login_failures (email, address) values (lower(login_email), login_address) returning id into attempt;
  end if;
end $$;

-- Only this attempt is forgiven. Forgiving the e-mail's others would let whoever owns an account of the same e-mail in a
-- tenant of his own lift the brake on yours.
create function login_succeeded(attempt bigint) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  delete from public.login_failures where id = attempt;
end;

-- Null where the account has been closed in the meantime.
create function session_open(
  for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text, agent text) returns bigint
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with opened as (
    insert into public.sessions (tenant_id, user_id, token_hash, expires_at, address, user_agent)
    select u.tenant_id, u.id, hash, now() + lifetime, from_address, left(agent, 300)
    from public.users u join public.tenants t on t.id = u.tenant_id
    where u.tenant_id = for_tenant and u.id = for_user and u.active and t.suspended_at is null
    returning tenant_id, id, user_id
  ), logged as (
    insert into public.audit_log (tenant_id, actor, action, object, address)
    select tenant_id, 'user:' || user_id, 'session.login', 'session:' || id, from_address from opened
  )
  select id from opened;
end;

-- The live session of a token: not revoked, not expired, used within the idle time, its user active, its tenant not suspended.
create function session_find(hash bytea, idle interval)
  returns table (tenant_id bigint, tenant_slug text, tenant_name text, timezone text, session_id bigint, user_id bigint,
                 email text, user_name text, role user_role, locale text, last_seen_at timestamptz, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select s.tenant_id, t.slug, t.name, t.timezone, s.id, u.id, u.email, u.name, u.role, coalesce(u.locale, t.locale),
         s.last_seen_at, s.expires_at
  from public.sessions s
  join public.users u on u.tenant_id = s.tenant_id and u.id = s.user_id
  join public.tenants t on t.id = s.tenant_id
  where s.token_hash = hash and s.revoked_at is null and s.expires_at > now() and s.last_seen_at > now() - idle
    and u.active and t.suspended_at is null;
end;

create function session_touch(hash bytea) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update public.sessions set last_seen_at = now()
  where token_hash = hash and revoked_at is null and last_seen_at < now() - interval '1 minute';
end;

create function session_revoke(hash bytea) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with revoked as (
    update public.sessions set revoked_at = now() where token_hash = hash and revoked_at is null
    returning tenant_id, id, user_id
  )
  insert into public.audit_log (tenant_id, actor, action, object)
  select tenant_id, 'user:' || user_id, 'session.logout', 'session:' || id from revoked;
end;

create function api_key_find(hash bytea)
  returns table (tenant_id bigint, tenant_slug text, key_id bigint, scopes text[])
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select k.tenant_id, t.slug, k.id, k.scopes
  from public.api_keys k join public.tenants t on t.id = k.tenant_id
  where k.key_hash = hash and k.revoked_at is null and t.suspended_at is null;
end;

create function api_key_used(hash bytea) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update public.api_keys set last_used_at = now()
  where key_hash = hash and (last_used_at is null or last_used_at < now() - interval '1 minute');
end;

do $$
declare
  f regprocedure;
begin
  grant create on schema public to prosa_login;   -- PostgreSQL asks it of a function's new owner, at this moment only
  foreach f in array array[
    'login_candidates(text, text)', 'login_attempt(text, text)', 'login_succeeded(bigint)',
    'session_open(bigint, bigint, bytea, interval, text, text)', 'session_find(bytea, interval)', 'session_touch(bytea)',
    'session_revoke(bytea)', 'api_key_find(bytea)', 'api_key_used(bytea)']::regprocedure[] loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to prosa_app', f);
    execute format('alter function %s owner to prosa_login', f);
  end loop;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
