"""Rules of a tenant by which a label states an outcome, such as `venda` → conversion."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import errors

from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.db.connection import bigints
from prosa.errors import Conflict, Invalid, NotFound
from prosa.facts import prepared, webhook_events
from prosa.facts.outcomes import Origin, OutcomeKind
from prosa.facts.refresh import refresh
from prosa.tenancy import audit


@dataclass(frozen=True)
class LabelRule:
    """Conversations that carry `label` have an outcome of this kind."""

    id: int
    label: str
    kind: OutcomeKind


def add(conn: Conn, tenant: TenantId, label: str, kind: OutcomeKind, *, actor: str) -> LabelRule:
    """Add a rule, and apply it to every conversation. Audited. Raises Invalid, and Conflict if the rule exists."""
    label = label.strip()
    if not 1 <= len(label) <= 255:
        raise Invalid("A label has 1 to 255 characters.")
    try:
        with conn.transaction():
            row = conn.execute(
                "insert into label_rules (tenant_id, label, kind, created_by) values (%s, %s, %s, %s) returning id",
                [tenant, label, kind, actor],
            ).fetchone()
    except errors.UniqueViolation:
        raise Conflict(f"The label '{label}' states this already.") from None
    assert row is not None
    audit.record(conn, tenant, actor, "label_rule.add", f"label_rule:{row[0]}", after={"label": label, "kind": kind})
    rule = LabelRule(row[0], label, kind)
    state(conn, tenant, label, kind, actor=_actor(rule))
    return rule


def remove(conn: Conn, tenant: TenantId, rule_id: int, *, actor: str) -> None:
    """Remove a rule; what it stated stays stated. Audited. Raises NotFound."""
    if not conn.execute("delete from label_rules where tenant_id = %s and id = %s", [tenant, rule_id]).rowcount:
        raise NotFound(f"There is no label rule {rule_id}.")
    audit.record(conn, tenant, actor, "label_rule.remove", f"label_rule:{rule_id}")


def get(conn: Conn, tenant: TenantId, rule_id: int) -> LabelRule:
    """The rule. Raises NotFound."""
    sql = "select id, label, kind::text from label_rules where tenant_id = %s and id = %s"
    found = fetch_one(conn, _rule, sql, [tenant, rule_id])
    if found is None:
        raise NotFound(f"There is no label rule {rule_id}.")
    return found


def list_rules(conn: Conn, tenant: TenantId) -> list[LabelRule]:
    """The tenant's rules, by label."""
    sql = "select id, label, kind::text from label_rules where tenant_id = %s order by label, kind"
    return fetch_all(conn, _rule, sql, [tenant])


def apply(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int] | None = None) -> int:
    """State what the labels of these conversations, or of all, say. Returns how many outcomes were stated."""
    return sum(
        state(conn, tenant, rule.label, rule.kind, actor=_actor(rule), conversation_ids=conversation_ids)
        for rule in list_rules(conn, tenant)
    )


def refresh_with_labels(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Count the facts of conversations that a source has changed (`refresh`), and state what their labels say."""
    changed = refresh(conn, tenant, conversation_ids)
    apply(conn, tenant, conversation_ids)
    return changed


def state(
    conn: Conn, tenant: TenantId, label: str, kind: OutcomeKind, *, actor: str,
    conversation_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """State an outcome of every conversation that carries `label` and has none of this kind from a label yet.

    `conversation_ids` restricts it to these. The outcome is dated by the conversation's last activity. One that somebody took
    back is not stated again. Returns how many were stated.
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
        {"tenant": tenant, "label": label, "kind": kind, "origin": Origin.LABEL_RULE, "actor": actor,
         "ids": None if conversation_ids is None else bigints(conversation_ids), "news": webhook_events.NEWS_FOR},
    ).fetchall()  # fmt: skip
    prepared.forget(conn, tenant, [row[0] for row in rows])
    for conversation, outcome, at, is_news in rows:
        if is_news:
            webhook_events.conversion(
                conn, tenant, conversation, outcome_id=outcome, at=at, origin=Origin.LABEL_RULE, actor=actor
            )
    return len(rows)


def _rule(id: int, label: str, kind: str) -> LabelRule:
    return LabelRule(id, label, OutcomeKind(kind))


def _actor(rule: LabelRule) -> str:
    return f"label_rule:{rule.id}"
