-- migrate:up
-- What asking a language model needs: the ledger, budgets and the limiter that all workers share; who analyses what at the
-- moment and what failed; corrections by people.
--
-- Rows of tenant 0 are the installation's: its limits, its budget, its spending, its prices. No role of a tenant sees them;
-- the functions below answer about them, and answer no more than whether a call may be made.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table insights
  add column tokens integer,
  add column cost_usd numeric(14, 8),
  add column corrected text[] not null default '{}';   -- what a person has said: no analysis overwrites it

-- One row a call, written before it is made: the ledger of costs and the record of what left, to whom and when (LGPD). It
-- holds no text: the messages' ids, and a hash of what was sent.
create table llm_calls (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint,                       -- no foreign key: what was spent stays spent
  purpose text not null,
  recipient text not null,                      -- the endpoint's host
  model text not null,
  prompt_version text not null,
  messages bigint[] not null default '{}',
  sent_sha256 bytea,
  masked jsonb not null default '{}',           -- how many of what was hidden: {"cpf": 1}
  -- open: made, or being made; unknown: no answer came, but the provider may bill it, so the budget keeps the estimate
  state text not null default 'open' check (state in ('open', 'done', 'failed', 'unknown')),
  reason text not null default '',
  provider_id text,
  batch_id bigint,
  estimated_usd numeric(14, 8) not null check (estimated_usd >= 0),
  cost_usd numeric(14, 8),
  cost_brl numeric(14, 8),
  brl_per_usd numeric(12, 6),
  brl_rate_on date,
  tokens_input integer,
  tokens_cached integer,
  tokens_output integer,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index llm_calls_by_time on llm_calls (tenant_id, started_at) include (purpose, cost_usd, cost_brl);
create index llm_calls_by_conversation on llm_calls (tenant_id, conversation_id) where conversation_id is not null;
create index llm_calls_open on llm_calls (tenant_id, started_at) where state = 'open';
select wall('llm_calls', client => 'select', admin => 'select, insert, update');

-- Null: no limit. The operator sets them; tenant 0's row bounds the installation.
create table llm_budgets (
  tenant_id bigint not null references tenants,
  day_usd numeric(12, 4) check (day_usd >= 0),
  month_usd numeric(12, 4) check (month_usd >= 0),
  primary key (tenant_id)
);
select wall('llm_budgets', client => 'select', admin => 'select');

-- What is spent or reserved, by days and months of the tenant's own time zone (tenant 0: of the platform's).
create table llm_spending (
  tenant_id bigint not null,
  period text not null check (period in ('day', 'month')),
  starts_on date not null,
  usd numeric(14, 8) not null default 0,
  warned_at timestamptz,                        -- when 80 % of the budget were reached
  primary key (tenant_id, period, starts_on)
);
select wall('llm_spending', client => 'select', admin => 'select');

-- One row an endpoint and model: when the next request may start, by requests and by tokens, and today's counts.
create table llm_limits (
  tenant_id bigint not null,
  bucket text not null,
  requests_at timestamptz not null default '-infinity',
  tokens_at timestamptz not null default '-infinity',
  held_until timestamptz not null default '-infinity',
  day date not null default '-infinity',
  day_requests integer not null default 0,
  day_tokens bigint not null default 0,
  primary key (tenant_id, bucket)
);
select wall('llm_limits');

-- Prices of this installation, in US$ for a million tokens; a model without a row has the price that genai-prices knows.
create table llm_prices (
  tenant_id bigint not null,
  model text not null,
  valid_from date not null,
  input_usd numeric(12, 6) not null check (input_usd >= 0),
  cached_usd numeric(12, 6) not null check (cached_usd >= 0),
  output_usd numeric(12, 6) not null check (output_usd >= 0),
  primary key (tenant_id, model, valid_from)
);
select wall('llm_prices');

create table exchange_rates (
  tenant_id bigint not null,
  rate_on date not null,
  brl_per_usd numeric(12, 6) not null check (brl_per_usd > 0),
  source text not null,
  primary key (tenant_id, rate_on)
);
insert into exchange_rates (tenant_id, rate_on, brl_per_usd, source)   -- before the wall, which binds the owner too
values (0, '2025-06-30', 5.4571, 'Banco Central, PTAX (valor inicial)');
select wall('exchange_rates');

-- Batches at the provider, answered within a day at half the price.
create table llm_batches (
  tenant_id bigint not null,
  id bigserial,
  provider_id text,
  recipient text not null,
  state text not null default 'new',            -- the provider's word, or 'new', 'kept', 'lost'
  requests integer not null,
  created_at timestamptz not null default now(),
  polled_at timestamptz,
  finished_at timestamptz,
  primary key (tenant_id, id)
);
create index llm_batches_open on llm_batches (tenant_id, id) where finished_at is null;
select wall('llm_batches', client => 'select', admin => 'select, insert, update');

-- Conversations that a worker has in hand, and those that could not be analysed, with the reason.
create table analysis_tries (
  tenant_id bigint not null,
  conversation_id bigint not null,
  read_to timestamptz not null,                 -- the contact's last message at that time: a later one starts anew
  claimed_until timestamptz,                    -- a worker that died is thought to be dead from then on
  tries smallint not null default 0,
  reason text not null default '',
  retry_at timestamptz,
  given_up boolean not null default false,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, conversation_id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
select wall('analysis_tries', client => 'select', admin => 'select, insert, update, delete');

-- What a person said about an insight: another value, or the same one (a confirmation). LGPD art. 20.
create table insight_corrections (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint not null,
  field text not null,
  judged jsonb,
  said jsonb,
  model text not null,
  prompt_version text not null,
  actor text not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index insight_corrections_by_conversation on insight_corrections (tenant_id, conversation_id);
select wall('insight_corrections', client => 'select', admin => 'select, insert, update');

-- Across the wall, for the budget and the limiter ----------------------------------------------------------------------
-- They belong to prosa_login, as all functions do that work where a tenant cannot see.

create policy llm on llm_budgets for select to prosa_login using (true);
create policy llm on llm_spending to prosa_login using (true) with check (true);
create policy llm on llm_limits to prosa_login using (true) with check (true);
create policy llm on llm_prices for select to prosa_login using (true);
create policy llm on exchange_rates for select to prosa_login using (true);
grant select on llm_budgets, llm_prices, exchange_rates to prosa_login;
grant select, insert, update on llm_spending, llm_limits to prosa_login;

-- Reserve `amount` for the tenant of this transaction. `refused` names the budget that would be exceeded ('tenant day',
-- 'installation month', …), and then nothing is reserved; `warned` those that have now reached 80 %. The rows are locked in
-- one order, so that concurrent callers wait for each other and never in a circle.
create function llm_reserve(amount numeric, out refused text, out warned text[])
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ours constant bigint := current_setting('prosa.tenant_id')::bigint;
  spent record;
begin
  if amount is null or amount < 0 then
    raise exception 'a reservation is a number from zero up';
  end if;
  insert into public.llm_spending (tenant_id, period, starts_on)
  select t.id, p.period, date_trunc(p.period, now() at time zone t.timezone)::date
  from public.tenants t cross join (values ('day'), ('month')) p (period)
  where t.id in (0, ours) order by 1, 2
  on conflict do nothing;

  for spent in
    select s.usd, s.warned_at, case when s.tenant_id = 0 then 'installation ' else 'tenant ' end || s.period as name,
           case s.period when 'day' then b.day_usd else b.month_usd end as most
    from public.llm_spending s
    join public.tenants t on t.id = s.tenant_id and s.starts_on = date_trunc(s.period, now() at time zone t.timezone)::date
    left join public.llm_budgets b on b.tenant_id = s.tenant_id
    where s.tenant_id in (0, ours) order by s.tenant_id, s.period for update of s
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
  where t.id = s.tenant_id and s.tenant_id in (0, ours)
    and s.starts_on = date_trunc(s.period, now() at time zone t.timezone)::date;
end $$;

-- Correct what was reserved at `reserved_at` by the difference between the actual cost and the estimate.
create function llm_adjust(difference numeric, reserved_at timestamptz) returns void
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select from public.llm_spending s join public.tenants t on t.id = s.tenant_id
  where s.tenant_id in (0, current_setting('prosa.tenant_id')::bigint)
    and s.starts_on = date_trunc(s.period, reserved_at at time zone t.timezone)::date
  order by s.tenant_id, s.period for update of s;
  update public.llm_spending s set usd = greatest(0, s.usd + difference)
  from public.tenants t
  where t.id = s.tenant_id and s.tenant_id in (0, current_setting('prosa.tenant_id')::bigint)
    and s.starts_on = date_trunc(s.period, reserved_at at time zone t.timezone)::date;
end;

-- The next free slot for a request of `tokens` tokens (GCRA: requests are spaced evenly, so that every window of a minute
-- holds no more than the limit, however the provider counts). `wait_seconds` until then; `granted` false where that is longer
-- than `patience` seconds or the day's quota is used up, and then no slot is taken. A limit of null does not count.
create function llm_take(
  for_bucket text, tokens integer, per_minute double precision, tokens_per_minute double precision,
  per_day integer, tokens_per_day bigint, patience double precision, out granted boolean, out wait_seconds double precision)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  at timestamptz;
  today date;
  idle constant interval := '0.5 s';   -- what nobody asked for in the last half second may be made up for
  slot timestamptz;
  mine public.llm_limits%rowtype;
begin
  insert into public.llm_limits (tenant_id, bucket) values (0, for_bucket) on conflict do nothing;
  select * into mine from public.llm_limits l where l.tenant_id = 0 and l.bucket = for_bucket for update;
  at := clock_timestamp();
  today := (at at time zone 'UTC')::date;
  if mine.day <> today then
    mine.day_requests := 0;
    mine.day_tokens := 0;
  end if;
  slot := greatest(at - idle, mine.requests_at, mine.tokens_at, mine.held_until);
  wait_seconds := greatest(0, extract(epoch from slot - at));
  if mine.day_requests + 1 > per_day or mine.day_tokens + tokens > tokens_per_day then
    wait_seconds := extract(epoch from (today + 1) at time zone 'UTC' - at);
  end if;
  granted := wait_seconds <= patience;
  if granted then
    update public.llm_limits l set day = today, day_requests = mine.day_requests + 1, day_tokens = mine.day_tokens + tokens,
      requests_at = slot + coalesce(make_interval(secs => 60 / per_minute), '0'),
      tokens_at = greatest(slot, mine.tokens_at) + coalesce(make_interval(secs => tokens * 60 / tokens_per_minute), '0')
    where l.tenant_id = 0 and l.bucket = for_bucket;
  end if;
end $$;

-- The provider said how long to wait: nobody starts before. Returns whether the bucket is held now.
create function llm_hold(for_bucket text, seconds double precision) returns boolean
  language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  insert into public.llm_limits as l (tenant_id, bucket, held_until)
  values (0, for_bucket, clock_timestamp() + make_interval(secs => seconds))
  on conflict (tenant_id, bucket) do update set held_until = greatest(l.held_until, excluded.held_until)
  returning held_until > clock_timestamp();
end;

-- This installation's price of a model (null: none) and its newest exchange rate.
create function llm_terms(for_model text, out input_usd numeric, out cached_usd numeric, out output_usd numeric,
  out brl_per_usd numeric, out rate_on date)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select p.input_usd, p.cached_usd, p.output_usd, r.brl_per_usd, r.rate_on
  from (select) one
  left join lateral (select * from public.llm_prices p where p.tenant_id = 0 and p.model = for_model
                       and p.valid_from <= current_date order by p.valid_from desc limit 1) p on true
  left join lateral (select * from public.exchange_rates r where r.tenant_id = 0 and r.rate_on <= current_date
                     order by r.rate_on desc limit 1) r on true;
end;

do $$
declare
  f regprocedure;
begin
  grant create on schema public to prosa_login;   -- PostgreSQL asks it of a function's new owner, at this moment only
  foreach f in array array['llm_reserve(numeric)', 'llm_adjust(numeric, timestamptz)', 'llm_hold(text, double precision)',
    'llm_take(text, integer, double precision, double precision, integer, bigint, double precision)', 'llm_terms(text)'
  ]::regprocedure[] loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to prosa_admin', f);
    execute format('alter function %s owner to prosa_login', f);
  end loop;
  revoke create on schema public from prosa_login;
end $$;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
