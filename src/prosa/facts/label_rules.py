"""Rules of a tenant by which a label states an outcome, such as `venda` → conversion."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import errors
from psycopg.rows import kwargs_row

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid, NotFound
from prosa.facts.outcomes import Origin, OutcomeKind, record_labelled
from prosa.facts.refresh import refresh
from prosa.tenancy import audit


@dataclass(frozen=True)
class LabelRule:
    """Conversations that carry `label` have an outcome of this kind."""

    id: int
    label: str
    kind: OutcomeKind


def add(conn: Conn, tenant: TenantId, label: str, kind: OutcomeKind, *, actor: str) -> LabelRule:
    """Add a rule, and apply it to every conversation. Audited. Raises Invalid, Conflict where there is this rule."""
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
    _apply(conn, tenant, rule, None)
    return rule


def remove(conn: Conn, tenant: TenantId, rule_id: int, *, actor: str) -> None:
    """Remove a rule; what it stated stays stated. Audited. Raises NotFound."""
    if not conn.execute("delete from label_rules where tenant_id = %s and id = %s", [tenant, rule_id]).rowcount:
        raise NotFound(f"There is no label rule {rule_id}.")
    audit.record(conn, tenant, actor, "label_rule.remove", f"label_rule:{rule_id}")


def get(conn: Conn, tenant: TenantId, rule_id: int) -> LabelRule:
    """The rule. Raises NotFound."""
    with conn.cursor(row_factory=kwargs_row(_rule)) as cur:
        sql = "select id, label, kind::text from label_rules where tenant_id = %s and id = %s"
        found = cur.execute(sql, [tenant, rule_id]).fetchone()
    if found is None:
        raise NotFound(f"There is no label rule {rule_id}.")
    return found


def list_rules(conn: Conn, tenant: TenantId) -> list[LabelRule]:
    """The tenant's rules, by label."""
    with conn.cursor(row_factory=kwargs_row(_rule)) as cur:
        return cur.execute(
            "select id, label, kind::text from label_rules where tenant_id = %s order by label, kind", [tenant]
        ).fetchall()


def apply(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int] | None = None) -> int:
    """State what the labels say, of these conversations or of all. Returns how many outcomes were stated."""
    return sum(_apply(conn, tenant, rule, conversation_ids) for rule in list_rules(conn, tenant))


def refresh_with_labels(conn: Conn, tenant: TenantId, conversation_ids: Sequence[int]) -> int:
    """Count the facts of conversations that a source has changed, and state what their labels say. As `refresh`."""
    changed = refresh(conn, tenant, conversation_ids)
    apply(conn, tenant, conversation_ids)
    return changed


def _apply(conn: Conn, tenant: TenantId, rule: LabelRule, conversation_ids: Sequence[int] | None) -> int:
    return record_labelled(conn, tenant, label=rule.label, kind=rule.kind, origin=Origin.LABEL_RULE,
                           actor=f"label_rule:{rule.id}", conversation_ids=conversation_ids)  # fmt: skip


def _rule(id: int, label: str, kind: str) -> LabelRule:
    return LabelRule(id, label, OutcomeKind(kind))
