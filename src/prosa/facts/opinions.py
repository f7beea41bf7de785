"""How the insights of a period fall: sentiments and categories."""

from dataclasses import dataclass

from psycopg.rows import class_row

from prosa.db import Conn
from prosa.db.connection import TenantId
from prosa.facts.model import EVERYTHING, Filter, Period
from prosa.facts.selection import BOUNDS, WITHIN, parameters, restriction

SENTIMENTS = ("positive", "neutral", "negative")
CATEGORIES = ("lead", "service", "question", "complaint", "other")


@dataclass(frozen=True)
class Opinions:
    """Analysed conversations by sentiment and by category; every name is there, if with zero."""

    sentiment: dict[str, int]
    category: dict[str, int]

    @property
    def analysed(self) -> int:
        """Conversations that have an insight."""
        return sum(self.sentiment.values())


@dataclass(frozen=True)
class _Group:
    sentiment: str | None
    category: str | None
    conversations: int


def opinions(conn: Conn, tenant: TenantId, *, period: Period, where: Filter = EVERYTHING) -> Opinions:
    """The insights of the conversations created in the period."""
    sql = f"""with {BOUNDS}
              select n.sentiment::text, n.category::text, count(*) as conversations
              from conversation_facts f
              join insights n on n.tenant_id = f.tenant_id and n.conversation_id = f.conversation_id
                and n.conversation_created_at >= (select since from bounds)
                and n.conversation_created_at < (select until from bounds)
              where f.tenant_id = %(tenant)s and {WITHIN} {restriction(where)}
              group by grouping sets ((n.sentiment), (n.category))"""
    with conn.cursor(row_factory=class_row(_Group)) as cur:
        groups = cur.execute(sql.encode(), parameters(tenant, where, period)).fetchall()
    found = {group.sentiment or group.category: group.conversations for group in groups}
    return Opinions({key: found.get(key, 0) for key in SENTIMENTS}, {key: found.get(key, 0) for key in CATEGORIES})
