-- History that only grows, as TimescaleDB hypertables; applied by `prosa migrate --timescale`, as often as one likes.
--
-- A hypertable keeps its row-level security, but its chunks do not inherit it. So they lie in a schema of their own, where
-- the application's roles lack USAGE: whatever they ask goes through the hypertable and its wall.

set local lock_timeout = '5s';

create schema if not exists prosa_chunks;
revoke all on schema prosa_chunks from public;

do $$
begin
  if not exists (select from timescaledb_information.hypertables
                 where hypertable_schema = 'public' and hypertable_name = 'audit_log') then
    -- Every unique key of a hypertable contains the time.
    alter table audit_log drop constraint audit_log_pkey;
    alter table audit_log add primary key (tenant_id, id, at);
    -- The owner moves the rows into chunks and must see them all for that.
    alter table audit_log no force row level security;
    perform create_hypertable('audit_log', 'at', associated_schema_name => 'prosa_chunks',
      chunk_time_interval => interval '3 months', create_default_indexes => false, migrate_data => true);
    alter table audit_log force row level security;
  end if;
end $$;
