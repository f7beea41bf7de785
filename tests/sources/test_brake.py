"""A source that has lost most of what was read of it is not followed until a person says so."""

import pytest
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences

from prosa.facts.refresh import refresh
from prosa.sources import brake
from prosa.sources import etl as service
from prosa.sources.model import Mode


def fill(chatwoot: FakeChatwoot, account: int) -> int:
    """Four conversations of two messages in an inbox, which is returned."""
    inbox = chatwoot.inbox(account)
    for _ in range(4):
        conversation = chatwoot.conversation(inbox, chatwoot.contact(account))
        chatwoot.message(conversation)
        chatwoot.message(conversation, "bot", "Olá")
    return inbox


def test_an_empty_database_in_chatwoots_place_deletes_nothing(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """Nor one in which the account is not there any more. Other accounts of the server are read on."""
    gone, stays = own_chatwoot.account("Gone"), own_chatwoot.account("Stays")
    fill(own_chatwoot, gone)
    own_chatwoot.label(gone, "vip")
    inbox = fill(own_chatwoot, stays)
    one, other = etl.first_load(own_chatwoot, gone), etl.first_load(own_chatwoot, stays)
    before = etl.rows(one)
    for table in ("messages", "conversations", "contacts", "labels", "account_users", "inboxes"):
        own_chatwoot.write(f"delete from {table} where account_id = %s", gone)
    for mode in Mode:
        own_chatwoot.conversation(inbox, own_chatwoot.contact(stays))
        refused, done = sorted(etl.try_run(mode=mode), key=lambda result: result.error is None)
        assert "no inbox of account" in str(refused.error) and done.error is None
        assert etl.rows(one) == before
    assert len(etl.rows(other)["conversations"]) == 4 + len(Mode)
    assert etl.select(one, "select distinct state, error like '%--accept-deletions' from etl_runs order by 1") == [
        ("done", None), ("failed", True)]  # fmt: skip

    service.run(etl.logins, etl.settings.secret_keys, mode=Mode.RECONCILE, refresh=refresh, accept_deletions=True)
    assert differences(etl.rows(one), etl.rows(etl.first_load(own_chatwoot, gone))) == []


@pytest.mark.parametrize("chosen", [False, True])
def test_most_messages_gone_are_a_persons_decision(
    etl: Etl, own_chatwoot: FakeChatwoot, monkeypatch: pytest.MonkeyPatch, chosen: bool
) -> None:
    """As in a database that is being restored: what is new is still read. A smaller choice of inboxes is no loss."""
    monkeypatch.setattr(brake, "LEAST", 4)
    account = own_chatwoot.account()
    inbox = fill(own_chatwoot, account)
    if chosen:
        fill(own_chatwoot, account)
    tenant = etl.first_load(own_chatwoot, account)
    if chosen:
        etl.connect(own_chatwoot, account, tenant=tenant, inboxes=[inbox])
        etl.run(tenant)
    own_chatwoot.write("delete from messages where id > 3")
    own_chatwoot.conversation(inbox, own_chatwoot.contact(account, "new"))
    for mode in Mode:
        [result] = etl.try_run(tenant, mode)
        assert (result.error is None) is (mode is Mode.INCREMENTAL)
    assert result.error and "Of 8 messages that were read, Chatwoot's database has 3 left" in result.error
    rows = etl.rows(tenant)
    assert len(rows["messages"]) == 8 and len(rows["conversations"]) == 5
    service.run(etl.logins, etl.settings.secret_keys, mode=Mode.RECONCILE, refresh=refresh, accept_deletions=True)
    assert len(etl.rows(tenant)["messages"]) == 3
