"""Counting facts: what tests/sources/test_metrics.py cannot see, since it reads Chatwoot only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.facts.refresh import MANY, refresh

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def conversation(conn: Conn, tenant: TenantId, *messages: tuple[str, int], state: str = "progress") -> int:
    """A conversation born here, with messages by (sender, minutes after its start)."""
    row = conn.execute(
        """insert into conversations (tenant_id, source, channel, contact_address, contact_key, our_address, our_key, state,
                                      created_at)
           select %s, 'twilio', 'whatsapp', contact, contact, 'us', 'us', %s, %s
           from (select gen_random_uuid()::text as contact) as someone returning id""",
        [tenant, state, START],
    ).fetchone()
    assert row
    for sender, minutes in messages:
        conn.execute(
            "insert into messages (tenant_id, conversation_id, sender, body, created_at) values (%s, %s, %s, %s, %s)",
            [tenant, row[0], sender, f"{sender} {minutes}", START + timedelta(minutes=minutes)],
        )
    return int(row[0])


def transition(conn: Conn, tenant: TenantId, conversation_id: int, to: str, minutes: int) -> None:
    conn.execute(
        "insert into transitions (tenant_id, conversation_id, to_state, actor, at) values (%s, %s, %s, 'test', %s)",
        [tenant, conversation_id, to, START + timedelta(minutes=minutes)],
    )


def facts(conn: Conn, conversation_id: int, *columns: str) -> tuple[Any, ...] | None:
    query = f"select {', '.join(columns)} from conversation_facts where conversation_id = %s"
    return conn.execute(query.encode(), [conversation_id]).fetchone()


def test_transitions_count_as_events_where_a_conversation_lives_here(db: Database, tenant: TenantId) -> None:
    """For Twilio and API conversations the transition log gives the same events."""
    with db.tenant(tenant) as conn:
        made = conversation(conn, tenant, ("contact", 0), ("bot", 1), ("agent", 9), state="agent_closed")
        for to, minutes in (("human_handoff", 5), ("agent_closed", 20)):
            transition(conn, tenant, made, to, minutes)
        assert refresh(conn, tenant, [made]) == 1
        counted = facts(conn, made, "first_response_seconds", "resolution_seconds", "times_resolved", "closed")
        assert counted == (4 * 60, 20 * 60, 1, True)


def test_a_hand_off_after_the_reply_does_not_move_the_start(db: Database, tenant: TenantId) -> None:
    """first_response_seconds: the latest hand-off before that message, else the creation."""
    with db.tenant(tenant) as conn:
        made = conversation(conn, tenant, ("contact", 0), ("agent", 3), ("agent", 30))
        transition(conn, tenant, made, "human_handoff", 10)
        refresh(conn, tenant, [made])
        assert facts(conn, made, "first_response_seconds") == (3 * 60,)


def test_counting_again_changes_nothing_and_what_is_gone_goes(db: Database, tenant: TenantId) -> None:
    """The number returned is of rows that changed."""
    with db.tenant(tenant) as conn:
        one, two = (conversation(conn, tenant, ("contact", 0)) for _ in range(2))
        assert refresh(conn, tenant, [one, two]) == 2
        assert refresh(conn, tenant, [one, two]) == 0
        assert refresh(conn, tenant, []) == 0
        conn.execute("delete from messages where tenant_id = %s and conversation_id = %s", [tenant, one])
        conn.execute("delete from conversations where tenant_id = %s and id = %s", [tenant, two])
        assert refresh(conn, tenant, [one, two]) == 2
        assert facts(conn, one, "messages_total", "first_message_text", "last_sender") == (0, None, None)
        assert facts(conn, two, "messages_total") is None


def test_another_tenants_conversations_are_not_counted(db: Database, tenant: TenantId, make_tenant: Any) -> None:
    other = make_tenant()
    with db.tenant(other) as conn:
        theirs = conversation(conn, other, ("contact", 0))
    with db.tenant(tenant) as conn:
        assert refresh(conn, tenant, [theirs]) == 0


def test_many_new_ones_are_counted_although_another_session_counts_one_of_them(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        made = [conversation(conn, tenant, ("contact", 0)) for _ in range(MANY)]

    def all_of_them() -> int:
        with db.tenant(tenant) as conn:
            return refresh(conn, tenant, made)

    with ThreadPoolExecutor(1) as pool:
        with db.tenant(tenant) as other:
            assert refresh(other, tenant, made[:1]) == 1
            counting = pool.submit(all_of_them)
            with pytest.raises(TimeoutError):  # it waits for the other's transaction, of which it knows nothing
                counting.result(timeout=1)
        assert counting.result(timeout=10) == MANY - 1
    with db.tenant(tenant) as conn:
        assert all(facts(conn, each, "messages_total") == (1,) for each in made)
