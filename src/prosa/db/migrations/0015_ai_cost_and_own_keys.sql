-- migrate:up
-- What AI cost, as a KPI; and a company's own key of the language model, whose calls it pays itself.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- A conversation of a prepared day takes 60 bytes now: what AI cost stands beside the rest. Days without a row are computed.
truncate prepared_days;

drop index llm_calls_by_conversation;
create index llm_calls_by_conversation on llm_calls (tenant_id, conversation_id) include (cost_brl)
  where conversation_id is not null;

-- Templates sent within a day, for Meta's messaging limit.
create index deliveries_of_templates on deliveries (tenant_id, claimed_at) where content_sid is not null;

-- The key itself is encrypted by the application (prosa.crypto); nothing ever shows it again.
create table llm_keys (
  tenant_id bigint not null references tenants,
  key_encrypted bytea not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id)
);
select wall('llm_keys', admin => 'select, insert, update, delete');

-- Paid by the company's own account: no part of what the installation spends.
alter table llm_calls add column own_key boolean not null default false;

-- As in 0010, and with `own_key` the installation's budget neither bounds the call nor pays it.
drop function llm_reserve(numeric);
create function llm_reserve(amount numeric, own_key boolean default false, out refused text, out warned text[])
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ours constant bigint := current_setting('prosa.tenant_id')::bigint;
  payers constant bigint[] := case when own_key then array[ours] else array[0, ours] end;
  spent record;
begin
  if amount is null or amount < 0 then
    raise exception 'a reservation is a number from zero up';
  end if;
  insert into public.llm_spending (tenant_id, period, starts_on)
  select t.id, p.period, date_trunc(p.period, now() at time zone t.timezone)::date
  from public.tenants t cross join (values ('day'), ('month')) p (period)
  where t.id = any(payers) order by 1, 2
  on conflict do nothing;

  for spent in
    select s.usd, s.warned_at, case when s.tenant_id = 0 then 'installation ' else 'tenant ' end || s.period as name,
           case s.period when 'day' then b.day_usd else b.month_usd end as most
    from public.llm_spending s
    join public.tenants t on t.id = s.tenant_id and s.starts_on = date_trunc(s.period, now() at time zone t.timezone)::date
    left join public.llm_budgets b on b.tenant_id = s.tenant_id
    where s.tenant_id = any(payers) order by s.tenant_id, s.period for update of s
  loop
    if spent.usd + amount > spent.most then
      refused := spent.name;
      return;
    end if;
    if spent.warned_at is null and spent.usd + amount >= 0.8 * spent.most then
      warned := warned || spent.name;
    end if;
  end loop;

  update public.llm_spending s set usd = s.usd + amount,
    warned_at = case when case when s.tenant_id = 0 then 'installation ' else 'tenant ' end || s.period = any(warned)
                     then now() else s.warned_at end
  from public.tenants t
  where t.id = s.tenant_id and s.tenant_id = any(payers)
    and s.starts_on = date_trunc(s.period, now() at time zone t.timezone)::date;
end $$;

drop function llm_adjust(numeric, timestamptz);
create function llm_adjust(difference numeric, reserved_at timestamptz, own_key boolean default false) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select from public.llm_spending s join public.tenants t on t.id = s.tenant_id
  where (s.tenant_id = current_setting('prosa.tenant_id')::bigint or s.tenant_id = 0 and not own_key)
    and s.starts_on = date_trunc(s.period, reserved_at at time zone t.timezone)::date
  order by s.tenant_id, s.period for update of s;
  update public.llm_spending s set usd = greatest(0, s.usd + difference)
  from public.tenants t
  where t.id = s.tenant_id and (s.tenant_id = current_setting('prosa.tenant_id')::bigint or s.tenant_id = 0 and not own_key)
    and s.starts_on = date_trunc(s.period, reserved_at at time zone t.timezone)::date;
end;

do $$
declare
  f regprocedure;
begin
  grant create on schema public to prosa_login;   -- PostgreSQL asks it of a function's new owner, at this moment only
  foreach f in array array['llm_reserve(numeric, boolean)', 'llm_adjust(numeric, timestamptz, boolean)']::regprocedure[] loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to prosa_admin', f);
    execute format('alter function %s owner to prosa_login', f);
  end loop;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
