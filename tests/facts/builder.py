"""Conversations as rows of the store, written directly: what the facts' refresh would have left behind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from prosa.db import Conn
from prosa.db.connection import TenantId

CLOSED = {"agent_closed", "support_closed", "user_closed", "expired", "failed"}
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Conversation:
    """One conversation with its facts; `is_lead` None means not analysed."""

    id: int
    created_at: datetime = START
    source: str = "chatwoot"
    inbox_id: int | None = 1
    contact_id: int | None = 1
    assignee_id: int | None = None
    team_id: int | None = None
    state: str = "progress"
    labels: tuple[str, ...] = ()
    messages_contact: int = 1
    messages_agent: int = 0
    messages_bot: int = 0
    last_sender: str | None = "contact"
    first_text: str | None = "Oi"
    last_text: str | None = "Oi"
    first_response_seconds: float | None = None
    resolution_seconds: float | None = None
    times_resolved: int = 0
    times_reopened: int = 0
    csat_rating: int | None = None
    csat_feedback: str | None = None
    is_lead: bool | None = None
    outcomes: tuple[str, ...] = field(default=())
    charged: tuple[str | None, ...] = ()  # R$ of each call to the model; None: perhaps billed, nobody knows

    @property
    def closed(self) -> bool:
        """Whether the state is a final one."""
        return self.state in CLOSED


def save(conn: Conn, tenant: TenantId, conversations: Iterable[Conversation]) -> None:
    """Write conversations, facts, insights, outcomes and what AI cost."""
    rows = [{**c.__dict__, "tenant": tenant, "closed": c.closed, "labels": list(c.labels),
             "last": c.created_at + timedelta(minutes=10)} for c in conversations]  # fmt: skip
    with conn.cursor() as cur:
        cur.executemany(
            """insert into conversations (tenant_id, id, source, channel, contact_address, our_address,
                 contact_key, our_key, inbox_id, contact_id, assignee_id, team_id, state, labels, created_at,
                 updated_at, last_activity_at)
               values (%(tenant)s, %(id)s, %(source)s, 'whatsapp', 'c' || %(id)s::text, 'o',
                 'c' || %(id)s::text, 'o', %(inbox_id)s,
                 %(contact_id)s, %(assignee_id)s, %(team_id)s, %(state)s, %(labels)s, %(created_at)s, %(created_at)s,
                 %(created_at)s)""",
            rows,
        )
        cur.executemany(
            """insert into conversation_facts (tenant_id, conversation_id, messages_total, messages_contact,
                 messages_agent, messages_bot, private_notes, first_message_at, last_message_at,
                 last_contact_message_at, first_message_text, last_message_text, last_sender, first_response_seconds,
                 resolved_at, resolution_seconds, times_resolved, times_reopened, csat_rating, csat_feedback,
                 created_at, inbox_id, contact_id, assignee_id, closed)
               values (%(tenant)s, %(id)s, %(messages_contact)s + %(messages_agent)s + %(messages_bot)s,
                 %(messages_contact)s, %(messages_agent)s, %(messages_bot)s, 0, %(created_at)s, %(last)s, %(last)s,
                 %(first_text)s, %(last_text)s, %(last_sender)s, %(first_response_seconds)s,
                 %(created_at)s::timestamptz + %(resolution_seconds)s::double precision * interval '1 second',
                 %(resolution_seconds)s, %(times_resolved)s, %(times_reopened)s, %(csat_rating)s, %(csat_feedback)s,
                 %(created_at)s, %(inbox_id)s, %(contact_id)s, %(assignee_id)s, %(closed)s)""",
            rows,
        )
        cur.executemany(
            """insert into insights (tenant_id, conversation_id, conversation_created_at, sentiment, sentiment_score,
                 category, is_lead, interest, conversion_score, lead_name, confidence, model, read_to)
               values (%(tenant)s, %(id)s, %(created_at)s, 'neutral', 0, 'other', %(is_lead)s, 'low', 12, 'Ana', 0.5,
                 'offline-1', %(last)s)""",
            [row for row in rows if row["is_lead"] is not None],
        )
        cur.executemany(
            """insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor)
               values (%s, %s, %s, %s, 'person', 'user:1')""",
            [(tenant, row["id"], kind, row["last"]) for row in rows for kind in row["outcomes"]],
        )
        cur.executemany(
            """insert into llm_calls (tenant_id, conversation_id, purpose, recipient, model, prompt_version, estimated_usd,
                 cost_brl) values (%s, %s, 'insight', 'example.org', 'm', 'v1', 0.01, %s)""",
            [(tenant, row["id"], brl) for row in rows for brl in row["charged"]],
        )


def save_names(conn: Conn, tenant: TenantId, *, inboxes: Iterable[int] = (), agents: Iterable[int] = ()) -> None:
    """Write inboxes and agents of these ids, named after them."""
    with conn.cursor() as cur:
        cur.executemany(
            "insert into inboxes (tenant_id, id, name, channel) values (%s, %s, %s, 'whatsapp')",
            [(tenant, i, f"Caixa {i}") for i in inboxes],
        )
        cur.executemany(
            "insert into agents (tenant_id, id, name) values (%s, %s, %s)", [(tenant, i, f"Agente {i}") for i in agents]
        )
