"""What the remarketing page asks: segments with their sizes, drafts with their contacts and windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prosa.conversations.window import WINDOW
from prosa.dashboards.gate import transaction
from prosa.db import Conn, TenantId
from prosa.facts import listing
from prosa.remarketing import segments, sizes, store, whatsapp_templates
from prosa.remarketing.model import Draft, DraftState
from prosa.remarketing.segments import Segment
from prosa.remarketing.sizes import Size
from prosa.remarketing.store import DraftFilter
from prosa.remarketing.whatsapp_templates import WhatsAppTemplate
from prosa.tenancy.model import Principal

S = DraftState
GROUPS: Mapping[str, tuple[DraftState, ...]] = {
    "review": (S.DRAFTED,),
    "approved": (S.APPROVED,),
    "scheduled": (S.SCHEDULED,),
    "sent": (S.CLAIMED, S.SENT, S.DELIVERED, S.READ, S.REPLIED, S.CONVERTED, S.UNKNOWN),
    "over": (S.REJECTED, S.SUPPRESSED, S.FAILED),
}
ROWS = 25


@dataclass(frozen=True)
class Board:
    """`names` are contacts by conversation, `windows` the ends of the time for free text by draft."""

    segments: Sequence[tuple[Segment, Size]]
    counts: Mapping[DraftState, int]
    drafts: Sequence[Draft]
    names: Mapping[int, str]
    windows: Mapping[int, datetime]
    templates: Mapping[int, WhatsAppTemplate]


@dataclass(frozen=True)
class Members:
    """A segment, how large it is now, and rows of its conversations by the names of docs/metrics.md."""

    segment: Segment
    size: Size
    rows: Sequence[dict[str, Any]]


def board(me: Principal, group: str) -> Board:
    """The drafts of this group, newest first. Never cached: what is approved is what was read."""
    now = datetime.now(UTC)
    with transaction(me) as conn:
        drafts = store.page(conn, me.tenant_id, DraftFilter(states=GROUPS[group]), limit=ROWS)
        known = segments.list_segments(conn, me.tenant_id)
        return Board(
            list(
                zip(known, sizes.sizes(conn, me.tenant_id, [each.definition for each in known], now=now), strict=True)
            ),
            store.counts(conn, me.tenant_id),
            drafts,
            _names(conn, me.tenant_id, drafts),
            _windows(conn, me.tenant_id, drafts),
            {
                number: whatsapp_templates.get(conn, me.tenant_id, number)
                for number in {draft.whatsapp_template_id for draft in drafts}
                if number is not None
            },
        )


def members(me: Principal, segment_id: int, *, skip: int, limit: int) -> Members:
    """Of a segment's conversations these many behind the first `skip`, the newest message first.

    Raises NoSuchSegment.
    """
    now = datetime.now(UTC)
    with transaction(me) as conn:
        segment = segments.get(conn, me.tenant_id, segment_id)
        size, ids = sizes.newest(conn, me.tenant_id, segment.definition, now=now, skip=skip, limit=limit)
        return Members(segment, size, listing.by_id(conn, me.tenant_id, ids))


def _names(conn: Conn, tenant: TenantId, drafts: Sequence[Draft]) -> dict[int, str]:
    sql = """select c.id, p.name from conversations c join contacts p on p.tenant_id = c.tenant_id and p.id = c.contact_id
             where c.tenant_id = %s and c.id = any(%s) and p.name is not null"""
    return dict(conn.execute(sql, [tenant, [draft.conversation_id for draft in drafts]]).fetchall())


def _windows(conn: Conn, tenant: TenantId, drafts: Sequence[Draft]) -> dict[int, datetime]:
    """Free text is accepted for 24 hours after the contact's last message to that number (docs/domain.md, rule 19)."""
    sql = """select d.id, max(f.last_contact_message_at) from drafts d
             join conversations c on c.tenant_id = d.tenant_id and c.contact_id = d.contact_id
               and c.inbox_id is not distinct from d.inbox_id
             join conversation_facts f on f.tenant_id = c.tenant_id and f.conversation_id = c.id
             where d.tenant_id = %s and d.id = any(%s) group by d.id having max(f.last_contact_message_at) is not null"""
    rows = conn.execute(sql, [tenant, [draft.id for draft in drafts]]).fetchall()
    return {draft: at + WINDOW for draft, at in rows}
