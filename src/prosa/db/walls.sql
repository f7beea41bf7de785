-- Whether every wall between tenants stands: the rules of migration 0001, checked against the catalog. One row a fault.
-- Any login may run this, by hand too.
with app_roles as (
  select oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication from pg_roles
  where rolname in ('prosa_client', 'prosa_admin', 'prosa_super_admin', 'prosa_login', 'prosa_app', 'prosa_platform')
),
-- Without the migration tool's table and the job queue's, which are a library's and reached by the platform's login alone.
relations as (
  select oid, relname as name, relkind, relowner, relacl, reloptions, relrowsecurity, relforcerowsecurity,
         case relname when 'tenants' then 'id' else 'tenant_id' end as tenant_column,
         relname = 'login_failures' as without_tenant    -- the brake works before a tenant is known
  from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'f', 'v', 'm')
    and relname <> 'schema_migrations' and not starts_with(relname, 'procrastinate_')
),
tables as (select * from relations where relkind in ('r', 'p', 'f')),
policies as (
  select p.polrelid, p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid) as qual,
         pg_get_expr(p.polwithcheck, p.polrelid) as with_check,
         case when p.polroles = '{0}' then array['public']
              else array(select r.rolname::text from pg_roles r where r.oid = any(p.polroles) order by 1) end as roles
  from pg_policy p
),
-- The condition that `wall` writes, in this server's words: a policy of the same name with another one is no wall.
recipes as (
  select t.oid, replace(p.qual, '(tenant_id =', format('(%s =', t.tenant_column)) as qual
  from policies p cross join tables t
  where p.polrelid = 'public.features'::regclass and p.polname = 'tenant_wall'
),
rights as (
  select t.oid, a.grantee, a.privilege_type from tables t cross join aclexplode(t.relacl) a
  union
  select t.oid, a.grantee, a.privilege_type
  from tables t join pg_attribute c on c.attrelid = t.oid cross join aclexplode(c.attacl) a
),
foreign_keys as (
  select k.*, a.attname as here, b.attname as there
  from pg_constraint k
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
  join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
  where k.contype = 'f'
),
-- With the owner's rights, so they see what the caller does not.
definer_functions as (
  select oid::regprocedure as name, proowner, proconfig, coalesce(proacl, acldefault('f', proowner)) as acl
  from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
)

select format('%s: row-level security is not enabled and forced', name) as fault
from tables where not (relrowsecurity and relforcerowsecurity)

union all
select format('%s: no wall for the tenant''s roles', name) from tables t join recipes using (oid)
where not without_tenant and not exists (
  select from policies p where p.polrelid = t.oid and p.roles = array['prosa_admin', 'prosa_client'] and p.polcmd = '*'
    and p.qual = recipes.qual and p.with_check = recipes.qual)

union all
select format('%s: no policy for the operator', name) from tables t
where not without_tenant
  and not exists (select from policies p where p.polrelid = t.oid and p.roles = array['prosa_super_admin'])

-- Permissive policies are OR-ed: one more for a tenant's role opens what the wall closes.
union all
select format('%s: policy %s opens a second way in', name, p.polname)
from tables t join recipes using (oid) join policies p on p.polrelid = t.oid
where p.roles && array['public', 'prosa_client', 'prosa_admin', 'prosa_app', 'prosa_platform']
  and (t.without_tenant or p.qual is distinct from recipes.qual)

union all
select format('%s: %s may %s, but nobody may', t.name, r.rolname, rights.privilege_type)
from tables t join rights using (oid) join app_roles r on r.oid = rights.grantee
where t.without_tenant and r.rolname <> 'prosa_login'

union all
select format('%s: no primary key', name) from tables t
where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)

-- tenants itself is numbered by id, and its slug is the one name that all tenants share.
union all
select format('%s: index %s does not begin with the tenant', name, i.indexrelid::regclass)
from tables t join pg_index i on i.indrelid = t.oid and (i.indisunique or i.indisprimary)
left join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
where not without_tenant and t.name <> 'tenants' and a.attname is distinct from 'tenant_id'

union all
select format('%s: foreign key %s does not begin with the tenant', name, k.conname)
from tables t join foreign_keys k on k.conrelid = t.oid
where k.here <> 'tenant_id'
  or k.there <> case when k.confrelid = 'public.tenants'::regclass then 'id' else 'tenant_id' end

union all
select format('%s: foreign key %s sets null', name, k.conname)
from tables t join foreign_keys k on k.conrelid = t.oid
where k.confdeltype in ('n', 'd') or k.confupdtype in ('n', 'd')

union all
select format('%s: column %s is an identity column', name, a.attname)
from tables t join pg_attribute a on a.attrelid = t.oid where a.attidentity <> ''

union all
select format('%s: trigger %s', name, g.tgname)
from tables t join pg_trigger g on g.tgrelid = t.oid
where not g.tgisinternal and g.tgname <> 'ts_insert_blocker'   -- TimescaleDB's own, on every hypertable

union all
select format('%s belongs to %s', name, r.rolname) from relations t join app_roles r on r.oid = t.relowner

-- TRUNCATE knows no row-level security.
union all
select format('%s: %s is granted to %s', name, rights.privilege_type, coalesce(r.rolname, 'public'))
from tables t join rights using (oid) left join pg_roles r on r.oid = rights.grantee
where rights.grantee <> t.relowner
  and (rights.grantee = 0 or rights.privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN'))

union all
select format('%s: a view that does not ask as its caller', name) from relations
where relkind = 'm' or relkind = 'v' and not exists (
  select from unnest(reloptions) o where o in ('security_invoker=true', 'security_invoker=on', 'security_invoker=1'))

union all
select format('role %s may pass every wall', rolname) from app_roles
where rolsuper or rolbypassrls or rolcreaterole or rolreplication

union all
select format('role %s may become %s', m.member::regrole, m.roleid::regrole)
from pg_auth_members m join app_roles r on r.oid = m.member
where (m.member::regrole::text, m.roleid::regrole::text) not in (
  ('prosa_app', 'prosa_client'), ('prosa_app', 'prosa_admin'), ('prosa_platform', 'prosa_super_admin'))

union all
select format('%s: a definer function on whatever search_path its caller has', name) from definer_functions
where not exists (select from unnest(proconfig) c where starts_with(c, 'search_path='))

union all
select format('%s: a definer function for everybody', name) from definer_functions
where exists (select from aclexplode(acl) a where a.grantee = 0)

-- A guest of the schema, such as the roles of Supabase's REST interface, must not act with the owner's rights.
union all
select format('%s: a definer function for %s', name, a.grantee::regrole)
from definer_functions cross join aclexplode(acl) a
where a.grantee not in (0, proowner) and a.grantee not in (select oid from app_roles)

order by fault
