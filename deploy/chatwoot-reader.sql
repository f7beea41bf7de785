-- A login that may read of Chatwoot what Prosa reads, and nothing else: no channel's tokens, no password hashes.
-- Run in Chatwoot's database as its owner:   psql "$CHATWOOT_OWNER_URL" -f chatwoot-reader.sql
-- and then, in psql:                         \password prosa_reader
-- Again after an upgrade of Chatwoot that adds columns; what a version lacks is left out.
do $$
declare
  tbl text;
  col text;
begin
  if not exists (select from pg_roles where rolname = 'prosa_reader') then
    create role prosa_reader login connection limit 10;
  end if;
  grant usage on schema public to prosa_reader;
  for tbl, col in
    select a.attrelid::regclass::text, a.attname
    from (values
      ('accounts', 'id name'),
      ('inboxes', 'id account_id name channel_type channel_id timezone'),
      ('channel_whatsapp', 'id phone_number'),
      ('channel_twilio_sms', 'id phone_number medium'),
      ('channel_sms', 'id phone_number'),
      ('users', 'id name email'),
      ('account_users', 'user_id account_id'),
      ('teams', 'id account_id name'),
      ('labels', 'id account_id title color'),
      ('tags', 'id name'),
      ('taggings', 'tag_id taggable_id taggable_type context'),
      ('contacts', 'xmin id account_id name email phone_number identifier blocked created_at updated_at'),
      ('conversations', 'xmin id account_id inbox_id display_id contact_id assignee_id team_id status priority '
                        'cached_label_list first_reply_created_at created_at updated_at last_activity_at'),
      ('messages', 'xmin id account_id conversation_id message_type private status sender_type sender_id '
                   'content content_attributes additional_attributes created_at updated_at'),
      ('reporting_events', 'xmin id account_id conversation_id name user_id event_end_time created_at updated_at'),
      ('csat_survey_responses', 'xmin id account_id conversation_id rating feedback_message created_at updated_at')
    ) as readable (name, columns)
    join pg_attribute a on a.attrelid = to_regclass('public.' || readable.name) and not a.attisdropped
      and a.attname = any(string_to_array(readable.columns, ' '))
  loop
    execute format('grant select (%I) on public.%s to prosa_reader', col, tbl);
  end loop;
end $$;
