-- migrate:up
-- What the ETL keeps: how far it has read, what each run did, and the rows that could not be read.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- One row a stream, written in the transaction that wrote the stream's rows, so it is never ahead of the data.
create table etl_watermarks (
  tenant_id bigint not null,
  source_id integer not null,
  stream text not null,                   -- contacts, conversations, messages, …
  snapshot_xmin bigint not null,          -- every source transaction below this one has been read (64 bits)
  read_at timestamptz not null,           -- the source's clock at that snapshot
  last_id bigint not null default 0,      -- the source's highest id then
  loaded_to bigint,                       -- a first load under way: conversations up to this source id are in; else null
  primary key (tenant_id, source_id, stream),
  foreign key (tenant_id, source_id) references sources (tenant_id, id) on delete cascade
);
select wall('etl_watermarks', client => 'select', admin => 'select, insert, update, delete');

create table etl_runs (
  tenant_id bigint not null,
  id bigserial,
  source_id integer not null,
  mode text not null check (mode in ('full', 'incremental', 'reconcile')),
  state text not null check (state in ('running', 'done', 'failed')),
  holder text not null,                   -- who runs it: host and process
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  seconds double precision,
  rows_read bigint not null default 0,
  rows_inserted bigint not null default 0,
  rows_updated bigint not null default 0,
  rows_unchanged bigint not null default 0,
  rows_deleted bigint not null default 0,
  rows_rejected bigint not null default 0,
  bytes_read bigint not null default 0,
  phases jsonb not null default '[]',     -- [{"name", "seconds", "read", "inserted", "updated", "unchanged", "deleted", "rejected", "bytes"}]
  watermarks jsonb not null default '{}',
  error text,
  primary key (tenant_id, id),
  foreign key (tenant_id, source_id) references sources (tenant_id, id) on delete cascade
);
create index etl_runs_by_start on etl_runs (tenant_id, started_at);
select wall('etl_runs', client => 'select', admin => 'select, insert, update, delete');

-- Source rows that could not be read: kept with the reason, counted, and taken out again once they can be.
create table etl_rejects (
  tenant_id bigint not null,
  source_id integer not null,
  stream text not null,
  external_id bigint not null,
  reason text not null,
  source_row jsonb not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (tenant_id, source_id, stream, external_id),
  foreign key (tenant_id, source_id) references sources (tenant_id, id) on delete cascade
);
select wall('etl_rejects', client => 'select', admin => 'select, insert, update, delete');

-- A text as JSON, also where it is a JSON string that holds JSON (DOMAIN.md, rule 6) or has NUL escapes, which jsonb
-- refuses (rule 11). Null where it is no JSON object at all: the caller puts such a row aside.
create function readable_json(value text) returns jsonb
  language plpgsql immutable strict parallel safe as $$
declare
  -- An escape begins at an odd backslash: "\\u0000" holds a backslash and the letters u0000.
  nul constant text := '(?<!\\)((?:\\\\)*)\\u0000';
  clean text := value;
  result jsonb;
begin
  for depth in 1 .. 2 loop
    if position('\u0000' in clean) > 0 then
      clean := regexp_replace(clean, nul, '\1', 'g');
    end if;
    result := clean::jsonb;
    exit when jsonb_typeof(result) <> 'string';
    clean := coalesce(nullif(result #>> '{}', ''), '{}');
  end loop;
  return case when jsonb_typeof(result) in ('object', 'null') then result end;
exception when others then
  return null;
end $$;

-- While a first load fills the tables the planner must not guess until autovacuum comes round. The columns that joins and
-- ranges use are enough, and much quicker to sample than the texts. Only an owner may analyze.
create function refresh_statistics() returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  analyze public.contacts (tenant_id, id), public.conversations (tenant_id, id, contact_id, created_at),
    public.messages (tenant_id, conversation_id, id), public.conversation_events (tenant_id, conversation_id),
    public.csat_answers (tenant_id, conversation_id),
    public.conversation_facts (tenant_id, conversation_id, created_at, last_contact_message_at);
end $$;
revoke execute on function refresh_statistics() from public;
grant execute on function refresh_statistics() to prosa_admin, prosa_super_admin;

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
