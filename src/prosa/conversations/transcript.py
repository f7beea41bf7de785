"""A conversation to read: its messages, its notes, and the contact's other conversations."""

from dataclasses import dataclass
from datetime import datetime

from prosa.db import Conn, TenantId, fetch_all

LONGEST = 10_000  # characters that are shown of one message: an e-mail may hold megabytes of quotations
MOST = 500  # messages of one conversation that are shown


@dataclass(frozen=True)
class Said:
    """One message, note or notice. `sender` is contact, agent, bot or system; its files are in `media.of_messages`."""

    id: int
    sender: str
    private: bool
    deleted: bool
    status: str | None
    author: str | None
    at: datetime
    body: str


@dataclass(frozen=True)
class Talk:
    """One of the contact's conversations; `about` is what was understood of it, else its last text."""

    id: int
    created_at: datetime
    state: str
    inbox: str | None
    about: str | None


def said(conn: Conn, tenant: TenantId, conversation_id: int, *, limit: int = MOST) -> list[Said]:
    """The last `limit` messages, notes and notices, the oldest first. A deleted one has no text."""
    sql = """select * from (
               select m.id, case when m.sender = 'agent' and a.is_bot then 'bot' else m.sender::text end as sender,
                 m.private, m.deleted, m.status::text, a.name as author, m.created_at as at,
                 case when m.deleted then '' else left(coalesce(m.body, ''), %(longest)s) end as body
               from messages m left join agents a on a.tenant_id = m.tenant_id and a.id = m.agent_id
               where m.tenant_id = %(tenant)s and m.conversation_id = %(id)s
               order by m.created_at desc, m.id desc limit %(limit)s) newest
             order by at, id"""
    values = {"tenant": tenant, "id": conversation_id, "limit": limit, "longest": LONGEST}
    return fetch_all(conn, Said, sql, values)


def history(conn: Conn, tenant: TenantId, contact_id: int, *, limit: int = 50) -> list[Talk]:
    """The contact's conversations, the newest first."""
    sql = """select c.id, c.created_at, c.state::text, i.name as inbox,
               coalesce(nullif(n.summary, ''), f.last_message_text) as about
             from conversations c
             left join inboxes i on i.tenant_id = c.tenant_id and i.id = c.inbox_id
             left join conversation_facts f on f.tenant_id = c.tenant_id and f.conversation_id = c.id
             left join insights n on n.tenant_id = c.tenant_id and n.conversation_id = c.id
             where c.tenant_id = %(tenant)s and c.contact_id = %(contact)s
             order by c.created_at desc, c.id desc limit %(limit)s"""
    return fetch_all(conn, Talk, sql, {"tenant": tenant, "contact": contact_id, "limit": limit})
