-- What the migrations make; written by `python -m prosa.db.schema`, never by hand.

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE TYPE public.conversation_state AS ENUM (
    'pending',
    'progress',
    'idle_timeout',
    'human_handoff',
    'agent_closed',
    'support_closed',
    'user_closed',
    'expired',
    'failed'
);

CREATE TYPE public.event_kind AS ENUM (
    'resolved',
    'bot_handoff',
    'opened'
);

CREATE TYPE public.insight_category AS ENUM (
    'lead',
    'service',
    'question',
    'complaint',
    'other'
);

CREATE TYPE public.interest AS ENUM (
    'high',
    'medium',
    'low'
);

CREATE TYPE public.message_sender AS ENUM (
    'contact',
    'agent',
    'bot',
    'system'
);

CREATE TYPE public.message_status AS ENUM (
    'queued',
    'sent',
    'delivered',
    'read',
    'failed'
);

CREATE TYPE public.outcome_kind AS ENUM (
    'visit',
    'conversion'
);

CREATE TYPE public.sentiment AS ENUM (
    'positive',
    'neutral',
    'negative'
);

CREATE TYPE public.source_kind AS ENUM (
    'chatwoot',
    'twilio',
    'api'
);

CREATE TYPE public.user_role AS ENUM (
    'client',
    'admin',
    'super_admin'
);


SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.api_keys (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_tenant_id_check CHECK ((tenant_id > 0))
);

ALTER TABLE ONLY public.api_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE public.tenants (
    id bigint NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    timezone text DEFAULT 'America/Sao_Paulo'::text NOT NULL,
    locale text DEFAULT 'pt_BR'::text NOT NULL,
    segment text,
    suspended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_locale_check CHECK ((locale ~ '^[a-z]{2,3}(_[A-Z]{2})?$'::text)),
    CONSTRAINT tenants_name_check CHECK ((name <> ''::text)),
    CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
    CONSTRAINT tenants_timezone_check CHECK ((('1970-01-01 00:00:00+00'::timestamp with time zone AT TIME ZONE timezone) IS NOT NULL))
);

ALTER TABLE ONLY public.tenants FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.api_key_find(hash bytea) RETURNS TABLE(tenant_id bigint, tenant_slug text, key_id bigint, scopes text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT k.tenant_id,
     t.slug,
     k.id,
     k.scopes
    FROM (public.api_keys k
      JOIN public.tenants t ON ((t.id = k.tenant_id)))
   WHERE ((k.key_hash = api_key_find.hash) AND (k.revoked_at IS NULL) AND (t.suspended_at IS NULL));
END;

CREATE FUNCTION public.api_key_used(hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 UPDATE public.api_keys SET last_used_at = now()
   WHERE ((api_keys.key_hash = api_key_used.hash) AND ((api_keys.last_used_at IS NULL) OR (api_keys.last_used_at < (now() - '00:01:00'::interval))));
END;

CREATE FUNCTION public.forget_prepared_days(tenant bigint, conversation_ids bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.login_attempt(login_email text, login_address text, OUT attempt bigint, OUT wait_seconds integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  since constant timestamptz := now() - interval '15 minutes';
begin
  perform pg_advisory_xact_lock(hashtextextended('prosa login', 0));   -- attempts are counted one after the other
  delete from public.login_failures where at < now() - interval '1 day';
  select ceil(extract(epoch from max(brake.at) - since)) into wait_seconds from (
    (select at from public.login_failures where email = lower(login_email) and at > since order by at desc offset 4 limit 1)
    union all
    (select at from public.login_failures where address = login_address and at > since order by at desc offset 49 limit 1)
  ) as brake;
  if wait_seconds is null then
    insert into public.login_failures (email, address) values (lower(login_email), login_address) returning id into attempt;
  end if;
end $$;

CREATE TABLE public.users (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    email text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    role public.user_role NOT NULL,
    password_hash text NOT NULL,
    locale text,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_check CHECK (((role = 'super_admin'::public.user_role) = (tenant_id = 0))),
    CONSTRAINT users_email_check CHECK ((email = lower(email))),
    CONSTRAINT users_locale_check CHECK ((locale ~ '^[a-z]{2,3}(_[A-Z]{2})?$'::text))
);

ALTER TABLE ONLY public.users FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.login_candidates(login_email text, in_tenant text DEFAULT NULL::text) RETURNS TABLE(tenant_id bigint, user_id bigint, password_hash text, tenant_slug text, tenant_name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT u.tenant_id,
     u.id,
     u.password_hash,
     t.slug,
     t.name
    FROM (public.users u
      JOIN public.tenants t ON ((t.id = u.tenant_id)))
   WHERE ((u.email = lower(login_candidates.login_email)) AND u.active AND (t.suspended_at IS NULL) AND ((login_candidates.in_tenant IS NULL) OR (t.slug = login_candidates.in_tenant)))
   ORDER BY u.tenant_id
  LIMIT 10;
END;

CREATE TABLE public.login_failures (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    email text NOT NULL,
    address text NOT NULL
);

ALTER TABLE ONLY public.login_failures FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.login_succeeded(attempt bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 DELETE FROM public.login_failures
   WHERE (login_failures.id = login_succeeded.attempt);
END;

CREATE FUNCTION public.readable_json(value text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
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

CREATE FUNCTION public.refresh_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  analyze public.contacts (tenant_id, id), public.conversations (tenant_id, id, contact_id, created_at),
    public.messages (tenant_id, conversation_id, id), public.conversation_events (tenant_id, conversation_id),
    public.csat_answers (tenant_id, conversation_id),
    public.conversation_facts (tenant_id, conversation_id, created_at, last_contact_message_at);
end $$;

CREATE TABLE public.sessions (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    address text,
    user_agent text
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.session_find(hash bytea, idle interval) RETURNS TABLE(tenant_id bigint, tenant_slug text, tenant_name text, timezone text, session_id bigint, user_id bigint, email text, user_name text, role public.user_role, locale text, last_seen_at timestamp with time zone, expires_at timestamp with time zone)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT s.tenant_id,
     t.slug,
     t.name,
     t.timezone,
     s.id,
     u.id,
     u.email,
     u.name,
     u.role,
     COALESCE(u.locale, t.locale) AS "coalesce",
     s.last_seen_at,
     s.expires_at
    FROM ((public.sessions s
      JOIN public.users u ON (((u.tenant_id = s.tenant_id) AND (u.id = s.user_id))))
      JOIN public.tenants t ON ((t.id = s.tenant_id)))
   WHERE ((s.token_hash = session_find.hash) AND (s.revoked_at IS NULL) AND (s.expires_at > now()) AND (s.last_seen_at > (now() - session_find.idle)) AND u.active AND (t.suspended_at IS NULL));
END;

CREATE TABLE public.audit_log (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text,
    before jsonb,
    after jsonb,
    address text
);

ALTER TABLE ONLY public.audit_log FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.session_open(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text, agent text) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 WITH opened AS (
          INSERT INTO public.sessions (tenant_id, user_id, token_hash, expires_at, address, user_agent)  SELECT u.tenant_id,
                     u.id,
                     session_open.hash AS hash,
                     (now() + session_open.lifetime),
                     session_open.from_address AS from_address,
                     "left"(session_open.agent, 300) AS "left"
                    FROM (public.users u
                      JOIN public.tenants t ON ((t.id = u.tenant_id)))
                   WHERE ((u.tenant_id = session_open.for_tenant) AND (u.id = session_open.for_user) AND u.active AND (t.suspended_at IS NULL))
           RETURNING sessions.tenant_id,
             sessions.id,
             sessions.user_id
         ), logged AS (
          INSERT INTO public.audit_log (tenant_id, actor, action, object, address)  SELECT opened_1.tenant_id,
                     ('user:'::text || opened_1.user_id),
                     'session.login',
                     ('session:'::text || opened_1.id),
                     session_open.from_address AS from_address
                    FROM opened opened_1
         )
  SELECT opened.id
    FROM opened;
END;

CREATE FUNCTION public.session_revoke(hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 WITH revoked AS (
          UPDATE public.sessions SET revoked_at = now()
           WHERE ((sessions.token_hash = session_revoke.hash) AND (sessions.revoked_at IS NULL))
           RETURNING sessions.tenant_id,
             sessions.id,
             sessions.user_id
         )
  INSERT INTO public.audit_log (tenant_id, actor, action, object)  SELECT revoked.tenant_id,
             ('user:'::text || revoked.user_id),
             'session.logout',
             ('session:'::text || revoked.id)
            FROM revoked;
END;

CREATE FUNCTION public.session_touch(hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 UPDATE public.sessions SET last_seen_at = now()
   WHERE ((sessions.token_hash = session_touch.hash) AND (sessions.revoked_at IS NULL) AND (sessions.last_seen_at < (now() - '00:01:00'::interval)));
END;

CREATE FUNCTION public.wall(tbl regclass, client text DEFAULT NULL::text, admin text DEFAULT NULL::text, super_admin text DEFAULT NULL::text, tenant_column text DEFAULT 'tenant_id'::text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
declare
  citus constant boolean := exists (select from pg_extension where extname = 'citus');
  -- After a transaction that set it the setting reads '' and not null. Tenant 0, the platform with its operators, is no
  -- tenant that the application's login may enter: whoever could write there could make himself an operator.
  tenant constant text := $q$nullif(nullif(current_setting('prosa.tenant_id', true), '')::bigint, 0)$q$;
  is_ours constant text := format(case when citus then '%I = %s' else '%I = (select %s)' end, tenant_column, tenant);
begin
  execute format('alter table %s enable row level security', tbl);
  execute format('alter table %s force row level security', tbl);
  execute format('create policy tenant_wall on %s to prosa_client, prosa_admin using (%s) with check (%s)', tbl, is_ours, is_ours);
  execute format('create policy operator on %s to prosa_super_admin using (true) with check (true)', tbl);
  execute format('revoke all on %s from public', tbl);
  if client is not null then execute format('grant %s on %s to prosa_client', client, tbl); end if;
  if admin is not null then execute format('grant %s on %s to prosa_admin', admin, tbl); end if;
  execute format('grant %s on %s to prosa_super_admin', coalesce(super_admin, 'select, insert, update, delete'), tbl);
  if exists (select from pg_attribute where attrelid = tbl and attname = 'id' and atthasdef) then
    execute format('grant usage on sequence %s to prosa_admin, prosa_super_admin', pg_get_serial_sequence(tbl::text, 'id'));
  end if;
end $_$;

CREATE TABLE public.agents (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source_id integer,
    name text DEFAULT ''::text NOT NULL,
    email text,
    is_bot boolean DEFAULT false NOT NULL,
    removed boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.agents FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.agents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.agents_id_seq OWNED BY public.agents.id;

CREATE SEQUENCE public.api_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.api_keys_id_seq OWNED BY public.api_keys.id;

CREATE TABLE public.api_usage (
    tenant_id bigint NOT NULL,
    key_id bigint NOT NULL,
    minute timestamp with time zone NOT NULL,
    requests integer NOT NULL
);

ALTER TABLE ONLY public.api_usage FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.audit_log_id_seq OWNED BY public.audit_log.id;

CREATE TABLE public.contacts (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source_id integer,
    name text,
    phone text,
    email text,
    identifier text,
    blocked boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    address_key text
);

ALTER TABLE ONLY public.contacts FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.contacts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.contacts_id_seq OWNED BY public.contacts.id;

CREATE TABLE public.conversation_events (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    id bigint NOT NULL,
    kind public.event_kind NOT NULL,
    at timestamp with time zone NOT NULL,
    agent_id bigint
);

ALTER TABLE ONLY public.conversation_events FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.conversation_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.conversation_events_id_seq OWNED BY public.conversation_events.id;

CREATE TABLE public.conversation_facts (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    inbox_id bigint,
    contact_id bigint,
    assignee_id bigint,
    closed boolean NOT NULL,
    messages_total integer NOT NULL,
    messages_contact integer NOT NULL,
    messages_agent integer NOT NULL,
    messages_bot integer NOT NULL,
    private_notes integer NOT NULL,
    first_message_at timestamp with time zone,
    last_message_at timestamp with time zone,
    last_contact_message_at timestamp with time zone,
    first_message_text text,
    last_message_text text,
    last_sender public.message_sender,
    first_agent_message_at timestamp with time zone,
    first_response_seconds double precision,
    resolved_at timestamp with time zone,
    resolution_seconds double precision,
    times_resolved integer NOT NULL,
    times_reopened integer NOT NULL,
    csat_rating integer,
    csat_feedback text,
    version integer DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.conversation_facts FORCE ROW LEVEL SECURITY;

CREATE TABLE public.conversations (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source public.source_kind NOT NULL,
    source_id integer,
    external_id bigint,
    display_id bigint,
    inbox_id bigint,
    contact_id bigint,
    assignee_id bigint,
    team_id bigint,
    state public.conversation_state DEFAULT 'pending'::public.conversation_state NOT NULL,
    external_status text,
    priority text,
    labels text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_activity_at timestamp with time zone DEFAULT now() NOT NULL,
    channel text,
    contact_address text,
    our_address text,
    expires_at timestamp with time zone,
    closed_at timestamp with time zone,
    version integer DEFAULT 0 NOT NULL,
    predecessor_id bigint,
    context jsonb,
    contact_key text,
    our_key text,
    CONSTRAINT conversations_check CHECK (((source = 'chatwoot'::public.source_kind) OR ((channel IS NOT NULL) AND (contact_address IS NOT NULL) AND (our_address IS NOT NULL)))),
    CONSTRAINT conversations_keys_check CHECK (((source = 'chatwoot'::public.source_kind) OR ((contact_key IS NOT NULL) AND (our_key IS NOT NULL))))
);

ALTER TABLE ONLY public.conversations FORCE ROW LEVEL SECURITY;

CREATE TABLE public.inboxes (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source_id integer,
    name text DEFAULT ''::text NOT NULL,
    channel text NOT NULL,
    phone text,
    timezone text,
    assigned boolean DEFAULT true NOT NULL,
    removed boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.inboxes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.insights (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    conversation_created_at timestamp with time zone NOT NULL,
    sentiment public.sentiment NOT NULL,
    sentiment_score real NOT NULL,
    category public.insight_category NOT NULL,
    is_lead boolean NOT NULL,
    interest public.interest NOT NULL,
    conversion_score smallint NOT NULL,
    lead_name text,
    lead_goal text,
    fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    summary text DEFAULT ''::text NOT NULL,
    next_step text DEFAULT ''::text NOT NULL,
    evidence bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    confidence real NOT NULL,
    model text NOT NULL,
    prompt_version text DEFAULT ''::text NOT NULL,
    read_to timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT insights_confidence_check CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT insights_conversion_score_check CHECK (((conversion_score >= 0) AND (conversion_score <= 100))),
    CONSTRAINT insights_sentiment_score_check CHECK (((sentiment_score >= ('-1'::integer)::double precision) AND (sentiment_score <= (1)::double precision)))
);

ALTER TABLE ONLY public.insights FORCE ROW LEVEL SECURITY;

CREATE TABLE public.outcomes (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    kind public.outcome_kind NOT NULL,
    at timestamp with time zone NOT NULL,
    origin text NOT NULL,
    actor text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT outcomes_origin_check CHECK ((origin = ANY (ARRAY['person'::text, 'label_rule'::text, 'api'::text, 'csv'::text])))
);

ALTER TABLE ONLY public.outcomes FORCE ROW LEVEL SECURITY;

CREATE TABLE public.teams (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source_id integer,
    name text DEFAULT ''::text NOT NULL,
    removed boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.teams FORCE ROW LEVEL SECURITY;

CREATE VIEW public.conversation_rows WITH (security_invoker='true') AS
 SELECT c.tenant_id,
    t.slug AS tenant,
    c.id AS conversation_id,
    (c.source)::text AS source,
    c.external_id,
    c.display_id,
    c.inbox_id,
    i.name AS inbox_name,
    COALESCE(c.channel, i.channel) AS channel,
    c.contact_id,
    p.name AS contact_name,
    p.phone AS contact_phone,
    p.email AS contact_email,
    (c.state)::text AS state,
    c.external_status,
    c.priority,
    a.name AS assignee_name,
    m.name AS team_name,
    array_to_string(c.labels, ';'::text) AS labels,
    c.created_at,
    c.updated_at,
    c.last_activity_at,
    f.first_message_at,
    f.last_message_at,
    f.first_message_text,
    f.last_message_text,
    (f.last_sender)::text AS last_sender,
    COALESCE(f.messages_total, 0) AS messages_total,
    COALESCE(f.messages_contact, 0) AS messages_contact,
    COALESCE(f.messages_agent, 0) AS messages_agent,
    COALESCE(f.messages_bot, 0) AS messages_bot,
    COALESCE(f.private_notes, 0) AS private_notes,
    f.first_response_seconds,
    f.resolved_at,
    f.resolution_seconds,
    COALESCE(f.times_resolved, 0) AS times_resolved,
    COALESCE(f.times_reopened, 0) AS times_reopened,
    (EXTRACT(epoch FROM (f.last_message_at - f.first_message_at)))::double precision AS duration_seconds,
    f.csat_rating,
    f.csat_feedback,
    (COALESCE(f.messages_agent, 0) > 0) AS has_human_reply,
    COALESCE(((f.messages_contact > 0) AND (f.messages_agent = 0)), false) AS never_answered,
    (COALESCE((f.last_sender = 'contact'::public.message_sender), false) AND (NOT s.closed)) AS awaiting_reply,
    (s.closed AND COALESCE(((f.messages_agent = 0) AND (f.messages_bot > 0)), false)) AS bot_resolved,
    n.is_lead,
    (n.category)::text AS category,
    (n.sentiment)::text AS sentiment,
    (n.interest)::text AS interest,
    n.conversion_score,
    n.lead_name,
    n.lead_goal,
    n.model AS insight_model,
    n.created_at AS insight_at,
        CASE
            WHEN (f.last_contact_message_at IS NULL) THEN NULL::text
            WHEN (f.last_contact_message_at > (now() - '24:00:00'::interval)) THEN 'recent'::text
            WHEN (f.last_contact_message_at > (now() - '7 days'::interval)) THEN 'medium'::text
            ELSE 'cold'::text
        END AS recency,
    o.visit_scheduled_at,
    o.converted_at,
    o.conversion_origin
   FROM (((((((((public.conversations c
     CROSS JOIN LATERAL ( SELECT (c.state = ANY (ARRAY['agent_closed'::public.conversation_state, 'support_closed'::public.conversation_state, 'user_closed'::public.conversation_state, 'expired'::public.conversation_state, 'failed'::public.conversation_state])) AS closed) s)
     JOIN public.tenants t ON ((t.id = c.tenant_id)))
     LEFT JOIN public.inboxes i ON (((i.tenant_id = c.tenant_id) AND (i.id = c.inbox_id))))
     LEFT JOIN public.contacts p ON (((p.tenant_id = c.tenant_id) AND (p.id = c.contact_id))))
     LEFT JOIN public.agents a ON (((a.tenant_id = c.tenant_id) AND (a.id = c.assignee_id))))
     LEFT JOIN public.teams m ON (((m.tenant_id = c.tenant_id) AND (m.id = c.team_id))))
     LEFT JOIN public.conversation_facts f ON (((f.tenant_id = c.tenant_id) AND (f.conversation_id = c.id))))
     LEFT JOIN public.insights n ON (((n.tenant_id = c.tenant_id) AND (n.conversation_id = c.id))))
     LEFT JOIN ( SELECT outcomes.tenant_id,
            outcomes.conversation_id,
            min(outcomes.at) FILTER (WHERE (outcomes.kind = 'visit'::public.outcome_kind)) AS visit_scheduled_at,
            min(outcomes.at) FILTER (WHERE (outcomes.kind = 'conversion'::public.outcome_kind)) AS converted_at,
            (array_agg(outcomes.origin ORDER BY outcomes.at, outcomes.id) FILTER (WHERE (outcomes.kind = 'conversion'::public.outcome_kind)))[1] AS conversion_origin
           FROM public.outcomes
          GROUP BY outcomes.tenant_id, outcomes.conversation_id) o ON (((o.tenant_id = c.tenant_id) AND (o.conversation_id = c.id))));

CREATE SEQUENCE public.conversations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.conversations_id_seq OWNED BY public.conversations.id;

CREATE TABLE public.csat_answers (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    id bigint NOT NULL,
    rating integer NOT NULL,
    feedback text,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.csat_answers FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.csat_answers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.csat_answers_id_seq OWNED BY public.csat_answers.id;

CREATE TABLE public.etl_rejects (
    tenant_id bigint NOT NULL,
    source_id integer NOT NULL,
    stream text NOT NULL,
    external_id bigint NOT NULL,
    reason text NOT NULL,
    source_row jsonb NOT NULL,
    first_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.etl_rejects FORCE ROW LEVEL SECURITY;

CREATE TABLE public.etl_runs (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source_id integer NOT NULL,
    mode text NOT NULL,
    state text NOT NULL,
    holder text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    seconds double precision,
    rows_read bigint DEFAULT 0 NOT NULL,
    rows_inserted bigint DEFAULT 0 NOT NULL,
    rows_updated bigint DEFAULT 0 NOT NULL,
    rows_unchanged bigint DEFAULT 0 NOT NULL,
    rows_deleted bigint DEFAULT 0 NOT NULL,
    rows_rejected bigint DEFAULT 0 NOT NULL,
    bytes_read bigint DEFAULT 0 NOT NULL,
    phases jsonb DEFAULT '[]'::jsonb NOT NULL,
    watermarks jsonb DEFAULT '{}'::jsonb NOT NULL,
    error text,
    CONSTRAINT etl_runs_mode_check CHECK ((mode = ANY (ARRAY['full'::text, 'incremental'::text, 'reconcile'::text]))),
    CONSTRAINT etl_runs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.etl_runs FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.etl_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.etl_runs_id_seq OWNED BY public.etl_runs.id;

CREATE TABLE public.etl_watermarks (
    tenant_id bigint NOT NULL,
    source_id integer NOT NULL,
    stream text NOT NULL,
    snapshot_xmin bigint NOT NULL,
    read_at timestamp with time zone NOT NULL,
    last_id bigint DEFAULT 0 NOT NULL,
    loaded_to bigint
);

ALTER TABLE ONLY public.etl_watermarks FORCE ROW LEVEL SECURITY;

CREATE TABLE public.features (
    tenant_id bigint NOT NULL,
    name text NOT NULL,
    enabled boolean DEFAULT false NOT NULL,
    config jsonb DEFAULT '{}'::jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.features FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.inboxes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.inboxes_id_seq OWNED BY public.inboxes.id;

CREATE TABLE public.labels (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    source_id integer,
    title text NOT NULL,
    color text
);

ALTER TABLE ONLY public.labels FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.labels_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.labels_id_seq OWNED BY public.labels.id;

CREATE SEQUENCE public.login_failures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.login_failures_id_seq OWNED BY public.login_failures.id;

CREATE TABLE public.messages (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    id bigint NOT NULL,
    sender public.message_sender NOT NULL,
    private boolean DEFAULT false NOT NULL,
    deleted boolean DEFAULT false NOT NULL,
    status public.message_status,
    agent_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    provider_sid text,
    body text,
    attributes jsonb,
    idempotency_key text
);

ALTER TABLE ONLY public.messages FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.messages_id_seq OWNED BY public.messages.id;

CREATE SEQUENCE public.outcomes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.outcomes_id_seq OWNED BY public.outcomes.id;

CREATE TABLE public.prepared_days (
    tenant_id bigint NOT NULL,
    day date NOT NULL,
    timezone text NOT NULL,
    rows bytea NOT NULL
);
ALTER TABLE ONLY public.prepared_days ALTER COLUMN rows SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.prepared_days FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.sessions_id_seq OWNED BY public.sessions.id;

CREATE TABLE public.sources (
    tenant_id bigint NOT NULL,
    id integer NOT NULL,
    kind public.source_kind NOT NULL,
    name text NOT NULL,
    dsn_encrypted bytea,
    server_fingerprint bytea,
    account_id bigint,
    chosen_inboxes bigint[],
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sources_id_check CHECK (((id >= 1) AND (id <= 90000)))
);

ALTER TABLE ONLY public.sources FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.teams_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.teams_id_seq OWNED BY public.teams.id;

CREATE SEQUENCE public.tenants_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.tenants_id_seq OWNED BY public.tenants.id;

CREATE TABLE public.transitions (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    id bigint NOT NULL,
    from_state public.conversation_state,
    to_state public.conversation_state NOT NULL,
    actor text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.transitions FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.transitions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.transitions_id_seq OWNED BY public.transitions.id;

CREATE SEQUENCE public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;

ALTER TABLE ONLY public.agents ALTER COLUMN id SET DEFAULT nextval('public.agents_id_seq'::regclass);

ALTER TABLE ONLY public.api_keys ALTER COLUMN id SET DEFAULT nextval('public.api_keys_id_seq'::regclass);

ALTER TABLE ONLY public.audit_log ALTER COLUMN id SET DEFAULT nextval('public.audit_log_id_seq'::regclass);

ALTER TABLE ONLY public.contacts ALTER COLUMN id SET DEFAULT nextval('public.contacts_id_seq'::regclass);

ALTER TABLE ONLY public.conversation_events ALTER COLUMN id SET DEFAULT nextval('public.conversation_events_id_seq'::regclass);

ALTER TABLE ONLY public.conversations ALTER COLUMN id SET DEFAULT nextval('public.conversations_id_seq'::regclass);

ALTER TABLE ONLY public.csat_answers ALTER COLUMN id SET DEFAULT nextval('public.csat_answers_id_seq'::regclass);

ALTER TABLE ONLY public.etl_runs ALTER COLUMN id SET DEFAULT nextval('public.etl_runs_id_seq'::regclass);

ALTER TABLE ONLY public.inboxes ALTER COLUMN id SET DEFAULT nextval('public.inboxes_id_seq'::regclass);

ALTER TABLE ONLY public.labels ALTER COLUMN id SET DEFAULT nextval('public.labels_id_seq'::regclass);

ALTER TABLE ONLY public.login_failures ALTER COLUMN id SET DEFAULT nextval('public.login_failures_id_seq'::regclass);

ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.messages_id_seq'::regclass);

ALTER TABLE ONLY public.outcomes ALTER COLUMN id SET DEFAULT nextval('public.outcomes_id_seq'::regclass);

ALTER TABLE ONLY public.sessions ALTER COLUMN id SET DEFAULT nextval('public.sessions_id_seq'::regclass);

ALTER TABLE ONLY public.teams ALTER COLUMN id SET DEFAULT nextval('public.teams_id_seq'::regclass);

ALTER TABLE ONLY public.tenants ALTER COLUMN id SET DEFAULT nextval('public.tenants_id_seq'::regclass);

ALTER TABLE ONLY public.transitions ALTER COLUMN id SET DEFAULT nextval('public.transitions_id_seq'::regclass);

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);

ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_key_hash_key UNIQUE (tenant_id, key_hash);

ALTER TABLE ONLY public.api_usage
    ADD CONSTRAINT api_usage_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.conversation_events
    ADD CONSTRAINT conversation_events_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.conversation_facts
    ADD CONSTRAINT conversation_facts_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.csat_answers
    ADD CONSTRAINT csat_answers_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.etl_rejects
    ADD CONSTRAINT etl_rejects_pkey PRIMARY KEY (tenant_id, source_id, stream, external_id);

ALTER TABLE ONLY public.etl_runs
    ADD CONSTRAINT etl_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.etl_watermarks
    ADD CONSTRAINT etl_watermarks_pkey PRIMARY KEY (tenant_id, source_id, stream);

ALTER TABLE ONLY public.features
    ADD CONSTRAINT features_pkey PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY public.inboxes
    ADD CONSTRAINT inboxes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.insights
    ADD CONSTRAINT insights_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.login_failures
    ADD CONSTRAINT login_failures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.prepared_days
    ADD CONSTRAINT prepared_days_pkey PRIMARY KEY (tenant_id, day);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.transitions
    ADD CONSTRAINT transitions_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_email_key UNIQUE (tenant_id, email);

CREATE INDEX api_keys_by_hash ON public.api_keys USING btree (key_hash);

CREATE INDEX audit_log_by_time ON public.audit_log USING btree (tenant_id, at);

CREATE UNIQUE INDEX contacts_by_address ON public.contacts USING btree (tenant_id, address_key) WHERE (address_key IS NOT NULL);

CREATE INDEX contacts_by_phone ON public.contacts USING btree (tenant_id, phone) WHERE (phone IS NOT NULL);

CREATE INDEX conversation_facts_by_contact_message ON public.conversation_facts USING btree (tenant_id, last_contact_message_at, conversation_id) WHERE (last_contact_message_at IS NOT NULL);

CREATE INDEX conversation_facts_by_creation ON public.conversation_facts USING btree (tenant_id, created_at) INCLUDE (conversation_id, inbox_id, contact_id, assignee_id, closed, last_sender, messages_contact, messages_agent, messages_bot, times_reopened, csat_rating, first_response_seconds, resolution_seconds);

CREATE INDEX conversation_facts_waiting ON public.conversation_facts USING btree (tenant_id, created_at) INCLUDE (conversation_id, inbox_id, assignee_id) WHERE ((last_sender = 'contact'::public.message_sender) AND (NOT closed));

CREATE INDEX conversations_by_activity ON public.conversations USING btree (tenant_id, last_activity_at) WHERE ((source <> 'chatwoot'::public.source_kind) AND (state = 'progress'::public.conversation_state));

CREATE INDEX conversations_by_change ON public.conversations USING btree (tenant_id, updated_at) WHERE (source <> 'chatwoot'::public.source_kind);

CREATE INDEX conversations_by_contact ON public.conversations USING btree (tenant_id, contact_id);

CREATE INDEX conversations_by_creation ON public.conversations USING btree (tenant_id, created_at);

CREATE INDEX conversations_by_expiry ON public.conversations USING btree (tenant_id, expires_at) WHERE ((source <> 'chatwoot'::public.source_kind) AND (state = ANY (ARRAY['pending'::public.conversation_state, 'progress'::public.conversation_state, 'idle_timeout'::public.conversation_state, 'human_handoff'::public.conversation_state])));

CREATE INDEX conversations_by_pair ON public.conversations USING btree (tenant_id, contact_key, our_key, channel, id) WHERE (source <> 'chatwoot'::public.source_kind);

CREATE INDEX conversations_here ON public.conversations USING btree (tenant_id, created_at, id) WHERE (source <> 'chatwoot'::public.source_kind);

CREATE UNIQUE INDEX conversations_one_open ON public.conversations USING btree (tenant_id, channel, our_key, contact_key) WHERE ((source <> 'chatwoot'::public.source_kind) AND (state = ANY (ARRAY['pending'::public.conversation_state, 'progress'::public.conversation_state, 'idle_timeout'::public.conversation_state, 'human_handoff'::public.conversation_state])));

CREATE INDEX etl_runs_by_start ON public.etl_runs USING btree (tenant_id, started_at);

CREATE INDEX insights_by_creation ON public.insights USING btree (tenant_id, conversation_created_at) INCLUDE (conversation_id, is_lead);

CREATE INDEX login_failures_by_address ON public.login_failures USING btree (address, at);

CREATE INDEX login_failures_by_email ON public.login_failures USING btree (email, at);

CREATE INDEX login_failures_by_time ON public.login_failures USING btree (at);

CREATE UNIQUE INDEX messages_by_idempotency_key ON public.messages USING btree (tenant_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE UNIQUE INDEX messages_by_provider_sid ON public.messages USING btree (tenant_id, provider_sid) WHERE (provider_sid IS NOT NULL);

CREATE INDEX outcomes_by_conversation ON public.outcomes USING btree (tenant_id, conversation_id);

CREATE INDEX sessions_by_token ON public.sessions USING btree (token_hash);

CREATE INDEX sources_by_server ON public.sources USING btree (server_fingerprint);

CREATE INDEX users_by_email ON public.users USING btree (email);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.etl_rejects
    ADD CONSTRAINT etl_rejects_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.sources(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.etl_runs
    ADD CONSTRAINT etl_runs_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.sources(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.etl_watermarks
    ADD CONSTRAINT etl_watermarks_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.sources(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.features
    ADD CONSTRAINT features_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.insights
    ADD CONSTRAINT insights_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.prepared_days
    ADD CONSTRAINT prepared_days_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.transitions
    ADD CONSTRAINT transitions_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_usage ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation_facts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.csat_answers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.etl_rejects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.etl_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.etl_watermarks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.features ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inboxes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.insights ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.labels ENABLE ROW LEVEL SECURITY;

CREATE POLICY login ON public.api_keys TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.audit_log FOR INSERT TO prosa_login WITH CHECK (true);

CREATE POLICY login ON public.login_failures TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.sessions TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.tenants FOR SELECT TO prosa_login USING (true);

CREATE POLICY login ON public.users FOR SELECT TO prosa_login USING (true);

ALTER TABLE public.login_failures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

CREATE POLICY operator ON public.agents TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.api_keys TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.api_usage TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.audit_log TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.contacts TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.conversation_events TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.conversation_facts TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.conversations TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.csat_answers TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.etl_rejects TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.etl_runs TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.etl_watermarks TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.features TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.inboxes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.insights TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.labels TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.messages TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.outcomes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.prepared_days TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.sessions TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.sources TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.teams TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.tenants TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.transitions TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.users TO prosa_super_admin USING (true) WITH CHECK (true);

ALTER TABLE public.outcomes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.prepared_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sources ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_wall ON public.agents TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.api_keys TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.api_usage TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.audit_log TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.contacts TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.conversation_events TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.conversation_facts TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.conversations TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.csat_answers TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.etl_rejects TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.etl_runs TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.etl_watermarks TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.features TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.inboxes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.insights TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.labels TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.messages TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.outcomes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.prepared_days TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.sessions TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.sources TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.teams TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.tenants TO prosa_client, prosa_admin USING ((id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.transitions TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.users TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.transitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO prosa_client;
GRANT USAGE ON SCHEMA public TO prosa_admin;
GRANT USAGE ON SCHEMA public TO prosa_super_admin;
GRANT USAGE ON SCHEMA public TO prosa_login;
GRANT USAGE ON SCHEMA public TO prosa_app;
GRANT USAGE ON SCHEMA public TO prosa_platform;

GRANT INSERT ON TABLE public.api_keys TO prosa_admin;
GRANT INSERT ON TABLE public.api_keys TO prosa_super_admin;
GRANT SELECT ON TABLE public.api_keys TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(tenant_id) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT(id) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(id) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT(name),UPDATE(name) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(name),UPDATE(name) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT(prefix) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(prefix) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT(scopes) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(scopes) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT(created_at) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(created_at) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT(last_used_at) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(last_used_at) ON TABLE public.api_keys TO prosa_super_admin;
GRANT UPDATE(last_used_at) ON TABLE public.api_keys TO prosa_login;

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.api_keys TO prosa_admin;
GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.api_keys TO prosa_super_admin;

GRANT SELECT ON TABLE public.tenants TO prosa_client;
GRANT SELECT ON TABLE public.tenants TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tenants TO prosa_super_admin;
GRANT SELECT ON TABLE public.tenants TO prosa_login;

GRANT UPDATE(name) ON TABLE public.tenants TO prosa_admin;

GRANT UPDATE(timezone) ON TABLE public.tenants TO prosa_admin;

GRANT UPDATE(locale) ON TABLE public.tenants TO prosa_admin;

GRANT UPDATE(segment) ON TABLE public.tenants TO prosa_admin;

REVOKE ALL ON FUNCTION public.api_key_find(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.api_key_find(hash bytea) TO prosa_app;

REVOKE ALL ON FUNCTION public.api_key_used(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.api_key_used(hash bytea) TO prosa_app;

REVOKE ALL ON FUNCTION public.forget_prepared_days(tenant bigint, conversation_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_prepared_days(tenant bigint, conversation_ids bigint[]) TO prosa_admin;
GRANT ALL ON FUNCTION public.forget_prepared_days(tenant bigint, conversation_ids bigint[]) TO prosa_super_admin;

REVOKE ALL ON FUNCTION public.login_attempt(login_email text, login_address text, OUT attempt bigint, OUT wait_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.login_attempt(login_email text, login_address text, OUT attempt bigint, OUT wait_seconds integer) TO prosa_app;

GRANT INSERT,DELETE ON TABLE public.users TO prosa_admin;
GRANT INSERT,DELETE,UPDATE ON TABLE public.users TO prosa_super_admin;
GRANT SELECT ON TABLE public.users TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.users TO prosa_client;
GRANT SELECT(tenant_id) ON TABLE public.users TO prosa_admin;
GRANT SELECT(tenant_id) ON TABLE public.users TO prosa_super_admin;

GRANT SELECT(id) ON TABLE public.users TO prosa_client;
GRANT SELECT(id) ON TABLE public.users TO prosa_admin;
GRANT SELECT(id) ON TABLE public.users TO prosa_super_admin;

GRANT SELECT(email) ON TABLE public.users TO prosa_client;
GRANT SELECT(email),UPDATE(email) ON TABLE public.users TO prosa_admin;
GRANT SELECT(email) ON TABLE public.users TO prosa_super_admin;

GRANT SELECT(name) ON TABLE public.users TO prosa_client;
GRANT SELECT(name),UPDATE(name) ON TABLE public.users TO prosa_admin;
GRANT SELECT(name) ON TABLE public.users TO prosa_super_admin;

GRANT SELECT(role) ON TABLE public.users TO prosa_client;
GRANT SELECT(role),UPDATE(role) ON TABLE public.users TO prosa_admin;
GRANT SELECT(role) ON TABLE public.users TO prosa_super_admin;

GRANT UPDATE(password_hash) ON TABLE public.users TO prosa_admin;

GRANT SELECT(locale),UPDATE(locale) ON TABLE public.users TO prosa_client;
GRANT SELECT(locale),UPDATE(locale) ON TABLE public.users TO prosa_admin;
GRANT SELECT(locale) ON TABLE public.users TO prosa_super_admin;

GRANT SELECT(active) ON TABLE public.users TO prosa_client;
GRANT SELECT(active),UPDATE(active) ON TABLE public.users TO prosa_admin;
GRANT SELECT(active) ON TABLE public.users TO prosa_super_admin;

GRANT SELECT(created_at) ON TABLE public.users TO prosa_client;
GRANT SELECT(created_at) ON TABLE public.users TO prosa_admin;
GRANT SELECT(created_at) ON TABLE public.users TO prosa_super_admin;

REVOKE ALL ON FUNCTION public.login_candidates(login_email text, in_tenant text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.login_candidates(login_email text, in_tenant text) TO prosa_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.login_failures TO prosa_login;

REVOKE ALL ON FUNCTION public.login_succeeded(attempt bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.login_succeeded(attempt bigint) TO prosa_app;

REVOKE ALL ON FUNCTION public.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION public.refresh_statistics() TO prosa_admin;
GRANT ALL ON FUNCTION public.refresh_statistics() TO prosa_super_admin;

GRANT DELETE ON TABLE public.sessions TO prosa_super_admin;
GRANT SELECT,INSERT,UPDATE ON TABLE public.sessions TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(tenant_id) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(id) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(id) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(user_id) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(user_id) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(created_at) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(created_at) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(last_seen_at) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(last_seen_at) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(expires_at) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(expires_at) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(revoked_at),UPDATE(revoked_at) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(address) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(address) ON TABLE public.sessions TO prosa_super_admin;

GRANT SELECT(user_agent) ON TABLE public.sessions TO prosa_admin;
GRANT SELECT(user_agent) ON TABLE public.sessions TO prosa_super_admin;

REVOKE ALL ON FUNCTION public.session_find(hash bytea, idle interval) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_find(hash bytea, idle interval) TO prosa_app;

GRANT SELECT ON TABLE public.audit_log TO prosa_admin;
GRANT SELECT ON TABLE public.audit_log TO prosa_super_admin;

GRANT INSERT(tenant_id) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(tenant_id) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(tenant_id) ON TABLE public.audit_log TO prosa_super_admin;
GRANT INSERT(tenant_id) ON TABLE public.audit_log TO prosa_login;

GRANT INSERT(actor) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(actor) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(actor) ON TABLE public.audit_log TO prosa_super_admin;
GRANT INSERT(actor) ON TABLE public.audit_log TO prosa_login;

GRANT INSERT(action) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(action) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(action) ON TABLE public.audit_log TO prosa_super_admin;
GRANT INSERT(action) ON TABLE public.audit_log TO prosa_login;

GRANT INSERT(object) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(object) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(object) ON TABLE public.audit_log TO prosa_super_admin;
GRANT INSERT(object) ON TABLE public.audit_log TO prosa_login;

GRANT INSERT(before) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(before) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(before) ON TABLE public.audit_log TO prosa_super_admin;

GRANT INSERT(after) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(after) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(after) ON TABLE public.audit_log TO prosa_super_admin;

GRANT INSERT(address) ON TABLE public.audit_log TO prosa_client;
GRANT INSERT(address) ON TABLE public.audit_log TO prosa_admin;
GRANT INSERT(address) ON TABLE public.audit_log TO prosa_super_admin;
GRANT INSERT(address) ON TABLE public.audit_log TO prosa_login;

REVOKE ALL ON FUNCTION public.session_open(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text, agent text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_open(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text, agent text) TO prosa_app;

REVOKE ALL ON FUNCTION public.session_revoke(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_revoke(hash bytea) TO prosa_app;

REVOKE ALL ON FUNCTION public.session_touch(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_touch(hash bytea) TO prosa_app;

REVOKE ALL ON FUNCTION public.wall(tbl regclass, client text, admin text, super_admin text, tenant_column text) FROM PUBLIC;

GRANT SELECT ON TABLE public.agents TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.agents_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.agents_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.api_keys_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.api_keys_id_seq TO prosa_super_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_usage TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_usage TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_super_admin;
GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_client;
GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_login;

GRANT SELECT ON TABLE public.contacts TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contacts TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contacts TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.contacts_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.contacts_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.conversation_events TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_events TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_events TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.conversation_events_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.conversation_events_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.conversation_facts TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_facts TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_facts TO prosa_super_admin;

GRANT SELECT ON TABLE public.conversations TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO prosa_super_admin;

GRANT SELECT ON TABLE public.inboxes TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inboxes TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.inboxes TO prosa_super_admin;

GRANT SELECT ON TABLE public.insights TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insights TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insights TO prosa_super_admin;

GRANT SELECT ON TABLE public.outcomes TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outcomes TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outcomes TO prosa_super_admin;

GRANT SELECT ON TABLE public.teams TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.teams TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.teams TO prosa_super_admin;

GRANT SELECT ON TABLE public.conversation_rows TO prosa_client;
GRANT SELECT ON TABLE public.conversation_rows TO prosa_admin;
GRANT SELECT ON TABLE public.conversation_rows TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.conversations_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.conversations_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.csat_answers TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.csat_answers TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.csat_answers TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.csat_answers_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.csat_answers_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.etl_rejects TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.etl_rejects TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.etl_rejects TO prosa_super_admin;

GRANT SELECT ON TABLE public.etl_runs TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.etl_runs TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.etl_runs TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.etl_runs_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.etl_runs_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.etl_watermarks TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.etl_watermarks TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.etl_watermarks TO prosa_super_admin;

GRANT SELECT ON TABLE public.features TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.features TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.features TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.inboxes_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.inboxes_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.labels TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.labels TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.labels TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.labels_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.labels_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.login_failures_id_seq TO prosa_login;

GRANT SELECT ON TABLE public.messages TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.messages_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.messages_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.outcomes_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.outcomes_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.prepared_days TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.prepared_days TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.prepared_days TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.sessions_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.sessions_id_seq TO prosa_super_admin;
GRANT USAGE ON SEQUENCE public.sessions_id_seq TO prosa_login;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sources TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sources TO prosa_super_admin;

GRANT SELECT(tenant_id) ON TABLE public.sources TO prosa_client;

GRANT SELECT(id) ON TABLE public.sources TO prosa_client;

GRANT SELECT(kind) ON TABLE public.sources TO prosa_client;

GRANT SELECT(name) ON TABLE public.sources TO prosa_client;

GRANT SELECT(account_id) ON TABLE public.sources TO prosa_client;

GRANT SELECT(chosen_inboxes) ON TABLE public.sources TO prosa_client;

GRANT SELECT(enabled) ON TABLE public.sources TO prosa_client;

GRANT SELECT(created_at) ON TABLE public.sources TO prosa_client;

GRANT USAGE ON SEQUENCE public.teams_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.teams_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.tenants_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.tenants_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.transitions TO prosa_client;
GRANT SELECT,INSERT ON TABLE public.transitions TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.transitions TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.transitions_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.transitions_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.users_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.users_id_seq TO prosa_super_admin;
