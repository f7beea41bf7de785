"""Which worker has claimed which conversation, and failed analyses: why, and when each is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prosa.analysis.store import STALE, Stale
from prosa.db import Conn, TenantId, fetch_all

LEASE = timedelta(seconds=30)
"""A worker says this often that it lives (three times as often); one that does not has died."""
MOST_TRIES = 4
FIRST_WAIT = timedelta(minutes=5)  # then 20 and 80 minutes


@dataclass(frozen=True)
class Claim(Stale):
    """A conversation in hand; `tries` were made before and failed."""

    tries: int = 0


def claim(
    conn: Conn, tenant: TenantId, *, limit: int, after: Stale | None = None, since: datetime | None = None,
    lease: timedelta = LEASE,
) -> list[Claim]:  # fmt: skip
    """Claim conversations whose contact wrote last after `since`, newest first, going on after the claim `after`.

    Left out are those that another worker holds, that wait for their next try, or that were given up. A new message of the
    contact starts the count of tries again.
    """
    sql = """
      insert into analysis_tries as t (tenant_id, conversation_id, read_to, claimed_until)
      select f.tenant_id, f.conversation_id, f.last_contact_message_at, now() + %(lease)s
      from conversation_facts f
      join conversations c on c.tenant_id = f.tenant_id and c.id = f.conversation_id
      left join insights n on n.tenant_id = f.tenant_id and n.conversation_id = f.conversation_id
      left join analysis_tries a on a.tenant_id = f.tenant_id and a.conversation_id = f.conversation_id
      where f.tenant_id = %(tenant)s and f.last_contact_message_at is not null
        and (n.read_to is null or n.read_to < f.last_contact_message_at)
        and (%(since)s::timestamptz is null or f.last_contact_message_at >= %(since)s)
        and (%(after)s::timestamptz is null
          or (f.last_contact_message_at, f.conversation_id) < (%(after)s, %(after_id)s::bigint))
        and (a.claimed_until is null or a.claimed_until < now())
        and (a.conversation_id is null or a.read_to < f.last_contact_message_at
          or (not a.given_up and (a.retry_at is null or a.retry_at <= now())))
      order by f.last_contact_message_at desc, f.conversation_id desc limit %(limit)s
      for key share of c
      on conflict (tenant_id, conversation_id) do update set
        tries = case when t.read_to < excluded.read_to then 0 else t.tries end,
        read_to = excluded.read_to, claimed_until = excluded.claimed_until, given_up = false, updated_at = now()
      where t.claimed_until is null or t.claimed_until < now()
      returning t.conversation_id, t.read_to, t.tries"""
    values = {"tenant": tenant, "limit": limit, "since": since, "lease": lease, "after": after and after.read_to,
              "after_id": after and after.conversation_id}  # fmt: skip
    found = fetch_all(conn, Claim, sql, values)
    return sorted(found, key=lambda claim: (claim.read_to, claim.conversation_id), reverse=True)


def renew(conn: Conn, tenant: TenantId, conversations: Sequence[int]) -> None:
    """Extend the claims on these conversations."""
    conn.execute(
        """update analysis_tries set claimed_until = now() + %s
           where tenant_id = %s and conversation_id = any(%s) and claimed_until is not null""",
        [LEASE, tenant, list(conversations)],
    )


def done(conn: Conn, tenant: TenantId, conversation: int) -> None:
    """Remove the mark of a conversation that now has an insight."""
    conn.execute("delete from analysis_tries where tenant_id = %s and conversation_id = %s", [tenant, conversation])


def release(conn: Conn, tenant: TenantId, conversation: int) -> None:
    """Give a claim back without counting a try: the conversation was not the reason (no money, no slot, no key)."""
    conn.execute(
        "update analysis_tries set claimed_until = null where tenant_id = %s and conversation_id = %s",
        [tenant, conversation],
    )


def fail(conn: Conn, tenant: TenantId, claim: Claim, *, reason: str, for_good: bool) -> bool:
    """Mark the conversation with the reason. Returns whether it is given up, which happens after four tries at the latest."""
    given_up = for_good or claim.tries + 1 >= MOST_TRIES
    conn.execute(
        """update analysis_tries set claimed_until = null, tries = tries + 1, reason = %(reason)s, given_up = %(given_up)s,
             retry_at = case when %(given_up)s then null else now() + %(wait)s end, updated_at = now()
           where tenant_id = %(tenant)s and conversation_id = %(conversation)s""",
        {"tenant": tenant, "conversation": claim.conversation_id, "reason": reason, "given_up": given_up,
         "wait": FIRST_WAIT * 4**claim.tries},
    )  # fmt: skip
    return given_up


def marked(conn: Conn, tenant: TenantId) -> dict[str, int]:
    """How many conversations without a current insight wait for another try or were given up, by reason."""
    sql = f"""select t.reason, count(*) from analysis_tries t
              where t.tenant_id = %(tenant)s and (t.given_up or t.retry_at > now()) and exists (
                select {STALE} and f.conversation_id = t.conversation_id and f.last_contact_message_at <= t.read_to)
              group by t.reason order by t.reason"""
    return dict(conn.execute(sql.encode(), {"tenant": tenant}).fetchall())


def in_hand(conn: Conn, tenant: TenantId) -> int:
    """How many conversations workers have claimed: a dead worker's until the claim ends, those of a batch not at all."""
    row = conn.execute(
        "select count(*) from analysis_tries where tenant_id = %s and claimed_until between now() and now() + %s",
        [tenant, LEASE],
    ).fetchone()
    return int(row[0]) if row else 0
