"""Who sent a webhook? The account is chosen first, by AccountSid and our number; then its token checks the signature."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import structlog
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from prosa.api.recent_lookups import RecentLookups
from prosa.crypto import decrypt
from prosa.db import Database
from prosa.errors import Forbidden, Invalid, NotFound
from prosa.gateways.twilio import webhooks
from prosa.settings import Settings
from prosa.sources.twilio import accounts
from prosa.sources.twilio.accounts import WebhookAccount

log = structlog.get_logger()

MOST_FIELDS = 500


class BadSignature(Forbidden):
    """Not signed by Twilio, for this address, with the token of the account that has the number."""


class UnknownNumber(NotFound):
    """Nobody has connected this number."""


@dataclass(frozen=True)
class Webhook:
    """A request as it came, unchecked. `url` is what Twilio must have signed: ours by configuration."""

    url: str
    signature: str
    form: dict[str, str]


@dataclass(frozen=True)
class Known:
    """An account that has signed something, and the token that it signs with."""

    account: WebhookAccount
    token: str = field(repr=False)


_accounts: RecentLookups[Known] = RecentLookups()  # by AccountSid and number; a number has one tenant


async def read(request: Request, settings: Settings) -> Webhook:
    """Read the form. Raises Invalid where it is none."""
    query = request.scope["query_string"].decode("latin-1")
    url = settings.own_url + request.scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Invalid("The body must be a form, as Twilio sends it.") from None
    return Webhook(url, request.headers.get("x-twilio-signature", ""), dict(pairs))


async def authenticate(db: Database, settings: Settings, webhook: Webhook, *, our_number: str) -> WebhookAccount:
    """The connected account that a webhook about this number of ours comes from.

    Raises BadSignature: a forged one, one for another URL, an unsigned one, or one of another account than the number's.
    Raises UnknownNumber, and leaves an entry for the operator, where nobody has the number.
    """
    remembered = _accounts.get((webhook.form.get("AccountSid", ""), our_number))
    if remembered is not None and _is_signed(webhook, remembered.token):
        return remembered.account
    return await run_in_threadpool(_look_up, db, settings, webhook, our_number)


def _look_up(db: Database, settings: Settings, webhook: Webhook, our_number: str) -> WebhookAccount:
    if not webhook.signature:
        raise _refused(webhook, "unsigned")
    sid = webhook.form.get("AccountSid", "")
    with db.anonymous() as conn:  # also where the signature does not fit what is remembered: the token may have changed
        account = accounts.find_for_webhook(conn, sid, our_number)
        of_another = (account is None or account.number_id is None) and accounts.is_connected(conn, our_number)
    if of_another:
        raise _refused(webhook, "another account's number")
    token = decrypt(settings.secret_keys, account.token_encrypted) if account is not None else None
    if token is not None and not _is_signed(webhook, token):
        raise _refused(webhook, "signature")
    if account is None or token is None or account.number_id is None:
        raise _unknown(db, sid, our_number)
    return _accounts.put((sid, our_number), Known(account, token)).account


def _refused(webhook: Webhook, reason: str) -> BadSignature:
    log.warning("twilio webhook refused", reason=reason, account_sid=webhook.form.get("AccountSid", "")[:34],
                url=webhook.url.partition("?")[0])  # fmt: skip
    return BadSignature("This request is not signed by Twilio for this address. Is PUBLIC_URL what Twilio calls?")


def _is_signed(webhook: Webhook, token: str) -> bool:
    return bool(webhook.signature) and webhooks.is_signed(webhook.url, webhook.form, webhook.signature, token)


def _unknown(db: Database, sid: str, our_number: str) -> UnknownNumber:
    is_from_twilio = accounts.ACCOUNT_SID.fullmatch(sid) and our_number
    if is_from_twilio:  # only then is there anything to connect
        with db.anonymous() as conn:
            accounts.note_unknown(conn, sid, our_number)
    log.warning("twilio webhook for an unknown number", account_sid=sid[:34])
    return UnknownNumber("This number is not connected here. Connect it with: prosa twilio connect")
