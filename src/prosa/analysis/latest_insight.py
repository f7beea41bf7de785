"""The latest insight of a conversation, as people read it: the judgement, its confidence and evidence, and who made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prosa.db import Conn, TenantId, fetch_one


@dataclass(frozen=True)
class Judgement:
    """The latest insight; `evidence` holds message ids, `corrected` the fields that a person has said."""

    sentiment: str
    category: str
    is_lead: bool
    interest: str
    conversion_score: int
    lead_name: str | None
    lead_goal: str | None
    summary: str
    next_step: str
    evidence: Sequence[int]
    confidence: float
    model: str
    at: datetime
    corrected: Sequence[str]


def judgement(conn: Conn, tenant: TenantId, conversation_id: int) -> Judgement | None:
    """The latest insight of this conversation, if there is one."""
    sql = """select sentiment::text, category::text, is_lead, interest::text, conversion_score, lead_name, lead_goal, summary,
               next_step, evidence, confidence, model, created_at as at, corrected
             from insights where tenant_id = %s and conversation_id = %s"""
    return fetch_one(conn, Judgement, sql, [tenant, conversation_id])
