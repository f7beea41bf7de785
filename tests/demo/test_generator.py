from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from prosa.demo import ACCOUNTS, create_schema, fill
from prosa.demo.rows import COLUMNS

NOW = datetime(2026, 11, 20, 18, 47, tzinfo=UTC)  # a message before it was deleted, or read, after it
Conn = psycopg.Connection[Any]


@pytest.fixture
def conn(empty_database: str) -> Iterator[Conn]:
    with psycopg.connect(empty_database) as conn:
        create_schema(conn)
        yield conn


@pytest.fixture
def filled(conn: Conn) -> Conn:
    fill(conn, now=NOW)
    return conn


def number(conn: Conn, sql: str) -> int:
    row = conn.execute(sql.encode()).fetchone()
    assert row is not None
    return int(row[0])


def digest(conn: Conn) -> list[str]:
    return [
        conn.execute(f"select md5(string_agg(t::text, '|' order by id)) from {table} t".encode()).fetchone()[0]  # type: ignore[index]
        for table in (*COLUMNS, "users", "inboxes", "accounts", "labels")
    ]


def test_the_same_arguments_give_the_same_rows(conn: Conn) -> None:
    conn.commit()
    digests = []
    for seed in (1, 1, 2):
        fill(conn, now=NOW, scale=0.2, seed=seed)
        digests.append(digest(conn))
        conn.rollback()
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_the_summary_counts_what_is_there(conn: Conn) -> None:
    heard: list[tuple[int, int]] = []
    summary = fill(conn, now=NOW, scale=0.2, progress=lambda done, planned: heard.append((done, planned)))
    for table in COLUMNS:
        assert getattr(summary, table) == number(conn, f"select count(*) from {table}")
    assert heard[-1][0] == heard[-1][1] >= summary.conversations > 250


def test_a_fill_that_is_told_to_end_has_let_go_of_the_connection(conn: Conn) -> None:
    """Its sender is at a batch then."""
    conn.commit()  # the empty tables

    def leave(_done: int, _planned: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        fill(conn, now=NOW, scale=3, progress=leave)
    assert conn.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)
    conn.rollback()
    assert number(conn, "select count(*) from conversations") == 0


def test_all_indexes_stand_again_after_the_fill(conn: Conn) -> None:
    indexes = "select count(*) from pg_indexes where schemaname = 'public'"
    before = number(conn, indexes)
    fill(conn, now=NOW, scale=0.05)
    assert number(conn, indexes) == before > 150


def test_new_rows_get_ids_after_the_highest(filled: Conn) -> None:
    for table in ("messages", "conversations", "contacts"):
        highest = number(filled, f"select max(id) from {table}")
        assert number(filled, f"select nextval(pg_get_serial_sequence('{table}', 'id'))") == highest + 1


HURTS = {
    "a bot's message": "sender_type = 'AgentBot'",
    "a captain's message": "sender_type = 'Captain::Assistant'",
    "a private note": "private",
    "an activity": "message_type = 2 and sender_type is null",
    "a template": "message_type = 3",
    "a deleted message": "content like '%was deleted' and content_attributes::text like '%deleted%true%'",
    "a deleted message, encoded twice": """content like '%was deleted'
        and json_typeof(content_attributes) = 'string'""",
    "an echo of the company's phone": """sender_type is null
        and content_attributes::text like '%external_echo%'""",
    "an automation rule": "sender_type is null and content_attributes::text like '%automation_rule_id%'",
    "an automation rule, named": """sender_type = 'User'
        and content_attributes::text like '%automation_rule_id%'""",
    "a campaign": "message_type = 1 and additional_attributes ? 'campaign_id' and sender_type = 'User'",
    "a WhatsApp template": "additional_attributes ? 'template_params'",
    "a click on an advertisement": "message_type = 0 and content_attributes::text like '%ctwa_clid%'",
    "a NUL in JSON": r"content_attributes::text like '%\u0000%'",
    "media without text": "content is null and exists (select from attachments a where a.message_id = m.id)",
    "a failed delivery": "status = 3",
    "a long e-mail": "content_type = 8 and length(content) > 250",
    "a user that is a bot": "sender_type = 'User' and sender_id = any('{5,13}')",
    "an agent who is gone": """sender_type = 'User' and not exists (select from users
        where users.id = sender_id)""",
}


def test_every_message_that_hurts_a_reader_occurs(filled: Conn) -> None:
    missing = [
        name for name, sql in HURTS.items() if not number(filled, f"select count(*) from messages m where {sql}")
    ]
    assert missing == []


ODDITIES = {
    "numbers without the ninth digit": r"select count(*) from contacts where phone_number ~ '^\+55\d{10}$'",
    "numbers with it": r"select count(*) from contacts where phone_number ~ '^\+55\d{2}9\d{8}$'",
    "one person in both forms": """select count(*) from contacts a join contacts b on a.phone_number =
        overlay(b.phone_number placing '' from 6 for 1) where length(b.phone_number) = 14""",
    "contacts without phone": "select count(*) from contacts where phone_number is null",
    "merged contacts": """select count(*) from (
        select from contact_inboxes group by contact_id having count(*) > 1) x""",
    "ids of merged contacts gone": "select max(id) - count(*) from contacts",
    "survey answers of a merged contact": """select count(*) from csat_survey_responses
        where contact_id not in (select id from contacts)""",
    "deleted conversations": "select max(id) - count(*) from conversations",
    "hand-offs": "select count(*) from reporting_events where name = 'conversation_bot_handoff'",
    "reopenings": """select count(*) from reporting_events o where name = 'conversation_opened' and exists (
        select from reporting_events r where r.conversation_id = o.conversation_id
        and r.name = 'conversation_resolved'
        and r.event_end_time < o.event_end_time)""",
    "zero business hours": """select count(*) from reporting_events e join inboxes i on i.id = e.inbox_id
        where value > 0 and value_in_business_hours = 0 and not working_hours_enabled""",
    "real business hours": "select count(*) from reporting_events where value_in_business_hours > 0",
    "snoozed": "select count(*) from conversations where status = 3",
    "pending": "select count(*) from conversations where status = 2",
    "urgent": "select count(*) from conversations where priority = 3",
    "campaign": "select count(*) from conversations where campaign_id is not null",
    "team": "select count(*) from conversations where team_id is not null",
    "labels": "select count(*) from conversations where cached_label_list like '%, %'",
    "survey answers": "select count(*) from csat_survey_responses where feedback_message is not null",
}


def test_every_oddity_of_contacts_and_conversations_occurs(filled: Conn) -> None:
    assert [name for name, sql in ODDITIES.items() if not number(filled, sql)] == []


BROKEN = {
    "an activity after last_activity_at": """select count(*) from conversations c where last_activity_at <>
        (select max(created_at) from messages m where m.conversation_id = c.id)""",
    "a message changed after its conversation": """select count(*) from conversations c join messages m
        on m.conversation_id = c.id where m.updated_at > c.updated_at""",
    "a first reply that is none": """select count(*) from conversations c
        where first_reply_created_at is distinct from (
        select min(created_at) from messages m where m.conversation_id = c.id
        and message_type = 1 and not private
        and not additional_attributes ? 'campaign_id'
        and content_attributes::text not like '%automation_rule%'
        and (sender_type = 'User' or sender_type is null))""",
    "waiting though resolved": """select count(*) from conversations where status = 1
        and waiting_since > '-infinity'""",
    "resolved without an event": """select count(*) from conversations c where status = 1 and not exists (
        select from reporting_events e where e.conversation_id = c.id and name = 'conversation_resolved')""",
    "a message before its conversation": """select count(*) from conversations c join messages m
        on m.conversation_id = c.id where m.created_at < c.created_at""",
    "the future": f"select count(*) from messages where created_at > '{NOW:%Y-%m-%d %H:%M:%S}'",
    "the future, edited": f"select count(*) from messages where updated_at > '{NOW:%Y-%m-%d %H:%M:%S}'",
    "the future of a conversation": f"select count(*) from conversations where updated_at > '{NOW:%Y-%m-%d %H:%M:%S}'",
    "ids against time": """select count(*) from (
        select created_at < lag(created_at) over (order by id) as back from messages) x where back""",
    "a message of nobody's conversation": """select count(*) from messages
        where conversation_id not in (select id from conversations)""",
    "a contact that is not there": """select count(*) from conversations
        where contact_id not in (select id from contacts)""",
    "labels that are not tagged": """select count(*) from conversations c
        where coalesce(cardinality(string_to_array(cached_label_list, ', ')), 0)
           <> (select count(*) from taggings t where t.taggable_id = c.id)""",
    "media with text": """select count(*) from attachments a join messages m on m.id = a.message_id
        where content is not null""",
}


def test_conversations_agree_with_their_messages_and_events(filled: Conn) -> None:
    assert {name: count for name, sql in BROKEN.items() if (count := number(filled, sql))} == {}


def test_the_companies_differ_in_character(filled: Conn) -> None:
    gym, clinic, shop = (account.account_id for account in ACCOUNTS)
    sizes, waits, silent = {}, {}, {}
    for account in (gym, clinic, shop):
        of = f"from conversations where account_id = {account}"
        sizes[account] = number(filled, f"select count(*) {of}")
        silent[account] = number(filled, f"select 100 * avg((assignee_id is null)::int) {of} and status in (0, 1)")
        waits[account] = number(
            filled,
            f"""select percentile_cont(0.5) within group (order by value) from reporting_events
                where account_id = {account} and name = 'first_response'""",
        )
    assert sizes[clinic] < sizes[gym]
    assert waits[clinic] < waits[gym] < waits[shop]
    assert silent[clinic] < silent[gym] < silent[shop]
    assert 1400 < sum(sizes.values()) < 1510
    public = "select count(*) from messages where message_type <> 2 and not private"
    assert 8 < number(filled, public) / sum(sizes.values()) < 12
