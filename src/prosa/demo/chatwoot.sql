-- The part of Chatwoot's database that a reader of conversations meets: table, column, type and index names as in
-- Chatwoot 4.10 (public schema, db/schema.rb). The three trigram indexes (messages.content, contacts, tags) are left out:
-- they need pg_trgm, cost more than all other indexes together, and nobody who only copies rows uses them.

create table accounts (
  id serial primary key, name varchar not null, created_at timestamp not null,
  updated_at timestamp not null, locale integer default 0, domain varchar, support_email varchar,
  feature_flags bigint default 0 not null, auto_resolve_duration integer, limits jsonb default '{}',
  custom_attributes jsonb default '{}', status integer default 0,
  internal_attributes jsonb default '{}' not null, settings jsonb default '{}'
);
create index index_accounts_on_status on accounts (status);

create table inboxes (
  id serial primary key, channel_id integer not null, account_id integer not null, name varchar not null,
  created_at timestamp not null, updated_at timestamp not null, channel_type varchar,
  enable_auto_assignment boolean default true, greeting_enabled boolean default false,
  greeting_message varchar, email_address varchar, working_hours_enabled boolean default false,
  out_of_office_message varchar, timezone varchar default 'UTC', enable_email_collect boolean default true,
  csat_survey_enabled boolean default false, allow_messages_after_resolved boolean default true,
  auto_assignment_config jsonb default '{}', lock_to_single_conversation boolean default false not null,
  portal_id bigint, sender_name_type integer default 0 not null, business_name varchar,
  csat_config jsonb default '{}' not null
);
create index index_inboxes_on_account_id on inboxes (account_id);
create index index_inboxes_on_channel_id_and_channel_type on inboxes (channel_id, channel_type);
create index index_inboxes_on_portal_id on inboxes (portal_id);

create table channel_whatsapp (
  id bigserial primary key, account_id integer not null, phone_number varchar not null,
  provider varchar default 'default', provider_config jsonb default '{}', created_at timestamp not null,
  updated_at timestamp not null, message_templates jsonb default '{}',
  message_templates_last_updated timestamp
);
create unique index index_channel_whatsapp_on_phone_number on channel_whatsapp (phone_number);

create table channel_api (
  id bigserial primary key, account_id integer not null, webhook_url varchar, created_at timestamp not null,
  updated_at timestamp not null, identifier varchar, hmac_token varchar,
  hmac_mandatory boolean default false, additional_attributes jsonb default '{}'
);
create unique index index_channel_api_on_hmac_token on channel_api (hmac_token);
create unique index index_channel_api_on_identifier on channel_api (identifier);

create table channel_web_widgets (
  id serial primary key, website_url varchar, account_id integer, created_at timestamp not null,
  updated_at timestamp not null, website_token varchar, widget_color varchar default '#1f93ff',
  welcome_title varchar, welcome_tagline varchar, feature_flags integer default 7 not null,
  reply_time integer default 0, hmac_token varchar, pre_chat_form_enabled boolean default false,
  pre_chat_form_options jsonb default '{}', hmac_mandatory boolean default false,
  continuity_via_email boolean default true not null, allowed_domains text default ''
);
create unique index index_channel_web_widgets_on_hmac_token on channel_web_widgets (hmac_token);
create unique index index_channel_web_widgets_on_website_token on channel_web_widgets (website_token);

create table channel_email (
  id bigserial primary key, account_id integer not null, email varchar not null,
  forward_to_email varchar not null, created_at timestamp not null, updated_at timestamp not null,
  imap_enabled boolean default false, imap_address varchar, imap_port integer, imap_login varchar,
  imap_password varchar, imap_enable_ssl boolean, smtp_enabled boolean default false, smtp_address varchar,
  smtp_port integer, smtp_login varchar, smtp_password varchar, smtp_domain varchar,
  smtp_enable_starttls_auto boolean, smtp_authentication varchar, smtp_openssl_verify_mode varchar,
  smtp_enable_ssl_tls boolean, provider_config jsonb default '{}', provider varchar,
  verified_for_sending boolean default false not null
);
create unique index index_channel_email_on_email on channel_email (email);
create unique index index_channel_email_on_forward_to_email on channel_email (forward_to_email);

create table channel_instagram (
  id bigserial primary key, access_token varchar not null, expires_at timestamp not null,
  account_id integer not null, instagram_id varchar not null, created_at timestamp not null,
  updated_at timestamp not null
);
create unique index index_channel_instagram_on_instagram_id on channel_instagram (instagram_id);

create table channel_telegram (
  id bigserial primary key, bot_name varchar, account_id integer not null, bot_token varchar not null,
  created_at timestamp not null, updated_at timestamp not null
);
create unique index index_channel_telegram_on_bot_token on channel_telegram (bot_token);

create table channel_facebook_pages (
  id serial primary key, page_id varchar not null, user_access_token varchar not null,
  page_access_token varchar not null, account_id integer not null, created_at timestamp not null,
  updated_at timestamp not null, instagram_id varchar
);
create unique index index_channel_facebook_pages_on_page_id_and_account_id
  on channel_facebook_pages (page_id, account_id);
create index index_channel_facebook_pages_on_page_id on channel_facebook_pages (page_id);

create table channel_twilio_sms (
  id bigserial primary key, phone_number varchar, auth_token varchar not null, account_sid varchar not null,
  account_id integer not null, created_at timestamp not null, updated_at timestamp not null,
  medium integer default 0, messaging_service_sid varchar, api_key_sid varchar,
  content_templates jsonb default '{}', content_templates_last_updated timestamp
);
create unique index index_channel_twilio_sms_on_account_sid_and_phone_number
  on channel_twilio_sms (account_sid, phone_number);
create unique index index_channel_twilio_sms_on_messaging_service_sid
  on channel_twilio_sms (messaging_service_sid);
create unique index index_channel_twilio_sms_on_phone_number on channel_twilio_sms (phone_number);

create table channel_sms (
  id bigserial primary key, account_id integer not null, phone_number varchar not null, provider varchar,
  provider_config jsonb, created_at timestamp not null, updated_at timestamp not null
);
create unique index index_channel_sms_on_phone_number on channel_sms (phone_number);

create table channel_line (
  id bigserial primary key, account_id integer not null, line_channel_id varchar not null,
  line_channel_secret varchar not null, line_channel_token varchar not null, created_at timestamp not null,
  updated_at timestamp not null
);
create unique index index_channel_line_on_line_channel_id on channel_line (line_channel_id);

create table channel_voice (
  id bigserial primary key, phone_number varchar not null, provider varchar not null,
  provider_config jsonb not null, account_id integer not null, additional_attributes jsonb,
  created_at timestamp not null, updated_at timestamp not null
);
create index index_channel_voice_on_account_id on channel_voice (account_id);
create unique index index_channel_voice_on_phone_number on channel_voice (phone_number);

create table channel_twitter_profiles (
  id bigserial primary key, profile_id varchar not null, twitter_access_token varchar not null,
  twitter_access_token_secret varchar not null, account_id integer not null, created_at timestamp not null,
  updated_at timestamp not null, tweets_enabled boolean
);
create unique index index_channel_twitter_profiles_on_account_id_and_profile_id
  on channel_twitter_profiles (account_id, profile_id);

create table contacts (
  id serial primary key, name varchar default '', email varchar, phone_number varchar,
  account_id integer not null, created_at timestamp not null, updated_at timestamp not null,
  additional_attributes jsonb default '{}', identifier varchar, custom_attributes jsonb default '{}',
  last_activity_at timestamp, contact_type integer default 0, middle_name varchar default '',
  last_name varchar default '', location varchar default '', country_code varchar default '',
  blocked boolean default false not null, company_id bigint
);
create index index_contacts_on_lower_email_account_id on contacts (lower(email), account_id);
create index index_contacts_on_account_id_and_contact_type on contacts (account_id, contact_type);
create index index_contacts_on_nonempty_fields on contacts (account_id, email, phone_number, identifier)
  where email <> '' or phone_number <> '' or identifier <> '';
create index index_contacts_on_account_id_and_last_activity_at
  on contacts (account_id, last_activity_at desc nulls last);
create index index_contacts_on_account_id on contacts (account_id);
create index index_resolved_contact_account_id on contacts (account_id)
  where email <> '' or phone_number <> '' or identifier <> '';
create index index_contacts_on_blocked on contacts (blocked);
create index index_contacts_on_company_id on contacts (company_id);
create unique index uniq_email_per_account_contact on contacts (email, account_id);
create unique index uniq_identifier_per_account_contact on contacts (identifier, account_id);
create index index_contacts_on_phone_number_and_account_id on contacts (phone_number, account_id);

create table contact_inboxes (
  id bigserial primary key, contact_id bigint, inbox_id bigint, source_id text not null,
  created_at timestamp not null, updated_at timestamp not null, hmac_verified boolean default false,
  pubsub_token varchar
);
create index index_contact_inboxes_on_contact_id on contact_inboxes (contact_id);
create unique index index_contact_inboxes_on_inbox_id_and_source_id on contact_inboxes (inbox_id, source_id);
create index index_contact_inboxes_on_inbox_id on contact_inboxes (inbox_id);
create unique index index_contact_inboxes_on_pubsub_token on contact_inboxes (pubsub_token);
create index index_contact_inboxes_on_source_id on contact_inboxes (source_id);

create table conversations (
  id serial primary key, account_id integer not null, inbox_id integer not null,
  status integer default 0 not null, assignee_id integer, created_at timestamp not null,
  updated_at timestamp not null, contact_id bigint, display_id integer not null,
  contact_last_seen_at timestamp, agent_last_seen_at timestamp, additional_attributes jsonb default '{}',
  contact_inbox_id bigint, uuid uuid default gen_random_uuid() not null, identifier varchar,
  last_activity_at timestamp default current_timestamp not null, team_id bigint, campaign_id bigint,
  snoozed_until timestamp, custom_attributes jsonb default '{}', assignee_last_seen_at timestamp,
  first_reply_created_at timestamp, priority integer, sla_policy_id bigint, waiting_since timestamp,
  cached_label_list text, assignee_agent_bot_id bigint
);
create unique index index_conversations_on_account_id_and_display_id
  on conversations (account_id, display_id);
create index index_conversations_on_id_and_account_id on conversations (account_id, id);
create index conv_acid_inbid_stat_asgnid_idx on conversations (account_id, inbox_id, status, assignee_id);
create index index_conversations_on_account_id on conversations (account_id);
create index index_conversations_on_assignee_id_and_account_id on conversations (assignee_id, account_id);
create index index_conversations_on_campaign_id on conversations (campaign_id);
create index index_conversations_on_contact_id on conversations (contact_id);
create index index_conversations_on_contact_inbox_id on conversations (contact_inbox_id);
create index index_conversations_on_first_reply_created_at on conversations (first_reply_created_at);
create index index_conversations_on_identifier_and_account_id on conversations (identifier, account_id);
create index index_conversations_on_inbox_id on conversations (inbox_id);
create index index_conversations_on_priority on conversations (priority);
create index index_conversations_on_status_and_account_id on conversations (status, account_id);
create index index_conversations_on_status_and_priority on conversations (status, priority);
create index index_conversations_on_team_id on conversations (team_id);
create unique index index_conversations_on_uuid on conversations (uuid);
create index index_conversations_on_waiting_since on conversations (waiting_since);

create table messages (
  id serial primary key, content text, account_id integer not null, inbox_id integer not null,
  conversation_id integer not null, message_type integer not null, created_at timestamp not null,
  updated_at timestamp not null, private boolean default false not null, status integer default 0,
  source_id text, content_type integer default 0 not null, content_attributes json default '{}',
  sender_type varchar, sender_id bigint, external_source_ids jsonb default '{}',
  additional_attributes jsonb default '{}', processed_message_content text, sentiment jsonb default '{}'
);
create index index_messages_on_additional_attributes_campaign_id
  on messages using gin ((additional_attributes -> 'campaign_id'));
create index idx_messages_account_content_created on messages (account_id, content_type, created_at);
create index index_messages_on_account_created_type on messages (account_id, created_at, message_type);
create index index_messages_on_account_id_and_inbox_id on messages (account_id, inbox_id);
create index index_messages_on_account_id on messages (account_id);
create index index_messages_on_conversation_account_type_created
  on messages (conversation_id, account_id, message_type, created_at);
create index index_messages_on_conversation_id on messages (conversation_id);
create index index_messages_on_created_at on messages (created_at);
create index index_messages_on_inbox_id on messages (inbox_id);
create index index_messages_on_sender_type_and_sender_id on messages (sender_type, sender_id);
create index index_messages_on_source_id on messages (source_id);

create table users (
  id serial primary key, provider varchar default 'email' not null, uid varchar default '' not null,
  encrypted_password varchar default '' not null, reset_password_token varchar,
  reset_password_sent_at timestamp, remember_created_at timestamp, sign_in_count integer default 0 not null,
  current_sign_in_at timestamp, last_sign_in_at timestamp, current_sign_in_ip varchar,
  last_sign_in_ip varchar, confirmation_token varchar, confirmed_at timestamp,
  confirmation_sent_at timestamp, unconfirmed_email varchar, name varchar not null, display_name varchar,
  email varchar, tokens json, created_at timestamp not null, updated_at timestamp not null,
  pubsub_token varchar, availability integer default 0, ui_settings jsonb default '{}',
  custom_attributes jsonb default '{}', type varchar, message_signature text, otp_secret varchar,
  consumed_timestep integer, otp_required_for_login boolean default false, otp_backup_codes text
);
create index index_users_on_email on users (email);
create index index_users_on_otp_required_for_login on users (otp_required_for_login);
create unique index index_users_on_otp_secret on users (otp_secret);
create unique index index_users_on_pubsub_token on users (pubsub_token);
create unique index index_users_on_reset_password_token on users (reset_password_token);
create unique index index_users_on_uid_and_provider on users (uid, provider);

create table teams (
  id bigserial primary key, name varchar not null, description text, allow_auto_assign boolean default true,
  account_id bigint not null, created_at timestamp not null, updated_at timestamp not null
);
create index index_teams_on_account_id on teams (account_id);
create unique index index_teams_on_name_and_account_id on teams (name, account_id);

create table labels (
  id bigserial primary key, title varchar, description text, color varchar default '#1f93ff' not null,
  show_on_sidebar boolean, account_id bigint, created_at timestamp not null, updated_at timestamp not null
);
create index index_labels_on_account_id on labels (account_id);
create unique index index_labels_on_title_and_account_id on labels (title, account_id);

create table taggings (
  id serial primary key, tag_id integer, taggable_type varchar, taggable_id integer, tagger_type varchar,
  tagger_id integer, context varchar, created_at timestamp
);
create index index_taggings_on_context on taggings (context);
create unique index taggings_idx
  on taggings (tag_id, taggable_id, taggable_type, context, tagger_id, tagger_type);
create index index_taggings_on_tag_id on taggings (tag_id);
create index index_taggings_on_taggable_id_and_taggable_type_and_context
  on taggings (taggable_id, taggable_type, context);
create index taggings_idy on taggings (taggable_id, taggable_type, tagger_id, context);
create index index_taggings_on_taggable_id on taggings (taggable_id);
create index index_taggings_on_taggable_type on taggings (taggable_type);
create index index_taggings_on_tagger_id_and_tagger_type on taggings (tagger_id, tagger_type);
create index index_taggings_on_tagger_id on taggings (tagger_id);

create table tags (
  id serial primary key, name varchar, taggings_count integer default 0
);
create unique index index_tags_on_name on tags (name);

create table csat_survey_responses (
  id bigserial primary key, account_id bigint not null, conversation_id bigint not null,
  message_id bigint not null, rating integer not null, feedback_message text, contact_id bigint not null,
  assigned_agent_id bigint, created_at timestamp not null, updated_at timestamp not null,
  csat_review_notes text, review_notes_updated_at timestamp, review_notes_updated_by_id bigint
);
create index index_csat_survey_responses_on_account_id on csat_survey_responses (account_id);
create index index_csat_survey_responses_on_assigned_agent_id on csat_survey_responses (assigned_agent_id);
create index index_csat_survey_responses_on_contact_id on csat_survey_responses (contact_id);
create index index_csat_survey_responses_on_conversation_id on csat_survey_responses (conversation_id);
create unique index index_csat_survey_responses_on_message_id on csat_survey_responses (message_id);
create index index_csat_survey_responses_on_review_notes_updated_by_id
  on csat_survey_responses (review_notes_updated_by_id);

create table reporting_events (
  id bigserial primary key, name varchar, value double precision, account_id integer, inbox_id integer,
  user_id integer, conversation_id integer, created_at timestamp not null, updated_at timestamp not null,
  value_in_business_hours double precision, event_start_time timestamp, event_end_time timestamp
);
create index reporting_events__account_id__name__created_at
  on reporting_events (account_id, name, created_at);
create index index_reporting_events_on_account_id on reporting_events (account_id);
create index index_reporting_events_on_conversation_id on reporting_events (conversation_id);
create index index_reporting_events_on_created_at on reporting_events (created_at);
create index index_reporting_events_on_inbox_id on reporting_events (inbox_id);
create index index_reporting_events_on_name on reporting_events (name);
create index index_reporting_events_on_user_id on reporting_events (user_id);

create table account_users (
  id bigserial primary key, account_id bigint, user_id bigint, role integer default 0, inviter_id bigint,
  created_at timestamp not null, updated_at timestamp not null, active_at timestamp,
  availability integer default 0 not null, auto_offline boolean default true not null,
  custom_role_id bigint, agent_capacity_policy_id bigint
);
create unique index uniq_user_id_per_account_id on account_users (account_id, user_id);
create index index_account_users_on_account_id on account_users (account_id);
create index index_account_users_on_agent_capacity_policy_id on account_users (agent_capacity_policy_id);
create index index_account_users_on_custom_role_id on account_users (custom_role_id);
create index index_account_users_on_user_id on account_users (user_id);

create table inbox_members (
  id serial primary key, user_id integer not null, inbox_id integer not null, created_at timestamp not null,
  updated_at timestamp not null
);
create unique index index_inbox_members_on_inbox_id_and_user_id on inbox_members (inbox_id, user_id);
create index index_inbox_members_on_inbox_id on inbox_members (inbox_id);

create table agent_bots (
  id bigserial primary key, name varchar, description varchar, outgoing_url varchar,
  created_at timestamp not null, updated_at timestamp not null, account_id bigint,
  bot_type integer default 0, bot_config jsonb default '{}'
);
create index index_agent_bots_on_account_id on agent_bots (account_id);

create table agent_bot_inboxes (
  id bigserial primary key, inbox_id integer, agent_bot_id integer, status integer default 0,
  created_at timestamp not null, updated_at timestamp not null, account_id integer
);

create table attachments (
  id serial primary key, file_type integer default 0, external_url varchar,
  coordinates_lat double precision default 0.0, coordinates_long double precision default 0.0,
  message_id integer not null, account_id integer not null, created_at timestamp not null,
  updated_at timestamp not null, fallback_title varchar, extension varchar, meta jsonb default '{}'
);
create index index_attachments_on_account_id on attachments (account_id);
create index index_attachments_on_message_id on attachments (message_id);

create table campaigns (
  id bigserial primary key, display_id integer not null, title varchar not null, description text,
  message text not null, sender_id integer, enabled boolean default true, account_id bigint not null,
  inbox_id bigint not null, trigger_rules jsonb default '{}', created_at timestamp not null,
  updated_at timestamp not null, campaign_type integer default 0 not null,
  campaign_status integer default 0 not null, audience jsonb default '[]', scheduled_at timestamp,
  trigger_only_during_business_hours boolean default false, template_params jsonb
);
create index index_campaigns_on_account_id on campaigns (account_id);
create index index_campaigns_on_campaign_status on campaigns (campaign_status);
create index index_campaigns_on_campaign_type on campaigns (campaign_type);
create index index_campaigns_on_inbox_id on campaigns (inbox_id);
create index index_campaigns_on_scheduled_at on campaigns (scheduled_at);

create table automation_rules (
  id bigserial primary key, account_id bigint not null, name varchar not null, description text,
  event_name varchar not null, conditions jsonb default '{}' not null, actions jsonb default '{}' not null,
  created_at timestamp not null, updated_at timestamp not null, active boolean default true not null
);
create index index_automation_rules_on_account_id on automation_rules (account_id);

create table captain_assistants (
  id bigserial primary key, name varchar not null, account_id bigint not null, description varchar,
  created_at timestamp not null, updated_at timestamp not null, config jsonb default '{}' not null,
  response_guidelines jsonb default '[]', guardrails jsonb default '[]'
);
create index index_captain_assistants_on_account_id on captain_assistants (account_id);

create table channel_tiktok (
  id bigserial primary key, account_id integer not null, business_id varchar not null,
  access_token varchar not null, expires_at timestamp not null, refresh_token varchar not null,
  refresh_token_expires_at timestamp not null, created_at timestamp not null, updated_at timestamp not null
);
create unique index index_channel_tiktok_on_business_id on channel_tiktok (business_id);
