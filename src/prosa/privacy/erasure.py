"""Erasing a contact: their identity and every text go; times, counts and scores stay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from prosa.conversations import service
from prosa.conversations.model import Owner
from prosa.conversations.states import OPEN, State
from prosa.db import Conn, TenantId
from prosa.privacy.kept_opt_outs import keep_wishes
from prosa.privacy.traces import OF_KEY, REJECTED, Traces, find
from prosa.queue import enqueue
from prosa.tenancy import audit

# Table -> what is set in its rows: every column that may hold the contact's words, or words about them.
ERASED = {
    "messages": "body = '', attributes = null, deleted = true, provider_sid = null, idempotency_key = null",
    "transitions": "reason = case when actor in ('contact', 'closure') or starts_with(actor, 'job:') then reason else '' end",
    "csat_answers": "feedback = null",
    "conversation_facts": "first_message_text = '', last_message_text = '', csat_feedback = null",
    "insights": "lead_name = null, lead_goal = null, fields = '{}', summary = '', next_step = '', evidence = '{}'",
    "webhook_deliveries": "data = jsonb_build_object('owner_id', data -> 'owner_id', 'erased', true)",
    # That something was sent to a provider, when and at what cost, stays; about whom, does not.
    "llm_calls": "messages = '{}', sent_sha256 = null, conversation_id = null",
    # Whether the person agreed with the analysis still counts; what either said with the contact's own words goes.
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
    # A draft that was not sent never will be; one that was still counts, without saying what it said and to whom.
    "drafts": """body = '', variables = '{}', contact_address = 'erased', contact_key = 'erased:' || id, version = version + 1,
      state = case when state in ('drafted', 'approved', 'scheduled') then 'suppressed' else state end,
      reason = case when state in ('drafted', 'approved', 'scheduled') then 'erased' else '' end""",
}


def erase(
    conn: Conn, tenant: TenantId, phone: str, *, secret_keys: Sequence[str], actor: str, now: datetime
) -> Traces:  # fmt: skip
    """Remove the contact's identity and every text. Audited. Raises like `traces.find`.

    Times, counts and scores stay, and so does the wish not to be written to (kept_opt_outs.py). Open conversations that live
    here are closed. What a source mirrors must be erased there too, or a later change brings it back.

    `conn` is the operator's: to a tenant the transition log is append-only.
    """
    traces = find(conn, tenant, phone, secret_keys=secret_keys)
    _close(conn, tenant, traces, actor=actor, now=now)
    values = traces.parameters(tenant)
    kept = keep_wishes(conn, tenant, traces, secret_keys=secret_keys, actor=actor, now=now)
    erased = {}
    conn.execute(  # before the deliveries lose the SID by which these are found
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


def _close(conn: Conn, tenant: TenantId, traces: Traces, *, actor: str, now: datetime) -> None:
    """Close the contact's open conversations that live here."""
    rows = conn.execute(
        """select id, state::text from conversations
           where tenant_id = %s and id = any(%s) and source <> 'chatwoot' order by id for update""",
        [tenant, traces.conversations],
    ).fetchall()
    for conversation, state in rows:
        if State(state) in OPEN:
            service.close(conn, tenant, conversation, on_behalf_of=Owner.SUPPORT, by=actor, now=now)
