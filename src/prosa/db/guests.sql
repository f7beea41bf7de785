-- Takes back what Supabase gives away. There, everything that the owner makes in `public` is open to the roles of the project's
-- REST interface from its first moment (default privileges). Row-level security hides the rows from them, but a function that
-- runs with its owner's rights would open a session for whoever has the project's public key.
-- Only what Prosa's roles use is touched; what else lives in the schema is not ours. Elsewhere these roles do not exist.
do $$
declare
  given record;
begin
  for given in
    with objects as (
      select case relkind when 'S' then 'sequence ' else 'table ' end || oid::regclass as name, relacl as acl,
             relname = 'schema_migrations' as library
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
      union all
      select 'function ' || oid::regprocedure, proacl, false from pg_proc where pronamespace = 'public'::regnamespace
    ),
    rights as (
      select distinct o.name, o.library, r.rolname as role
      from objects o cross join aclexplode(o.acl) a join pg_roles r on r.oid = a.grantee
    )
    select name, role from rights r
    where role in ('anon', 'authenticated', 'service_role') and (library or exists (
      select from rights p where p.name = r.name and p.role in (
        'prosa_client', 'prosa_admin', 'prosa_super_admin', 'prosa_login', 'prosa_app', 'prosa_platform')))
  loop
    execute format('revoke all on %s from %I', given.name, given.role);
  end loop;
end $$;
