-- migrate:up
-- What a segment asks of the facts stands in their key's index, in the order of conversations like `insights_for_segments`:
-- the two are merged, and of a table that all tenants share nobody reads the others' rows to size a segment.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table conversation_facts drop constraint conversation_facts_pkey, add primary key (tenant_id, conversation_id)
  include (last_contact_message_at, contact_id, inbox_id, last_message_at, last_sender, messages_contact, messages_agent);

-- What lists filter and sort by of the insights, too: a list by score needs nothing of their texts.
drop index insights_by_creation;
create index insights_by_creation on insights (tenant_id, conversation_created_at)
  include (conversation_id, is_lead, conversion_score, category, sentiment);

-- migrate:down
-- Forward only: a mistake is mended by the next migration.
