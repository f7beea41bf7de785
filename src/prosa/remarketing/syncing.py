"""Fetches the WhatsApp templates of a tenant's providers, with their present approval."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from prosa.db import Database, TenantId
from prosa.errors import ProsaError
from prosa.gateways.chatwoot import rest
from prosa.gateways.chatwoot.rest import Access
from prosa.gateways.twilio import templates as twilio
from prosa.gateways.twilio.model import Account
from prosa.remarketing import whatsapp_templates
from prosa.remarketing.whatsapp_templates import FoundTemplate
from prosa.settings import Settings
from prosa.sources import chatwoot_api
from prosa.sources.model import ID_SPACE
from prosa.sources.twilio import accounts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Provider:
    """What is asked for templates: a Twilio account, or a WhatsApp inbox of a Chatwoot."""

    name: str
    account: str
    at: Account | Access
    inbox: int = 0


def sync_templates(db: Database, tenant: TenantId, *, settings: Settings, now: datetime) -> int:
    """Ask each of the tenant's Twilio accounts and Chatwoot inboxes. Returns how many templates there are.

    The templates of a provider that does not answer stay as they are, and the log says why.
    """
    total = 0
    for provider in _providers(db, tenant, settings):
        try:
            found = list(_templates(provider))
        except ProsaError as error:
            log.warning("templates of %s not read for tenant %s: %s", provider.name, tenant, error)
            continue
        with db.tenant(tenant) as conn:
            total += whatsapp_templates.sync(
                conn, tenant, provider=provider.name, account=provider.account, found=found, now=now
            )
    return total


def _providers(db: Database, tenant: TenantId, settings: Settings) -> list[_Provider]:
    with db.tenant(tenant) as conn:
        ids = dict.fromkeys(number.account_id for number in accounts.list_numbers(conn, tenant))
        connected = [accounts.credentials(conn, tenant, account, settings) for account in ids]
        inboxes = [(inbox, chatwoot_api.access(conn, tenant, source, settings.secret_keys))
                   for source, inbox in chatwoot_api.whatsapp_inboxes(conn, tenant)]  # fmt: skip
    return [
        *(_Provider("twilio", account.sid, account) for account in connected),
        *(_Provider("chatwoot", str(inbox), access, inbox % ID_SPACE) for inbox, access in inboxes if access),
    ]


def _templates(provider: _Provider) -> Iterator[FoundTemplate]:
    """A provider's templates; those without a text, which are media alone, are left out. Raises what the gateways raise."""
    if isinstance(provider.at, Access):
        for each in rest.list_templates(provider.at, provider.inbox):
            yield FoundTemplate(
                f"{each.name} {each.language}", each.name, each.language, each.category, each.body, each.status
            )
        return
    for found in twilio.list_templates(provider.at):
        if found.body:
            yield FoundTemplate(found.content_sid, found.name, found.language, found.category or "", found.body,
                                found.status.lower(), found.rejection_reason or "")  # fmt: skip
