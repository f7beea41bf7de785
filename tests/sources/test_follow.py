"""Incremental runs: what they must find whatever the clocks say, and what they may cost the source."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences

from prosa.sources import follow
from prosa.sources.follow import LATE_IDS
from prosa.sources.model import Mode


@pytest.fixture
def reader_dsn(own_chatwoot: FakeChatwoot) -> Iterator[str]:
    """A login that may only read, and whose sessions refuse to write."""
    with psycopg.connect(own_chatwoot.dsn, autocommit=True) as conn:
        name = f"reader_{conn.info.dbname}"
        conn.execute(f"create role {name} login password 'reader'".encode())
        conn.execute(f"alter role {name} set default_transaction_read_only = on".encode())
        conn.execute(f"grant select on all tables in schema public to {name}".encode())
        yield f"postgresql://{name}:reader@{conn.info.host}:{conn.info.port}/{conn.info.dbname}"
        conn.execute(f"drop owned by {name}; drop role {name}".encode())


@pytest.mark.parametrize("skew", [0, -30, 30], ids=["true clock", "slow clock", "fast clock"])
def test_a_late_commit_is_not_lost(etl: Etl, chatwoot: FakeChatwoot, skew: int) -> None:
    """Rows of a transaction that was open during a run, stamped before it, by clocks hours off (docs/domain.md, rule 2)."""
    account = chatwoot.account()
    inbox, contact = chatwoot.inbox(account), chatwoot.contact(account)
    conversation = chatwoot.conversation(inbox, contact)
    written = chatwoot.message(conversation)
    tenant = etl.first_load(chatwoot, account)
    chatwoot.skew = timedelta(hours=skew)
    with chatwoot.held() as slow:
        chatwoot.message(conversation, "out", "late answer")
        chatwoot.edit(written, "late edit")
        chatwoot.save("contacts", contact, name="late name")
        chatwoot.message(chatwoot.conversation(inbox, contact), "in", "late conversation")
        chatwoot.resolve(conversation)
    for _ in range(2):  # the second run's watermark lies well behind the stamps
        chatwoot.message(chatwoot.conversation(inbox, contact))
        etl.run(tenant)
    assert "late answer" not in {m["body"] for m in etl.rows(tenant)["messages"]}
    slow.commit()
    slow.close()
    etl.run(tenant)
    bodies = {m["body"] for m in etl.rows(tenant)["messages"]}
    assert {"late answer", "late edit", "late conversation"} <= bodies
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(chatwoot, account))) == []


def test_a_change_of_almost_everything_is_compared_in_ranges(
    etl: Etl, chatwoot: FakeChatwoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a bulk update at the source takes no more memory than a first load. The run after it follows again."""
    account = chatwoot.account()
    inbox, contact = chatwoot.inbox(account), chatwoot.contact(account)
    talks = [chatwoot.conversation(inbox, contact) for _ in range(4)]
    gone = chatwoot.message(talks[0], text="soon gone")
    tenant = etl.first_load(chatwoot, account)
    monkeypatch.setattr(follow, "MANY", 3)
    chatwoot.write("delete from messages where id = %s", gone)  # which no timestamp shows: only a comparison finds it
    chatwoot.write("update conversations set priority = 3, updated_at = now() at time zone 'utc'")
    etl.run(tenant)
    assert {c["priority"] for c in etl.rows(tenant)["conversations"]} == {"urgent"}
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(chatwoot, account))) == []
    monkeypatch.undo()
    chatwoot.message(talks[1], text="after it")
    etl.run(tenant)
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(chatwoot, account))) == []


def test_many_contacts_alone_change_in_two_lanes(
    etl: Etl, chatwoot: FakeChatwoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing then tells how much work each tenant is; both lanes have some all the same."""
    chatwoot.skew = timedelta(hours=-1)  # long before the run
    accounts = [chatwoot.account() for _ in range(2)]
    contacts = [chatwoot.contact(account) for account in accounts]
    for account, contact in zip(accounts, contacts, strict=True):
        chatwoot.conversation(chatwoot.inbox(account), contact)
    tenants = [etl.first_load(chatwoot, account) for account in accounts]
    monkeypatch.setattr(follow, "MUCH", 1)
    for contact in contacts:
        chatwoot.save("contacts", contact, name="Zilda")
    etl.run()
    assert [[c["name"] for c in etl.rows(tenant)["contacts"]] for tenant in tenants] == [["Zilda"], ["Zilda"]]


def test_an_edit_is_found_in_new_versions_too(etl: Etl, chatwoot: FakeChatwoot) -> None:
    """Newer versions touch the message only (docs/domain.md, rule 1): young ones are found at once, old ones at night."""
    chatwoot.touches_conversation = False
    account = chatwoot.account()
    conversation = chatwoot.conversation(chatwoot.inbox(account), chatwoot.contact(account))
    young = chatwoot.message(conversation)
    then = chatwoot.now() - timedelta(hours=25)
    old = chatwoot.message(conversation, created_at=then, updated_at=then)
    chatwoot.update_columns("conversations", conversation, updated_at=then)
    chatwoot.write("select setval('messages_id_seq', %s)", old + 2 * LATE_IDS)  # not among the newest either
    chatwoot.message(chatwoot.conversation(chatwoot.inbox(account), chatwoot.contact(account)), text="newest")
    tenant = etl.first_load(chatwoot, account)
    chatwoot.edit(young, "young")
    chatwoot.delete_message(old)
    etl.run(tenant)
    assert {m["body"] for m in etl.rows(tenant)["messages"]} == {"young", "Oi", "newest"}
    etl.run(tenant, Mode.RECONCILE)
    assert {m["body"] for m in etl.rows(tenant)["messages"]} == {"young", "", "newest"}


def test_a_run_costs_the_source_no_scan_of_messages_and_no_write(
    etl: Etl, own_chatwoot: FakeChatwoot, reader_dsn: str
) -> None:
    """Also while the planner knows nothing, and while the tables are small enough for it to prefer a scan."""
    account = own_chatwoot.account()
    inbox, contact = own_chatwoot.inbox(account), own_chatwoot.contact(account)
    conversations = [own_chatwoot.conversation(inbox, contact) for _ in range(5)]
    for conversation in conversations:
        own_chatwoot.message(conversation)
    tenant = etl.connect(own_chatwoot, account, dsn=reader_dsn)
    chosen = etl.connect(own_chatwoot, account, dsn=reader_dsn, inboxes=[inbox])
    etl.run()
    indexes = own_chatwoot.conn.execute("select indexrelid from pg_index order by 1").fetchall()
    for analyzed in (False, True):
        if analyzed:
            own_chatwoot.write("analyze")
        before = _scans(own_chatwoot)
        etl.run()  # idle
        own_chatwoot.message(conversations[0], "out")
        own_chatwoot.message(own_chatwoot.conversation(inbox, own_chatwoot.contact(account)))
        own_chatwoot.resolve(conversations[1])
        etl.run()
        assert _scans(own_chatwoot) == before
    etl.run(mode=Mode.RECONCILE)
    etl.run(mode=Mode.FULL)
    assert own_chatwoot.conn.execute("select indexrelid from pg_index order by 1").fetchall() == indexes
    assert len(etl.rows(tenant)["messages"]) == len(etl.rows(chosen)["messages"]) == 9


def _scans(chatwoot: FakeChatwoot) -> int:
    """Sequential scans of messages so far; a session reports its own when it ends or is idle."""
    chatwoot.write("select pg_stat_force_next_flush()")
    return int(chatwoot.write("select seq_scan from pg_stat_user_tables where relname = 'messages'"))
