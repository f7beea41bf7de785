-- migrate:up
-- Whoever knows the password of an account in a suspended company is told so at the login; nobody else learns of it.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- As login_candidates, of the suspended companies: their accounts open nothing (session_open refuses them).
create function login_suspended(login_email text, in_tenant text default null)
  returns table (tenant_id bigint, user_id bigint, password_hash text, tenant_slug text, tenant_name text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select u.tenant_id, u.id, u.password_hash, t.slug, t.name
  from public.users u join public.tenants t on t.id = u.tenant_id
  where u.email = lower(login_email) and u.active and t.suspended_at is not null
    and (in_tenant is null or t.slug = in_tenant)
  order by u.tenant_id limit 10;
end;

do $$
begin
  grant create on schema public to prosa_login;   -- PostgreSQL asks it of a function's new owner, at this moment only
  revoke execute on function login_suspended(text, text) from public;
  grant execute on function login_suspended(text, text) to prosa_app;
  alter function login_suspended(text, text) owner to prosa_login;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only.
