"""The usual case of receiving, in one statement: a text of a contact whom we know, to a conversation that it only prolongs.

Most of what arrives is that. Everything else is receiving.receive's, which this must agree with: a test compares the two.
"""

from datetime import datetime

from psycopg.types.json import Jsonb

from prosa.conversations import suppressions
from prosa.conversations.model import OPEN, NewMessage, Owner, Pair, after_message
from prosa.conversations.policy import Policy
from prosa.conversations.receiving import REACT
from prosa.conversations.store import HERE, OF_PAIR, OPEN_STATES
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.prepared import Prepared, once
from prosa.queue import QUIETLY, queue_of
from prosa.tenancy.webhooks.model import EventType

UNMOVED = ", ".join(f"'{state}'" for state in OPEN if after_message(state, Owner.USER) is state)
# The conversation's lock comes first, as everywhere. A known provider_sid adds no message, and so touches nothing and
# enqueues nothing; the caller is told by the absence of a row. So is one whose endpoints listen, or whose contact has no
# name yet.
RECEIVE = Prepared("prosa_receive", f"""
  with open as (
    select id, tenant_id from conversations c
    where {HERE} and {OF_PAIR} and {OPEN_STATES} and state in ({UNMOVED})
      and not exists (
        select from webhook_endpoints
        where tenant_id = %(tenant)s and enabled and '{EventType.MESSAGE_RECEIVED}' = any(event_types))
      and (%(name)s::text is null or (
        select coalesce(p.name, '') <> '' from contacts p where p.tenant_id = %(tenant)s and p.id = c.contact_id))
    for update of c
  ), kept as (
    insert into messages (tenant_id, conversation_id, sender, body, created_at, updated_at, provider_sid, attributes)
    select tenant_id, id, 'contact', %(body)s::text, %(now)s::timestamptz, %(now)s::timestamptz, %(sid)s::text,
           %(attributes)s::jsonb
    from open
    on conflict (tenant_id, provider_sid) where provider_sid is not null do nothing
    returning tenant_id, conversation_id, id
  ), touched as (
    update conversations c
    set last_activity_at = greatest(c.last_activity_at, %(now)s::timestamptz),
        expires_at = greatest(c.expires_at, %(expires_at)s::timestamptz),
        updated_at = greatest(c.updated_at, %(now)s::timestamptz), version = c.version + 1
    where c.tenant_id = %(tenant)s and c.id = (select conversation_id from kept)
  )
  select procrastinate_defer_jobs_v1(array[row(
    %(queue)s::text, '{REACT}', 0, 'conversation ' || tenant_id || ' ' || conversation_id, null,
    jsonb_build_object('tenant_id', tenant_id, 'conversation_id', conversation_id, 'message_id', id), null
  )::procrastinate_job_to_defer_v1]) from kept""")  # fmt: skip


def receive(
    db: Database, tenant: TenantId, pair: Pair, new: NewMessage, *, policy: Policy, now: datetime,
    contact_name: str | None = None,
) -> bool:  # fmt: skip
    """Keep the message and ask for the reaction to it, in one round trip.

    False where it takes more than that, or was kept before; nothing has happened then. The job is enqueued quietly: who
    receives must wake the workers (prosa.queue.wake).
    """
    if suppressions.wish(new.body, policy.words) is not None:
        return False
    values = {
        "tenant": tenant, "channel": pair.channel, "our_key": pair.ours.key, "contact_key": pair.contact.key,
        "name": contact_name, "body": new.body, "now": now, "sid": new.provider_sid, "queue": queue_of(REACT),
        "attributes": Jsonb(dict(new.attributes)) if new.attributes else None, "expires_at": now + policy.expiration,
    }  # fmt: skip
    return bool(once(db, tenant, RECEIVE, values, before=QUIETLY))
