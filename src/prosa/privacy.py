"""What the law gives a contact (LGPD, Art. 18): a copy of everything that is known, and its erasure.

The one place that reaches across the floors: a contact's traces stand in the tables of each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from prosa.conversations import addresses, aliases, service, suppressions
from prosa.conversations.model import Owner
from prosa.conversations.states import OPEN, State
from prosa.db import Conn, TenantId
from prosa.errors import NotFound
from prosa.queue import enqueue
from prosa.tenancy import audit
from prosa.tenancy.features import get_feature

# Tables whose rows hang on a conversation; each is exported whole.
OF_CONVERSATION = ("messages", "transitions", "conversation_events", "csat_answers", "conversation_facts", "insights",
                   "outcomes", "undone_outcomes", "notes", "campaign_members", "drafts", "webhook_deliveries",
                   "ai_results", "message_media", "ad_referrals", "deliveries")  # fmt: skip
# Tables whose rows name the contact by the key of their address, whether or not there was a conversation.
OF_KEY = ("consents", "suppressions")
# What may hold the contact's words, or words about them, in those tables. Times, counts and scores stay: they name nobody.
ERASED = {
    "messages": "body = '', attributes = null, deleted = true, provider_sid = null, idempotency_key = null",
    "transitions": "reason = case when actor in ('contact', 'closure') or starts_with(actor, 'job:') then reason else '' end",
    "csat_answers": "feedback = null",
    "conversation_facts": "first_message_text = '', last_message_text = '', csat_feedback = null",
    "insights": "lead_name = null, lead_goal = null, fields = '{}', summary = '', next_step = '', evidence = '{}'",
    "webhook_deliveries": "data = jsonb_build_object('owner_id', data -> 'owner_id', 'erased', true)",
    # That something was sent, when, to whom and what it cost, stays; about whom does not.
    "llm_calls": "messages = '{}', sent_sha256 = null, conversation_id = null",
    # Whether the person agreed still counts; what was said of the contact's own words does not.
    "insight_corrections": """reason = '',
      judged = case when field in ('lead_name', 'lead_goal') or starts_with(field, 'fields.') then 'true' else judged end,
      said = case when field in ('lead_name', 'lead_goal') or starts_with(field, 'fields.')
             then to_jsonb(judged is not distinct from said) else said end""",
    "ai_results": "result = '{}', error = null",
    "message_media": "url = null, problem = null, state = 'erased'",  # the files: a job removes them from the media store
    "ad_referrals": "click_id = null",
    "outcomes": "note = '', reference = null",
    "undone_outcomes": "reference = null",
    "notes": "body = '…'",  # who wrote, and when, stays
    "campaign_members": "contact_key = 'erased:' || conversation_id",
    "deliveries": """content_variables = null, media_urls = '{}', provider_sid = null,
      problem = case when state = 'queued' then 'empty' else problem end,
      state = case when state = 'queued' then 'refused' else state end""",
    # What was not sent yet never is; what was, still counts without saying to whom or what.
    "drafts": """body = '', variables = '{}', contact_address = 'erased', contact_key = 'erased:' || id, version = version + 1,
      state = case when state in ('drafted', 'approved', 'scheduled') then 'suppressed' else state end,
      reason = case when state in ('drafted', 'approved', 'scheduled') then 'erased' else '' end""",
}
REJECTED = """
  r.tenant_id = %(tenant)s and (
    r.stream = 'contacts' and exists (
      select from contacts p where p.tenant_id = r.tenant_id and p.id = any(%(contacts)s)
        and p.source_id = r.source_id and p.id = r.source_id * 100000000000 + r.external_id)
    or exists (
      select from conversations c where c.tenant_id = r.tenant_id and c.id = any(%(conversations)s)
        and c.source_id = r.source_id and c.external_id::text in (
          case when r.stream = 'conversations' then r.external_id::text end, r.source_row ->> 'conversation_id')))
"""


@dataclass(frozen=True)
class Traces:
    """The rows that are one person: ids of contacts and of conversations, and how many of those a source mirrors.

    `names` are the key of their address and, where the tenant keeps any, their alias (prosa.conversations.aliases). After an
    erasure `erased` says from how many rows of each table something was taken, or which were deleted, and `kept` how many
    wishes not to be written to stay under the alias.
    """

    contacts: list[int]
    conversations: list[int]
    mirrored: int
    key: str
    names: list[str]
    erased: Mapping[str, int] = field(default_factory=dict)
    kept: int = 0

    @property
    def name(self) -> str:
        """The audit log's name for them, which tells no number."""
        return "contact:" + ",".join(map(str, self.contacts))


def find(conn: Conn, tenant: TenantId, phone: str, *, secret_keys: Sequence[str]) -> Traces:
    """Everything of this number (or other address), with and without the ninth digit. Raises BadAddress, NotFound."""
    key = addresses.of_sender(phone).key
    names = aliases.names(conn, tenant, key, secret_keys)
    values = {"tenant": tenant, "key": key, "names": names, "spellings": addresses.spellings(key)}
    contacts = [row[0] for row in conn.execute(
        """select id from contacts where tenant_id = %(tenant)s and (phone = any(%(spellings)s) or address_key = %(key)s)
           order by id""", values).fetchall()]  # fmt: skip
    conversations = conn.execute(
        """select id, source = 'chatwoot' from conversations
           where tenant_id = %(tenant)s and (contact_id = any(%(contacts)s) or (contact_key = %(key)s and source <> 'chatwoot'))
           order by id""",
        values | {"contacts": contacts},
    ).fetchall()
    known = " union all ".join(
        f"select 1 from {table} where tenant_id = %(tenant)s and contact_key = any(%(names)s)" for table in OF_KEY
    )
    if not contacts and not conversations and not conn.execute(known.encode(), values).fetchone():
        raise NotFound("Nothing is known about this number.")
    return Traces(contacts, [row[0] for row in conversations], sum(row[1] for row in conversations), key, names)


def export(
    conn: Conn, tenant: TenantId, phone: str, *, secret_keys: Sequence[str], actor: str
) -> dict[str, list[dict[str, Any]]]:
    """Every row about this number, by table. Audited. Raises as `find`."""
    traces = find(conn, tenant, phone, secret_keys=secret_keys)
    found = {
        "contacts": _rows(conn, tenant, "contacts", "id", traces.contacts),
        "conversations": _rows(conn, tenant, "conversations", "id", traces.conversations),
    }
    for table in OF_CONVERSATION:
        found[table] = _rows(conn, tenant, table, "conversation_id", traces.conversations)
    for table in OF_KEY:
        found[table] = _rows(conn, tenant, table, "contact_key", traces.names)
    sql = f"select r.source_row from etl_rejects r where {REJECTED}"
    found["etl_rejects"] = [row[0] for row in conn.execute(sql.encode(), _parameters(tenant, traces)).fetchall()]
    audit.record(conn, tenant, actor, "contact.export", traces.name)
    return found


def erase(
    conn: Conn, tenant: TenantId, phone: str, *, secret_keys: Sequence[str], actor: str, now: datetime
) -> Traces:  # fmt: skip
    """Remove the contact's identity and every text; times, counts and scores stay. Audited. Raises as `find`.

    So does the wish not to be written to, under a name that tells nobody the number: the contact may come back by an import.

    Open conversations that live here are closed. What a source mirrors must be erased there too, or a later change of it
    brings it back. `conn` is the operator's: the transition log is append-only for a tenant.
    """
    traces = find(conn, tenant, phone, secret_keys=secret_keys)
    _close(conn, tenant, traces, actor=actor, now=now)
    values = _parameters(tenant, traces)
    kept = _keep_wishes(conn, tenant, traces, secret_keys=secret_keys, actor=actor, now=now)
    erased = {}
    conn.execute(  # before the deliveries forget by which name Twilio knows them
        """delete from status_callbacks s using deliveries d where s.tenant_id = %(tenant)s and d.tenant_id = s.tenant_id
             and d.provider_sid = s.provider_sid and d.conversation_id = any(%(conversations)s)""",
        values,
    )
    for table, assignments in ERASED.items():
        sql = f"update {table} set {assignments} where tenant_id = %(tenant)s and conversation_id = any(%(conversations)s)"
        erased[table] = conn.execute(sql.encode(), values).rowcount
    conn.execute(
        """update draft_transitions t set reason = '' from drafts d where t.tenant_id = %(tenant)s and t.to_state = 'rejected'
             and d.tenant_id = t.tenant_id and d.id = t.draft_id and d.conversation_id = any(%(conversations)s)""",
        values,
    )
    for table in OF_KEY:
        sql = f"delete from {table} where tenant_id = %(tenant)s and contact_key = %(key)s"
        erased[table] = conn.execute(sql.encode(), values).rowcount
    enqueue(conn, "media.forget", tenant_id=tenant)
    erased["etl_rejects"] = conn.execute(f"delete from etl_rejects r where {REJECTED}".encode(), values).rowcount
    conn.execute(
        """update conversations set context = null, version = version + 1,
             contact_address = case when contact_address is not null then 'erased:' || id end,
             contact_key = case when contact_key is not null then 'erased:' || id end
           where tenant_id = %(tenant)s and id = any(%(conversations)s)""",
        values,
    )
    conn.execute(
        """update contacts set name = null, phone = null, email = null, identifier = null, address_key = null
           where tenant_id = %(tenant)s and id = any(%(contacts)s)""",
        values,
    )
    after = {"conversations": len(traces.conversations), "opt_outs_kept": kept}
    audit.record(conn, tenant, actor, "contact.erase", traces.name, after=after)
    return replace(traces, erased={table: rows for table, rows in erased.items() if rows}, kept=kept)


def _keep_wishes(
    conn: Conn, tenant: TenantId, traces: Traces, *, secret_keys: Sequence[str], actor: str, now: datetime
) -> int:  # fmt: skip
    """Put what holds of the contact's opt-outs, and of a consent that was taken back, under their alias. Returns how many."""
    values = _parameters(tenant, traces)
    if _said_no(conn, tenant, values):
        conn.execute(
            """insert into suppressions (tenant_id, our_key, contact_key, reason, actor, at)
               select %(tenant)s, %(ours)s, %(key)s, 'word', %(actor)s, %(now)s where not exists (
                 select from suppressions where tenant_id = %(tenant)s and contact_key = any(%(names)s) and lifted_at is null)
               on conflict do nothing""",
            values | {"ours": suppressions.ANY_MIRRORED, "actor": actor, "now": now},
        )
    known = conn.execute(
        """select exists (select from suppressions
             where tenant_id = %(tenant)s and contact_key = any(%(names)s) and lifted_at is null),
             (select id from (select id, granted from consents where tenant_id = %(tenant)s and contact_key = any(%(names)s)
                              order by at desc, id desc limit 1) latest where not granted)""",
        values,
    ).fetchone()
    assert known is not None
    opted_out, withdrawn = known
    conn.execute(
        """delete from consents where tenant_id = %(tenant)s and contact_key = any(%(names)s)
             and id is distinct from %(withdrawn)s""",
        values | {"withdrawn": withdrawn},
    )
    if not opted_out and withdrawn is None:
        return 0
    values["alias"] = aliases.make(conn, tenant, traces.key, secret_keys)
    conn.execute(
        "update consents set contact_key = %(alias)s, evidence = '…' where tenant_id = %(tenant)s and id = %(withdrawn)s",
        values | {"withdrawn": withdrawn},
    )
    conn.execute(
        """insert into suppressions (tenant_id, our_key, contact_key, reason, actor, at)
           select tenant_id, our_key, %(alias)s, reason, actor, at from suppressions
           where tenant_id = %(tenant)s and contact_key = %(key)s and lifted_at is null
           on conflict (tenant_id, contact_key, our_key) do update set lifted_at = null, lifted_by = null""",
        values,
    )
    rows = conn.execute(
        "select from suppressions where tenant_id = %(tenant)s and contact_key = %(alias)s and lifted_at is null",
        values,
    ).rowcount
    return rows + (withdrawn is not None)


def _said_no(conn: Conn, tenant: TenantId, values: Mapping[str, Any]) -> bool:
    """Whether the contact's last word about it was no: what a source mirrors is on no list."""
    feature = get_feature(conn, tenant, "opt_out")
    words = suppressions.words_of(feature.config if feature else {})
    bodies = conn.execute(
        """select body from messages where tenant_id = %(tenant)s and conversation_id = any(%(conversations)s)
             and sender = 'contact' and not deleted and length(body) <= %(longest)s order by created_at desc, id desc""",
        {**values, "longest": suppressions.LONGEST_WORD},
    )
    said = (suppressions.wish(row[0], words) for row in bodies)
    return next((wish for wish in said if wish), None) is suppressions.Wish.OUT


def _close(conn: Conn, tenant: TenantId, traces: Traces, *, actor: str, now: datetime) -> None:
    rows = conn.execute(
        """select id, state::text from conversations
           where tenant_id = %s and id = any(%s) and source <> 'chatwoot' order by id for update""",
        [tenant, traces.conversations],
    ).fetchall()
    for conversation, state in rows:
        if State(state) in OPEN:
            service.close(conn, tenant, conversation, on_behalf_of=Owner.SUPPORT, by=actor, now=now)


def _rows(conn: Conn, tenant: TenantId, table: str, column: str, ids: Sequence[object]) -> list[dict[str, Any]]:
    sql = f"""select to_jsonb(t) - 'tenant_id' from {table} t where tenant_id = %s and {column} = any(%s)
              order by {"id" if column == "id" else f"{column}, t"}"""
    return [row[0] for row in conn.execute(sql.encode(), [tenant, list(ids)]).fetchall()]


def _parameters(tenant: TenantId, traces: Traces) -> dict[str, Any]:
    return {"tenant": tenant, "contacts": traces.contacts, "conversations": traces.conversations,
            "key": traces.key, "names": traces.names}  # fmt: skip
