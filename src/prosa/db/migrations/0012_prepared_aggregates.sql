-- migrate:up
-- Days prepared for the dashboards: what KPIs need of each conversation of a local day, packed into one value.
--
-- A dashboard reads some 180 of these instead of 150,000 facts with their insights and outcomes. They are a copy and never
-- the truth: a day that has no row is computed from the facts, so a missing row costs time and nothing else. Whoever changes
-- facts, insights or outcomes says so in the same transaction (`forget_prepared_days`); the worker prepares again later.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table prepared_days (
  tenant_id bigint not null references tenants,
  day date not null,
  timezone text not null,       -- the tenant's when it was prepared: a day of another zone is another day
  rows bytea not null,          -- 52 bytes a conversation, laid out as prosa.facts.prepared says
  primary key (tenant_id, day)
);
alter table prepared_days alter column rows set storage external;  -- read more often than its disk space matters
select wall('prepared_days', client => 'select', admin => 'select, insert, update, delete');

-- The days of these conversations are no longer what was prepared.
--
-- The shared lock lasts until the caller's transaction ends; who prepares takes it exclusively, so nothing is prepared from
-- a state that a transaction under way is about to replace. Rows are locked in order, so that two callers never wait for
-- each other. A first load, before which nothing was prepared, pays one look at an empty range.
create function forget_prepared_days(tenant bigint, conversation_ids bigint[]) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('prepared days of tenant ' || tenant, 0));
  if exists (select from prepared_days p where p.tenant_id = tenant) then
    with gone as (
      select p.day from prepared_days p
      where p.tenant_id = tenant and p.day in (
        select (k.created_at at time zone t.timezone)::date from tenants t cross join (
          select created_at from conversations where tenant_id = tenant and id = any(conversation_ids)
          union all  -- a conversation that is gone or has moved to another day: where its facts still are
          select created_at from conversation_facts where tenant_id = tenant and conversation_id = any(conversation_ids)) k
        where t.id = tenant)
      order by p.day for update)
    delete from prepared_days p using gone where p.tenant_id = tenant and p.day = gone.day;
  end if;
end $$;
revoke execute on function forget_prepared_days from public;
grant execute on function forget_prepared_days to prosa_admin, prosa_super_admin;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
