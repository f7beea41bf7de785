"""The conversations that match a segment's definition."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from prosa.db import Conn, TenantId, fetch_all
from prosa.facts import conditions
from prosa.remarketing.definition import Definition, Situation


@dataclass(frozen=True)
class Member:
    """A conversation of a segment."""

    conversation_id: int
    last_contact_message_at: datetime


CONDITIONS = {
    "never_answered": conditions.NEVER_ANSWERED,
    "fell_silent": f"""{conditions.OURS_LAST}
                      and f.last_message_at <= %(now)s - %(silent_hours)s * interval '1 hour'""",
    "leads_only": "n.is_lead",
    # Found once and hashed (OFFSET 0): with many tenants, PostgreSQL underestimates for how many rows this is asked.
    "not_converted": """not exists (select from (
                          select o.conversation_id from outcomes o
                          where o.tenant_id = %(tenant)s and o.kind = 'conversion' offset 0) o
                        where o.conversation_id = f.conversation_id)""",
    "categories": "n.category = any(%(categories)s::insight_category[])",
    "interests": "n.interest = any(%(interests)s::interest[])",
    "inboxes": "f.inbox_id = any(%(inboxes)s)",
    "recent": "f.last_contact_message_at > %(now)s - interval '24 hours'",
    "medium": """f.last_contact_message_at <= %(now)s - interval '24 hours'
                 and f.last_contact_message_at > %(now)s - interval '7 days'""",
    "cold": "f.last_contact_message_at <= %(now)s - interval '7 days'",
    # An empty value asks only that the field is known.
    "fields": """not exists (select from jsonb_each_text(%(fields)s::jsonb) as asked
                   where lower(n.fields ->> asked.key) is distinct from lower(asked.value)
                     and not (asked.value = '' and coalesce(n.fields ->> asked.key, '') <> ''))""",
}


def selection(definition: Definition, joined: str = "") -> str:
    """`from … where …` of the segment's conversations, for a query whose values are `parameters`. `joined`: further joins."""
    asked = [name for name in ("leads_only", "not_converted", "categories", "interests", "inboxes", "fields")
             if getattr(definition, name)]  # fmt: skip
    if definition.situation is not Situation.ANY:
        asked.append(definition.situation)
    conditions = [CONDITIONS[name] for name in asked]
    if definition.recencies:
        conditions.append("(" + " or ".join(CONDITIONS[recency] for recency in definition.recencies) + ")")
    return f"""from conversation_facts f join insights n
                 on n.tenant_id = %(tenant)s and n.conversation_id = f.conversation_id
               {joined}
               where f.tenant_id = %(tenant)s and f.last_contact_message_at is not null
               {"".join(f" and {condition}" for condition in conditions)}"""


def parameters(tenant: TenantId, definition: Definition, now: datetime) -> dict[str, Any]:
    """The values of the parameters in `selection`."""
    return {
        "tenant": tenant, "now": now, "silent_hours": definition.silent_hours, "inboxes": list(definition.inboxes),
        "categories": list(definition.categories), "interests": list(definition.interests),
        "fields": Jsonb(definition.fields),
    }  # fmt: skip


def members(
    conn: Conn, tenant: TenantId, definition: Definition, *, now: datetime, limit: int,
    not_in_campaign: int | None = None, after: Member | None = None,
) -> list[Member]:  # fmt: skip
    """Conversations of the segment, the contact's newest message first; only the newest conversation of each contact.

    For a campaign: only contacts who are not in it yet and can be reached. `after` is the last one of the page before.
    """
    fresh = """not exists (select from campaign_members m where m.tenant_id = %(tenant)s
                 and m.campaign_id = %(campaign)s and m.conversation_id = f.conversation_id)
               and exists (select from conversations c
                 left join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
                 left join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id
                 where c.tenant_id = %(tenant)s and c.id = f.conversation_id
                   and coalesce(c.channel, i.channel) in ('whatsapp', 'sms')
                   and coalesce(c.contact_address, p.phone) is not null)"""
    behind = "and (f.last_contact_message_at, f.conversation_id) < (%(after_at)s, %(after_id)s)"
    # Materialized, and asked row by row (case keeps the planner from joining): only the page's rows are looked up.
    sql = f"""with chosen as materialized (
                select f.conversation_id, f.contact_id, f.last_contact_message_at
                {selection(definition)} {behind if after else ""}
                order by f.last_contact_message_at desc, f.conversation_id desc)
              select f.conversation_id, f.last_contact_message_at from chosen f
              where case when {fresh if not_in_campaign else "true"} then not exists (
                select from conversations c join conversation_facts later
                  on later.tenant_id = %(tenant)s and later.conversation_id = c.id
                where c.tenant_id = %(tenant)s and c.contact_id = f.contact_id
                  and later.last_contact_message_at > f.last_contact_message_at) end
              limit %(limit)s"""
    values = parameters(tenant, definition, now) | {
        "limit": limit, "campaign": not_in_campaign, "after_at": after and after.last_contact_message_at,
        "after_id": after and after.conversation_id,
    }  # fmt: skip
    return fetch_all(conn, Member, sql.encode(), values)
