"""Follows sent drafts until they are delivered, answered, converted.

A run pulls all this from the store; no lower floor reports to remarketing. So a run may be skipped or repeated.
"""

from collections.abc import Mapping
from datetime import datetime

from prosa.db import Conn, TenantId
from prosa.remarketing import store
from prosa.remarketing.model import Draft, DraftState
from prosa.remarketing.policy import Policy

S = DraftState
BY = "job:remarketing"
BATCH = 500
OPEN = (S.CLAIMED, S.SENT, S.UNKNOWN, S.DELIVERED, S.READ)
# A delivery's word (prosa.sending), or a mirrored message's status, as a draft's state.
OF_DELIVERY = {"sent": S.SENT, "delivered": S.DELIVERED, "read": S.READ, "failed": S.FAILED, "refused": S.FAILED,
               "suppressed": S.SUPPRESSED, "unknown": S.UNKNOWN}  # fmt: skip
OF_MESSAGE = {"delivered": S.DELIVERED, "read": S.READ, "failed": S.FAILED}
# The contact's answer may be heard before the provider's failure. A message that never arrived has caused neither an answer nor
# a sale.
ANSWERED = "d.state in ('replied', 'converted')"

DELIVERIES = f"""
  select d.id, x.state::text from drafts d
  join deliveries x on x.tenant_id = d.tenant_id and x.message_id = d.message_id
  where d.tenant_id = %(tenant)s and d.via = 'twilio'
    and (d.state in ('claimed', 'sent', 'unknown', 'delivered') or {ANSWERED} and x.state in ('failed', 'refused'))
    and x.state::text <> d.state::text and x.state not in ('queued', 'claimed') and d.claimed_at > %(since)s"""
MIRRORED = f"""
  select d.id, m.status::text from drafts d
  join messages m on m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id and m.id = d.message_id
  where d.tenant_id = %(tenant)s and d.via = 'chatwoot'
    and (d.state in ('sent', 'unknown', 'delivered') or {ANSWERED} and m.status = 'failed')
    and m.status::text <> d.state::text and m.status in ('delivered', 'read', 'failed') and d.claimed_at > %(since)s"""
# Chatwoot's answer was lost, but the ETL has since read a message of ours with the draft's text, from about that time: so it was
# sent. Chatwoot keeps no reference of the sender's on a message, so text and time are all there is to go by.
FOUND_AGAIN = """
  select d.id, m.id from drafts d
  join messages m on m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id
    and m.created_at > d.claimed_at - interval '2 minutes' and m.created_at < d.claimed_at + interval '10 minutes'
  where d.tenant_id = %(tenant)s and d.state = 'unknown' and d.via = 'chatwoot' and d.message_id is null
    and d.claimed_at > %(since)s and m.sender in ('agent', 'bot') and not m.private and btrim(m.body) = btrim(d.body)
    and not exists (select from drafts o where o.tenant_id = d.tenant_id and o.conversation_id = d.conversation_id
      and o.message_id = m.id)
  order by d.id, abs(extract(epoch from m.created_at - d.claimed_at)), m.id"""
# The conversations of a draft's contact: the draft's own, their others, and those under another spelling of their number.
THEIRS = """cross join lateral (
    select d.conversation_id as id
    union select c.id from conversations c where c.tenant_id = d.tenant_id and c.contact_id = d.contact_id
    union select c.id from conversations c
      where c.tenant_id = d.tenant_id and c.contact_key = d.contact_key and c.source <> 'chatwoot') as t"""
REPLIED = f"""
  select distinct d.id, 'replied' from drafts d {THEIRS}
  join conversation_facts f on f.tenant_id = d.tenant_id and f.conversation_id = t.id
  where d.tenant_id = %(tenant)s and d.state in ('sent', 'unknown', 'delivered', 'read') and d.claimed_at > %(since)s
    and f.last_contact_message_at > d.claimed_at"""
CONVERTED = f"""
  select distinct d.id, 'converted' from drafts d {THEIRS}
  join outcomes o on o.tenant_id = d.tenant_id and o.conversation_id = t.id and o.kind = 'conversion'
  where d.tenant_id = %(tenant)s and d.state in ('sent', 'unknown', 'delivered', 'read', 'replied')
    and d.claimed_at > %(since)s and o.at > d.claimed_at"""
STEPS: tuple[tuple[str, Mapping[str, DraftState]], ...] = (
    (DELIVERIES, OF_DELIVERY), (MIRRORED, OF_MESSAGE),
    (REPLIED, {"replied": S.REPLIED}), (CONVERTED, {"converted": S.CONVERTED}),
)  # fmt: skip


def follow(conn: Conn, tenant: TenantId, *, policy: Policy, now: datetime) -> int:
    """Move drafts on to what has become of them. Drafts older than the period of attribution stay as they are.

    Returns how many steps were taken.
    """
    found_again = _find_again(conn, tenant, policy=policy, now=now)
    return found_again + sum(_follow(conn, tenant, sql, words, policy=policy, now=now) for sql, words in STEPS)


def _find_again(conn: Conn, tenant: TenantId, *, policy: Policy, now: datetime) -> int:
    """Settle drafts of unknown outcome whose message the ETL has brought. Each message settles one draft."""
    pairs: dict[int, int] = {}
    for draft, message in conn.execute(FOUND_AGAIN, {"tenant": tenant, "since": now - policy.attribution}).fetchall():
        if draft not in pairs and message not in pairs.values():
            pairs[draft] = message
    for draft, message in pairs.items():
        changes = {"message_id": message, "sent_at": now}
        store.move(
            conn, tenant, [draft], S.SENT, of=(S.UNKNOWN,), by=BY, now=now, reason="found_again", changes=changes
        )
    return len(pairs)


def _follow(
    conn: Conn, tenant: TenantId, sql: str, words: Mapping[str, DraftState], *, policy: Policy, now: datetime
) -> int:
    values = {"tenant": tenant, "since": now - policy.attribution, "limit": BATCH}
    found = conn.execute(f"{sql} order by d.id limit %(limit)s".encode(), values).fetchall()
    by_state: dict[DraftState, list[int]] = {}
    for draft, word in found:
        by_state.setdefault(words[word], []).append(draft)
    return sum(len(_move(conn, tenant, ids, to, now=now)) for to, ids in by_state.items())


def _move(conn: Conn, tenant: TenantId, ids: list[int], to: DraftState, *, now: datetime) -> list[Draft]:
    changes = {"sent_at": now} if to is S.SENT else {}
    reason = "delivery" if to in (S.FAILED, S.SUPPRESSED) else ""
    of = (*OPEN, S.REPLIED, S.CONVERTED)
    return store.move(conn, tenant, ids, to, of=of, by=BY, now=now, reason=reason, changes=changes)
