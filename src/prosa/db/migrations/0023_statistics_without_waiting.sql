-- migrate:up
-- A first load waited for autovacuum, a second and more a table, where that was at the same tables; what autovacuum is at gets its
-- statistics from it.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create or replace function refresh_statistics() returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  analyze (skip_locked) public.contacts (tenant_id, id), public.conversations (tenant_id, id, contact_id, created_at),
    public.messages (tenant_id, conversation_id, id), public.conversation_events (tenant_id, conversation_id),
    public.csat_answers (tenant_id, conversation_id),
    public.conversation_facts (tenant_id, conversation_id, created_at, last_contact_message_at);
end $$;

-- migrate:down
-- Forward only.
