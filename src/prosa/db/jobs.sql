-- Rights on Procrastinate's tables, which carry the jobs of every tenant: the platform's login works on them; a tenant's
-- roles may only enqueue, through the library's own function, which therefore runs with its owner's rights.
do $$
declare
  t text;
  f regprocedure;
begin
  foreach t in array array['procrastinate_jobs', 'procrastinate_events', 'procrastinate_periodic_defers', 'procrastinate_workers'] loop
    execute format('grant select, insert, update, delete on %I to prosa_platform', t);
    execute format('grant usage on sequence %s to prosa_platform', pg_get_serial_sequence(t, 'id'));
  end loop;
  for f in select oid::regprocedure from pg_proc where proname like 'procrastinate\_%' and pronamespace = 'public'::regnamespace loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to prosa_platform', f);
  end loop;
  for f in select oid::regprocedure from pg_proc where proname = 'procrastinate_defer_jobs_v1' loop
    execute format('alter function %s security definer set search_path = pg_catalog, public, pg_temp', f);
    execute format('grant execute on function %s to prosa_admin, prosa_super_admin', f);
  end loop;
end $$;
