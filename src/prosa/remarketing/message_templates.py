"""The tenant's saved message templates, and the values that fill them for a conversation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import errors

from prosa.db import Conn, TenantId, fetch_all
from prosa.errors import Invalid, NameTaken, NotFound
from prosa.remarketing.policy import Policy
from prosa.remarketing.wording import preview
from prosa.tenancy import audit

COLUMNS = "id, name, body, updated_by, updated_at, archived_at"
NAME = re.compile(r"[^\W\d_](?:['’.-]?[^\W\d_])+")  # two letters at least


@dataclass(frozen=True)
class MessageTemplate:
    """A saved template; `body` is jinja2 (prosa.remarketing.wording)."""

    id: int
    name: str
    body: str
    updated_by: str
    updated_at: datetime
    archived_at: datetime | None


class NoSuchTemplate(NotFound):
    """No template of this tenant has this id."""

    def __init__(self, template_id: int) -> None:
        super().__init__(f"There is no template {template_id}.")


def save(
    conn: Conn, tenant: TenantId, name: str, body: str, *, policy: Policy, actor: str, template_id: int | None = None
) -> MessageTemplate:
    """Add a template, or change the one with this id. A new one takes over the name and the place of an archived one.

    Audited. Raises BadTemplate, NameTaken, NoSuchTemplate, Invalid.
    """
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise Invalid("A template needs a name of up to 120 characters.")
    preview(body, policy.variables)
    values = {"tenant": tenant, "id": template_id, "name": name, "body": body, "actor": actor}
    insert = f"""insert into message_templates (tenant_id, name, body, updated_by)
                 values (%(tenant)s, %(name)s, %(body)s, %(actor)s)
                 on conflict (tenant_id, name) do update set body = excluded.body, updated_by = excluded.updated_by,
                   updated_at = now(), archived_at = null
                 where message_templates.archived_at is not null returning {COLUMNS}"""
    update = f"""update message_templates set name = %(name)s, body = %(body)s, updated_by = %(actor)s,
                   updated_at = now(), archived_at = null
                 where tenant_id = %(tenant)s and id = %(id)s returning {COLUMNS}"""
    try:
        with conn.transaction():
            saved = _rows(conn, insert if template_id is None else update, values)
    except errors.UniqueViolation:
        raise NameTaken(name) from None
    if not saved:
        raise NameTaken(name) if template_id is None else NoSuchTemplate(template_id)
    audit.record(conn, tenant, actor, "template.save", f"template:{saved[0].id}", after={"name": name})
    return saved[0]


def get(conn: Conn, tenant: TenantId, template_id: int) -> MessageTemplate:
    """The template, archived or not. Raises NoSuchTemplate."""
    sql = f"select {COLUMNS} from message_templates where tenant_id = %(tenant)s and id = %(id)s"
    found = _rows(conn, sql, {"tenant": tenant, "id": template_id})
    if not found:
        raise NoSuchTemplate(template_id)
    return found[0]


def list_templates(conn: Conn, tenant: TenantId) -> list[MessageTemplate]:
    """The templates in use, by name."""
    sql = f"""select {COLUMNS} from message_templates where tenant_id = %(tenant)s and archived_at is null
              order by name"""
    return _rows(conn, sql, {"tenant": tenant})


def archive(conn: Conn, tenant: TenantId, template_id: int, *, actor: str) -> None:
    """Take a template out of use. Audited. Raises NoSuchTemplate."""
    sql = "update message_templates set archived_at = now() where tenant_id = %s and id = %s and archived_at is null"
    if not conn.execute(sql, [tenant, template_id]).rowcount:
        raise NoSuchTemplate(template_id)
    audit.record(conn, tenant, actor, "template.archive", f"template:{template_id}")


def values(conn: Conn, tenant: TenantId, conversation_id: int, policy: Policy) -> dict[str, object]:
    """The values that fill a template for this conversation: its insight, the contact's name, the tenant's variables.

    Unknown values are empty texts, so that `{% if objetivo %}` works as expected.
    """
    row = conn.execute(
        """select coalesce(n.lead_name, p.name, ''), coalesce(n.lead_goal, ''), coalesce(n.summary, ''),
             coalesce(n.next_step, ''), coalesce(n.fields, '{}')
           from conversations c
           left join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
           left join insights n on n.tenant_id = c.tenant_id and n.conversation_id = c.id
           where c.tenant_id = %s and c.id = %s""",
        [tenant, conversation_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no conversation {conversation_id}.")
    name, goal, summary, next_step, fields = row
    return {
        "nome": first_name(name), "nome_completo": name if first_name(name) else "", "objetivo": goal, "resumo": summary,
        "proximo_passo": next_step, "campos": fields, "empresa": policy.company, **policy.variables,
    }  # fmt: skip


def first_name(name: str) -> str:
    """The name to address somebody by; empty if the profile's name is a number, or only signs."""
    return next(iter(NAME.findall(name)), "")


def _rows(conn: Conn, sql: str, values: Mapping[str, Any]) -> list[MessageTemplate]:
    return fetch_all(conn, MessageTemplate, sql.encode(), values)
