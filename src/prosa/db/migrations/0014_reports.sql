-- migrate:up
-- Reports by e-mail: who gets one, how often, and up to which day they have been told.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create type report_frequency as enum ('weekly', 'monthly');

create table report_schedules (
  tenant_id bigint not null references tenants check (tenant_id > 0),
  id bigserial,
  frequency report_frequency not null,
  recipients text[] not null check (cardinality(recipients) between 1 and 20),
  hour smallint not null default 8 check (hour between 0 and 23),  -- of the tenant's zone, on the first day after the period
  locale text not null default 'pt_BR',
  told_until date not null,               -- the end (exclusive) of the last period reported: no period is sent twice
  created_by text not null,               -- 'user:7'
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
select wall('report_schedules', client => 'select', admin => 'select, insert, update, delete');

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
