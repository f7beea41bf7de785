-- migrate:up
-- The database roles and the one helper by which every tenant table gets its wall.
--
-- prosa_client, prosa_admin and prosa_super_admin mirror the product's roles: they hold the rights, cannot log in, own
-- nothing and do not bypass row-level security. prosa_app and prosa_platform log in, and have no rights but to become
-- one of them. prosa_login owns the few functions that work before a tenant is known. Passwords are set by
-- `prosa migrate`; who runs these files by hand sets them with `alter role … password …`.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

do $$
declare
  name text;
begin
  foreach name in array array['prosa_client', 'prosa_admin', 'prosa_super_admin', 'prosa_login'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin noinherit', name);
    end if;
  end loop;
  foreach name in array array['prosa_app', 'prosa_platform'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login noinherit', name);
    end if;
  end loop;
  -- Who creates a role may grant it. Another database of this server may have created and granted these before, by an
  -- owner that we are not; then there is nothing left to do.
  begin
    grant prosa_client, prosa_admin to prosa_app;
    grant prosa_super_admin to prosa_platform;
    -- Temporary tables come last: by default one named like a table of ours would hide it from all who get that connection next.
    alter role prosa_app set search_path = public, pg_temp;
    alter role prosa_platform set search_path = public, pg_temp;
    execute format('grant prosa_login to %I', current_user);  -- to hand it the login functions
  exception when insufficient_privilege then
    if not (pg_has_role('prosa_app', 'prosa_admin', 'member') and pg_has_role('prosa_platform', 'prosa_super_admin', 'member')) then
      raise;
    end if;
  end;
end $$;

-- On PostgreSQL 15 and later nobody but the owner creates objects in public; say so for databases that came from older ones.
revoke create on schema public from public;
grant usage on schema public to prosa_client, prosa_admin, prosa_super_admin, prosa_login, prosa_app, prosa_platform;

-- Put a table behind the wall: row-level security for its owner too, one policy for the roles of a tenant, one for the
-- operator, and the verbs that each may use ('select', 'select (id, name)', 'select, insert', …; null for none).
--
-- The subquery in the policy makes PostgreSQL ask for the setting once a statement and not once a row, which is two to
-- three times faster on a scan. Citus refuses subqueries in policies, so there it is left out.
create function wall(
  tbl regclass, client text default null, admin text default null, super_admin text default null,
  tenant_column text default 'tenant_id'
) returns void language plpgsql as $$
declare
  citus constant boolean := exists (select from pg_extension where extname = 'citus');
  -- After a transaction that set it the setting reads '' and not null. Tenant 0, the platform with its operators, is no
  -- tenant that the application's login may enter: whoever could write there could make himself an operator.
  tenant constant text := $q$nullif(nullif(current_setting('prosa.tenant_id', true), '')::bigint, 0)$q$;
  is_ours constant text := format(case when citus then '%I = %s' else '%I = (select %s)' end, tenant_column, tenant);
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy tenant_wall on %s to prosa_client, prosa_admin using (%s) with check (%s)', tbl, is_ours, is_ours);
  execute format('create policy operator on %s to prosa_super_admin using (true) with check (true)', tbl);
  execute format('revoke all on %s from public', tbl);
  if client is not null then execute format('grant %s on %s to prosa_client', client, tbl); end if;
  if admin is not null then execute format('grant %s on %s to prosa_admin', admin, tbl); end if;
  execute format('grant %s on %s to prosa_super_admin', coalesce(super_admin, 'select, insert, update, delete'), tbl);
  if exists (select from pg_attribute where attrelid = tbl and attname = 'id' and atthasdef) then
    execute format('grant usage on sequence %s to prosa_admin, prosa_super_admin', pg_get_serial_sequence(tbl::text, 'id'));
  end if;
end $$;
revoke execute on function wall from public;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
