-- migrate:up
-- A recovery code that was used says from where, as every other act does; and a session's end is written by who ends it, so
-- the function that did both has no caller left.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function session_revoke(bytea);
drop function recovery_code_take(bigint, bigint, bytea);

create function recovery_code_take(for_tenant bigint, for_user bigint, hash bytea, come_from text) returns boolean
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  with taken as (
    update recovery_codes set used_at = now()
    where tenant_id = for_tenant and user_id = for_user and code_hash = hash and used_at is null
    returning 1
  ), logged as (
    insert into audit_log (tenant_id, actor, action, object, address)
    select for_tenant, 'user:' || for_user, 'user.use_recovery_code', 'user:' || for_user, come_from from taken
  )
  select exists (select from taken);
end;

do $$
begin
  grant create on schema public to prosa_login;   -- PostgreSQL asks it of a function's new owner, at this moment only
  revoke execute on function recovery_code_take(bigint, bigint, bytea, text) from public;
  grant execute on function recovery_code_take(bigint, bigint, bytea, text) to prosa_app;
  alter function recovery_code_take(bigint, bigint, bytea, text) owner to prosa_login;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only.
