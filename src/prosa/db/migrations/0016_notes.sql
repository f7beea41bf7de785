-- migrate:up
-- What people write down about a conversation, for each other: the contact never sees it, and no source knows of it.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table notes (
  tenant_id bigint not null,
  id bigserial,
  conversation_id bigint not null,
  actor text not null,                    -- 'user:7' or 'operator:3'; who may change it
  author text not null,                   -- his name as it was then
  body text not null check (char_length(body) between 1 and 4000),
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index notes_by_conversation on notes (tenant_id, conversation_id);
select wall('notes', client => 'select', admin => 'select, insert, update (body, edited_at), delete');

-- migrate:down
-- Forward only.
