"""Send what awaits sending, each message once at most.

There are three steps. A delivery is claimed in a transaction of its own (compare and set). Then the provider is called,
outside any transaction. Then the outcome is recorded. A process may be killed on the way:

- before the claim: the delivery is still queued, and `sweep` has it looked at again;
- after the claim: nobody can know whether the provider took the message. The delivery becomes unknown, is shown as such,
  and only a person sends it again.

What is to be sent is posted by prosa.conversations.outbox.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from prosa.conversations import outbox, suppressions, window
from prosa.conversations.addresses import WHATSAPP
from prosa.conversations.model import Pair
from prosa.db import Conn, Database, TenantId
from prosa.gateways.twilio import errors
from prosa.gateways.twilio.messages import Messenger
from prosa.gateways.twilio.model import Account
from prosa.gateways.twilio.outcomes import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown
from prosa.sending import state_changes, store
from prosa.sending.model import (
    MAY_RETRY,
    Delivery,
    Letter,
    NoSuchDelivery,
    NotRetriable,
    Problem,
    State,
    after_status,
    obstacle,
)
from prosa.settings import Settings
from prosa.sources.twilio import accounts
from prosa.tenancy import audit
from prosa.tenancy.tenants import is_suspended

MOST_TRIES = 6  # tries of what the provider certainly has not taken, over about ten minutes
LONGEST_WAIT_SECONDS = 3600.0
SHORTEST_WAIT = timedelta(seconds=5)  # behind another message that is due already
CLAIM_LASTS = timedelta(minutes=10)  # far longer than a call may take (prosa.gateways.twilio.client.TIMEOUT_SECONDS)
JOB_COMES_WITHIN = timedelta(minutes=2)
BATCH = 500


@dataclass(frozen=True)
class Claim:
    """One attempt that nobody else makes: the delivery as claimed, what to send, and by which account."""

    delivery: Delivery
    pair: Pair
    account: Account
    outgoing: Outgoing


def deliver(
    db: Database, tenant: TenantId, message_id: int, *, gateway: Messenger, settings: Settings, now: datetime
) -> Outcome | None:
    """Send the message if it awaits sending. None if there is nothing to do, or something speaks against sending."""
    with db.tenant(tenant) as conn:
        claimed = claim(conn, tenant, message_id, settings=settings, now=now)
    if claimed is None:
        return None
    outcome = gateway(claimed.account, claimed.outgoing)
    with db.tenant(tenant) as conn:
        record(conn, tenant, claimed, outcome, now=now)
    return outcome


def claim(conn: Conn, tenant: TenantId, message_id: int, *, settings: Settings, now: datetime) -> Claim | None:
    """Claim the message's delivery for one attempt. What speaks against sending is recorded instead."""
    delivery = store.lock(conn, tenant, message_id)
    if delivery is None or delivery.state is not State.QUEUED or delivery.due_at > now:
        return None
    if is_suspended(conn, tenant):  # it waits: a tenant whose suspension ends sends what may still be sent
        return None
    if earlier := store.deferred_before(conn, tenant, delivery):  # what was written first arrives first
        _wait(conn, tenant, delivery, max(earlier - now, SHORTEST_WAIT), problem=Problem.BEHIND, now=now)
        return None
    letter = store.letter(conn, tenant, delivery)
    problem = _obstacle(conn, tenant, letter, settings=settings, now=now) if letter else Problem.EMPTY
    if letter is None or problem:
        state = State.SUPPRESSED if problem is Problem.OPTED_OUT else State.REFUSED
        state_changes.move(conn, tenant, delivery, state, problem=problem, now=now)
        return None
    number = accounts.find_number(conn, tenant, letter.pair.ours.key)
    if number is None:
        state_changes.move(conn, tenant, delivery, State.REFUSED, problem=Problem.NO_ACCOUNT, now=now)
        return None
    account = accounts.credentials(conn, tenant, number.account_id, settings)
    attempt = store.set_claimed(conn, tenant, delivery.id, now=now)
    claimed = replace(delivery, state=State.CLAIMED, attempts=attempt)
    outgoing = _outgoing(letter, claimed, sender=number.address, public_url=settings.public_url)
    return Claim(claimed, letter.pair, account, outgoing)


def record(conn: Conn, tenant: TenantId, claim: Claim, outcome: Outcome, *, now: datetime) -> None:
    """Record what became of an attempt, unless a later attempt has begun since.

    A callback may have come first. What it said stays if it says more: a state never gives way to one of lower rank.
    """
    current = store.lock(conn, tenant, claim.delivery.message_id)
    if current is None or current.attempts != claim.delivery.attempts:
        return
    if isinstance(outcome, Accepted):
        state = after_status(after_status(current.state, "sent"), outcome.status)
        state_changes.move(conn, tenant, current, state, sid=outcome.sid, error_code=current.error_code, now=now)
    elif current.state not in (State.CLAIMED, State.UNKNOWN):
        return
    elif isinstance(outcome, Refused):
        state_changes.move(conn, tenant, current, State.REFUSED, error_code=outcome.code, now=now)
        heed_error(conn, tenant, claim.pair, outcome.code, now=now)
    elif isinstance(outcome, Unknown):
        state_changes.move(conn, tenant, current, State.UNKNOWN, now=now)
    else:
        _defer(conn, tenant, current, outcome, now=now)


def heed_error(conn: Conn, tenant: TenantId, pair: Pair, code: int | None, *, now: datetime) -> None:
    """Suppress a contact who blocked the number or opted out at the provider."""
    reason = {errors.BLOCKED: suppressions.Reason.BLOCKED, errors.UNSUBSCRIBED: suppressions.Reason.WORD}.get(code or 0)
    if reason:
        suppressions.suppress(conn, tenant, pair, reason=reason, actor="twilio", now=now)


def retry(conn: Conn, tenant: TenantId, message_id: int, *, conversation_id: int, by: str, now: datetime) -> Delivery:
    """Have the message sent again, as a person wishes. One whose outcome is unknown may then arrive twice. Audited.

    Raises NoSuchDelivery, and NotRetriable if it is on its way or has arrived.
    """
    delivery = store.lock(conn, tenant, message_id)
    if delivery is None or delivery.conversation_id != conversation_id:
        raise NoSuchDelivery(f"The conversation has no message {message_id} that was to be sent.")
    if delivery.state not in MAY_RETRY:
        raise NotRetriable(f"The message is {delivery.state}: sending it again would repeat it.")
    store.set_queued(conn, tenant, delivery.id, due_at=now)
    outbox.enqueue_sending(conn, tenant, conversation_id, message_id)
    audit.record(conn, tenant, by, "delivery.retry", f"message:{message_id}", before={"state": delivery.state})
    return replace(delivery, state=State.QUEUED, due_at=now, provider_sid=None, error_code=None, problem=None)


def sweep(conn: Conn, tenant: TenantId, *, now: datetime) -> tuple[int, int]:
    """Mark lost claims as unknown, and enqueue deliveries that no job came for again. Returns how many of each."""
    lost = store.lock_lost_claims(conn, tenant, claimed_before=now - CLAIM_LASTS, limit=BATCH)
    for delivery in lost:
        state_changes.move(conn, tenant, delivery, State.UNKNOWN, now=now)
    overdue = store.take_overdue(conn, tenant, due_before=now - JOB_COMES_WITHIN, now=now, limit=BATCH)
    for conversation_id, message_id in sorted(overdue):
        outbox.enqueue_sending(conn, tenant, conversation_id, message_id)
    return len(lost), len(overdue)


def _obstacle(conn: Conn, tenant: TenantId, letter: Letter, *, settings: Settings, now: datetime) -> Problem | None:
    """What speaks against sending, as far as the database knows."""
    return obstacle(
        letter,
        is_suppressed=suppressions.is_suppressed(conn, tenant, letter.pair, secret_keys=settings.secret_keys),
        in_window=window.is_open(conn, tenant, letter.pair, now=now),
    )


def _outgoing(letter: Letter, delivery: Delivery, *, sender: str, public_url: str | None) -> Outgoing:
    """The message as Twilio takes it. Its callback names the delivery, so even one whose SID was lost is found again."""
    prefix = WHATSAPP if letter.pair.channel == "whatsapp" else ""
    named = urlencode({"delivery": delivery.id, "attempt": delivery.attempts})
    return Outgoing(
        sender=prefix + sender,
        recipient=prefix + letter.pair.contact.text,
        body=letter.body,
        media_urls=letter.media_urls,
        content_sid=letter.template,
        variables=json.dumps(dict(letter.variables), ensure_ascii=False) if letter.variables else None,
        callback=f"{public_url.rstrip('/')}/webhooks/twilio/status?{named}" if public_url else None,
    )


def _defer(conn: Conn, tenant: TenantId, delivery: Delivery, outcome: Deferred, *, now: datetime) -> None:
    """Try again later, when the provider asks for it or twice as late as last time. In the end give up."""
    if delivery.attempts >= MOST_TRIES:
        state_changes.move(conn, tenant, delivery, State.FAILED, problem=Problem.UNREACHABLE, now=now)
        return
    seconds = min(outcome.retry_after_seconds or 10.0 * 2 ** (delivery.attempts - 1), LONGEST_WAIT_SECONDS)
    _wait(conn, tenant, delivery, timedelta(seconds=seconds), problem=Problem.AWAY, now=now)


def _wait(
    conn: Conn, tenant: TenantId, delivery: Delivery, wait: timedelta, *, problem: Problem, now: datetime
) -> None:
    store.set_queued(conn, tenant, delivery.id, due_at=now + wait, problem=problem)
    after = int(wait.total_seconds()) + 1
    outbox.enqueue_sending(conn, tenant, delivery.conversation_id, delivery.message_id, after_seconds=after)
