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

-- The library notifies its workers of every new job. PostgreSQL lets transactions that notify commit only one after the other,
-- each waiting for the disk alone, which bounds what arrives by webhook to one disk's patience. A transaction that says
-- `set local prosa.quiet = on` notifies nobody; whoever says so wakes the workers afterwards, for many jobs at once
-- (prosa.queue.wake), and where he is killed in between they find the jobs by looking every few seconds.
drop trigger procrastinate_jobs_notify_queue_job_inserted_v1 on procrastinate_jobs;
create trigger procrastinate_jobs_notify_queue_job_inserted_v1 after insert on procrastinate_jobs
  for each row when (new.status = 'todo' and current_setting('prosa.quiet', true) is distinct from 'on')
  execute procedure procrastinate_notify_queue_job_inserted_v1();
