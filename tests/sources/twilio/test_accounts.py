"""Whose number is it, and with which token did Twilio sign?"""

import pytest

from prosa.conversations.addresses import BadAddress
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Conflict, Invalid
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.sources.twilio import accounts
from twilio_world import Connect, new_number, new_sid


def test_a_webhook_finds_its_account_by_sid_and_number_in_either_spelling(db: Database, connect: Connect) -> None:
    mine = connect(number="+5511987654321")
    for spelling in ("whatsapp:+5511987654321", "+551187654321"):
        with db.anonymous() as conn:
            found = accounts.find_for_webhook(conn, mine.account.sid, spelling)
        assert found and found.tenant_id == mine.tenant and found.inbox_id


def test_a_number_of_another_account_is_not_found_by_this_one(db: Database, connect: Connect) -> None:
    mine, other = connect(), connect()
    with db.anonymous() as conn:
        found = accounts.find_for_webhook(conn, mine.account.sid, other.number)
        assert found and found.number_id is None, "the account's token is known, the number is not its own"
        assert accounts.find_for_webhook(conn, new_sid("AC"), other.number) is None


def test_one_account_may_serve_two_tenants_by_number(db: Database, connect: Connect) -> None:
    a = connect()
    b = connect(account=a.account)
    with db.anonymous() as conn:
        found = [accounts.find_for_webhook(conn, a.account.sid, number) for number in (a.number, b.number)]
    assert [f.tenant_id for f in found if f] == [a.tenant, b.tenant]


def test_a_number_belongs_to_one_tenant(connect: Connect) -> None:
    mine = connect()
    with pytest.raises(Conflict, match="belongs to the tenant"):
        connect(number=mine.number)


@pytest.mark.parametrize("number", ["12345", "CLINICA SOL", "BR.abc123"])
def test_a_sender_of_ours_is_a_whole_number(connect: Connect, number: str) -> None:
    """WhatsApp has no others; of an SMS's short code it is said that it cannot be."""
    with pytest.raises(BadAddress, match=r"sender of yours"):
        connect(number=number)


def test_every_account_has_twilios_sandbox_but_only_once(connect: Connect) -> None:
    mine = connect(number=accounts.SANDBOX)
    assert connect(number=accounts.SANDBOX).number == accounts.SANDBOX
    with pytest.raises(Conflict):
        connect(account=mine.account, number=accounts.SANDBOX)


def test_connecting_again_changes_the_token_and_keeps_the_rest(
    db: Database, settings: Settings, connect: Connect
) -> None:
    mine = connect()
    service = new_sid("MG")
    connect(mine.tenant, account=Account(mine.account.sid, "second", service), number=mine.number)
    connect(mine.tenant, account=Account(mine.account.sid, "third"), number=new_number())
    with db.tenant(mine.tenant) as conn:
        numbers = accounts.list_numbers(conn, mine.tenant)
        account = accounts.credentials(conn, mine.tenant, numbers[0].account_id, settings)
    assert account == Account(mine.account.sid, "third", service)
    assert [n.account_sid for n in numbers] == [mine.account.sid] * 2
    assert numbers[0].inbox_id != numbers[1].inbox_id


def test_a_token_is_never_kept_or_shown_in_the_clear(db: Database, connect: Connect) -> None:
    mine = connect()
    with db.operator() as conn:
        row = conn.execute("select * from twilio_accounts where tenant_id = %s", [mine.tenant]).fetchone()
        log = conn.execute("select after::text from audit_log where tenant_id = %s", [mine.tenant]).fetchall()
    assert mine.account.token not in f"{row} {log} {mine.account}"


@pytest.mark.parametrize(
    ("account", "numbers"),
    [
        (Account("AC123", "t"), ["+5511987654321"]),
        (Account("AC" + "a" * 32, ""), ["+5511987654321"]),
        (Account("AC" + "a" * 32, "t", "XX1"), ["+5511987654321"]),
        (Account("AC" + "a" * 32, "t"), []),
        (Account("AC" + "a" * 32, "t"), ["not a number"]),
        (Account("AC" + "a" * 32, "t"), ["BR.1234567890"]),
    ],
)
def test_what_twilio_could_not_know_is_refused(
    db: Database, settings: Settings, tenant: TenantId, account: Account, numbers: list[str]
) -> None:
    with pytest.raises(Invalid), db.operator() as conn:
        accounts.connect(conn, tenant, account=account, secret_keys=settings.secret_keys, numbers=numbers, actor="test")
