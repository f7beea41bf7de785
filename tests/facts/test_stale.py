"""Facts follow the conversations that live here."""

from datetime import UTC, datetime, timedelta

import pytest

from prosa.conversations import addresses, messages, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.facts.stale import refresh_stale

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = Policy(timedelta(days=1), timedelta(hours=1))
PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))


def opened(conn: Conn, tenant: TenantId) -> int:
    return service.open_conversation(conn, tenant, PAIR, policy=POLICY, by="apikey:1", now=START).conversation.id


def add(conn: Conn, tenant: TenantId, conversation: int, body: str, owner: Owner, minutes: int) -> None:
    now = START + minutes * MINUTE
    messages.add_message(conn, tenant, conversation, NewMessage(owner, body), policy=POLICY, by="apikey:1", now=now)


def facts(conn: Conn, tenant: TenantId, conversation: int, columns: str) -> tuple:
    sql = f"select {columns} from conversation_facts where tenant_id = %s and conversation_id = %s"
    row = conn.execute(sql.encode(), [tenant, conversation]).fetchone()
    assert row is not None
    return row


def test_what_changed_is_counted_once(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        conversation = opened(conn, tenant)
        assert refresh_stale(conn, tenant, since=START) == 1
        assert refresh_stale(conn, tenant, since=START) == 0
        add(conn, tenant, conversation, "Vocês abrem no sábado?", Owner.USER, 1)
        add(conn, tenant, conversation, "Sim, das 8h às 12h.", Owner.SUPPORT, 2)
        assert refresh_stale(conn, tenant, since=START + 3 * MINUTE) == 0
        assert refresh_stale(conn, tenant, since=START) == 1
        found = facts(conn, tenant, conversation, "messages_contact, messages_bot, last_sender::text, closed")
    assert found == (1, 1, "bot", False)


def test_a_persons_first_reply_is_timed_from_the_beginning(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        conversation = opened(conn, tenant)
        add(conn, tenant, conversation, "Vocês abrem no sábado?", Owner.USER, 1)
        add(conn, tenant, conversation, "Sim, aqui é a Ana.", Owner.AGENT, 7)
        refresh_stale(conn, tenant, since=START)
        assert facts(conn, tenant, conversation, "first_response_seconds, messages_agent") == (7 * 60, 1)


def test_a_farewell_taken_back_is_a_resolution_and_a_reopening(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        conversation = opened(conn, tenant)
        add(conn, tenant, conversation, "Posso ajudar em algo mais?", Owner.SUPPORT, 1)
        add(conn, tenant, conversation, "Não, era só isso. Obrigada, tchau!", Owner.USER, 2)
        refresh_stale(conn, tenant, since=START)
        columns = "times_resolved, times_reopened, closed, extract(epoch from resolved_at - created_at)"
        assert facts(conn, tenant, conversation, columns) == (1, 0, True, 120)
        add(conn, tenant, conversation, "na verdade, mais uma coisa", Owner.USER, 3)
        refresh_stale(conn, tenant, since=START)
        assert facts(conn, tenant, conversation, "times_resolved, times_reopened, closed") == (1, 1, False)


@pytest.mark.parametrize("limit", [1, 2])
def test_a_full_batch_says_that_there_may_be_more(db: Database, tenant: TenantId, limit: int) -> None:
    with db.tenant(tenant) as conn:
        opened(conn, tenant)
        service.open_conversation(
            conn, tenant, Pair("sms", PAIR.contact, PAIR.ours), policy=POLICY, by="apikey:1", now=START
        )
        counted = []
        while not counted or counted[-1] == limit:
            counted.append(refresh_stale(conn, tenant, since=START, limit=limit))
    assert sum(counted) == 2
