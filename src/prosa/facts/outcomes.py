"""Visits and conversions that somebody stated, each with its origin. An AI's estimate never enters here (docs/metrics.md)."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from prosa.db.connection import Conn, TenantId, bigints
from prosa.facts import prepared, telling

# After the conversation's last activity: a new rule's old conversions are told to nobody.
LABEL_IS_NEWS = timedelta(days=7)


class OutcomeKind(StrEnum):
    """What came of a conversation."""

    VISIT = "visit"
    CONVERSION = "conversion"


class Origin(StrEnum):
    """Who stated it."""

    PERSON = "person"
    LABEL_RULE = "label_rule"
    API = "api"
    CSV = "csv"


def record_labelled(
    conn: Conn, tenant: TenantId, *, label: str, kind: OutcomeKind, origin: Origin, actor: str,
    conversation_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """State an outcome of every conversation that carries `label` and has none of this kind and origin yet.

    `conversation_ids` restricts to these. It is dated by the conversation's last activity; one that somebody took back is
    not stated again. Returns how many were recorded.
    """
    rows = conn.execute(
        """insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor, note)
           select c.tenant_id, c.id, %(kind)s::outcome_kind, c.last_activity_at, %(origin)s, %(actor)s, %(label)s
           from conversations c
           where c.tenant_id = %(tenant)s and %(label)s = any(c.labels) and not exists (
             select from outcomes o where o.tenant_id = c.tenant_id and o.conversation_id = c.id
               and o.kind = %(kind)s::outcome_kind and o.origin = %(origin)s)
             and not exists (
             select from undone_outcomes u where u.tenant_id = c.tenant_id and u.conversation_id = c.id
               and u.kind = %(kind)s::outcome_kind and u.origin = %(origin)s)
             and (%(ids)s::bigint[] is null or c.id = any(%(ids)s))
           returning conversation_id, id, at, kind = 'conversion' and at > now() - %(news)s::interval""",
        {"tenant": tenant, "label": label, "kind": kind, "origin": origin, "actor": actor,
         "ids": None if conversation_ids is None else bigints(conversation_ids), "news": LABEL_IS_NEWS},
    ).fetchall()  # fmt: skip
    prepared.forget(conn, tenant, [row[0] for row in rows])
    for conversation, outcome, at, is_news in rows:
        if is_news:
            telling.conversion(conn, tenant, conversation, outcome_id=outcome, at=at, origin=origin, actor=actor)
    return len(rows)
