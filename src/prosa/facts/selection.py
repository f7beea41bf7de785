"""Periods and filters as conditions on `conversation_facts f`."""

from typing import Any

from prosa.db.connection import TenantId
from prosa.facts.model import Filter, Period

# The period's two moments. A local date begins at another moment in every zone, and after a change to summer time not
# always at 0 h: the database knows when, the application does not compute it.
BOUNDS = """bounds as (
  select timezone, %(first)s::date::timestamp at time zone timezone as since,
    %(end)s::date::timestamp at time zone timezone as until
  from tenants where id = %(tenant)s)"""
WITHIN = """f.created_at >= (select since from bounds) and f.created_at < (select until from bounds)"""

CONDITIONS = {
    "inboxes": "(f.inbox_id = any(%(inboxes)s) or f.inbox_id is null and %(no_inbox)s)",
    "agents": "(f.assignee_id = any(%(agents)s) or f.assignee_id is null and %(no_agent)s)",
}
# What the facts do not carry is asked of the conversation.
OF_CONVERSATION = {
    "teams": "c.team_id = any(%(teams)s)",
    "labels": "c.labels && %(labels)s::text[]",
    "states": "c.state = any(%(states)s::conversation_state[])",
    "sources": "c.source = any(%(sources)s::source_kind[])",
}


def restriction(where: Filter) -> str:
    """The filter's conditions, each beginning with `and`, for a query over `conversation_facts f`."""
    facts = [text for name, text in CONDITIONS.items() if getattr(where, name)]
    rest = [text for name, text in OF_CONVERSATION.items() if getattr(where, name)]
    if rest:
        facts.append(
            "exists (select from conversations c where c.tenant_id = %(tenant)s and c.id = f.conversation_id"
            f" and {' and '.join(rest)})"
        )
    return "".join(f"\n  and {text}" for text in facts)


def parameters(tenant: TenantId, where: Filter, period: Period | None = None) -> dict[str, Any]:
    """The values that BOUNDS and `restriction` name."""
    return {
        "tenant": tenant,
        "first": period and period.first,
        "end": period and period.end,
        "inboxes": [i for i in where.inboxes if i is not None],
        "no_inbox": None in where.inboxes,
        "agents": [a for a in where.agents if a is not None],
        "no_agent": None in where.agents,
        "teams": list(where.teams),
        "labels": list(where.labels),
        "states": list(where.states),
        "sources": list(where.sources),
    }
