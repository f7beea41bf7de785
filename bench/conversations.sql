-- Conversations with contacts, facts, insights and outcomes for one tenant, spread over `bench.days` days up to now.
-- Deterministic but for the clock. Run as a superuser, who is behind no wall.

select setseed(0.5);
insert into tenants (slug, name) values ('bench', 'Bench');

create temporary table size as
select id as tenant, current_setting('bench.conversations')::integer as conversations,
  current_setting('bench.days')::integer * interval '1 day' as days
from tenants where slug = 'bench';

insert into inboxes (tenant_id, id, name, channel) select tenant, i, 'Caixa ' || i, 'whatsapp' from size, generate_series(1, 6) i;
insert into agents (tenant_id, id, name) select tenant, i, 'Agente ' || i from size, generate_series(1, 12) i;
insert into contacts (tenant_id, id, name, phone)
select tenant, i, 'Contato ' || i, '+55119' || 10000000 + i from size, generate_series(1, conversations * 6 / 10) i;

insert into conversations (tenant_id, id, source, inbox_id, contact_id, assignee_id, state, labels, created_at, updated_at,
  last_activity_at)
select tenant, i, 'chatwoot', 1 + floor(random() * 6), 1 + floor(random() * (conversations * 6 / 10)),
  case when random() < 0.7 then 1 + floor(random() * 12) end,
  case when i > conversations * 0.97 then 'progress'
    else (array['agent_closed', 'support_closed'])[1 + floor(random() * 2)] end::conversation_state,
  case when random() < 0.3 then array['venda', 'vip'] else '{}' end, at, at, at
from size, generate_series(1, conversations) i, lateral (select now() - days * (1 - i / conversations::numeric)::float8 as at) t;

insert into conversation_facts (tenant_id, conversation_id, messages_total, messages_contact, messages_agent, messages_bot,
  private_notes, first_message_at, last_message_at, last_contact_message_at, first_message_text, last_message_text, last_sender,
  first_agent_message_at, first_response_seconds, resolved_at, resolution_seconds, times_resolved, times_reopened, csat_rating,
  created_at, inbox_id, contact_id, assignee_id, closed)
select tenant_id, id, 10, 5, case when answered then 3 else 0 end, 2, 0, created_at, created_at + interval '1 hour',
  created_at + interval '50 minutes', 'Bom dia! Gostaria de saber o valor do plano anual, por favor.',
  'Obrigada pela resposta, vou pensar e volto a falar com vocês.', (array['contact', 'agent', 'bot'])[1 + floor(r * 3)]::message_sender,
  case when answered then created_at + interval '5 minutes' end, case when answered then random() ^ 3 * 20000 end,
  case when closed then created_at + interval '1 hour' end, case when closed then random() * 80000 end,
  closed::integer, (closed and r < 0.1)::integer, case when r < 0.15 then 1 + floor(random() * 5) end,
  created_at, inbox_id, contact_id, assignee_id, closed
from (select *, random() < 0.7 as answered, random() as r, state <> 'progress' as closed from conversations
      where tenant_id = (select tenant from size)) c;

insert into insights (tenant_id, conversation_id, sentiment, sentiment_score, category, is_lead, interest, conversion_score,
  summary, next_step, evidence, confidence, model, read_to, conversation_created_at)
select tenant_id, conversation_id, 'neutral', 0, case when lead then 'lead' else 'service' end::insight_category, lead,
  case when lead then 'high' else 'low' end::interest, case when lead then 80 else 10 end,
  'Pergunta pelo valor do plano anual e compara com outra academia.', 'Responder hoje com o valor.', '{1,2,3}', 0.7,
  'offline-1', last_contact_message_at, created_at
from (select *, random() < 0.4 as lead from conversation_facts where tenant_id = (select tenant from size)) f
where random() < 0.95;

insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor)
select tenant_id, conversation_id, case when random() < 0.6 then 'visit' else 'conversion' end::outcome_kind,
  created_at + interval '1 day', 'person', 'user:1'
from conversation_facts where tenant_id = (select tenant from size) and random() < 0.05;
