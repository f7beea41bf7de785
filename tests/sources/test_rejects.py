"""A row that cannot be read is put aside with its reason, stops nothing, and is taken back when it can be read."""

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import psycopg
import pytest
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences

from prosa.gateways.chatwoot import columns, reader, streams
from prosa.sources import mapping, rejects, spans
from prosa.sources.model import ID_SPACE, Mode
from prosa.sources.rejects import Reject

NOW = datetime.now(UTC)
FOREVER, EVER, FAR = "infinity", "0044-03-15 12:00:00 BC", "9999-12-31"
LONG = Random(7).randbytes(2500).hex()  # longer than PostgreSQL indexes
LAST = "294276-12-31 23:59:59"  # PostgreSQL's last day; since 1970 it has more microseconds than fit into 64 bits

# What makes a row unreadable: table, column, value, the reason that is given.
UNREADABLE = [
    ("messages", "content_attributes", '"{broken"', "content_attributes is not readable JSON"),
    ("messages", "content_attributes", '"[1"', "content_attributes is not readable JSON"),
    ("messages", "message_type", 7, "message_type is missing or unknown"),
    ("messages", "created_at", FOREVER, "created_at is missing or impossible"),
    ("messages", "updated_at", LAST, "updated_at is missing or impossible"),
    ("conversations", "status", 9, "status is missing or unknown"),
    ("conversations", "created_at", EVER, "created_at is missing or impossible"),
    ("conversations", "last_activity_at", FOREVER, "last_activity_at is impossible"),
    ("contacts", "created_at", "-infinity", "created_at is missing or impossible"),
    ("contacts", "email", LONG, "email is too long"),
    ("contacts", "phone_number", LONG, "phone_number is too long"),
    ("reporting_events", "event_end_time", FAR, "event_end_time is impossible"),
    ("csat_survey_responses", "created_at", EVER, "created_at is missing or impossible"),
    ("csat_survey_responses", "rating", 0, "rating is missing or unknown"),
    ("csat_survey_responses", "rating", 2**31 - 1, "rating is missing or unknown"),
]


@pytest.mark.parametrize("mode", [Mode.INCREMENTAL, Mode.FULL])
def test_what_cannot_be_read_is_put_aside_and_taken_back(etl: Etl, own_chatwoot: FakeChatwoot, mode: Mode) -> None:
    """One row of each kind; the run succeeds, and what is mended at the source is as if it had never been wrong."""
    # These refuse what is too long as well. A restore may come without them.
    own_chatwoot.write("drop index uniq_email_per_account_contact, index_contacts_on_lower_email_account_id, "
                       "index_contacts_on_nonempty_fields, index_contacts_on_phone_number_and_account_id")  # fmt: skip
    account = own_chatwoot.account()
    inbox = own_chatwoot.inbox(account)
    mends: list[tuple[str, str, int, Any]] = []
    for table, column, value, _ in UNREADABLE:
        conversation = own_chatwoot.conversation(inbox, own_chatwoot.contact(account))
        own_chatwoot.message(conversation, "automation")
        own_chatwoot.resolve(conversation)
        own_chatwoot.csat(conversation, 4)
        row = own_chatwoot.write(f"select max(id) from {table}")
        mends.append((table, column, row, own_chatwoot.write(f"select {column}::text from {table} where id = %s", row)))
        own_chatwoot.update_columns(table, row, **{column: value})
    tenant = etl.connect(own_chatwoot, account)
    [result] = etl.run(tenant)

    aside = etl.select(tenant, "select stream, external_id, reason from etl_rejects")
    streams = {"reporting_events": "events", "csat_survey_responses": "csat"}
    assert sorted(aside) == sorted(
        (streams.get(table, table), row, reason)
        for (table, _, row, _), (_, _, _, reason) in zip(mends, UNREADABLE, strict=True)
    )
    assert result.run and result.run.total().rejected == len(UNREADABLE)
    assert etl.select(tenant, "select rows_rejected from etl_runs") == [(len(UNREADABLE),)]

    gone = own_chatwoot.message(conversation, message_type=7)
    [result] = etl.run(tenant, Mode.RECONCILE)
    # The new one was followed, and lies in a range that is compared besides, as all the others do: one row is counted once.
    assert result.run and result.run.total().rejected == len(UNREADABLE) + 1
    own_chatwoot.write("delete from messages where id = %s", gone)
    etl.run(tenant, Mode.RECONCILE)  # what was put aside is put aside still, but for what is gone
    assert sorted(etl.select(tenant, "select stream, external_id, reason from etl_rejects")) == sorted(aside)

    for table, column, row, value in mends:
        own_chatwoot.update_columns(table, row, **{column: value})
    etl.run(tenant, mode)
    assert etl.select(tenant, "select * from etl_rejects") == []
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(own_chatwoot, account))) == []


def test_what_helps_is_known_of_whatever_makes_a_row_unreadable() -> None:
    """A reason begins with its column: one that the stream has, and of which is known what it may hold."""
    for target in (mapping.CONTACTS, mapping.CONVERSATIONS, *mapping.BY_CONVERSATION):
        kinds = {column.name: column.type for column in target.stream.columns}
        for _, reason in target.rejects:
            reject = Reject(1, target.stream.name, 7, reason, NOW, NOW)
            assert kinds[reject.column] == "timestamp" or reject.column in rejects.VALUES


# What a hand or a broken restore may leave in a database: table, column, values. None of it has a place in the store.
FAR_AWAY = (-1, 2**63 - 1)
IMPOSSIBLE = [
    ("conversations", "priority", (-1, 2**31 - 1, 2**31)), ("messages", "status", (-1, 2**31 - 1, -(2**63))),
    ("conversations", "status", (2**31,)), ("csat_survey_responses", "rating", (2**31,)),
    ("messages", "conversation_id", (None, -1)), ("csat_survey_responses", "conversation_id", (None, *FAR_AWAY)),
    ("conversations", "contact_id", (*FAR_AWAY, 10**11)),
    ("conversations", "team_id", FAR_AWAY), ("messages", "sender_id", FAR_AWAY),
    *((table, "id", FAR_AWAY) for table in ("contacts", "conversations", "messages", "teams", "labels",
                                            "csat_survey_responses", "reporting_events")),
]  # fmt: skip


def test_numbers_that_no_chatwoot_has_stop_nothing_and_leave_nothing(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """In every mode; with them the store is what a new one is, and another source's rows are never meant."""
    account = own_chatwoot.account()
    inbox = own_chatwoot.inbox(account)
    own_chatwoot.team(account, "Vendas")
    own_chatwoot.label(account, "vip")
    for table, column, _ in IMPOSSIBLE:
        own_chatwoot.write(f"alter table {table} alter {column} type bigint")
        if column != "id":
            own_chatwoot.write(f"alter table {table} alter {column} drop not null")
    conversation = own_chatwoot.conversation(inbox, own_chatwoot.contact(account))
    own_chatwoot.message(conversation, "in")
    own_chatwoot.resolve(conversation)
    own_chatwoot.csat(conversation, 4)
    tenant = etl.first_load(own_chatwoot, account)
    for table, column, values in IMPOSSIBLE:
        row = own_chatwoot.write(f"select max(id) from {table}")
        before = own_chatwoot.write(f"select {column} from {table} where id = %s", row)
        for value in values:
            own_chatwoot.update_columns(table, row, **{column: value})
            if column == "id":
                row = value
            etl.run(tenant)
        etl.run(tenant, Mode.RECONCILE)
        own_chatwoot.update_columns(table, row, **{column: before})
        etl.run(tenant)
    assert etl.select(tenant, "select * from etl_rejects") == []
    etl.run(tenant, Mode.FULL)
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(own_chatwoot, account))) == []
    assert f"between 1 and {ID_SPACE - 1}" == columns.POSSIBLE


@pytest.mark.parametrize("kind", ["json", "jsonb", "text"])
def test_attributes_are_read_however_they_are_encoded(etl: Etl, own_chatwoot: FakeChatwoot, kind: str) -> None:
    """Plain, as JSON in a JSON string, with NUL escapes, with a backslash before such letters; in a column of any type."""
    encodings = {"plain": json.dumps, "twice": lambda value: json.dumps(json.dumps(value))}
    escapes = {"nothing": "", "nul": "a\x00\x00b", "backslash": "c:\\u0000", "quotes": '"\\"', "emoji": "😀"}
    own_chatwoot.write(f"alter table messages alter content_attributes drop default, alter content_attributes type {kind} "
                       f"using content_attributes::text::{kind}")  # fmt: skip
    account = own_chatwoot.account()
    conversation = own_chatwoot.conversation(own_chatwoot.inbox(account), own_chatwoot.contact(account))
    for escape in escapes.values():
        for encode in encodings.values():
            text = encode({"deleted": True, "note": escape})
            if kind != "jsonb" or "\x00" not in escape or encode is encodings["twice"]:
                own_chatwoot.message(conversation, "in", "gone", content_attributes=text)
    for empty in ("{}", "null", '""', '"{}"', '"null"'):
        own_chatwoot.message(conversation, "in", "there", content_attributes=empty)
    tenant = etl.first_load(own_chatwoot, account)
    assert etl.select(tenant, "select reason, source_row from etl_rejects") == []
    count = len(escapes) * len(encodings) - (kind == "jsonb")
    assert etl.select(tenant, "select deleted, body, count(*) from messages group by 1, 2 order by 1") == [
        (False, "there", 5), (True, "", count)]  # fmt: skip


@pytest.mark.parametrize("kind", ["json", "jsonb", "text"])
def test_a_campaign_is_found_in_a_column_of_any_type(etl: Etl, own_chatwoot: FakeChatwoot, kind: str) -> None:
    own_chatwoot.write("drop index index_messages_on_additional_attributes_campaign_id")
    own_chatwoot.write("alter table messages alter additional_attributes drop default, alter additional_attributes "
                       f"type {kind} using additional_attributes::text::{kind}")  # fmt: skip
    account = own_chatwoot.account()
    conversation = own_chatwoot.conversation(own_chatwoot.inbox(account), own_chatwoot.contact(account))
    campaigns = ['{"campaign_id": 7}', '{"campaign_id":"7"}']
    others = [None, "{}", "[]", '"campaign_id"', '{"campaign_id": null}', '{"campaign_id": ""}']
    if kind != "jsonb":
        campaigns.append(r'{"campaign_id": 7, "note": "a\u0000b"}')
        others.append(r'{"note": "\ud800"}')
    if kind == "text":
        others.append("{broken")
    for value in campaigns + others:
        own_chatwoot.message(conversation, "out", additional_attributes=value)
    tenant = etl.first_load(own_chatwoot, account)
    assert etl.select(tenant, "select sender::text, count(*) from messages group by 1 order by 1") == [
        ("agent", len(others)), ("bot", len(campaigns))]  # fmt: skip


def test_null_where_chatwoot_allows_none_is_not_fatal(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """A database that was repaired by hand."""
    account = own_chatwoot.account()
    conversation = own_chatwoot.conversation(own_chatwoot.inbox(account), None)
    for table, column in (("messages", "message_type"), ("messages", "updated_at"), ("messages", "private"),
                          ("conversations", "display_id"), ("conversations", "inbox_id"), ("contacts", "updated_at"),
                          ("csat_survey_responses", "rating")):  # fmt: skip
        own_chatwoot.write(f"alter table {table} alter {column} drop not null")
    own_chatwoot.message(conversation, "in", "fine", private=None)
    own_chatwoot.message(conversation, "in", "no type", message_type=None)
    own_chatwoot.message(conversation, "in", "no stamp", updated_at=None)
    own_chatwoot.insert("contacts", account_id=account, name=None, updated_at=None)
    own_chatwoot.csat(conversation, None)  # type: ignore[arg-type]
    nowhere = own_chatwoot.insert("conversations", account_id=account, inbox_id=None, display_id=None)
    tenant = etl.first_load(own_chatwoot, account)
    assert [m["body"] for m in etl.rows(tenant)["messages"]] == ["fine", "Como foi?"]
    assert sorted(etl.select(tenant, "select stream, reason from etl_rejects")) == [
        ("contacts", "updated_at is missing or impossible"), ("conversations", "inbox_id is missing"),
        ("csat", "rating is missing or unknown"), ("messages", "message_type is missing or unknown"),
        ("messages", "updated_at is missing or impossible")]  # fmt: skip
    own_chatwoot.save("conversations", nowhere, inbox_id=etl.rows(tenant)["inboxes"][0]["id"] % 10**11)
    etl.run(tenant)
    assert len(etl.rows(tenant)["conversations"]) == 2


def test_a_message_of_no_conversation_does_not_stop_what_came_with_it(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    account = own_chatwoot.account()
    conversation = own_chatwoot.conversation(own_chatwoot.inbox(account), own_chatwoot.contact(account))
    tenant = etl.first_load(own_chatwoot, account)
    own_chatwoot.write("alter table messages alter conversation_id drop not null")
    own_chatwoot.message(conversation, "in", "nowhere", conversation_id=None)
    own_chatwoot.message(conversation, "in", "here")
    etl.run(tenant)
    assert [message["body"] for message in etl.rows(tenant)["messages"]] == ["here"]


def test_a_user_who_is_twice_in_an_account_is_one_agent(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """A database that was restored without its unique indexes."""
    account = own_chatwoot.account()
    own_chatwoot.inbox(account)
    own_chatwoot.write("drop index uniq_user_id_per_account_id")
    own_chatwoot.join(account, own_chatwoot.agent(account, "Ana"))
    tenant = etl.first_load(own_chatwoot, account)
    assert [agent["name"] for agent in etl.rows(tenant)["agents"]] == ["Ana"]
    [result] = etl.run(tenant)
    assert result.run and (result.run.phases["agents"].unchanged, result.run.phases["agents"].updated) == (1, 0)


def test_one_contact_far_from_the_others_makes_no_comparison_long(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """Ranges hold as many contacts each; by their ids this one alone would make forty thousand."""
    account = own_chatwoot.account()
    own_chatwoot.inbox(account)
    own_chatwoot.contact(account, "Ana")
    own_chatwoot.insert("contacts", id=2**31 - 1, account_id=account, name="Bia")
    tenant = etl.first_load(own_chatwoot, account)
    own_chatwoot.write("update contacts set name = name || '!'")
    [result] = etl.run(tenant, Mode.FULL)
    assert result.run and result.run.phases["contacts"].updated == 2
    with reader.read(own_chatwoot.dsn) as source:
        assert len(spans.contact_spans(source)) == 1


def without_indexes(chatwoot: FakeChatwoot) -> None:
    """As a restore may come. They refuse what is too long as well."""
    found = chatwoot.conn.execute(
        """select indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
           where c.relnamespace = 'public'::regnamespace and not i.indisprimary"""
    ).fetchall()
    chatwoot.write("drop index " + ", ".join(name for (name,) in found))


@pytest.mark.parametrize("mode", [Mode.INCREMENTAL, Mode.FULL])
def test_no_text_of_a_source_is_too_long_for_an_index_of_ours(etl: Etl, own_chatwoot: FakeChatwoot, mode: Mode) -> None:
    """10 kB of noise in each text column that is read: a row is put aside where the store has an index, and no run fails."""
    without_indexes(own_chatwoot)
    account = own_chatwoot.account()
    inbox = own_chatwoot.inbox(account)
    own_chatwoot.team(account, "Vendas")
    own_chatwoot.label(account, "vip")
    agent = own_chatwoot.agent(account)
    tenant = etl.first_load(own_chatwoot, account)
    tried = set()
    for stream in streams.STREAMS:
        for column in stream.columns:
            # The labels are computed only where the table lacks the column.
            computed = column.computed and column is not columns.LABELS_OF_CONVERSATION
            if column.type != "text" or computed or (stream.name, column.name) == ("events", "name"):
                continue
            conversation = own_chatwoot.conversation(inbox, own_chatwoot.contact(account), assignee_id=agent)
            own_chatwoot.message(conversation, "out", by=agent)
            own_chatwoot.csat(conversation, 4)
            row = own_chatwoot.write(f"select max(id) from {stream.table}")
            own_chatwoot.write(f"alter table {stream.table} alter {column.name} type text")
            own_chatwoot.save(stream.table, row, **{column.name: Random(3).randbytes(5000).hex()})
            tried.add((stream.name, column.name))
    assert {("contacts", "identifier"), ("messages", "content"), ("conversations", "cached_label_list")} < tried
    etl.run(tenant, mode)
    reasons = etl.select(tenant, "select stream, reason from etl_rejects order by reason")
    assert reasons == [("contacts", "email is too long"), ("contacts", "phone_number is too long")]


def test_what_our_database_refuses_is_not_called_a_broken_connection(
    etl: Etl, own_chatwoot: FakeChatwoot, superuser: psycopg.Connection
) -> None:
    without_indexes(own_chatwoot)
    account = own_chatwoot.account()
    tenant = etl.first_load(own_chatwoot, account)
    own_chatwoot.contact(account, identifier=LONG)
    superuser.execute(f"create index too_narrow on contacts (identifier) where tenant_id = {tenant}".encode())
    try:
        [result] = etl.try_run(tenant)
    finally:
        superuser.execute("drop index too_narrow")
    assert result.error and "index row" in result.error and "connection" not in result.error
    etl.run(tenant)
