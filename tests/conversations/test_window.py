"""The 24-hour window belongs to a contact and a number of ours, not to a conversation."""

from datetime import timedelta

import psycopg
import pytest
from tests.conversations.conftest import CONTACT, NOW, OURS, Engine, pair

from prosa.conversations import window
from prosa.conversations.model import Owner, Pair
from prosa.db.embedded import EmbeddedServer

HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
SHORT = "+551187654321"  # CONTACT without its ninth digit


def is_open(engine: Engine, between: Pair, after: timedelta) -> bool:
    with engine.db.tenant(engine.tenant) as conn:
        return window.is_open(conn, engine.tenant, between, now=NOW + after)


def write(engine: Engine, between: Pair, owner: Owner = Owner.USER, *, after: timedelta = timedelta()) -> int:
    conversation = engine.open(between, now=NOW + after).conversation.id
    engine.add(conversation, "Oi, tudo bem?", owner, now=NOW + after)
    return conversation


@pytest.mark.parametrize(
    ("after", "expected"),
    [(timedelta(), True), (24 * HOUR - MICROSECOND, True), (24 * HOUR, False), (25 * HOUR, False)],
)
def test_it_is_open_for_24_hours_and_not_a_moment_longer(engine: Engine, after: timedelta, expected: bool) -> None:
    write(engine, pair())
    assert is_open(engine, pair(), after) is expected


def test_it_is_closed_for_one_who_never_wrote(engine: Engine) -> None:
    write(engine, pair(), Owner.SUPPORT)
    assert not is_open(engine, pair(), timedelta())


def test_our_own_messages_do_not_keep_it_open(engine: Engine) -> None:
    conversation = write(engine, pair())
    engine.add(conversation, "Posso ajudar?", Owner.AGENT, now=NOW + 23 * HOUR)
    assert not is_open(engine, pair(), 24 * HOUR)


def test_a_message_in_an_earlier_conversation_counts(engine: Engine) -> None:
    engine.close(write(engine, pair()), now=NOW + HOUR)
    engine.open(now=NOW + 2 * HOUR)
    assert is_open(engine, pair(), 23 * HOUR)


def test_the_last_of_several_messages_counts(engine: Engine) -> None:
    conversation = write(engine, pair())
    engine.add(conversation, "E aí?", now=NOW + 5 * HOUR)
    with engine.db.tenant(engine.tenant) as conn:
        closes = window.closes_at(conn, engine.tenant, pair(), now=NOW + 6 * HOUR)
    assert closes == NOW + 29 * HOUR


@pytest.mark.parametrize("wrote", [CONTACT, SHORT])
@pytest.mark.parametrize("asked", [CONTACT, SHORT])
def test_both_spellings_of_the_ninth_digit_are_one_contact(engine: Engine, wrote: str, asked: str) -> None:
    write(engine, pair(wrote))
    assert is_open(engine, pair(asked), HOUR)


def test_another_contact_another_number_and_another_tenant_have_windows_of_their_own(
    engine: Engine, other_engine: Engine
) -> None:
    write(engine, pair())
    assert not is_open(engine, pair("+5511987654322"), HOUR)
    assert not is_open(engine, pair(ours="+551140041235"), HOUR)
    assert not is_open(other_engine, pair(), HOUR)


def test_an_sms_needs_no_window(engine: Engine) -> None:
    assert is_open(engine, pair(channel="sms"), HOUR)


@pytest.mark.parametrize("inbox_phone", [OURS, f"whatsapp:{OURS}"])
@pytest.mark.parametrize(("sender", "expected"), [("contact", True), ("agent", False)])
def test_a_message_that_a_source_mirrors_counts(engine: Engine, inbox_phone: str, sender: str, expected: bool) -> None:
    source = 3_00000000000
    with engine.db.tenant(engine.tenant) as conn:
        conn.execute(
            "insert into contacts (tenant_id, id, phone) values (%s, %s, %s)", [engine.tenant, source + 1, SHORT]
        )
        conn.execute(
            "insert into inboxes (tenant_id, id, channel, phone) values (%s, %s, 'whatsapp', %s)",
            [engine.tenant, source + 2, inbox_phone],
        )
        conn.execute(
            """insert into conversations (tenant_id, id, source, contact_id, inbox_id, last_activity_at)
               values (%s, %s, 'chatwoot', %s, %s, %s)""",
            [engine.tenant, source + 3, source + 1, source + 2, NOW],
        )
        conn.execute(
            "insert into messages (tenant_id, conversation_id, sender, created_at) values (%s, %s, %s, %s)",
            [engine.tenant, source + 3, sender, NOW],
        )
    assert is_open(engine, pair(), HOUR) is expected


def test_the_look_up_walks_indexes_only(engine: Engine, server: EmbeddedServer) -> None:
    values = {"tenant": engine.tenant, "channel": "whatsapp", "since": NOW, "contact": CONTACT, "ours": OURS,
              "contact_spellings": [CONTACT, SHORT], "our_spellings": [OURS]}  # fmt: skip
    with engine.db.tenant(engine.tenant) as conn:
        conn.execute(
            """insert into conversations (tenant_id, source, state, channel, contact_address, contact_key, our_address, our_key)
               select %s, 'twilio', 'expired', 'whatsapp', n, n, %s, %s from generate_series(1, 3000) n""",
            [engine.tenant, OURS, OURS],
        )
        conn.execute(
            "insert into contacts (tenant_id, phone) select %s, n from generate_series(1, 3000) n", [engine.tenant]
        )
    with psycopg.connect(server.dsn("prosa"), autocommit=True) as owner:
        owner.execute("analyze conversations, contacts, messages")
    with engine.db.tenant(engine.tenant) as conn:
        conn.execute("set local enable_seqscan = off")  # tables of a few rows would be scanned
        plan = "\n".join(row[0] for row in conn.execute("explain " + window.LAST_INBOUND, values).fetchall())
    assert "conversations_by_pair" in plan
    assert "contacts_by_phone" in plan
    assert "Seq Scan" not in plan
