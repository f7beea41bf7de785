"""Periods and filters as conditions on `conversation_facts f`."""

from collections.abc import Sequence
from typing import Any

from prosa.db import TenantId
from prosa.facts import conditions
from prosa.facts.model import RESPONSE_BANDS, Filter, Period

# The two moments between which the period lies. A local date begins at another moment in every zone, and not always at 0 h where
# the clock changes. The database knows all that, so it computes them.
BOUNDS = """bounds as (
  select timezone, %(first)s::date::timestamp at time zone timezone as since,
    %(end)s::date::timestamp at time zone timezone as until
  from tenants where id = %(tenant)s)"""
WITHIN = """f.created_at >= (select since from bounds) and f.created_at < (select until from bounds)"""

CONDITIONS = {
    "inboxes": "(f.inbox_id = any(%(inboxes)s) or f.inbox_id is null and %(no_inbox)s)",
    "agents": "(f.assignee_id = any(%(agents)s) or f.assignee_id is null and %(no_agent)s)",
    "weekdays": "date_part('isodow', f.created_at at time zone (select timezone from tenants where id = %(tenant)s))"
    " = any(%(weekdays)s::integer[])",
    "hours": "date_part('hour', f.created_at at time zone (select timezone from tenants where id = %(tenant)s))"
    " = any(%(hours)s::integer[])",
    "bands": "coalesce(width_bucket(f.first_response_seconds, %(band_ends)s::double precision[]), -1)"
    " = any(%(bands)s::integer[])",
    "outcomes": """exists (select from outcomes o where o.tenant_id = %(tenant)s and o.conversation_id = f.conversation_id
    and o.kind = any(%(outcomes)s::outcome_kind[]))""",
}
# Conditions on the contact, the cheapest first: `ilike` costs several times as much as `like`.
OF_CONTACT = {"phone": "p.phone like %(phone)s", "name": "p.name ilike %(name)s"}
# What can be true of a conversation, by the name of its KPI.
MARKS = {
    "never_answered": conditions.NEVER_ANSWERED,
    "awaiting_reply": conditions.AWAITING_REPLY,
    "bot_resolved": conditions.BOT_RESOLVED,
    "reopened": conditions.REOPENED,
    "answered": "f.first_response_seconds is not null",
    "resolved": "f.resolution_seconds is not null",
    "rated": "f.csat_rating is not null",
    "noted": "exists (select from notes o where o.tenant_id = %(tenant)s and o.conversation_id = f.conversation_id)",
    "analysed": "exists (select from insights n where n.tenant_id = %(tenant)s and n.conversation_id = f.conversation_id)",
}
OF_INSIGHT = {
    "leads": "n.is_lead = %(leads)s",
    "categories": "n.category = any(%(categories)s::insight_category[])",
    "sentiments": "n.sentiment = any(%(sentiments)s::sentiment[])",
    "min_score": "n.conversion_score >= %(min_score)s",
}
# Conditions on the conversation, for what the facts do not have.
OF_CONVERSATION = {
    "teams": "c.team_id = any(%(teams)s)",
    "labels": "c.labels && %(labels)s::text[]",
    "states": "c.state = any(%(states)s::conversation_state[])",
    "sources": "c.source = any(%(sources)s::source_kind[])",
}


def restriction(where: Filter) -> str:
    """The filter's conditions, each beginning with `and`, for a query over `conversation_facts f`."""
    facts = [text for name, text in CONDITIONS.items() if getattr(where, name)]
    if who := asked_contacts(where):
        # The contacts are found once, and hashed. `coalesce` keeps PostgreSQL from joining by a guess of how many they are.
        facts.append(f"coalesce(f.contact_id in ({who}), false)")
    if rest := [text for name, text in OF_CONVERSATION.items() if getattr(where, name)]:
        facts.append(_exists("conversations c", "c.id", rest))
    facts += [f"({MARKS[mark]})" for mark in where.marks]
    if judged := [text for name, text in OF_INSIGHT.items() if getattr(where, name) not in (None, ())]:
        facts.append(_exists("insights n", "n.conversation_id", judged))
    return "".join(f"\n  and {text}" for text in facts)


def asked_contacts(where: Filter) -> str:
    """The query of the contacts' ids that the filter asks for; empty if it asks for none."""
    who = [text for name, text in OF_CONTACT.items() if getattr(where, name)]
    return f"select p.id from contacts p where p.tenant_id = %(tenant)s and {' and '.join(who)}" if who else ""


def _exists(table: str, id_column: str, conditions: Sequence[str]) -> str:
    """A condition by which a row of another table is looked up for each conversation."""
    alias = table.split()[1]
    row = f"{alias}.tenant_id = %(tenant)s and {id_column} = f.conversation_id"
    return f"exists (select from {table} where {row} and {' and '.join(conditions)})"


def _like(text: str) -> str:
    """A pattern that finds the text anywhere, taken literally."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def parameters(tenant: TenantId, where: Filter, period: Period | None = None) -> dict[str, Any]:
    """The values of the parameters in BOUNDS and `restriction`."""
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
        "weekdays": list(where.weekdays),
        "hours": list(where.hours),
        "bands": [-1 if band is None else band for band in where.bands],
        "band_ends": list(RESPONSE_BANDS),
        "name": _like(where.name),
        "phone": _like("".join(filter(str.isdigit, where.phone))),
        "outcomes": list(where.outcomes),
        "leads": where.leads,
        "categories": list(where.categories),
        "sentiments": list(where.sentiments),
        "min_score": where.min_score,
    }
