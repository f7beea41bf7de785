"""Receives many ordinary messages in one statement.

Most messages are plain texts of known contacts in open conversations. Those go this way. Everything else goes the long way,
receiving.receive. The two must agree: a test compares them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prosa.conversations import suppressions
from prosa.conversations.model import NewMessage, Owner, Pair, after_message
from prosa.conversations.policy import Policy
from prosa.conversations.receiving import REACT
from prosa.conversations.states import OPEN
from prosa.db import Database, TenantId
from prosa.db.prepared_statement import Prepared, once
from prosa.queue import QUIETLY, queue_of
from prosa.tenancy.webhooks.model import EventType

UNMOVED = ", ".join(f"'{state}'" for state in OPEN if after_message(state, Owner.USER) is state)
# Left to the long way are:
# - conversations that somebody else has locked. Only the long way waits for a lock, so the other messages need not wait, and
#   two of these statements can never wait for each other;
# - messages that webhook endpoints listen to;
# - contacts who have no name yet, and contacts whom we knew by another spelling.
# A message with a known provider_sid is not added. It then touches no conversation and enqueues nothing.
RECEIVE = Prepared("prosa_receive", f"""
  with given as (
    select * from jsonb_to_recordset(%(arrivals)s::jsonb) as given
      (place int, channel text, our_key text, contact_key text, contact text, name text, body text, sid text, attributes jsonb,
       expires_at timestamptz)
  ), open as (
    select c.id, c.tenant_id, given.* from given
    join conversations c on c.tenant_id = %(tenant)s and c.channel = given.channel and c.our_key = given.our_key
      and c.contact_key = given.contact_key and c.contact_address = given.contact
      and c.source <> 'chatwoot' and c.state in ({UNMOVED})
    join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id and (given.name is null or p.name <> '')
    where not exists (
      select from webhook_endpoints
      where tenant_id = %(tenant)s and enabled and '{EventType.MESSAGE_RECEIVED}' = any(event_types))
    for update of c skip locked
  ), kept as (
    insert into messages (tenant_id, conversation_id, sender, body, created_at, updated_at, provider_sid, attributes)
    select tenant_id, id, 'contact', body, %(now)s::timestamptz, %(now)s::timestamptz, sid, attributes
    from open order by place
    on conflict (tenant_id, provider_sid) where provider_sid is not null do nothing
    returning tenant_id, conversation_id, id, provider_sid
  ), touched as (
    update conversations c
    set last_activity_at = greatest(c.last_activity_at, %(now)s::timestamptz),
        expires_at = greatest(c.expires_at, later.expires_at),
        updated_at = greatest(c.updated_at, %(now)s::timestamptz), version = c.version + 1
    from (select id, max(expires_at) as expires_at from open where sid in (select provider_sid from kept) group by id) later
    where c.tenant_id = %(tenant)s and c.id = later.id
  )
  select array_agg(provider_sid), procrastinate_defer_jobs_v1(array_agg(row(
    %(queue)s::text, '{REACT}', 0, 'conversation ' || tenant_id || ' ' || conversation_id, null,
    jsonb_build_object('tenant_id', tenant_id, 'conversation_id', conversation_id, 'message_id', id), null
  )::procrastinate_job_to_defer_v1 order by id)) from kept""")  # fmt: skip


@dataclass(frozen=True)
class Arrival:
    """A contact's message. It keeps the conversation of the pair open until `expires_at`."""

    pair: Pair
    new: NewMessage
    contact_name: str | None
    expires_at: datetime


def arrival(
    pair: Pair, new: NewMessage, *, policy: Policy, now: datetime, contact_name: str | None = None
) -> Arrival | None:
    """The message as `receive` takes it; None if it needs more than to be kept."""
    if suppressions.wish(new.body, policy.words) is not None:
        return None
    return Arrival(pair, new, contact_name, now + policy.expiration)


def receive(db: Database, tenant: TenantId, arrivals: Sequence[Arrival], *, now: datetime) -> list[bool]:
    """Keep the messages and enqueue the reactions to them, in one round trip and one transaction.

    Returns for each message whether it was kept. One that was not kept is either known already or must go the long way;
    nothing has happened to it. The jobs are enqueued quietly, so the caller must wake the workers (prosa.queue.wake).
    """
    given = [{"place": place, **_row(one)} for place, one in enumerate(arrivals)]
    values = {
        "tenant": tenant, "arrivals": json.dumps(given, ensure_ascii=False), "now": now, "queue": queue_of(REACT),
    }  # fmt: skip
    [(kept, _jobs)] = once(db, tenant, RECEIVE, values, before=QUIETLY)
    return [one.new.provider_sid in (kept or ()) for one in arrivals]


def _row(one: Arrival) -> Mapping[str, Any]:
    return {
        "channel": one.pair.channel, "our_key": one.pair.ours.key, "contact_key": one.pair.contact.key,
        "contact": one.pair.contact.text,
        "name": one.contact_name, "body": one.new.body, "sid": one.new.provider_sid,
        "attributes": dict(one.new.attributes) if one.new.attributes else None, "expires_at": one.expires_at.isoformat(),
    }  # fmt: skip
