-- migrate:up
-- Accounts that their owners look after (links to set a password, a second factor), operators who look into one tenant,
-- tenants that are deleted after a time of grace, and each tenant's colour and logo.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table tenants add column delete_after timestamptz;  -- marked for deletion, which a job does after this moment
alter table sessions add column acting_for bigint;        -- the tenant that an operator looks into; no key: it may vanish

-- A link by which a person sets a password: invited, or having forgotten it.
create table password_links (
  tenant_id bigint not null,
  id bigserial,
  user_id bigint not null,
  kind text not null check (kind in ('invite', 'reset')),
  token_hash bytea not null,              -- sha256; the token itself is handed out once and stored nowhere
  created_by text not null,               -- 'user:7', 'cli:maria', or 'user:9' who asked for it himself
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index password_links_by_token on password_links (token_hash);
create index password_links_by_user on password_links (tenant_id, user_id);
select wall('password_links',
  admin => 'select (tenant_id, id, user_id, kind, created_by, created_at, expires_at, used_at), insert, update (used_at)',
  super_admin => 'select (tenant_id, id, user_id, kind, created_by, created_at, expires_at, used_at), insert, update (used_at), delete');

-- A second factor: codes by time (TOTP, RFC 6238). Not asked for until its owner has proven that it works.
create table second_factors (
  tenant_id bigint not null,
  user_id bigint not null,
  secret_encrypted bytea not null,        -- Fernet
  confirmed_at timestamptz,
  last_step bigint not null default 0,    -- the latest 30 seconds whose code was taken: no code counts twice
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
select wall('second_factors',
  admin => 'select (tenant_id, user_id, confirmed_at, created_at), insert, update (secret_encrypted, confirmed_at, last_step, created_at), delete',
  super_admin => 'select (tenant_id, user_id, confirmed_at, created_at), insert, update (secret_encrypted, confirmed_at, last_step, created_at), delete');

create table recovery_codes (
  tenant_id bigint not null,
  user_id bigint not null,
  code_hash bytea not null,               -- sha256 of 80 random bits
  used_at timestamptz,
  primary key (tenant_id, user_id, code_hash),
  foreign key (tenant_id, user_id) references second_factors (tenant_id, user_id) on delete cascade
);
select wall('recovery_codes',
  admin => 'select (tenant_id, user_id, used_at), insert, delete',
  super_admin => 'select (tenant_id, user_id, used_at), insert, delete');

create table branding (
  tenant_id bigint not null references tenants check (tenant_id > 0),
  color text check (color ~ '^#[0-9a-f]{6}$'),
  logo bytea check (octet_length(logo) <= 300000),  -- a PNG that we have drawn anew ourselves
  updated_at timestamptz not null default now(),
  primary key (tenant_id)
);
select wall('branding', client => 'select', admin => 'select, insert, update, delete');

-- A tenant whose time of grace is over is deleted with all it has; what was done here stays in the audit log.
grant delete on api_keys to prosa_super_admin;

-- Before a tenant is known (see 0002) -------------------------------------------------------------------------------------

create policy login_password on users for update to prosa_login using (true) with check (true);
create policy login on password_links to prosa_login using (true) with check (true);
create policy login on second_factors to prosa_login using (true) with check (true);
create policy login on recovery_codes to prosa_login using (true) with check (true);
grant update (password_hash) on users to prosa_login;
grant select, insert, update on password_links to prosa_login;
grant select, update (last_step) on second_factors to prosa_login;
grant select, update (used_at) on recovery_codes to prosa_login;
grant usage on sequence password_links_id_seq to prosa_login;

-- The link that somebody asked for who forgot his password: whoever asks, only the e-mail's owner gets it.
create function password_link_add(
  for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  insert into public.password_links (tenant_id, user_id, kind, token_hash, created_by, expires_at)
  values (for_tenant, for_user, 'reset', hash, 'user:' || for_user, now() + lifetime);
  insert into public.audit_log (tenant_id, actor, action, object, address)
  values (for_tenant, 'user:' || for_user, 'user.ask_reset', 'user:' || for_user, from_address);
end;

-- Whom a link that still works is for.
create function password_link_find(hash bytea)
  returns table (tenant_id bigint, user_id bigint, kind text, email text, user_name text, tenant_name text, locale text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select u.tenant_id, u.id, l.kind, u.email, u.name, t.name, coalesce(u.locale, t.locale)
  from public.password_links l
  join public.users u on u.tenant_id = l.tenant_id and u.id = l.user_id
  join public.tenants t on t.id = l.tenant_id
  where l.token_hash = hash and l.used_at is null and l.expires_at > now() and u.active and t.suspended_at is null;
end;

-- Set the password by a link, once: of two at a time one finds it used. Every other link and every session of the account ends.
create function password_link_use(hash bytea, new_password_hash text, from_address text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  link record;
begin
  update public.password_links l set used_at = now() from public.users u, public.tenants t
  where l.token_hash = hash and l.used_at is null and l.expires_at > now()
    and u.tenant_id = l.tenant_id and u.id = l.user_id and u.active and t.id = l.tenant_id and t.suspended_at is null
  returning l.tenant_id, l.user_id, l.kind into link;
  if not found then return false; end if;
  update public.users set password_hash = new_password_hash where tenant_id = link.tenant_id and id = link.user_id;
  update public.password_links set used_at = now()
  where tenant_id = link.tenant_id and user_id = link.user_id and used_at is null;
  update public.sessions set revoked_at = now()
  where tenant_id = link.tenant_id and user_id = link.user_id and revoked_at is null;
  insert into public.audit_log (tenant_id, actor, action, object, address)
  values (link.tenant_id, 'user:' || link.user_id, 'user.set_password_by_' || link.kind, 'user:' || link.user_id, from_address);
  return true;
end $$;

create function second_factor_find(for_tenant bigint, for_user bigint)
  returns table (secret_encrypted bytea, last_step bigint, confirmed boolean)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select f.secret_encrypted, f.last_step, f.confirmed_at is not null
  from public.second_factors f where f.tenant_id = for_tenant and f.user_id = for_user;
end;

-- Whether the code of this step is taken now, for the first time: a replay, or the same code in a second window, is refused.
create function second_factor_take(for_tenant bigint, for_user bigint, step bigint) returns boolean
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with taken as (
    update public.second_factors set last_step = step
    where tenant_id = for_tenant and user_id = for_user and last_step < step returning 1
  )
  select exists (select from taken);
end;

create function recovery_code_take(for_tenant bigint, for_user bigint, hash bytea) returns boolean
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with taken as (
    update public.recovery_codes set used_at = now()
    where tenant_id = for_tenant and user_id = for_user and code_hash = hash and used_at is null returning 1
  ), logged as (
    insert into public.audit_log (tenant_id, actor, action, object)
    select for_tenant, 'user:' || for_user, 'user.use_recovery_code', 'user:' || for_user from taken
  )
  select exists (select from taken);
end;

-- An operator's session looks into a tenant, or (null) no more. False for any other session and for a tenant that is not there.
create function session_act(hash bytea, tenant bigint, from_address text) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  operator bigint;
  left_tenant bigint;
begin
  select s.user_id, s.acting_for into operator, left_tenant from public.sessions s
  where s.token_hash = hash and s.tenant_id = 0 and s.revoked_at is null and s.expires_at > now() for update;
  if not found or not exists (select from public.tenants t where tenant is null or t.id = tenant and t.id > 0) then
    return false;
  end if;
  update public.sessions set acting_for = tenant where token_hash = hash;
  insert into public.audit_log (tenant_id, actor, action, object, address)
  select t, 'operator:' || operator, action, 'tenant:' || t, from_address
  from (values (left_tenant, 'operator.leave'), (tenant, 'operator.enter')) as moves (t, action)
  where t is not null and left_tenant is distinct from tenant;
  return true;
end $$;

drop function session_find(bytea, interval);
-- As in 0002; an operator who looks into a tenant is an admin there, whose acts carry the operator's name.
create function session_find(hash bytea, idle interval)
  returns table (tenant_id bigint, tenant_slug text, tenant_name text, timezone text, session_id bigint, user_id bigint,
                 email text, user_name text, role user_role, locale text, last_seen_at timestamptz, expires_at timestamptz,
                 acting boolean)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select v.id, v.slug, v.name, v.timezone, s.id, u.id, u.email, u.name,
         case when v.id = t.id then u.role else 'admin' end, coalesce(u.locale, v.locale), s.last_seen_at, s.expires_at,
         v.id <> t.id
  from public.sessions s
  join public.users u on u.tenant_id = s.tenant_id and u.id = s.user_id
  join public.tenants t on t.id = s.tenant_id
  left join public.tenants a on a.id = s.acting_for and s.tenant_id = 0
  join public.tenants v on v.id = coalesce(a.id, t.id)
  where s.token_hash = hash and s.revoked_at is null and s.expires_at > now() and s.last_seen_at > now() - idle
    and u.active and t.suspended_at is null;
end;

do $$
declare
  f regprocedure;
begin
  grant create on schema public to prosa_login;   -- PostgreSQL asks it of a function's new owner, at this moment only
  foreach f in array array[
    'password_link_add(bigint, bigint, bytea, interval, text)', 'password_link_find(bytea)',
    'password_link_use(bytea, text, text)', 'second_factor_find(bigint, bigint)',
    'second_factor_take(bigint, bigint, bigint)', 'recovery_code_take(bigint, bigint, bytea)',
    'session_act(bytea, bigint, text)', 'session_find(bytea, interval)']::regprocedure[] loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to prosa_app', f);
    execute format('alter function %s owner to prosa_login', f);
  end loop;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
