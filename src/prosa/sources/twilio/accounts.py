"""Tenants' Twilio accounts: connects and disconnects them, finds the one that a webhook is for, gives out credentials."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from prosa.conversations import addresses
from prosa.crypto import decrypt, encrypt
from prosa.db import Conn, TenantId, fetch_all, fetch_one
from prosa.errors import Conflict, Invalid, NotFound
from prosa.gateways.twilio.model import Account
from prosa.settings import Settings
from prosa.tenancy import audit

SANDBOX = "+14155238886"  # Twilio's WhatsApp sandbox: the same number for every account
ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
SERVICE_SID = re.compile(r"MG[0-9a-f]{32}")


@dataclass(frozen=True)
class WebhookAccount:
    """The account that a webhook names. `number_id` and `inbox_id` are None where it does not have the number."""

    tenant_id: TenantId
    account_id: int
    token_encrypted: bytes = field(repr=False)
    number_id: int | None
    inbox_id: int | None


@dataclass(frozen=True)
class Number:
    """One number of an account."""

    id: int
    account_id: int
    account_sid: str
    address: str
    inbox_id: int


def connect(
    conn: Conn, tenant: TenantId, *, account: Account, secret_keys: Sequence[str], numbers: Sequence[str], actor: str,
    name: str = "", parent_sid: str | None = None,
) -> list[str]:  # fmt: skip
    """Connect an account with these numbers to the tenant. Call it again to add numbers or to change the token.

    `conn` is the operator's: only the operator sees whether a number is another tenant's. Twilio is not asked here. Returns
    the numbers in E.164. Raises Invalid, BadAddress, and Conflict for another tenant's number.
    """
    _check_sids(account)
    parsed = list(dict.fromkeys(_own(number) for number in numbers))
    if not parsed:
        raise Invalid("Name at least one number, such as +5511999990000.")
    conn.execute("select pg_advisory_xact_lock(hashtextextended('prosa twilio numbers', 0))")
    for number in parsed:
        _refuse_anothers(conn, tenant, number, account.sid)
    account_id = _save(conn, tenant, account, encrypt(secret_keys, account.token), name, parent_sid)
    for number in parsed:
        _add_number(conn, tenant, account_id, number)
    connected = [number.text for number in parsed]
    audit.record(conn, tenant, actor, "twilio.connect", f"twilio_account:{account_id}",
                 after={"account_sid": account.sid, "numbers": connected})  # fmt: skip
    return connected


def _own(number: str) -> addresses.Address:
    """A number of ours. Raises BadAddress for every other kind of address.

    WhatsApp has no other senders. An SMS may also come from a short code or a name, but those do not belong to one company.
    """
    if addresses.SERVICE.fullmatch(number.strip()):
        raise addresses.BadAddress(
            "A short code or a name cannot be connected: a sender of yours is a whole number, such as +5511999990000."
        )
    parsed = addresses.parse(number)
    if parsed.phone is None:
        raise addresses.BadAddress("A sender of yours must be a telephone number, such as +5511999990000.")
    return parsed


def disconnect(conn: Conn, tenant: TenantId, account_id: int, *, actor: str) -> None:
    """Forget the account with its token and numbers. Nothing is received or sent by it any more. Audited.

    Its conversations stay. If a number is connected again, it goes on in its old inbox. `conn` is the operator's, as in
    `connect`. Raises NotFound if the account is not connected.
    """
    numbers = [number.address for number in list_numbers(conn, tenant) if number.account_id == account_id]
    row = conn.execute(
        "delete from twilio_accounts where tenant_id = %s and id = %s returning account_sid", [tenant, account_id]
    ).fetchone()
    if row is None:
        raise NotFound("There is no such Twilio account.")
    audit.record(conn, tenant, actor, "twilio.disconnect", f"twilio_account:{account_id}",
                 before={"account_sid": row[0], "numbers": numbers})  # fmt: skip


def find_for_webhook(conn: Conn, account_sid: str, our_number: str) -> WebhookAccount | None:
    """The account that a webhook is for, before its tenant is known: `conn` is anonymous. None for an unknown SID.

    `our_number` is the webhook's To (inbound) or From (status), with or without `whatsapp:`.
    """
    sql = "select * from twilio_find(%s, %s)"
    return fetch_one(conn, WebhookAccount, sql, [_storable(account_sid), number_key(our_number)])


def is_connected(conn: Conn, our_number: str) -> bool:
    """Whether some tenant has this number, with whatever account. `conn` is anonymous."""
    row = conn.execute("select twilio_number_exists(%s)", [number_key(our_number)]).fetchone()
    return bool(row and row[0])


def note_unknown(conn: Conn, account_sid: str, our_number: str) -> None:
    """Leave an entry for the operator: a webhook came for a number that nobody has connected. `conn` is anonymous."""
    conn.execute("select unknown_number_seen(%s, %s)", [_storable(account_sid), _storable(our_number)])


def _storable(text: str) -> str:
    return text.replace("\x00", "")


def number_key(our_number: str) -> str:
    """The key of a number of ours. Text that is no number is its own key, and matches nothing."""
    try:
        return addresses.parse(our_number).key
    except addresses.BadAddress:
        return _storable(our_number)[: addresses.LONGEST]


def credentials(conn: Conn, tenant: TenantId, account_id: int, settings: Settings) -> Account:
    """The account with its token in the clear. Raises NotFound, and Invalid where SECRET_KEY does not fit."""
    row = conn.execute(
        """select account_sid, token_encrypted, messaging_service_sid from twilio_accounts
           where tenant_id = %s and id = %s""",
        [tenant, account_id],
    ).fetchone()
    if row is None:
        raise NotFound("There is no such Twilio account.")
    return Account(row[0], decrypt(settings.secret_keys, bytes(row[1])), row[2], settings.twilio_api_base_url)


def find_number(conn: Conn, tenant: TenantId, our_key: str) -> Number | None:
    """The tenant's number of this key, to send from."""
    return next(
        (number for number in list_numbers(conn, tenant) if addresses.matching_key(number.address) == our_key), None
    )


def list_numbers(conn: Conn, tenant: TenantId) -> list[Number]:
    """The tenant's numbers, in the order in which they were connected."""
    sql = """select n.id, n.account_id, a.account_sid, n.address, n.inbox_id
             from twilio_numbers n join twilio_accounts a on a.tenant_id = n.tenant_id and a.id = n.account_id
             where n.tenant_id = %(tenant)s order by n.id"""
    return fetch_all(conn, Number, sql, {"tenant": tenant})


def _check_sids(account: Account) -> None:
    if not ACCOUNT_SID.fullmatch(account.sid):
        raise Invalid("An account SID is AC and 32 hexadecimal digits.")
    if account.messaging_service_sid and not SERVICE_SID.fullmatch(account.messaging_service_sid):
        raise Invalid("A messaging service SID is MG and 32 hexadecimal digits.")
    if not account.token:
        raise Invalid("The auth token is missing.")


def _refuse_anothers(conn: Conn, tenant: TenantId, number: addresses.Address, account_sid: str) -> None:
    row = conn.execute(
        """select t.slug from twilio_numbers n
           join twilio_accounts a on a.tenant_id = n.tenant_id and a.id = n.account_id
           join tenants t on t.id = n.tenant_id
           where n.address_key = %(key)s and n.tenant_id <> %(tenant)s
             and (a.account_sid = %(sid)s or %(key)s <> %(sandbox)s)""",
        {"key": number.key, "tenant": tenant, "sid": account_sid, "sandbox": SANDBOX},
    ).fetchone()
    if row:
        raise Conflict(f"The number {number.text} belongs to the tenant '{row[0]}'.")


def _save(conn: Conn, tenant: TenantId, account: Account, token: bytes, name: str, parent_sid: str | None) -> int:
    row = conn.execute(
        """insert into twilio_accounts as a
             (tenant_id, account_sid, parent_sid, token_encrypted, messaging_service_sid, name)
           values (%s, %s, %s, %s, %s, %s)
           on conflict (tenant_id, account_sid) do update set
             token_encrypted = excluded.token_encrypted, parent_sid = coalesce(excluded.parent_sid, a.parent_sid),
             messaging_service_sid = coalesce(excluded.messaging_service_sid, a.messaging_service_sid),
             name = case when excluded.name = '' then a.name else excluded.name end
           returning id""",
        [tenant, account.sid, parent_sid, token, account.messaging_service_sid, name],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _add_number(conn: Conn, tenant: TenantId, account_id: int, number: addresses.Address) -> None:
    """Add the number, with its former inbox or a new one. A number that is connected already moves to this account."""
    values = {"tenant": tenant, "account": account_id, "address": number.text, "key": number.key}
    moved = conn.execute(
        """update twilio_numbers set account_id = %(account)s, address = %(address)s
           where tenant_id = %(tenant)s and address_key = %(key)s""",
        values,
    ).rowcount
    if not moved:
        conn.execute(
            """with earlier as (
                 select id from inboxes
                 where tenant_id = %(tenant)s and source_id is null and channel = 'whatsapp' and phone = %(address)s
                 order by id limit 1),
               fresh as (
                 insert into inboxes (tenant_id, name, channel, phone)
                 select %(tenant)s, %(address)s, 'whatsapp', %(address)s where not exists (select from earlier)
                 returning id)
               insert into twilio_numbers (tenant_id, account_id, address, address_key, inbox_id)
               select %(tenant)s, %(account)s, %(address)s, %(key)s, id from (table earlier union all table fresh) inbox""",
            values,
        )
