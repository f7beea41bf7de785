"""Chatwoot 3.x and 4.x, and logins that may read only some of it."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences
from tests.sources.world import World

from prosa.errors import Invalid
from prosa.gateways.chatwoot import reader as chatwoot_reader
from prosa.gateways.chatwoot import streams
from prosa.sources.model import Mode

LACKED = {
    "conversations": ["priority", "cached_label_list", "first_reply_created_at", "team_id", "last_activity_at"],
    "contacts": ["blocked", "identifier"],
    "reporting_events": ["event_end_time", "event_start_time"],
    "messages": ["additional_attributes", "sender_type", "sender_id", "status", "content_attributes"],
    "inboxes": ["timezone"],
}


def test_an_old_version_without_these_columns_is_read(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """What a version lacks is empty, not an error; the resolution's time is then the event's own."""
    world = World(own_chatwoot, unseen=False)
    own_chatwoot.resolve(world.conversations[0])
    for table, columns in LACKED.items():
        for column in columns:
            own_chatwoot.write(f"alter table {table} drop column {column} cascade")
    own_chatwoot.write("drop table labels, teams, csat_survey_responses, channel_sms, channel_whatsapp")
    tenant = etl.first_load(own_chatwoot, world.account)
    etl.run(tenant)
    rows = etl.rows(tenant)
    assert len(rows["conversation_rows"]) == 3 and len(rows["messages"]) == 3 and len(rows["agents"]) == 3
    created = own_chatwoot.write("select created_at from reporting_events order by id desc limit 1")
    assert rows["conversation_rows"][0]["resolved_at"].replace(tzinfo=None) == created
    assert rows["conversation_rows"][0]["labels"] == ""


def test_labels_of_a_version_without_their_column_are_read_from_taggings(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """Chatwoot got `cached_label_list` in December 2023."""
    world = World(own_chatwoot, unseen=False)
    first, second, _ = world.conversations
    own_chatwoot.write("alter table conversations drop column cached_label_list")
    own_chatwoot.write("insert into tags (id, name) values (1, 'venda'), (2, 'urgente'), (3, 'outra')")
    tag = "insert into taggings (tag_id, taggable_type, taggable_id, context) values (%s, %s, %s, %s)"
    for number, kind, context in [(1, "Conversation", "labels"), (2, "Conversation", "labels"),
                                  (3, "Contact", "labels"), (3, "Conversation", "others")]:  # fmt: skip
        own_chatwoot.write(tag, number, kind, first, context)
    tenant = etl.first_load(own_chatwoot, world.account)
    assert [row["labels"] for row in etl.rows(tenant)["conversation_rows"]] == ["urgente;venda", "", ""]
    own_chatwoot.write(tag, 1, "Conversation", second, "labels")
    own_chatwoot.message(second, "activity")  # Chatwoot says so in the conversation
    etl.run(tenant)
    assert [row["labels"] for row in etl.rows(tenant)["conversation_rows"]] == ["urgente;venda", "venda", ""]


def test_an_account_without_a_name_is_connected(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """Empty, or not to be read."""
    account = own_chatwoot.account()
    own_chatwoot.inbox(account)
    own_chatwoot.write("alter table accounts alter name drop not null")
    own_chatwoot.update_columns("accounts", account, name=None)
    assert etl.rows(etl.first_load(own_chatwoot, account))["inboxes"]
    own_chatwoot.write("alter table accounts drop name; alter table inboxes drop name")
    assert etl.rows(etl.first_load(own_chatwoot, account))["inboxes"]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("drop table messages", "messages"),
        ("alter table conversations drop column inbox_id cascade", "conversations.inbox_id"),
        ("alter table reporting_events drop column updated_at", "reporting_events.updated_at"),
        ("alter table account_users drop column user_id cascade", "account_users.user_id"),
    ],
)
def test_what_no_version_lacks_is_named(etl: Etl, own_chatwoot: FakeChatwoot, damage: str, named: str) -> None:
    account = own_chatwoot.account()
    tenant = etl.first_load(own_chatwoot, account)
    own_chatwoot.write(damage)
    [result] = etl.try_run(tenant)
    assert result.error and f" {named} " in f"{result.error} "
    with pytest.raises(Invalid, match=named):
        etl.connect(own_chatwoot, account)


@pytest.fixture
def login(own_chatwoot: FakeChatwoot) -> Iterator[tuple[str, str]]:
    """A login without any right: its name and DSN."""
    with psycopg.connect(own_chatwoot.dsn, autocommit=True) as conn:
        name = f"limited_{conn.info.dbname}"
        conn.execute(f"create role {name} login password 'limited'".encode())
        yield name, f"postgresql://{name}:limited@{conn.info.host}:{conn.info.port}/{conn.info.dbname}"
        conn.execute(f"drop owned by {name}; drop role {name}".encode())


def grant_columns(chatwoot: FakeChatwoot, login: str, *, without: tuple[str, ...] = ()) -> None:
    """Exactly the columns that are asked for, one by one, as a careful administrator would."""
    with chatwoot_reader.read(chatwoot.dsn) as reader:
        known = reader.columns
    wanted = {("accounts", "id"), ("accounts", "name"), ("account_users", "account_id"), ("account_users", "user_id"),
              ("inboxes", "channel_id")}  # fmt: skip
    wanted |= {
        (s.table, name) for s in streams.STREAMS for name in [*(c.name for c in s.columns), "updated_at", "xmin"]
    }
    wanted |= {("messages", "additional_attributes")}
    for table, column in sorted(wanted):
        if column in known.get(table, {}) and f"{table}.{column}" not in without:
            chatwoot.write(f"grant select ({column}) on {table} to {login}")


def test_a_login_that_sees_only_the_columns_it_needs_is_enough(
    etl: Etl, own_chatwoot: FakeChatwoot, login: tuple[str, str]
) -> None:
    """E-mail addresses withheld, and every secret of the channels; departed agents, new rows and reconciliation included."""
    name, dsn = login
    world = World(own_chatwoot, unseen=False)
    grant_columns(own_chatwoot, name, without=("users.email", "contacts.email"))
    tenant = etl.connect(own_chatwoot, world.account, dsn=dsn)
    etl.run(tenant)
    own_chatwoot.message(world.conversations[0], "out", by=world.agents[0])
    own_chatwoot.remove_agent(world.account, world.agents[0])
    gone = own_chatwoot.agent(world.account, "Zé")
    own_chatwoot.save("conversations", world.conversations[1], assignee_id=gone)
    own_chatwoot.remove_agent(world.account, gone)
    etl.run(tenant)
    assert etl.select(tenant, "select name, removed from agents order by id") == [
        ("Ana", True), ("Rui", False), ("Robô", False), ("Zé", True)]  # fmt: skip


def test_channels_of_which_only_the_number_may_be_read_are_passed_over(
    etl: Etl, own_chatwoot: FakeChatwoot, login: tuple[str, str]
) -> None:
    """Without its id nothing tells which inbox a channel is of."""
    name, dsn = login
    account = own_chatwoot.account()
    own_chatwoot.inbox(account)
    grant_columns(own_chatwoot, name)
    own_chatwoot.write(f"grant select (phone_number) on channel_whatsapp to {name}")
    tenant = etl.connect(own_chatwoot, account, dsn=dsn)
    etl.run(tenant)
    assert etl.select(tenant, "select name, phone from inboxes") == [("WhatsApp", None)]


@pytest.mark.parametrize("hidden", ["reporting_events", "labels", "messages"])
def test_a_table_that_may_not_be_read_is_named(
    etl: Etl, own_chatwoot: FakeChatwoot, login: tuple[str, str], hidden: str
) -> None:
    """Also one that some versions lack: without it numbers would be wrong without a word."""
    name, dsn = login
    own_chatwoot.write(f"grant select on all tables in schema public to {name}")
    own_chatwoot.write(f"revoke select on {hidden} from {name}")
    with pytest.raises(
        Invalid, match=rf"{hidden} are missing or not readable by this login\..* deploy/chatwoot-reader\.sql"
    ):
        etl.connect(own_chatwoot, own_chatwoot.account(), dsn=dsn)


# Columns that somebody altered, with what then stands in a row that nothing can be made of, and why that is put aside, if it is.
ALTERED = [
    ("conversations", "display_id", "text", "garbage", None),
    ("conversations", "assignee_id", "text", "99999999999999999999", None),
    ("conversations", "status", "text", "open?", "status is missing or unknown"),
    ("conversations", "last_activity_at", "character varying", "yesterday-ish", None),
    ("contacts", "blocked", "text", "perhaps", None),
    ("messages", "message_type", "text", "1; drop", "message_type is missing or unknown"),
    ("messages", "private", "text", "", None),
    ("messages", "sender_id", "double precision", "1.5", None),
    ("csat_survey_responses", "rating", "text", "five", "rating is missing or unknown"),
]  # fmt: skip


def test_garbage_in_a_column_of_another_type_stops_nothing(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """The other rows are read as ever; a row that cannot do without the value is put aside with its reason."""
    world = World(own_chatwoot, unseen=False)
    tenant = etl.first_load(own_chatwoot, world.account)
    before = etl.rows(tenant)
    for table, column, kind, _, _ in ALTERED:
        own_chatwoot.write(f"alter table {table} alter {column} drop not null, alter {column} type {kind}")
    etl.run(tenant, Mode.FULL)
    assert differences(before, etl.rows(tenant)) == []  # what can be read is read

    aside = set()
    for table, column, _, garbage, reason in ALTERED:
        conversation = own_chatwoot.conversation(world.inboxes[0], own_chatwoot.contact(world.account))
        own_chatwoot.message(conversation, "in")
        own_chatwoot.csat(conversation, 4)
        row = own_chatwoot.write(f"select max(id) from {table}")
        own_chatwoot.save(table, row, **{column: garbage})
        if reason:
            aside.add((table, row, reason))
    for mode in (Mode.INCREMENTAL, Mode.RECONCILE, Mode.FULL):
        etl.run(tenant, mode)
        found = etl.select(tenant, "select stream, external_id, reason from etl_rejects")
        assert {
            ({"csat": "csat_survey_responses"}.get(stream, stream), row, why) for stream, row, why in found
        } == aside
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(own_chatwoot, world.account))) == []


def test_a_column_by_which_rows_are_found_must_have_its_type(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    account = own_chatwoot.account()
    tenant = etl.first_load(own_chatwoot, account)
    own_chatwoot.write("alter table messages alter conversation_id type text")
    [result] = etl.try_run(tenant)
    assert result.error and "messages.conversation_id is text instead of bigint" in result.error


def test_an_older_server_cannot_say_what_can_be_read_and_the_column_is_named(
    etl: Etl, own_chatwoot: FakeChatwoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = own_chatwoot.account()
    tenant = etl.first_load(own_chatwoot, account)
    own_chatwoot.write("alter table conversations alter display_id type text")
    assert etl.try_run(tenant)[0].error is None
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 150000)
    [result] = etl.try_run(tenant)
    assert result.error and "conversations.display_id is text instead of bigint" in result.error
