"""Label rules for integrators: which label of a conversation states a visit or a conversion (docs/remarketing.md)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from prosa.api.conversions import Reader, Writer
from prosa.api.limits import Id, LimitedRoute, Text
from prosa.api.problems import PROBLEMS
from prosa.api.schema import Shown, example
from prosa.api.session import Db
from prosa.db import Role
from prosa.facts import label_rules
from prosa.facts.outcomes import OutcomeKind

router = APIRouter(prefix="/label-rules", tags=["conversions"], route_class=LimitedRoute, responses=PROBLEMS)


class LabelRuleIn(BaseModel):
    """A label, as it stands in Chatwoot, and what it states."""

    model_config = example(label="venda", kind="conversion")
    label: Annotated[Text, Field(min_length=1, max_length=255)]
    kind: OutcomeKind = OutcomeKind.CONVERSION


class LabelRuleOut(Shown):
    """A rule; one that is to say something else is removed and added anew."""

    id: int
    label: str
    kind: OutcomeKind


class LabelRuleList(BaseModel):
    """By label."""

    items: list[LabelRuleOut]


@router.post("", status_code=201, summary="Add a label rule")
def add_rule(given: LabelRuleIn, caller: Writer, db: Db) -> LabelRuleOut:
    """It is applied to every conversation at once. 409 where there is this rule already."""
    with db.tenant(caller.tenant_id) as conn:
        return LabelRuleOut.of(label_rules.add(conn, caller.tenant_id, given.label, given.kind, actor=caller.actor))


@router.get("", summary="List label rules")
def list_rules(caller: Reader, db: Db) -> LabelRuleList:
    """By label."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        return LabelRuleList(items=[LabelRuleOut.of(rule) for rule in label_rules.list_rules(conn, caller.tenant_id)])


@router.get("/{rule_id}", summary="One label rule")
def get_rule(rule_id: Id, caller: Reader, db: Db) -> LabelRuleOut:
    """404 where there is none of this id."""
    with db.tenant(caller.tenant_id, role=Role.CLIENT) as conn:
        return LabelRuleOut.of(label_rules.get(conn, caller.tenant_id, rule_id))


@router.delete("/{rule_id}", status_code=204, summary="Remove a label rule")
def remove_rule(rule_id: Id, caller: Writer, db: Db) -> None:
    """What it stated stays stated."""
    with db.tenant(caller.tenant_id) as conn:
        label_rules.remove(conn, caller.tenant_id, rule_id, actor=caller.actor)
