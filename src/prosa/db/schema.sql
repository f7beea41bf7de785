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

CREATE TYPE public.delivery_state AS ENUM (
    'queued',
    'claimed',
    'sent',
    'delivered',
    'read',
    'failed',
    'unknown',
    'suppressed',
    'refused'
);

CREATE TYPE public.draft_state AS ENUM (
    'drafted',
    'approved',
    'scheduled',
    'claimed',
    'sent',
    'delivered',
    'read',
    'replied',
    'converted',
    'rejected',
    'suppressed',
    'failed',
    'unknown'
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

CREATE TYPE public.media_state AS ENUM (
    'waiting',
    'kept',
    'refused',
    'failed',
    'erased'
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

CREATE TYPE public.report_frequency AS ENUM (
    'weekly',
    'monthly'
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
    delete_after timestamp with time zone,
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

CREATE TABLE public.llm_spending (
    tenant_id bigint NOT NULL,
    period text NOT NULL,
    starts_on date NOT NULL,
    usd numeric(14,8) DEFAULT 0 NOT NULL,
    warned_at timestamp with time zone,
    CONSTRAINT llm_spending_period_check CHECK ((period = ANY (ARRAY['day'::text, 'month'::text])))
);

ALTER TABLE ONLY public.llm_spending FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.llm_adjust(difference numeric, reserved_at timestamp with time zone, own_key boolean DEFAULT false) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT
    FROM (public.llm_spending s
      JOIN public.tenants t ON ((t.id = s.tenant_id)))
   WHERE (((s.tenant_id = (current_setting('prosa.tenant_id'::text))::bigint) OR ((s.tenant_id = 0) AND (NOT llm_adjust.own_key))) AND (s.starts_on = (date_trunc(s.period, (llm_adjust.reserved_at AT TIME ZONE t.timezone)))::date))
   ORDER BY s.tenant_id, s.period
  FOR UPDATE OF s;
 UPDATE public.llm_spending s SET usd = GREATEST((0)::numeric, (s.usd + llm_adjust.difference))
    FROM public.tenants t
   WHERE ((t.id = s.tenant_id) AND ((s.tenant_id = (current_setting('prosa.tenant_id'::text))::bigint) OR ((s.tenant_id = 0) AND (NOT llm_adjust.own_key))) AND (s.starts_on = (date_trunc(s.period, (llm_adjust.reserved_at AT TIME ZONE t.timezone)))::date));
END;

CREATE TABLE public.llm_limits (
    tenant_id bigint NOT NULL,
    bucket text NOT NULL,
    requests_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    tokens_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    held_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    day date DEFAULT '-infinity'::date NOT NULL,
    day_requests integer DEFAULT 0 NOT NULL,
    day_tokens bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.llm_limits FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.llm_hold(for_bucket text, seconds double precision) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 INSERT INTO public.llm_limits AS l (tenant_id, bucket, held_until)
   VALUES (0, llm_hold.for_bucket, (clock_timestamp() + make_interval(secs => llm_hold.seconds))) ON CONFLICT(tenant_id, bucket) DO UPDATE SET held_until = GREATEST(l.held_until, excluded.held_until)
   RETURNING (l.held_until > clock_timestamp());
END;

CREATE FUNCTION public.llm_reserve(amount numeric, own_key boolean DEFAULT false, OUT refused text, OUT warned text[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.llm_take(for_bucket text, tokens integer, per_minute double precision, tokens_per_minute double precision, per_day integer, tokens_per_day bigint, patience double precision, OUT granted boolean, OUT wait_seconds double precision) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE TABLE public.exchange_rates (
    tenant_id bigint NOT NULL,
    rate_on date NOT NULL,
    brl_per_usd numeric(12,6) NOT NULL,
    source text NOT NULL,
    CONSTRAINT exchange_rates_brl_per_usd_check CHECK ((brl_per_usd > (0)::numeric))
);

ALTER TABLE ONLY public.exchange_rates FORCE ROW LEVEL SECURITY;

CREATE TABLE public.llm_prices (
    tenant_id bigint NOT NULL,
    model text NOT NULL,
    valid_from date NOT NULL,
    input_usd numeric(12,6) NOT NULL,
    cached_usd numeric(12,6) NOT NULL,
    output_usd numeric(12,6) NOT NULL,
    CONSTRAINT llm_prices_cached_usd_check CHECK ((cached_usd >= (0)::numeric)),
    CONSTRAINT llm_prices_input_usd_check CHECK ((input_usd >= (0)::numeric)),
    CONSTRAINT llm_prices_output_usd_check CHECK ((output_usd >= (0)::numeric))
);

ALTER TABLE ONLY public.llm_prices FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.llm_terms(for_model text, OUT input_usd numeric, OUT cached_usd numeric, OUT output_usd numeric, OUT brl_per_usd numeric, OUT rate_on date) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT p.input_usd,
     p.cached_usd,
     p.output_usd,
     r.brl_per_usd,
     r.rate_on
    FROM ((( SELECT) one
      LEFT JOIN LATERAL ( SELECT p_1.tenant_id,
             p_1.model,
             p_1.valid_from,
             p_1.input_usd,
             p_1.cached_usd,
             p_1.output_usd
            FROM public.llm_prices p_1
           WHERE ((p_1.tenant_id = 0) AND (p_1.model = llm_terms.for_model) AND (p_1.valid_from <= CURRENT_DATE))
           ORDER BY p_1.valid_from DESC
          LIMIT 1) p ON (true))
      LEFT JOIN LATERAL ( SELECT r_1.tenant_id,
             r_1.rate_on,
             r_1.brl_per_usd,
             r_1.source
            FROM public.exchange_rates r_1
           WHERE ((r_1.tenant_id = 0) AND (r_1.rate_on <= CURRENT_DATE))
           ORDER BY r_1.rate_on DESC
          LIMIT 1) r ON (true));
END;

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

CREATE FUNCTION public.login_suspended(login_email text, in_tenant text DEFAULT NULL::text) RETURNS TABLE(tenant_id bigint, user_id bigint, password_hash text, tenant_slug text, tenant_name text)
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
   WHERE ((u.email = lower(login_suspended.login_email)) AND u.active AND (t.suspended_at IS NOT NULL) AND ((login_suspended.in_tenant IS NULL) OR (t.slug = login_suspended.in_tenant)))
   ORDER BY u.tenant_id
  LIMIT 10;
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

CREATE TABLE public.password_links (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    kind text NOT NULL,
    token_hash bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT password_links_kind_check CHECK ((kind = ANY (ARRAY['invite'::text, 'reset'::text])))
);

ALTER TABLE ONLY public.password_links FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.password_link_add(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 INSERT INTO public.password_links (tenant_id, user_id, kind, token_hash, created_by, expires_at)
   VALUES (password_link_add.for_tenant, password_link_add.for_user, 'reset'::text, password_link_add.hash, ('user:'::text || password_link_add.for_user), (now() + password_link_add.lifetime));
 INSERT INTO public.audit_log (tenant_id, actor, action, object, address)
   VALUES (password_link_add.for_tenant, ('user:'::text || password_link_add.for_user), 'user.ask_reset'::text, ('user:'::text || password_link_add.for_user), password_link_add.from_address);
END;

CREATE FUNCTION public.password_link_find(hash bytea) RETURNS TABLE(tenant_id bigint, user_id bigint, kind text, email text, user_name text, tenant_name text, locale text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT u.tenant_id,
     u.id,
     l.kind,
     u.email,
     u.name,
     t.name,
     COALESCE(u.locale, t.locale) AS "coalesce"
    FROM ((public.password_links l
      JOIN public.users u ON (((u.tenant_id = l.tenant_id) AND (u.id = l.user_id))))
      JOIN public.tenants t ON ((t.id = l.tenant_id)))
   WHERE ((l.token_hash = password_link_find.hash) AND (l.used_at IS NULL) AND (l.expires_at > now()) AND u.active AND (t.suspended_at IS NULL));
END;

CREATE FUNCTION public.password_link_use(hash bytea, new_password_hash text, from_address text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  link record;
begin
  update public.password_links l set used_at = now() from public.users u, public.tenants t
  where l.token_hash = hash and l.used_at is null and l.expires_at > now()
    and u.tenant_id = l.tenant_id and u.id = l.user_id and u.active and t.id = l.tenant_id and t.suspended_at is null
  returning l.tenant_id, l.user_id, l.kind into link;
  if not found then return false; end if;
  update public.users set password_hash = new_password_hash where tenant_id = link.tenant_id and id = link.user_id;
  update public.password_links set used_at = now()
  where tenant_id = link.tenant_id and user_id = link.user_id and used_at is null;
  update public.sessions set revoked_at = now()
  where tenant_id = link.tenant_id and user_id = link.user_id and revoked_at is null;
  insert into public.audit_log (tenant_id, actor, action, object, address)
  values (link.tenant_id, 'user:' || link.user_id, 'user.set_password_by_' || link.kind, 'user:' || link.user_id, from_address);
  return true;
end $$;

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

CREATE TABLE public.recovery_codes (
    tenant_id bigint NOT NULL,
    user_id bigint NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE ONLY public.recovery_codes FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.recovery_code_take(for_tenant bigint, for_user bigint, hash bytea, come_from text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 WITH taken AS (
          UPDATE public.recovery_codes SET used_at = now()
           WHERE ((recovery_codes.tenant_id = recovery_code_take.for_tenant) AND (recovery_codes.user_id = recovery_code_take.for_user) AND (recovery_codes.code_hash = recovery_code_take.hash) AND (recovery_codes.used_at IS NULL))
           RETURNING 1 AS "?column?"
         ), logged AS (
          INSERT INTO public.audit_log (tenant_id, actor, action, object, address)  SELECT recovery_code_take.for_tenant AS for_tenant,
                     ('user:'::text || recovery_code_take.for_user),
                     'user.use_recovery_code',
                     ('user:'::text || recovery_code_take.for_user),
                     recovery_code_take.come_from AS come_from
                    FROM taken
         )
  SELECT (EXISTS ( SELECT
            FROM taken)) AS "exists";
END;

CREATE FUNCTION public.refresh_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
begin
  analyze (skip_locked) public.contacts (tenant_id, id), public.conversations (tenant_id, id, contact_id, created_at),
    public.messages (tenant_id, conversation_id, id), public.conversation_events (tenant_id, conversation_id),
    public.csat_answers (tenant_id, conversation_id),
    public.conversation_facts (tenant_id, conversation_id, created_at, last_contact_message_at);
end $$;

CREATE TABLE public.second_factors (
    tenant_id bigint NOT NULL,
    user_id bigint NOT NULL,
    secret_encrypted bytea NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.second_factors FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.second_factor_find(for_tenant bigint, for_user bigint) RETURNS TABLE(secret_encrypted bytea, last_step bigint, confirmed boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT f.secret_encrypted,
     f.last_step,
     (f.confirmed_at IS NOT NULL)
    FROM public.second_factors f
   WHERE ((f.tenant_id = second_factor_find.for_tenant) AND (f.user_id = second_factor_find.for_user));
END;

CREATE FUNCTION public.second_factor_take(for_tenant bigint, for_user bigint, step bigint) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 WITH taken AS (
          UPDATE public.second_factors SET last_step = second_factor_take.step
           WHERE ((second_factors.tenant_id = second_factor_take.for_tenant) AND (second_factors.user_id = second_factor_take.for_user) AND (second_factors.last_step < second_factor_take.step))
           RETURNING 1 AS "?column?"
         )
  SELECT (EXISTS ( SELECT
            FROM taken)) AS "exists";
END;

CREATE FUNCTION public.session_act(hash bytea, tenant bigint, from_address text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
declare
  operator bigint;
  left_tenant bigint;
begin
  select s.user_id, s.acting_for into operator, left_tenant from public.sessions s
  where s.token_hash = hash and s.tenant_id = 0 and s.revoked_at is null and s.expires_at > now() for update;
  if not found or not exists (select from public.tenants t where tenant is null or t.id = tenant and t.id > 0) then
    return false;
  end if;
  update public.sessions set acting_for = tenant where token_hash = hash;
  insert into public.audit_log (tenant_id, actor, action, object, address)
  select t, 'operator:' || operator, action, 'tenant:' || t, from_address
  from (values (left_tenant, 'operator.leave'), (tenant, 'operator.enter')) as moves (t, action)
  where t is not null and left_tenant is distinct from tenant;
  return true;
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
    user_agent text,
    acting_for bigint
);

ALTER TABLE ONLY public.sessions FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.session_find(hash bytea, idle interval) RETURNS TABLE(tenant_id bigint, tenant_slug text, tenant_name text, timezone text, session_id bigint, user_id bigint, email text, user_name text, role public.user_role, locale text, last_seen_at timestamp with time zone, expires_at timestamp with time zone, acting boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT v.id,
     v.slug,
     v.name,
     v.timezone,
     s.id,
     u.id,
     u.email,
     u.name,
         CASE
             WHEN (v.id = t.id) THEN u.role
             ELSE 'admin'::public.user_role
         END AS "case",
     COALESCE(u.locale, v.locale) AS "coalesce",
     s.last_seen_at,
     s.expires_at,
     (v.id <> t.id)
    FROM ((((public.sessions s
      JOIN public.users u ON (((u.tenant_id = s.tenant_id) AND (u.id = s.user_id))))
      JOIN public.tenants t ON ((t.id = s.tenant_id)))
      LEFT JOIN public.tenants a ON (((a.id = s.acting_for) AND (s.tenant_id = 0))))
      JOIN public.tenants v ON ((v.id = COALESCE(a.id, t.id))))
   WHERE ((s.token_hash = session_find.hash) AND (s.revoked_at IS NULL) AND (s.expires_at > now()) AND (s.last_seen_at > (now() - session_find.idle)) AND u.active AND (t.suspended_at IS NULL));
END;

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

CREATE FUNCTION public.session_touch(hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 UPDATE public.sessions SET last_seen_at = now()
   WHERE ((sessions.token_hash = session_touch.hash) AND (sessions.revoked_at IS NULL) AND (sessions.last_seen_at < (now() - '00:01:00'::interval)));
END;

CREATE TABLE public.twilio_accounts (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    account_sid text NOT NULL,
    parent_sid text,
    token_encrypted bytea NOT NULL,
    messaging_service_sid text,
    name text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT twilio_accounts_account_sid_check CHECK ((account_sid ~ '^AC[0-9a-f]{32}$'::text)),
    CONSTRAINT twilio_accounts_messaging_service_sid_check CHECK ((messaging_service_sid ~ '^MG[0-9a-f]{32}$'::text)),
    CONSTRAINT twilio_accounts_parent_sid_check CHECK ((parent_sid ~ '^AC[0-9a-f]{32}$'::text)),
    CONSTRAINT twilio_accounts_tenant_id_check CHECK ((tenant_id > 0))
);

ALTER TABLE ONLY public.twilio_accounts FORCE ROW LEVEL SECURITY;

CREATE TABLE public.twilio_numbers (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    address text NOT NULL,
    address_key text NOT NULL,
    inbox_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.twilio_numbers FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.twilio_find(sid text, number_key text) RETURNS TABLE(tenant_id bigint, account_id bigint, token_encrypted bytea, number_id bigint, inbox_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT a.tenant_id,
     a.id,
     a.token_encrypted,
     n.id,
     n.inbox_id
    FROM (public.twilio_accounts a
      LEFT JOIN public.twilio_numbers n ON (((n.tenant_id = a.tenant_id) AND (n.account_id = a.id) AND (n.address_key = twilio_find.number_key))))
   WHERE (a.account_sid = twilio_find.sid)
   ORDER BY n.id, a.tenant_id
  LIMIT 1;
END;

CREATE FUNCTION public.twilio_number_exists(number_key text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM public.twilio_numbers
           WHERE (twilio_numbers.address_key = twilio_number_exists.number_key))) AS "exists";
END;

CREATE TABLE public.unknown_numbers (
    tenant_id bigint DEFAULT 0 NOT NULL,
    account_sid text NOT NULL,
    number text NOT NULL,
    times integer DEFAULT 1 NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.unknown_numbers FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.unknown_number_seen(sid text, to_number text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    BEGIN ATOMIC
 INSERT INTO public.unknown_numbers AS u (account_sid, number)  SELECT "left"(unknown_number_seen.sid, 64) AS "left",
             "left"(unknown_number_seen.to_number, 160) AS "left"
           WHERE ((( SELECT count(*) AS count
                    FROM public.unknown_numbers) < 1000) OR (EXISTS ( SELECT
                    FROM public.unknown_numbers
                   WHERE ((unknown_numbers.account_sid = "left"(unknown_number_seen.sid, 64)) AND (unknown_numbers.number = "left"(unknown_number_seen.to_number, 160)))))) ON CONFLICT(tenant_id, account_sid, number) DO UPDATE SET times = (u.times + 1), last_at = now();
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

CREATE TABLE public.ad_referrals (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    message_id bigint NOT NULL,
    ad_id text,
    source_type text,
    source_url text,
    headline text,
    body text,
    click_id text,
    media_url text,
    media_type text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.ad_referrals FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.ad_referrals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ad_referrals_id_seq OWNED BY public.ad_referrals.id;

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

CREATE TABLE public.ai_results (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    message_id bigint NOT NULL,
    feature text NOT NULL,
    state text DEFAULT 'claimed'::text NOT NULL,
    model text,
    prompt_version text DEFAULT ''::text NOT NULL,
    result jsonb DEFAULT '{}'::jsonb NOT NULL,
    tokens integer DEFAULT 0 NOT NULL,
    cost numeric(12,8) DEFAULT 0 NOT NULL,
    milliseconds integer,
    error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT ai_results_state_check CHECK ((state = ANY (ARRAY['claimed'::text, 'done'::text, 'skipped'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.ai_results FORCE ROW LEVEL SECURITY;

CREATE TABLE public.alias_keys (
    tenant_id bigint NOT NULL,
    key_encrypted bytea NOT NULL
);

ALTER TABLE ONLY public.alias_keys FORCE ROW LEVEL SECURITY;

CREATE TABLE public.analysis_tries (
    tenant_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    read_to timestamp with time zone NOT NULL,
    claimed_until timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    retry_at timestamp with time zone,
    given_up boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.analysis_tries FORCE ROW LEVEL SECURITY;

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

CREATE TABLE public.branding (
    tenant_id bigint NOT NULL,
    color text,
    logo bytea,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT branding_color_check CHECK ((color ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT branding_logo_check CHECK ((octet_length(logo) <= 300000)),
    CONSTRAINT branding_tenant_id_check CHECK ((tenant_id > 0))
);

ALTER TABLE ONLY public.branding FORCE ROW LEVEL SECURITY;

CREATE TABLE public.campaign_members (
    tenant_id bigint NOT NULL,
    campaign_id bigint NOT NULL,
    contact_key text NOT NULL,
    conversation_id bigint NOT NULL,
    variant text,
    joined_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.campaign_members FORCE ROW LEVEL SECURITY;

CREATE TABLE public.campaigns (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    segment_id bigint NOT NULL,
    state text DEFAULT 'paused'::text NOT NULL,
    variants jsonb NOT NULL,
    holdout_percent smallint DEFAULT 0 NOT NULL,
    cap integer,
    daily_cap integer,
    auto_approve boolean DEFAULT false NOT NULL,
    via_csv boolean DEFAULT false NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT campaigns_cap_check CHECK ((cap > 0)),
    CONSTRAINT campaigns_daily_cap_check CHECK ((daily_cap > 0)),
    CONSTRAINT campaigns_holdout_percent_check CHECK (((holdout_percent >= 0) AND (holdout_percent <= 50))),
    CONSTRAINT campaigns_name_check CHECK ((name <> ''::text)),
    CONSTRAINT campaigns_state_check CHECK ((state = ANY (ARRAY['paused'::text, 'active'::text, 'ended'::text])))
);

ALTER TABLE ONLY public.campaigns FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.campaigns_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.campaigns_id_seq OWNED BY public.campaigns.id;

CREATE TABLE public.consents (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    contact_key text NOT NULL,
    granted boolean NOT NULL,
    origin text NOT NULL,
    evidence text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT consents_evidence_check CHECK ((evidence <> ''::text)),
    CONSTRAINT consents_origin_check CHECK ((origin = ANY (ARRAY['message'::text, 'form'::text, 'person'::text, 'api'::text, 'csv'::text])))
);

ALTER TABLE ONLY public.consents FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.consents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.consents_id_seq OWNED BY public.consents.id;

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
ALTER TABLE ONLY public.conversations ALTER COLUMN source SET (n_distinct=3);

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
    tokens integer,
    cost_usd numeric(14,8),
    corrected text[] DEFAULT '{}'::text[] NOT NULL,
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
    reference text,
    amount numeric(14,2),
    currency text,
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

CREATE TABLE public.deliveries (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    message_id bigint NOT NULL,
    state public.delivery_state DEFAULT 'queued'::public.delivery_state NOT NULL,
    content_sid text,
    content_variables jsonb,
    media_urls text[] DEFAULT '{}'::text[] NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL,
    provider_sid text,
    error_code integer,
    problem text,
    queued_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone,
    sent_at timestamp with time zone,
    delivered_at timestamp with time zone,
    read_at timestamp with time zone,
    failed_at timestamp with time zone
);

ALTER TABLE ONLY public.deliveries FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;

CREATE TABLE public.draft_transitions (
    tenant_id bigint NOT NULL,
    draft_id bigint NOT NULL,
    id bigint NOT NULL,
    from_state public.draft_state,
    to_state public.draft_state NOT NULL,
    actor text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.draft_transitions FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.draft_transitions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.draft_transitions_id_seq OWNED BY public.draft_transitions.id;

CREATE TABLE public.drafts (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    campaign_id bigint,
    variant text,
    conversation_id bigint NOT NULL,
    contact_id bigint,
    contact_key text NOT NULL,
    contact_address text NOT NULL,
    channel text NOT NULL,
    inbox_id bigint,
    via text NOT NULL,
    body text NOT NULL,
    whatsapp_template_id bigint,
    variables jsonb DEFAULT '{}'::jsonb NOT NULL,
    author text NOT NULL,
    model text DEFAULT ''::text NOT NULL,
    prompt_version text DEFAULT ''::text NOT NULL,
    state public.draft_state DEFAULT 'drafted'::public.draft_state NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    approved_by text,
    approved_at timestamp with time zone,
    due_at timestamp with time zone,
    claimed_at timestamp with time zone,
    sent_at timestamp with time zone,
    message_id bigint,
    CONSTRAINT drafts_author_check CHECK ((author = ANY (ARRAY['ai'::text, 'template'::text, 'person'::text]))),
    CONSTRAINT drafts_via_check CHECK ((via = ANY (ARRAY['twilio'::text, 'chatwoot'::text, 'csv'::text])))
);

ALTER TABLE ONLY public.drafts FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.drafts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.drafts_id_seq OWNED BY public.drafts.id;

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

CREATE TABLE public.insight_corrections (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    field text NOT NULL,
    judged jsonb,
    said jsonb,
    model text NOT NULL,
    prompt_version text NOT NULL,
    actor text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.insight_corrections FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.insight_corrections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.insight_corrections_id_seq OWNED BY public.insight_corrections.id;

CREATE TABLE public.label_rules (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    label text NOT NULL,
    kind public.outcome_kind NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT label_rules_label_check CHECK ((label <> ''::text))
);

ALTER TABLE ONLY public.label_rules FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.label_rules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.label_rules_id_seq OWNED BY public.label_rules.id;

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

CREATE TABLE public.llm_batches (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    provider_id text,
    recipient text NOT NULL,
    state text DEFAULT 'new'::text NOT NULL,
    requests integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    polled_at timestamp with time zone,
    finished_at timestamp with time zone
);

ALTER TABLE ONLY public.llm_batches FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.llm_batches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.llm_batches_id_seq OWNED BY public.llm_batches.id;

CREATE TABLE public.llm_budgets (
    tenant_id bigint NOT NULL,
    day_usd numeric(12,4),
    month_usd numeric(12,4),
    CONSTRAINT llm_budgets_day_usd_check CHECK ((day_usd >= (0)::numeric)),
    CONSTRAINT llm_budgets_month_usd_check CHECK ((month_usd >= (0)::numeric))
);

ALTER TABLE ONLY public.llm_budgets FORCE ROW LEVEL SECURITY;

CREATE TABLE public.llm_calls (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint,
    purpose text NOT NULL,
    recipient text NOT NULL,
    model text NOT NULL,
    prompt_version text NOT NULL,
    messages bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    sent_sha256 bytea,
    masked jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    provider_id text,
    batch_id bigint,
    estimated_usd numeric(14,8) NOT NULL,
    cost_usd numeric(14,8),
    cost_brl numeric(14,8),
    brl_per_usd numeric(12,6),
    brl_rate_on date,
    tokens_input integer,
    tokens_cached integer,
    tokens_output integer,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    own_key boolean DEFAULT false NOT NULL,
    CONSTRAINT llm_calls_estimated_usd_check CHECK ((estimated_usd >= (0)::numeric)),
    CONSTRAINT llm_calls_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'failed'::text, 'unknown'::text])))
);

ALTER TABLE ONLY public.llm_calls FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.llm_calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.llm_calls_id_seq OWNED BY public.llm_calls.id;

CREATE TABLE public.llm_keys (
    tenant_id bigint NOT NULL,
    key_encrypted bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by text NOT NULL
);

ALTER TABLE ONLY public.llm_keys FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.login_failures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.login_failures_id_seq OWNED BY public.login_failures.id;

CREATE TABLE public.message_media (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    message_id bigint NOT NULL,
    "position" smallint NOT NULL,
    url text,
    content_type text NOT NULL,
    state public.media_state DEFAULT 'waiting'::public.media_state NOT NULL,
    problem text,
    object_key text,
    bytes bigint,
    fetched_at timestamp with time zone,
    CONSTRAINT message_media_position_check CHECK ((("position" >= 0) AND ("position" <= 9)))
);

ALTER TABLE ONLY public.message_media FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.message_media_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.message_media_id_seq OWNED BY public.message_media.id;

CREATE TABLE public.message_templates (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    body text NOT NULL,
    updated_by text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    archived_at timestamp with time zone,
    CONSTRAINT message_templates_name_check CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.message_templates FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.message_templates_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.message_templates_id_seq OWNED BY public.message_templates.id;

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

CREATE TABLE public.notes (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    actor text NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    edited_at timestamp with time zone,
    CONSTRAINT notes_body_check CHECK (((char_length(body) >= 1) AND (char_length(body) <= 4000)))
);

ALTER TABLE ONLY public.notes FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.notes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.notes_id_seq OWNED BY public.notes.id;

CREATE SEQUENCE public.outcomes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.outcomes_id_seq OWNED BY public.outcomes.id;

CREATE SEQUENCE public.password_links_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.password_links_id_seq OWNED BY public.password_links.id;

CREATE TABLE public.prepared_days (
    tenant_id bigint NOT NULL,
    day date NOT NULL,
    timezone text NOT NULL,
    rows bytea NOT NULL,
    listed bytea NOT NULL
);
ALTER TABLE ONLY public.prepared_days ALTER COLUMN rows SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.prepared_days ALTER COLUMN listed SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.prepared_days FORCE ROW LEVEL SECURITY;

CREATE TABLE public.report_schedules (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    frequency public.report_frequency NOT NULL,
    recipients text[] NOT NULL,
    hour smallint DEFAULT 8 NOT NULL,
    locale text DEFAULT 'pt_BR'::text NOT NULL,
    told_until date NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT report_schedules_hour_check CHECK (((hour >= 0) AND (hour <= 23))),
    CONSTRAINT report_schedules_recipients_check CHECK (((cardinality(recipients) >= 1) AND (cardinality(recipients) <= 20))),
    CONSTRAINT report_schedules_tenant_id_check CHECK ((tenant_id > 0))
);

ALTER TABLE ONLY public.report_schedules FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.report_schedules_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.report_schedules_id_seq OWNED BY public.report_schedules.id;

CREATE TABLE public.segments (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    name text NOT NULL,
    definition jsonb NOT NULL,
    created_by text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT segments_name_check CHECK ((name <> ''::text))
);

ALTER TABLE ONLY public.segments FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.segments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.segments_id_seq OWNED BY public.segments.id;

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
    api_url text,
    api_token_encrypted bytea,
    CONSTRAINT sources_id_check CHECK (((id >= 1) AND (id <= 90000)))
);

ALTER TABLE ONLY public.sources FORCE ROW LEVEL SECURITY;

CREATE TABLE public.status_callbacks (
    tenant_id bigint NOT NULL,
    provider_sid text NOT NULL,
    status text NOT NULL,
    error_code integer,
    named_delivery bigint,
    named_attempt bigint,
    received_at timestamp with time zone NOT NULL,
    applied_at timestamp with time zone
);

ALTER TABLE ONLY public.status_callbacks FORCE ROW LEVEL SECURITY;

CREATE TABLE public.suppressions (
    tenant_id bigint NOT NULL,
    our_key text NOT NULL,
    contact_key text NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    lifted_by text,
    CONSTRAINT suppressions_reason_check CHECK ((reason = ANY (ARRAY['word'::text, 'blocked'::text, 'person'::text, 'import'::text])))
);

ALTER TABLE ONLY public.suppressions FORCE ROW LEVEL SECURITY;

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

CREATE SEQUENCE public.twilio_accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.twilio_accounts_id_seq OWNED BY public.twilio_accounts.id;

CREATE SEQUENCE public.twilio_numbers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.twilio_numbers_id_seq OWNED BY public.twilio_numbers.id;

CREATE TABLE public.undone_outcomes (
    tenant_id bigint NOT NULL,
    outcome_id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    kind public.outcome_kind NOT NULL,
    at timestamp with time zone NOT NULL,
    origin text NOT NULL,
    actor text NOT NULL,
    reference text,
    undone_by text NOT NULL,
    undone_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.undone_outcomes FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;

CREATE TABLE public.webhook_deliveries (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    endpoint_id bigint NOT NULL,
    message_id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    conversation_id bigint,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone DEFAULT now() NOT NULL,
    response_code integer,
    error text,
    milliseconds integer,
    tried_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.webhook_deliveries FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.webhook_deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.webhook_deliveries_id_seq OWNED BY public.webhook_deliveries.id;

CREATE TABLE public.webhook_endpoints (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    url text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    event_types text[] DEFAULT '{}'::text[] NOT NULL,
    secret_encrypted bytea NOT NULL,
    old_secret_encrypted bytea,
    old_secret_until timestamp with time zone,
    enabled boolean DEFAULT true NOT NULL,
    failing_since timestamp with time zone,
    switched_off_reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhook_endpoints_tenant_id_check CHECK ((tenant_id > 0))
);

ALTER TABLE ONLY public.webhook_endpoints FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.webhook_endpoints_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.webhook_endpoints_id_seq OWNED BY public.webhook_endpoints.id;

CREATE TABLE public.whatsapp_templates (
    tenant_id bigint NOT NULL,
    id bigint NOT NULL,
    provider text NOT NULL,
    account text NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    body text NOT NULL,
    variables text[] DEFAULT '{}'::text[] NOT NULL,
    status text NOT NULL,
    rejection_reason text DEFAULT ''::text NOT NULL,
    removed boolean DEFAULT false NOT NULL,
    synced_at timestamp with time zone NOT NULL,
    CONSTRAINT whatsapp_templates_provider_check CHECK ((provider = ANY (ARRAY['twilio'::text, 'chatwoot'::text])))
);

ALTER TABLE ONLY public.whatsapp_templates FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE public.whatsapp_templates_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.whatsapp_templates_id_seq OWNED BY public.whatsapp_templates.id;

ALTER TABLE ONLY public.ad_referrals ALTER COLUMN id SET DEFAULT nextval('public.ad_referrals_id_seq'::regclass);

ALTER TABLE ONLY public.agents ALTER COLUMN id SET DEFAULT nextval('public.agents_id_seq'::regclass);

ALTER TABLE ONLY public.api_keys ALTER COLUMN id SET DEFAULT nextval('public.api_keys_id_seq'::regclass);

ALTER TABLE ONLY public.audit_log ALTER COLUMN id SET DEFAULT nextval('public.audit_log_id_seq'::regclass);

ALTER TABLE ONLY public.campaigns ALTER COLUMN id SET DEFAULT nextval('public.campaigns_id_seq'::regclass);

ALTER TABLE ONLY public.consents ALTER COLUMN id SET DEFAULT nextval('public.consents_id_seq'::regclass);

ALTER TABLE ONLY public.contacts ALTER COLUMN id SET DEFAULT nextval('public.contacts_id_seq'::regclass);

ALTER TABLE ONLY public.conversation_events ALTER COLUMN id SET DEFAULT nextval('public.conversation_events_id_seq'::regclass);

ALTER TABLE ONLY public.conversations ALTER COLUMN id SET DEFAULT nextval('public.conversations_id_seq'::regclass);

ALTER TABLE ONLY public.csat_answers ALTER COLUMN id SET DEFAULT nextval('public.csat_answers_id_seq'::regclass);

ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);

ALTER TABLE ONLY public.draft_transitions ALTER COLUMN id SET DEFAULT nextval('public.draft_transitions_id_seq'::regclass);

ALTER TABLE ONLY public.drafts ALTER COLUMN id SET DEFAULT nextval('public.drafts_id_seq'::regclass);

ALTER TABLE ONLY public.etl_runs ALTER COLUMN id SET DEFAULT nextval('public.etl_runs_id_seq'::regclass);

ALTER TABLE ONLY public.inboxes ALTER COLUMN id SET DEFAULT nextval('public.inboxes_id_seq'::regclass);

ALTER TABLE ONLY public.insight_corrections ALTER COLUMN id SET DEFAULT nextval('public.insight_corrections_id_seq'::regclass);

ALTER TABLE ONLY public.label_rules ALTER COLUMN id SET DEFAULT nextval('public.label_rules_id_seq'::regclass);

ALTER TABLE ONLY public.labels ALTER COLUMN id SET DEFAULT nextval('public.labels_id_seq'::regclass);

ALTER TABLE ONLY public.llm_batches ALTER COLUMN id SET DEFAULT nextval('public.llm_batches_id_seq'::regclass);

ALTER TABLE ONLY public.llm_calls ALTER COLUMN id SET DEFAULT nextval('public.llm_calls_id_seq'::regclass);

ALTER TABLE ONLY public.login_failures ALTER COLUMN id SET DEFAULT nextval('public.login_failures_id_seq'::regclass);

ALTER TABLE ONLY public.message_media ALTER COLUMN id SET DEFAULT nextval('public.message_media_id_seq'::regclass);

ALTER TABLE ONLY public.message_templates ALTER COLUMN id SET DEFAULT nextval('public.message_templates_id_seq'::regclass);

ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.messages_id_seq'::regclass);

ALTER TABLE ONLY public.notes ALTER COLUMN id SET DEFAULT nextval('public.notes_id_seq'::regclass);

ALTER TABLE ONLY public.outcomes ALTER COLUMN id SET DEFAULT nextval('public.outcomes_id_seq'::regclass);

ALTER TABLE ONLY public.password_links ALTER COLUMN id SET DEFAULT nextval('public.password_links_id_seq'::regclass);

ALTER TABLE ONLY public.report_schedules ALTER COLUMN id SET DEFAULT nextval('public.report_schedules_id_seq'::regclass);

ALTER TABLE ONLY public.segments ALTER COLUMN id SET DEFAULT nextval('public.segments_id_seq'::regclass);

ALTER TABLE ONLY public.sessions ALTER COLUMN id SET DEFAULT nextval('public.sessions_id_seq'::regclass);

ALTER TABLE ONLY public.teams ALTER COLUMN id SET DEFAULT nextval('public.teams_id_seq'::regclass);

ALTER TABLE ONLY public.tenants ALTER COLUMN id SET DEFAULT nextval('public.tenants_id_seq'::regclass);

ALTER TABLE ONLY public.transitions ALTER COLUMN id SET DEFAULT nextval('public.transitions_id_seq'::regclass);

ALTER TABLE ONLY public.twilio_accounts ALTER COLUMN id SET DEFAULT nextval('public.twilio_accounts_id_seq'::regclass);

ALTER TABLE ONLY public.twilio_numbers ALTER COLUMN id SET DEFAULT nextval('public.twilio_numbers_id_seq'::regclass);

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);

ALTER TABLE ONLY public.webhook_deliveries ALTER COLUMN id SET DEFAULT nextval('public.webhook_deliveries_id_seq'::regclass);

ALTER TABLE ONLY public.webhook_endpoints ALTER COLUMN id SET DEFAULT nextval('public.webhook_endpoints_id_seq'::regclass);

ALTER TABLE ONLY public.whatsapp_templates ALTER COLUMN id SET DEFAULT nextval('public.whatsapp_templates_id_seq'::regclass);

ALTER TABLE ONLY public.ad_referrals
    ADD CONSTRAINT ad_referrals_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.ad_referrals
    ADD CONSTRAINT ad_referrals_tenant_id_message_id_key UNIQUE (tenant_id, message_id);

ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.ai_results
    ADD CONSTRAINT ai_results_pkey PRIMARY KEY (tenant_id, conversation_id, message_id, feature);

ALTER TABLE ONLY public.alias_keys
    ADD CONSTRAINT alias_keys_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.analysis_tries
    ADD CONSTRAINT analysis_tries_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_key_hash_key UNIQUE (tenant_id, key_hash);

ALTER TABLE ONLY public.api_usage
    ADD CONSTRAINT api_usage_pkey PRIMARY KEY (tenant_id, key_id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.branding
    ADD CONSTRAINT branding_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.campaign_members
    ADD CONSTRAINT campaign_members_pkey PRIMARY KEY (tenant_id, campaign_id, contact_key);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.conversation_events
    ADD CONSTRAINT conversation_events_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.conversation_facts
    ADD CONSTRAINT conversation_facts_pkey PRIMARY KEY (tenant_id, conversation_id) INCLUDE (last_contact_message_at, contact_id, inbox_id, last_message_at, last_sender, messages_contact, messages_agent);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.csat_answers
    ADD CONSTRAINT csat_answers_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_tenant_id_message_id_key UNIQUE (tenant_id, message_id);

ALTER TABLE ONLY public.draft_transitions
    ADD CONSTRAINT draft_transitions_pkey PRIMARY KEY (tenant_id, draft_id, id);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.etl_rejects
    ADD CONSTRAINT etl_rejects_pkey PRIMARY KEY (tenant_id, source_id, stream, external_id);

ALTER TABLE ONLY public.etl_runs
    ADD CONSTRAINT etl_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.etl_watermarks
    ADD CONSTRAINT etl_watermarks_pkey PRIMARY KEY (tenant_id, source_id, stream);

ALTER TABLE ONLY public.exchange_rates
    ADD CONSTRAINT exchange_rates_pkey PRIMARY KEY (tenant_id, rate_on);

ALTER TABLE ONLY public.features
    ADD CONSTRAINT features_pkey PRIMARY KEY (tenant_id, name);

ALTER TABLE ONLY public.inboxes
    ADD CONSTRAINT inboxes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.insight_corrections
    ADD CONSTRAINT insight_corrections_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.insights
    ADD CONSTRAINT insights_pkey PRIMARY KEY (tenant_id, conversation_id);

ALTER TABLE ONLY public.label_rules
    ADD CONSTRAINT label_rules_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.label_rules
    ADD CONSTRAINT label_rules_tenant_id_label_kind_key UNIQUE (tenant_id, label, kind);

ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.llm_batches
    ADD CONSTRAINT llm_batches_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.llm_budgets
    ADD CONSTRAINT llm_budgets_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.llm_calls
    ADD CONSTRAINT llm_calls_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.llm_keys
    ADD CONSTRAINT llm_keys_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.llm_limits
    ADD CONSTRAINT llm_limits_pkey PRIMARY KEY (tenant_id, bucket);

ALTER TABLE ONLY public.llm_prices
    ADD CONSTRAINT llm_prices_pkey PRIMARY KEY (tenant_id, model, valid_from);

ALTER TABLE ONLY public.llm_spending
    ADD CONSTRAINT llm_spending_pkey PRIMARY KEY (tenant_id, period, starts_on);

ALTER TABLE ONLY public.login_failures
    ADD CONSTRAINT login_failures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.message_media
    ADD CONSTRAINT message_media_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.message_media
    ADD CONSTRAINT message_media_tenant_id_message_id_position_key UNIQUE (tenant_id, message_id, "position");

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.password_links
    ADD CONSTRAINT password_links_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.password_links
    ADD CONSTRAINT password_links_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY public.prepared_days
    ADD CONSTRAINT prepared_days_pkey PRIMARY KEY (tenant_id, day);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (tenant_id, user_id, code_hash);

ALTER TABLE ONLY public.report_schedules
    ADD CONSTRAINT report_schedules_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_pkey PRIMARY KEY (tenant_id, user_id);

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_tenant_id_name_key UNIQUE (tenant_id, name);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_tenant_id_token_hash_key UNIQUE (tenant_id, token_hash);

ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.status_callbacks
    ADD CONSTRAINT status_callbacks_pkey PRIMARY KEY (tenant_id, provider_sid, status);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (tenant_id, contact_key, our_key);

ALTER TABLE ONLY public.teams
    ADD CONSTRAINT teams_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.transitions
    ADD CONSTRAINT transitions_pkey PRIMARY KEY (tenant_id, conversation_id, id);

ALTER TABLE ONLY public.twilio_accounts
    ADD CONSTRAINT twilio_accounts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.twilio_accounts
    ADD CONSTRAINT twilio_accounts_tenant_id_account_sid_key UNIQUE (tenant_id, account_sid);

ALTER TABLE ONLY public.twilio_numbers
    ADD CONSTRAINT twilio_numbers_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.twilio_numbers
    ADD CONSTRAINT twilio_numbers_tenant_id_address_key_key UNIQUE (tenant_id, address_key);

ALTER TABLE ONLY public.undone_outcomes
    ADD CONSTRAINT undone_outcomes_pkey PRIMARY KEY (tenant_id, outcome_id);

ALTER TABLE ONLY public.unknown_numbers
    ADD CONSTRAINT unknown_numbers_pkey PRIMARY KEY (tenant_id, account_sid, number);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_email_key UNIQUE (tenant_id, email);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.whatsapp_templates
    ADD CONSTRAINT whatsapp_templates_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.whatsapp_templates
    ADD CONSTRAINT whatsapp_templates_tenant_id_provider_account_external_id_key UNIQUE (tenant_id, provider, account, external_id);

CREATE INDEX ad_referrals_by_ad ON public.ad_referrals USING btree (tenant_id, ad_id) WHERE (ad_id IS NOT NULL);

CREATE INDEX ad_referrals_by_conversation ON public.ad_referrals USING btree (tenant_id, conversation_id);

CREATE INDEX api_keys_by_hash ON public.api_keys USING btree (key_hash);

CREATE INDEX audit_log_by_time ON public.audit_log USING btree (tenant_id, at);

CREATE INDEX consents_by_contact ON public.consents USING btree (tenant_id, contact_key, at);

CREATE UNIQUE INDEX contacts_by_address ON public.contacts USING btree (tenant_id, address_key) WHERE (address_key IS NOT NULL);

CREATE INDEX contacts_by_email ON public.contacts USING btree (tenant_id, lower(email)) WHERE (email IS NOT NULL);

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

CREATE INDEX deliveries_by_conversation ON public.deliveries USING btree (tenant_id, conversation_id, message_id);

CREATE UNIQUE INDEX deliveries_by_sid ON public.deliveries USING btree (tenant_id, provider_sid) WHERE (provider_sid IS NOT NULL);

CREATE INDEX deliveries_of_templates ON public.deliveries USING btree (tenant_id, claimed_at) WHERE (content_sid IS NOT NULL);

CREATE INDEX deliveries_waiting ON public.deliveries USING btree (tenant_id, due_at) WHERE (state = ANY (ARRAY['queued'::public.delivery_state, 'claimed'::public.delivery_state]));

CREATE INDEX drafts_by_claim ON public.drafts USING btree (tenant_id, claimed_at) INCLUDE (contact_key, state, whatsapp_template_id) WHERE (claimed_at IS NOT NULL);

CREATE INDEX drafts_by_contact ON public.drafts USING btree (tenant_id, contact_key, claimed_at);

CREATE INDEX drafts_by_conversation ON public.drafts USING btree (tenant_id, conversation_id);

CREATE INDEX drafts_by_state ON public.drafts USING btree (tenant_id, state, id);

CREATE INDEX drafts_due ON public.drafts USING btree (tenant_id, due_at) WHERE (state = 'scheduled'::public.draft_state);

CREATE UNIQUE INDEX drafts_one_of_campaign ON public.drafts USING btree (tenant_id, campaign_id, contact_key) WHERE (campaign_id IS NOT NULL);

CREATE INDEX etl_runs_by_start ON public.etl_runs USING btree (tenant_id, started_at);

CREATE INDEX insight_corrections_by_conversation ON public.insight_corrections USING btree (tenant_id, conversation_id);

CREATE INDEX insights_by_creation ON public.insights USING btree (tenant_id, conversation_created_at) INCLUDE (conversation_id, is_lead, conversion_score, category, sentiment);

CREATE INDEX insights_for_segments ON public.insights USING btree (tenant_id, conversation_id) INCLUDE (is_lead, category, interest);

CREATE INDEX llm_batches_open ON public.llm_batches USING btree (tenant_id, id) WHERE (finished_at IS NULL);

CREATE INDEX llm_calls_by_conversation ON public.llm_calls USING btree (tenant_id, conversation_id) INCLUDE (cost_brl) WHERE (conversation_id IS NOT NULL);

CREATE INDEX llm_calls_by_time ON public.llm_calls USING btree (tenant_id, started_at) INCLUDE (purpose, cost_usd, cost_brl);

CREATE INDEX llm_calls_open ON public.llm_calls USING btree (tenant_id, started_at) WHERE (state = 'open'::text);

CREATE INDEX login_failures_by_address ON public.login_failures USING btree (address, at);

CREATE INDEX login_failures_by_email ON public.login_failures USING btree (email, at);

CREATE INDEX login_failures_by_time ON public.login_failures USING btree (at);

CREATE INDEX message_media_by_conversation ON public.message_media USING btree (tenant_id, conversation_id);

CREATE INDEX message_media_waiting ON public.message_media USING btree (tenant_id, id) WHERE (state = 'waiting'::public.media_state);

CREATE UNIQUE INDEX messages_by_idempotency_key ON public.messages USING btree (tenant_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);

CREATE UNIQUE INDEX messages_by_provider_sid ON public.messages USING btree (tenant_id, provider_sid) WHERE (provider_sid IS NOT NULL);

CREATE INDEX notes_by_conversation ON public.notes USING btree (tenant_id, conversation_id);

CREATE INDEX outcomes_by_conversation ON public.outcomes USING btree (tenant_id, conversation_id);

CREATE UNIQUE INDEX outcomes_by_reference ON public.outcomes USING btree (tenant_id, origin, kind, reference) WHERE (reference IS NOT NULL);

CREATE INDEX password_links_by_token ON public.password_links USING btree (token_hash);

CREATE INDEX password_links_by_user ON public.password_links USING btree (tenant_id, user_id);

CREATE INDEX sessions_by_token ON public.sessions USING btree (token_hash);

CREATE INDEX sources_by_server ON public.sources USING btree (server_fingerprint);

CREATE INDEX status_callbacks_by_age ON public.status_callbacks USING btree (tenant_id, received_at);

CREATE INDEX status_callbacks_held ON public.status_callbacks USING btree (tenant_id, received_at) WHERE (applied_at IS NULL);

CREATE INDEX twilio_accounts_by_sid ON public.twilio_accounts USING btree (account_sid);

CREATE INDEX twilio_numbers_by_key ON public.twilio_numbers USING btree (address_key);

CREATE INDEX undone_outcomes_by_conversation ON public.undone_outcomes USING btree (tenant_id, conversation_id);

CREATE INDEX users_by_email ON public.users USING btree (email);

CREATE INDEX webhook_deliveries_by_age ON public.webhook_deliveries USING btree (tenant_id, created_at) WHERE (state <> 'pending'::text);

CREATE INDEX webhook_deliveries_by_conversation ON public.webhook_deliveries USING btree (tenant_id, conversation_id) WHERE (conversation_id IS NOT NULL);

CREATE INDEX webhook_deliveries_by_endpoint ON public.webhook_deliveries USING btree (tenant_id, endpoint_id, id);

CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (tenant_id, next_try_at) WHERE (state = 'pending'::text);

ALTER TABLE ONLY public.ad_referrals
    ADD CONSTRAINT ad_referrals_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ai_results
    ADD CONSTRAINT ai_results_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.alias_keys
    ADD CONSTRAINT alias_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.analysis_tries
    ADD CONSTRAINT analysis_tries_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.branding
    ADD CONSTRAINT branding_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.campaign_members
    ADD CONSTRAINT campaign_members_tenant_id_campaign_id_fkey FOREIGN KEY (tenant_id, campaign_id) REFERENCES public.campaigns(tenant_id, id);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_tenant_id_segment_id_fkey FOREIGN KEY (tenant_id, segment_id) REFERENCES public.segments(tenant_id, id);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_tenant_id_conversation_id_message_id_fkey FOREIGN KEY (tenant_id, conversation_id, message_id) REFERENCES public.messages(tenant_id, conversation_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.draft_transitions
    ADD CONSTRAINT draft_transitions_tenant_id_draft_id_fkey FOREIGN KEY (tenant_id, draft_id) REFERENCES public.drafts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_tenant_id_campaign_id_fkey FOREIGN KEY (tenant_id, campaign_id) REFERENCES public.campaigns(tenant_id, id);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.drafts
    ADD CONSTRAINT drafts_tenant_id_whatsapp_template_id_fkey FOREIGN KEY (tenant_id, whatsapp_template_id) REFERENCES public.whatsapp_templates(tenant_id, id);

ALTER TABLE ONLY public.etl_rejects
    ADD CONSTRAINT etl_rejects_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.sources(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.etl_runs
    ADD CONSTRAINT etl_runs_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.sources(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.etl_watermarks
    ADD CONSTRAINT etl_watermarks_tenant_id_source_id_fkey FOREIGN KEY (tenant_id, source_id) REFERENCES public.sources(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.features
    ADD CONSTRAINT features_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.insight_corrections
    ADD CONSTRAINT insight_corrections_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.insights
    ADD CONSTRAINT insights_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.label_rules
    ADD CONSTRAINT label_rules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.llm_budgets
    ADD CONSTRAINT llm_budgets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.llm_keys
    ADD CONSTRAINT llm_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.message_media
    ADD CONSTRAINT message_media_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.password_links
    ADD CONSTRAINT password_links_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.prepared_days
    ADD CONSTRAINT prepared_days_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.second_factors(tenant_id, user_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.report_schedules
    ADD CONSTRAINT report_schedules_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.transitions
    ADD CONSTRAINT transitions_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.twilio_accounts
    ADD CONSTRAINT twilio_accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.twilio_numbers
    ADD CONSTRAINT twilio_numbers_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.twilio_accounts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.undone_outcomes
    ADD CONSTRAINT undone_outcomes_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.unknown_numbers
    ADD CONSTRAINT unknown_numbers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES public.webhook_endpoints(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhook_endpoints
    ADD CONSTRAINT webhook_endpoints_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.whatsapp_templates
    ADD CONSTRAINT whatsapp_templates_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE public.ad_referrals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ai_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.alias_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.analysis_tries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.api_usage ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.branding ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.campaign_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.campaigns ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.consents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation_facts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.csat_answers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.draft_transitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.etl_rejects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.etl_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.etl_watermarks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.exchange_rates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.features ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.inboxes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.insight_corrections ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.insights ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.label_rules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.labels ENABLE ROW LEVEL SECURITY;

CREATE POLICY llm ON public.exchange_rates FOR SELECT TO prosa_login USING (true);

CREATE POLICY llm ON public.llm_budgets FOR SELECT TO prosa_login USING (true);

CREATE POLICY llm ON public.llm_limits TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY llm ON public.llm_prices FOR SELECT TO prosa_login USING (true);

CREATE POLICY llm ON public.llm_spending TO prosa_login USING (true) WITH CHECK (true);

ALTER TABLE public.llm_batches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_budgets ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_limits ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_prices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.llm_spending ENABLE ROW LEVEL SECURITY;

CREATE POLICY login ON public.api_keys TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.audit_log FOR INSERT TO prosa_login WITH CHECK (true);

CREATE POLICY login ON public.login_failures TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.password_links TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.recovery_codes TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.second_factors TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.sessions TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.tenants FOR SELECT TO prosa_login USING (true);

CREATE POLICY login ON public.twilio_accounts FOR SELECT TO prosa_login USING (true);

CREATE POLICY login ON public.twilio_numbers FOR SELECT TO prosa_login USING (true);

CREATE POLICY login ON public.unknown_numbers TO prosa_login USING (true) WITH CHECK (true);

CREATE POLICY login ON public.users FOR SELECT TO prosa_login USING (true);

ALTER TABLE public.login_failures ENABLE ROW LEVEL SECURITY;

CREATE POLICY login_password ON public.users FOR UPDATE TO prosa_login USING (true) WITH CHECK (true);

ALTER TABLE public.message_media ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.message_templates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;

CREATE POLICY operator ON public.ad_referrals TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.agents TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.ai_results TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.alias_keys TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.analysis_tries TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.api_keys TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.api_usage TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.audit_log TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.branding TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.campaign_members TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.campaigns TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.consents TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.contacts TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.conversation_events TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.conversation_facts TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.conversations TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.csat_answers TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.deliveries TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.draft_transitions TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.drafts TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.etl_rejects TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.etl_runs TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.etl_watermarks TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.exchange_rates TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.features TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.inboxes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.insight_corrections TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.insights TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.label_rules TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.labels TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_batches TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_budgets TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_calls TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_keys TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_limits TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_prices TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.llm_spending TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.message_media TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.message_templates TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.messages TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.notes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.outcomes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.password_links TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.prepared_days TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.recovery_codes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.report_schedules TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.second_factors TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.segments TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.sessions TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.sources TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.status_callbacks TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.suppressions TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.teams TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.tenants TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.transitions TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.twilio_accounts TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.twilio_numbers TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.undone_outcomes TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.unknown_numbers TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.users TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.webhook_deliveries TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.webhook_endpoints TO prosa_super_admin USING (true) WITH CHECK (true);

CREATE POLICY operator ON public.whatsapp_templates TO prosa_super_admin USING (true) WITH CHECK (true);

ALTER TABLE public.outcomes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.password_links ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.prepared_days ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.recovery_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.report_schedules ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.second_factors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.segments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sources ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.status_callbacks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.suppressions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;

CREATE POLICY tenant_wall ON public.ad_referrals TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.agents TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.ai_results TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.alias_keys TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.analysis_tries TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.api_keys TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.api_usage TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.audit_log TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.branding TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.campaign_members TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.campaigns TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.consents TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.contacts TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.conversation_events TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.conversation_facts TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.conversations TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.csat_answers TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.deliveries TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.draft_transitions TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.drafts TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.etl_rejects TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.etl_runs TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.etl_watermarks TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.exchange_rates TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.features TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.inboxes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.insight_corrections TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.insights TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.label_rules TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.labels TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_batches TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_budgets TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_calls TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_keys TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_limits TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_prices TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.llm_spending TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.message_media TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.message_templates TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.messages TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.notes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.outcomes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.password_links TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.prepared_days TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.recovery_codes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.report_schedules TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.second_factors TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.segments TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.sessions TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.sources TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.status_callbacks TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.suppressions TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.teams TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.tenants TO prosa_client, prosa_admin USING ((id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.transitions TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.twilio_accounts TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.twilio_numbers TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.undone_outcomes TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.unknown_numbers TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.users TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.webhook_deliveries TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.webhook_endpoints TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

CREATE POLICY tenant_wall ON public.whatsapp_templates TO prosa_client, prosa_admin USING ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif"))) WITH CHECK ((tenant_id = ( SELECT NULLIF((NULLIF(current_setting('prosa.tenant_id'::text, true), ''::text))::bigint, 0) AS "nullif")));

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.transitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.twilio_accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.twilio_numbers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.undone_outcomes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.unknown_numbers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhook_deliveries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.webhook_endpoints ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.whatsapp_templates ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA public TO prosa_client;
GRANT USAGE ON SCHEMA public TO prosa_admin;
GRANT USAGE ON SCHEMA public TO prosa_super_admin;
GRANT USAGE ON SCHEMA public TO prosa_login;
GRANT USAGE ON SCHEMA public TO prosa_app;
GRANT USAGE ON SCHEMA public TO prosa_platform;

GRANT INSERT ON TABLE public.api_keys TO prosa_admin;
GRANT INSERT,DELETE ON TABLE public.api_keys TO prosa_super_admin;
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

GRANT SELECT ON TABLE public.llm_spending TO prosa_client;
GRANT SELECT ON TABLE public.llm_spending TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_spending TO prosa_super_admin;
GRANT SELECT,INSERT,UPDATE ON TABLE public.llm_spending TO prosa_login;

REVOKE ALL ON FUNCTION public.llm_adjust(difference numeric, reserved_at timestamp with time zone, own_key boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.llm_adjust(difference numeric, reserved_at timestamp with time zone, own_key boolean) TO prosa_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_limits TO prosa_super_admin;
GRANT SELECT,INSERT,UPDATE ON TABLE public.llm_limits TO prosa_login;

REVOKE ALL ON FUNCTION public.llm_hold(for_bucket text, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.llm_hold(for_bucket text, seconds double precision) TO prosa_admin;

REVOKE ALL ON FUNCTION public.llm_reserve(amount numeric, own_key boolean, OUT refused text, OUT warned text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.llm_reserve(amount numeric, own_key boolean, OUT refused text, OUT warned text[]) TO prosa_admin;

REVOKE ALL ON FUNCTION public.llm_take(for_bucket text, tokens integer, per_minute double precision, tokens_per_minute double precision, per_day integer, tokens_per_day bigint, patience double precision, OUT granted boolean, OUT wait_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.llm_take(for_bucket text, tokens integer, per_minute double precision, tokens_per_minute double precision, per_day integer, tokens_per_day bigint, patience double precision, OUT granted boolean, OUT wait_seconds double precision) TO prosa_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.exchange_rates TO prosa_super_admin;
GRANT SELECT ON TABLE public.exchange_rates TO prosa_login;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_prices TO prosa_super_admin;
GRANT SELECT ON TABLE public.llm_prices TO prosa_login;

REVOKE ALL ON FUNCTION public.llm_terms(for_model text, OUT input_usd numeric, OUT cached_usd numeric, OUT output_usd numeric, OUT brl_per_usd numeric, OUT rate_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.llm_terms(for_model text, OUT input_usd numeric, OUT cached_usd numeric, OUT output_usd numeric, OUT brl_per_usd numeric, OUT rate_on date) TO prosa_admin;

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
GRANT UPDATE(password_hash) ON TABLE public.users TO prosa_login;

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

REVOKE ALL ON FUNCTION public.login_suspended(login_email text, in_tenant text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.login_suspended(login_email text, in_tenant text) TO prosa_app;

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

GRANT INSERT ON TABLE public.password_links TO prosa_admin;
GRANT INSERT,DELETE ON TABLE public.password_links TO prosa_super_admin;
GRANT SELECT,INSERT,UPDATE ON TABLE public.password_links TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(tenant_id) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(id) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(id) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(user_id) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(user_id) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(kind) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(kind) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(created_by) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(created_by) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(created_at) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(created_at) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(expires_at) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(expires_at) ON TABLE public.password_links TO prosa_super_admin;

GRANT SELECT(used_at),UPDATE(used_at) ON TABLE public.password_links TO prosa_admin;
GRANT SELECT(used_at),UPDATE(used_at) ON TABLE public.password_links TO prosa_super_admin;

REVOKE ALL ON FUNCTION public.password_link_add(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.password_link_add(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text) TO prosa_app;

REVOKE ALL ON FUNCTION public.password_link_find(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.password_link_find(hash bytea) TO prosa_app;

REVOKE ALL ON FUNCTION public.password_link_use(hash bytea, new_password_hash text, from_address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.password_link_use(hash bytea, new_password_hash text, from_address text) TO prosa_app;

GRANT INSERT,DELETE ON TABLE public.recovery_codes TO prosa_admin;
GRANT INSERT,DELETE ON TABLE public.recovery_codes TO prosa_super_admin;
GRANT SELECT ON TABLE public.recovery_codes TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.recovery_codes TO prosa_admin;
GRANT SELECT(tenant_id) ON TABLE public.recovery_codes TO prosa_super_admin;

GRANT SELECT(user_id) ON TABLE public.recovery_codes TO prosa_admin;
GRANT SELECT(user_id) ON TABLE public.recovery_codes TO prosa_super_admin;

GRANT SELECT(used_at) ON TABLE public.recovery_codes TO prosa_admin;
GRANT SELECT(used_at) ON TABLE public.recovery_codes TO prosa_super_admin;
GRANT UPDATE(used_at) ON TABLE public.recovery_codes TO prosa_login;

REVOKE ALL ON FUNCTION public.recovery_code_take(for_tenant bigint, for_user bigint, hash bytea, come_from text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.recovery_code_take(for_tenant bigint, for_user bigint, hash bytea, come_from text) TO prosa_app;

REVOKE ALL ON FUNCTION public.refresh_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION public.refresh_statistics() TO prosa_admin;
GRANT ALL ON FUNCTION public.refresh_statistics() TO prosa_super_admin;

GRANT INSERT,DELETE ON TABLE public.second_factors TO prosa_admin;
GRANT INSERT,DELETE ON TABLE public.second_factors TO prosa_super_admin;
GRANT SELECT ON TABLE public.second_factors TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.second_factors TO prosa_admin;
GRANT SELECT(tenant_id) ON TABLE public.second_factors TO prosa_super_admin;

GRANT SELECT(user_id) ON TABLE public.second_factors TO prosa_admin;
GRANT SELECT(user_id) ON TABLE public.second_factors TO prosa_super_admin;

GRANT UPDATE(secret_encrypted) ON TABLE public.second_factors TO prosa_admin;
GRANT UPDATE(secret_encrypted) ON TABLE public.second_factors TO prosa_super_admin;

GRANT SELECT(confirmed_at),UPDATE(confirmed_at) ON TABLE public.second_factors TO prosa_admin;
GRANT SELECT(confirmed_at),UPDATE(confirmed_at) ON TABLE public.second_factors TO prosa_super_admin;

GRANT UPDATE(last_step) ON TABLE public.second_factors TO prosa_admin;
GRANT UPDATE(last_step) ON TABLE public.second_factors TO prosa_super_admin;
GRANT UPDATE(last_step) ON TABLE public.second_factors TO prosa_login;

GRANT SELECT(created_at),UPDATE(created_at) ON TABLE public.second_factors TO prosa_admin;
GRANT SELECT(created_at),UPDATE(created_at) ON TABLE public.second_factors TO prosa_super_admin;

REVOKE ALL ON FUNCTION public.second_factor_find(for_tenant bigint, for_user bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.second_factor_find(for_tenant bigint, for_user bigint) TO prosa_app;

REVOKE ALL ON FUNCTION public.second_factor_take(for_tenant bigint, for_user bigint, step bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.second_factor_take(for_tenant bigint, for_user bigint, step bigint) TO prosa_app;

REVOKE ALL ON FUNCTION public.session_act(hash bytea, tenant bigint, from_address text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_act(hash bytea, tenant bigint, from_address text) TO prosa_app;

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

REVOKE ALL ON FUNCTION public.session_open(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text, agent text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_open(for_tenant bigint, for_user bigint, hash bytea, lifetime interval, from_address text, agent text) TO prosa_app;

REVOKE ALL ON FUNCTION public.session_touch(hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.session_touch(hash bytea) TO prosa_app;

GRANT SELECT ON TABLE public.twilio_accounts TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.twilio_accounts TO prosa_super_admin;
GRANT SELECT ON TABLE public.twilio_accounts TO prosa_login;

GRANT SELECT(tenant_id) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT(id) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT(account_sid) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT(parent_sid) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT(messaging_service_sid) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT(name) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT(created_at) ON TABLE public.twilio_accounts TO prosa_client;

GRANT SELECT ON TABLE public.twilio_numbers TO prosa_client;
GRANT SELECT ON TABLE public.twilio_numbers TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.twilio_numbers TO prosa_super_admin;
GRANT SELECT ON TABLE public.twilio_numbers TO prosa_login;

REVOKE ALL ON FUNCTION public.twilio_find(sid text, number_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.twilio_find(sid text, number_key text) TO prosa_app;

REVOKE ALL ON FUNCTION public.twilio_number_exists(number_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.twilio_number_exists(number_key text) TO prosa_app;

GRANT SELECT,DELETE ON TABLE public.unknown_numbers TO prosa_super_admin;
GRANT SELECT,INSERT,UPDATE ON TABLE public.unknown_numbers TO prosa_login;

REVOKE ALL ON FUNCTION public.unknown_number_seen(sid text, to_number text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.unknown_number_seen(sid text, to_number text) TO prosa_app;

REVOKE ALL ON FUNCTION public.wall(tbl regclass, client text, admin text, super_admin text, tenant_column text) FROM PUBLIC;

GRANT SELECT ON TABLE public.ad_referrals TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ad_referrals TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ad_referrals TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.ad_referrals_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.ad_referrals_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.agents TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.agents_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.agents_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.ai_results TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ai_results TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ai_results TO prosa_super_admin;

GRANT SELECT ON TABLE public.alias_keys TO prosa_client;
GRANT SELECT ON TABLE public.alias_keys TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.alias_keys TO prosa_super_admin;

GRANT SELECT ON TABLE public.analysis_tries TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.analysis_tries TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.analysis_tries TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.api_keys_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.api_keys_id_seq TO prosa_super_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_usage TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_usage TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_super_admin;
GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_client;
GRANT USAGE ON SEQUENCE public.audit_log_id_seq TO prosa_login;

GRANT SELECT ON TABLE public.branding TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.branding TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.branding TO prosa_super_admin;

GRANT SELECT ON TABLE public.campaign_members TO prosa_client;
GRANT SELECT,INSERT ON TABLE public.campaign_members TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.campaign_members TO prosa_super_admin;

GRANT SELECT ON TABLE public.campaigns TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.campaigns TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.campaigns TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.campaigns_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.campaigns_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.consents TO prosa_client;
GRANT SELECT,INSERT ON TABLE public.consents TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.consents TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.consents_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.consents_id_seq TO prosa_super_admin;

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

GRANT SELECT ON TABLE public.deliveries TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deliveries TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.deliveries TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.deliveries_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.deliveries_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.draft_transitions TO prosa_client;
GRANT SELECT,INSERT ON TABLE public.draft_transitions TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.draft_transitions TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.draft_transitions_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.draft_transitions_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.drafts TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.drafts TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.drafts TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.drafts_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.drafts_id_seq TO prosa_super_admin;

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

GRANT SELECT ON TABLE public.insight_corrections TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.insight_corrections TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.insight_corrections TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.insight_corrections_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.insight_corrections_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.label_rules TO prosa_client;
GRANT SELECT,INSERT,DELETE ON TABLE public.label_rules TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.label_rules TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.label_rules_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.label_rules_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.labels TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.labels TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.labels TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.labels_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.labels_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.llm_batches TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.llm_batches TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_batches TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.llm_batches_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.llm_batches_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.llm_budgets TO prosa_client;
GRANT SELECT ON TABLE public.llm_budgets TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_budgets TO prosa_super_admin;
GRANT SELECT ON TABLE public.llm_budgets TO prosa_login;

GRANT SELECT ON TABLE public.llm_calls TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.llm_calls TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_calls TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.llm_calls_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.llm_calls_id_seq TO prosa_super_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_keys TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.llm_keys TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.login_failures_id_seq TO prosa_login;

GRANT SELECT ON TABLE public.message_media TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_media TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_media TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.message_media_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.message_media_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.message_templates TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.message_templates TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.message_templates TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.message_templates_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.message_templates_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.messages TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.messages TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.messages_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.messages_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.notes TO prosa_client;
GRANT SELECT,INSERT,DELETE ON TABLE public.notes TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notes TO prosa_super_admin;

GRANT UPDATE(body) ON TABLE public.notes TO prosa_admin;

GRANT UPDATE(edited_at) ON TABLE public.notes TO prosa_admin;

GRANT USAGE ON SEQUENCE public.notes_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.notes_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.outcomes_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.outcomes_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.password_links_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.password_links_id_seq TO prosa_super_admin;
GRANT USAGE ON SEQUENCE public.password_links_id_seq TO prosa_login;

GRANT SELECT ON TABLE public.prepared_days TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.prepared_days TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.prepared_days TO prosa_super_admin;

GRANT SELECT ON TABLE public.report_schedules TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.report_schedules TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.report_schedules TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.report_schedules_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.report_schedules_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.segments TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.segments TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.segments TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.segments_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.segments_id_seq TO prosa_super_admin;

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

GRANT SELECT ON TABLE public.status_callbacks TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.status_callbacks TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.status_callbacks TO prosa_super_admin;

GRANT SELECT ON TABLE public.suppressions TO prosa_client;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.suppressions TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.suppressions TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.teams_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.teams_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.tenants_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.tenants_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.transitions TO prosa_client;
GRANT SELECT,INSERT ON TABLE public.transitions TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.transitions TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.transitions_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.transitions_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.twilio_accounts_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.twilio_accounts_id_seq TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.twilio_numbers_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.twilio_numbers_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.undone_outcomes TO prosa_client;
GRANT SELECT,INSERT ON TABLE public.undone_outcomes TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.undone_outcomes TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.users_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.users_id_seq TO prosa_super_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_deliveries TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_deliveries TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.webhook_deliveries_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.webhook_deliveries_id_seq TO prosa_super_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_endpoints TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.webhook_endpoints TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.webhook_endpoints_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.webhook_endpoints_id_seq TO prosa_super_admin;

GRANT SELECT ON TABLE public.whatsapp_templates TO prosa_client;
GRANT SELECT,INSERT,UPDATE ON TABLE public.whatsapp_templates TO prosa_admin;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.whatsapp_templates TO prosa_super_admin;

GRANT USAGE ON SEQUENCE public.whatsapp_templates_id_seq TO prosa_admin;
GRANT USAGE ON SEQUENCE public.whatsapp_templates_id_seq TO prosa_super_admin;
