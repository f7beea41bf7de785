"""A contact's rights (LGPD, Art. 18): a whole copy, and an erasure that leaves no word of him."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from prosa import privacy
from prosa.analysis.corrections import correct
from prosa.conversations import addresses, messages, notes, service
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Conn, Database
from prosa.db.connection import TenantId
from prosa.errors import NotFound
from prosa.facts.refresh import refresh
from prosa.remarketing import consents
from prosa.remarketing import service as remarketing
from prosa.remarketing.model import Via
from prosa.remarketing.recipients import Recipient
from prosa.remarketing.service import NewDraft
from prosa.tenancy import audit

KEYS = ["k"]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy(timedelta(days=1), timedelta(hours=1))
SHORT, LONG = "+551187654321", "+5511987654321"
SECRET = "Jaqueline"  # whatever is about the contact names her


def live(conn: Conn, tenant: TenantId, phone: str = LONG) -> int:
    """A conversation here: messages, a closing with a reason, facts, an insight, an outcome, an answer to a survey."""
    pair = Pair("whatsapp", addresses.parse(phone), addresses.parse("+551140041234"))
    conversation = service.open_conversation(conn, tenant, pair, policy=POLICY, by="apikey:1", now=NOW).conversation.id
    for owner, body in ((Owner.USER, f"Aqui é a {SECRET}, quero remarcar"), (Owner.AGENT, f"Claro, {SECRET}!")):
        new = NewMessage(owner, body, f"{SECRET}-{owner}-{phone}")
        messages.add_message(conn, tenant, conversation, new, policy=POLICY, by="apikey:1", now=NOW)
    service.close(
        conn, tenant, conversation, on_behalf_of=Owner.AGENT, by="user:1", reason=f"{SECRET} remarcou", now=NOW
    )
    about(conn, tenant, conversation)
    return conversation


def mirrored(conn: Conn, tenant: TenantId) -> int:
    """A conversation of Chatwoot's, under the other spelling, with a row that the ETL put aside."""
    contact, conversation = 3_00000000007, 3_00000000009
    conn.execute(
        "insert into contacts (tenant_id, id, source_id, name, phone, email) values (%s, %s, 3, %s, %s, %s)",
        [tenant, contact, SECRET, SHORT, f"{SECRET}@exemplo.com.br"],
    )
    conn.execute(
        """insert into conversations (tenant_id, id, source, source_id, external_id, contact_id)
           values (%s, %s, 'chatwoot', 3, 9, %s)""",
        [tenant, conversation, contact],
    )
    conn.execute(
        "insert into messages (tenant_id, conversation_id, sender, body) values (%s, %s, 'contact', %s)",
        [tenant, conversation, f"Sou a {SECRET}"],
    )
    conn.execute("insert into sources (tenant_id, id, kind, name) values (%s, 3, 'chatwoot', 'c')", [tenant])
    for stream, external, row in (
        ("contacts", 7, {"name": SECRET}), ("messages", 50, {"conversation_id": 9, "content": SECRET}),
        ("messages", 51, {"conversation_id": 10, "content": "de outra pessoa"}),
    ):  # fmt: skip
        conn.execute(
            """insert into etl_rejects (tenant_id, source_id, stream, external_id, reason, source_row)
               values (%s, 3, %s, %s, 'test', %s)""",
            [tenant, stream, external, json.dumps(row)],
        )
    about(conn, tenant, conversation)
    return conversation


def about(conn: Conn, tenant: TenantId, conversation: int) -> None:
    """What is concluded from a conversation."""
    values = {"tenant": tenant, "id": conversation, "text": SECRET}
    conn.execute(
        """insert into insights (tenant_id, conversation_id, conversation_created_at, sentiment, sentiment_score, category,
             is_lead, interest, conversion_score, lead_name, lead_goal, summary, next_step, fields, confidence, model, read_to)
           values (%(tenant)s, %(id)s, now(), 'neutral', 0, 'lead', true, 'high', 80, %(text)s, %(text)s, %(text)s, %(text)s,
             jsonb_build_object('name', %(text)s::text), 0.5, 'offline-1', now())""",
        values,
    )
    conn.execute(
        """insert into outcomes (tenant_id, conversation_id, kind, at, origin, actor, note)
           values (%(tenant)s, %(id)s, 'visit', now(), 'person', 'user:1', %(text)s)""",
        values,
    )
    conn.execute(
        """insert into csat_answers (tenant_id, conversation_id, rating, feedback, created_at)
           values (%(tenant)s, %(id)s, 5, %(text)s, now())""",
        values,
    )
    notes.write(conn, tenant, conversation, f"{SECRET} prefere de manhã", actor="user:1", author="Ana")
    correct(conn, tenant, conversation, values={"lead_name": f"{SECRET} Lima"}, by="user:1", reason=f"{SECRET} disse")
    conn.execute(
        """insert into llm_calls (tenant_id, conversation_id, purpose, recipient, model, prompt_version, messages,
             sent_sha256, estimated_usd) values (%(tenant)s, %(id)s, 'analysis', 'h', 'm', 'v', '{987654321}', 'x', 0)""",
        values,
    )
    written_to(conn, tenant, conversation)
    refresh(conn, tenant, [conversation])


def written_to(conn: Conn, tenant: TenantId, conversation: int) -> None:
    """A rejected draft, and the consent that it would have needed."""
    new = NewDraft(body=f"Oi, {SECRET}!")
    recipient = Recipient(conversation, None, SECRET, addresses.parse(LONG), "whatsapp", None, Via.CSV)
    draft = remarketing.create(conn, tenant, recipient, new, by="user:1", now=NOW)
    assert draft
    remarketing.reject(conn, tenant, [draft.id], by="user:1", now=NOW, reason=f"{SECRET} já comprou")
    consents.record(conn, tenant, SHORT, granted=True, origin=consents.ConsentOrigin.FORM, evidence=f"ficha de {SECRET}",
                    actor="user:1", at=NOW)  # fmt: skip


def everything(conn: Conn, tenant: TenantId) -> str:
    """Every row of the tenant in every table that may be read whole (others hold secrets of users), as text."""
    tables = conn.execute(
        """select table_name from information_schema.columns
           where table_schema = 'public' and column_name = 'tenant_id' and table_name <> 'conversation_rows'
             and has_table_privilege(to_regclass('public.' || table_name), 'select')"""
    ).fetchall()
    return "\n".join(
        str(row)
        for (table,) in tables
        if table != "sources"  # not about contacts
        for row in conn.execute(f"select to_jsonb(t) from {table} t where tenant_id = %s".encode(), [tenant]).fetchall()
    )


@pytest.mark.parametrize("asked", [SHORT, LONG])
def test_an_export_holds_both_spellings_and_every_source(db: Database, tenant: TenantId, asked: str) -> None:
    with db.operator() as conn:
        here, there = live(conn, tenant), mirrored(conn, tenant)
        found = privacy.export(conn, tenant, asked, secret_keys=KEYS, actor="cli:test")
        entry = audit.list_entries(conn, tenant)[0]
    assert [row["id"] for row in found["conversations"]] == [here, there]
    assert len(found["contacts"]) == 2
    assert len(found["messages"]) == 3
    assert {len(found[table]) for table in ("insights", "outcomes", "csat_answers", "conversation_facts")} == {2}
    assert len(found["etl_rejects"]) == 2
    assert (len(found["drafts"]), len(found["consents"])) == (2, 2)
    assert entry.action == "contact.export"
    assert LONG not in str(entry)


@pytest.mark.parametrize("asked", [SHORT, LONG])
def test_an_erasure_leaves_no_word_and_keeps_the_counts(db: Database, tenant: TenantId, asked: str) -> None:
    with db.operator() as conn:
        here, there = live(conn, tenant), mirrored(conn, tenant)
        numbers = """select conversation_id, messages_total, csat_rating, times_resolved
                     from conversation_facts where tenant_id = %s"""
        before = conn.execute(numbers.encode(), [tenant]).fetchall()
        traces = privacy.erase(conn, tenant, asked, secret_keys=KEYS, actor="cli:test", now=NOW)
        refresh(conn, tenant, [here, there])
        left = everything(conn, tenant)
        assert sorted(conn.execute(numbers.encode(), [tenant]).fetchall()) == sorted(before)
    assert traces.mirrored == 1
    for word in (SECRET, SHORT[3:], LONG[3:]):
        assert word not in left
    assert "contact.erase" in left
    assert "de outra pessoa" in left


def test_an_open_conversation_is_closed_and_the_next_one_is_a_strangers(db: Database, tenant: TenantId) -> None:
    pair = Pair("whatsapp", addresses.parse(LONG), addresses.parse("+551140041234"))
    with db.operator() as conn:
        first = service.open_conversation(conn, tenant, pair, policy=POLICY, by="apikey:1", now=NOW).conversation
        privacy.erase(conn, tenant, LONG, secret_keys=KEYS, actor="cli:test", now=NOW)
        assert service.get_conversation(conn, tenant, first.id).state == "support_closed"
        second = service.open_conversation(conn, tenant, pair, policy=POLICY, by="apikey:1", now=NOW).conversation
    assert second.predecessor_id is None
    assert second.contact_id != first.contact_id


def test_another_tenants_contact_of_the_same_number_is_left_alone(
    db: Database, tenant: TenantId, make_tenant: Callable[..., TenantId]
) -> None:
    other = make_tenant()
    with db.operator() as conn:
        live(conn, tenant)
        live(conn, other)
        before = everything(conn, other)
        privacy.erase(conn, tenant, LONG, secret_keys=KEYS, actor="cli:test", now=NOW)
        assert everything(conn, other) == before


def test_a_number_that_nobody_knows_is_said_to_be_unknown(db: Database, tenant: TenantId) -> None:
    with db.operator() as conn, pytest.raises(NotFound):
        privacy.export(conn, tenant, "+5521999998888", secret_keys=KEYS, actor="cli:test")
