"""WhatsApp templates: what Meta has approved, as Twilio or Chatwoot shows it, and filling their variables."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Invalid, NotFound
from prosa.remarketing.model import Via

LONGEST = 1_024  # characters of the template's text plus its variables (docs/domain.md, rule 19; Twilio's error 63021)
APPROVED = "approved"
VARIABLE = re.compile(r"\{\{\s*(\w{1,60})\s*\}\}")
COLUMNS = """id, provider, account, external_id, name, language, category, body, variables, status, rejection_reason, removed,
  synced_at"""


@dataclass(frozen=True)
class FoundTemplate:
    """A template as a provider shows it. `status` is the provider's word in lower case; only `approved` is sent."""

    external_id: str
    name: str
    language: str
    category: str
    body: str
    status: str
    rejection_reason: str = ""

    @property
    def variables(self) -> list[str]:
        """The names of the variables, in the order in which they first occur in the text."""
        return list(dict.fromkeys(VARIABLE.findall(self.body)))


@dataclass(frozen=True)
class WhatsAppTemplate:
    """A template as it is stored."""

    id: int
    provider: str
    account: str
    external_id: str
    name: str
    language: str
    category: str
    body: str
    variables: list[str]
    status: str
    rejection_reason: str
    removed: bool
    synced_at: datetime

    @property
    def is_approved(self) -> bool:
        """Whether it may be sent."""
        return self.status == APPROVED and not self.removed

    def leaves(self, via: Via) -> bool:
        """Whether a message of this template can leave so: each provider knows its own templates. A file holds the text."""
        return via is Via.CSV or self.provider == via


class NoSuchWhatsAppTemplate(NotFound):
    """No WhatsApp template of this tenant has this id."""

    def __init__(self, template_id: int) -> None:
        super().__init__(f"There is no WhatsApp template {template_id}.")


class BadVariables(Invalid):
    """The variables do not fit the template."""


def sync(
    conn: Conn, tenant: TenantId, *, provider: str, account: str, found: Iterable[FoundTemplate], now: datetime
) -> int:
    """Make the table say what the provider says. What it no longer shows is marked as removed. Returns how many it shows."""
    kept = list({template.external_id: template for template in found}.values())
    with conn.cursor() as cur:
        cur.executemany(
            """insert into whatsapp_templates as t (tenant_id, provider, account, external_id, name, language, category,
                 body, variables, status, rejection_reason, synced_at)
               values (%(tenant)s, %(provider)s, %(account)s, %(external_id)s, %(name)s, %(language)s, %(category)s,
                 %(body)s, %(variables)s, %(status)s, %(rejection_reason)s, %(now)s)
               on conflict (tenant_id, provider, account, external_id) do update
               set (name, language, category, body, variables, status, rejection_reason, removed, synced_at)
                 = (excluded.name, excluded.language, excluded.category, excluded.body, excluded.variables,
                    excluded.status, excluded.rejection_reason, false, excluded.synced_at)""",
            [{**vars(template), "variables": template.variables, "tenant": tenant, "provider": provider,
              "account": account, "now": now} for template in kept],
        )  # fmt: skip
    conn.execute(
        """update whatsapp_templates set removed = true, synced_at = %(now)s
           where tenant_id = %(tenant)s and provider = %(provider)s and account = %(account)s and not removed
             and external_id <> all(%(kept)s)""",
        {"tenant": tenant, "provider": provider, "account": account, "now": now,
         "kept": [template.external_id for template in kept]},
    )  # fmt: skip
    return len(kept)


def get(conn: Conn, tenant: TenantId, template_id: int) -> WhatsAppTemplate:
    """The template. Raises NoSuchWhatsAppTemplate."""
    sql = f"select {COLUMNS} from whatsapp_templates where tenant_id = %(tenant)s and id = %(id)s"
    found = _rows(conn, sql, {"tenant": tenant, "id": template_id})
    if not found:
        raise NoSuchWhatsAppTemplate(template_id)
    return found[0]


def may_leave(conn: Conn, tenant: TenantId, template_id: int | None, via: Via) -> bool:
    """Whether a message of this template, or of none, may go by this way at the moment. Raises NoSuchWhatsAppTemplate."""
    if template_id is None:
        return True
    template = get(conn, tenant, template_id)
    return template.is_approved and template.leaves(via)


def list_templates(conn: Conn, tenant: TenantId, *, approved_only: bool = False) -> list[WhatsAppTemplate]:
    """The templates that the providers show, by name and language."""
    only = "and status = 'approved'" if approved_only else ""
    sql = f"""select {COLUMNS} from whatsapp_templates where tenant_id = %(tenant)s and not removed {only}
              order by name, language, id"""
    return _rows(conn, sql, {"tenant": tenant})


def fill(template: WhatsAppTemplate, variables: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The text that the contact will read, and the variables as they are sent. Raises BadVariables.

    Meta refuses empty variables, and those with line breaks, tabs or more than four spaces in a row; runs of white space become
    one space. Text and variables both count towards the length, as Twilio counts.
    """
    missing = [name for name in template.variables if not variables.get(name, "").strip()]
    if missing or set(variables) - set(template.variables):
        wanted = ", ".join(template.variables) or "none"
        raise BadVariables(f"The template '{template.name}' has these variables, and none may be empty: {wanted}.")
    clean = {name: " ".join(variables[name].split()) for name in template.variables}
    length = len(template.body) + sum(map(len, clean.values()))
    if length > LONGEST:
        raise BadVariables(f"Text and variables have {length} characters; WhatsApp takes {LONGEST}.")
    return VARIABLE.sub(lambda match: clean[match[1]], template.body), clean


def _rows(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[WhatsAppTemplate]:
    return fetch_all(conn, WhatsAppTemplate, sql.encode(), values)
