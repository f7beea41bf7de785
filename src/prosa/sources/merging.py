"""Merges staged rows into the store, one statement for each stream.

A Target says how the staged rows of a stream become rows of the store, and which of them cannot be read. A row is written
only if it differs, so merging the same rows again costs little and counts as unchanged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from prosa.db.connection import Conn, bigints
from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.streams import Stream
from prosa.sources.model import Phase, Source


@dataclass(frozen=True)
class Target:
    """A stream's table in the store. `{b}` in expressions adds the source's id space, `s` is the staged row."""

    stream: Stream
    table: str
    columns: dict[str, str]  # column -> expression
    key: tuple[str, ...] = ("id",)
    rejects: tuple[tuple[str, str], ...] = ()  # (condition, reason): such rows are put aside
    keeps: str = "true"  # a condition that staged rows must meet to concern this store
    initial: dict[str, str] = field(default_factory=dict)  # columns that only an insert sets


def _impossible(column: str) -> str:
    """Condition: the column holds no possible moment. Chatwoot did not exist before 1990, and no clock is a year ahead."""
    return f"coalesce(s.{column} not between '1990-01-01' and %(latest)s, true)"


def _too_long(column: str) -> tuple[str, str]:
    """Reject texts too long for their index: PostgreSQL would refuse the whole statement above about 2,700 bytes."""
    return f"coalesce(octet_length(s.{column}) > {INDEXABLE}, false)", f"{column} is too long"


INDEXABLE = 1000  # bytes; lower case may take more
CREATED = (_impossible("created_at"), "created_at is missing or impossible")
UPDATED = (_impossible("updated_at"), "updated_at is missing or impossible")
HUMAN = """(s.sender_type = 'User' and not s.campaign and s.attributes ->> 'automation_rule_id' is null
             and s.attributes ->> 'campaign_id' is null) or coalesce(s.attributes ->> 'external_echo', '') = 'true'"""

CHANNELS = """case s.channel_type when 'Channel::TwilioSms' then case s.medium when '1' then 'whatsapp' else 'sms' end
  when 'Channel::FacebookPage' then 'facebook' when 'Channel::WebWidget' then 'web'
  when 'Channel::TwitterProfile' then 'twitter' else lower(replace(coalesce(s.channel_type, ''), 'Channel::', '')) end"""

INBOXES = Target(streams.INBOXES, "inboxes", {
    "name": "coalesce(s.name, '')", "channel": CHANNELS, "phone": "s.phone_number", "timezone": "s.timezone",
    "assigned": "%(chosen)s::bigint[] is null or s.id = any(%(chosen)s)", "removed": "false",
})  # fmt: skip
AGENTS = Target(streams.AGENTS, "agents", {"name": "coalesce(s.name, '')", "email": "s.email", "removed": "false"})
TEAMS = Target(streams.TEAMS, "teams", {"name": "coalesce(s.name, '')", "removed": "false"})
LABELS = Target(streams.LABELS, "labels", {"title": "coalesce(s.title, '')", "color": "s.color"})
CONTACTS = Target(streams.CONTACTS, "contacts", {
    "name": "s.name", "phone": "nullif(s.phone_number, '')", "email": "nullif(s.email, '')",
    "identifier": "nullif(s.identifier, '')", "blocked": "coalesce(s.blocked, false)",
    "created_at": "s.created_at", "updated_at": "s.updated_at",
}, rejects=(CREATED, UPDATED, _too_long("phone_number"), _too_long("email")),
   keeps="%(chosen)s::bigint[] is null or s.inboxes && %(chosen)s::bigint[]")  # fmt: skip
CONVERSATIONS = Target(streams.CONVERSATIONS, "conversations", {
    "source": "'chatwoot'::source_kind", "external_id": "s.id", "display_id": "s.display_id",
    "inbox_id": "{b} + s.inbox_id", "contact_id": "{b} + s.contact_id", "assignee_id": "{b} + s.assignee_id",
    "team_id": "{b} + s.team_id",
    "external_status": "('[0:3]={{open,resolved,pending,snoozed}}'::text[])[s.status]",
    "priority": "('[0:3]={{low,medium,high,urgent}}'::text[])[s.priority]",
    "labels": "case when s.cached_label_list <> '' then coalesce((select array_agg(distinct l order by l) "
              "from unnest(string_to_array(s.cached_label_list, ',')) r, trim(r) l where l <> ''), '{{}}') else '{{}}' end",
    "created_at": "s.created_at", "updated_at": "s.updated_at",
    "last_activity_at": "coalesce(s.last_activity_at, s.updated_at)",
}, rejects=(CREATED, UPDATED,
            (f"s.last_activity_at is not null and {_impossible('last_activity_at')}", "last_activity_at is impossible"),
            ("coalesce(s.status not between 0 and 3, true)", "status is missing or unknown"),
            ("s.inbox_id is null", "inbox_id is missing")),
   keeps="%(chosen)s::bigint[] is null or s.inbox_id = any(%(chosen)s)",
   # A first guess, right for most; apply.derive_states corrects it once the messages are in.
   initial={"state": """case s.status when 2 then 'pending' when 3 then 'idle_timeout'
     when 0 then case when s.first_reply_created_at is null then 'progress' else 'human_handoff' end
     else case when s.assignee_id is null then 'support_closed' else 'agent_closed' end end::conversation_state"""},
)  # fmt: skip
# Hashed once (`is true` keeps it from becoming a join).
IN_STORE = """(s.conversation_id in (select c.id - {b} from conversations c
  where c.tenant_id = %(tenant)s and c.id = any(%(keys)s))) is true"""
MESSAGES = Target(streams.MESSAGES, "messages", {
    "sender": f"""case s.message_type when 0 then 'contact'::message_sender when 2 then 'system'::message_sender
      when 1 then case when {HUMAN} then 'agent'::message_sender else 'bot'::message_sender end
      else 'bot'::message_sender end""",
    "private": "coalesce(s.private, false)",
    "deleted": "coalesce(s.attributes ->> 'deleted', '') = 'true'",
    "status": "('[0:3]={{sent,delivered,read,failed}}'::message_status[])[s.status]",
    "agent_id": "case when s.sender_type = 'User' then {b} + s.sender_id end",
    "created_at": "s.created_at", "updated_at": "s.updated_at",
    "body": "case when coalesce(s.attributes ->> 'deleted', '') = 'true' then '' else s.content end",
}, key=("conversation_id", "id"), rejects=(CREATED, UPDATED,
    ("coalesce(s.message_type not between 0 and 3, true)", "message_type is missing or unknown"),
    ("s.content_attributes is not null and s.attributes is null",
     "content_attributes is not readable JSON")), keeps=IN_STORE)  # fmt: skip
EVENTS = Target(streams.EVENTS, "conversation_events", {
    "kind": "(case s.name when 'conversation_resolved' then 'resolved' when 'conversation_opened' then 'opened' "
            "else 'bot_handoff' end)::event_kind",
    "at": "coalesce(s.event_end_time, s.created_at)", "agent_id": "{b} + s.user_id",
}, key=("conversation_id", "id"), rejects=(CREATED,
    (f"s.event_end_time is not null and {_impossible('event_end_time')}", "event_end_time is impossible")),
    keeps=IN_STORE)  # fmt: skip
CSAT = Target(streams.CSAT, "csat_answers", {
    "rating": "s.rating", "feedback": "s.feedback_message", "created_at": "s.created_at",
}, key=("conversation_id", "id"), rejects=(CREATED,
    ("coalesce(s.rating not between 1 and 5, true)", "rating is missing or unknown")), keeps=IN_STORE)  # fmt: skip
WITHOUT_SOURCE = {"messages", "conversation_events", "csat_answers"}  # tables whose rows hang on their conversation
BY_CONVERSATION = (MESSAGES, EVENTS, CSAT)


def merge(
    conn: Conn, source: Source, target: Target, *, staged: int, fresh: bool = False, keys: Sequence[int] | None = None
) -> Phase:
    """Merge the staged rows of one source into the store. `staged`: how many rows its account has.

    `fresh`: none of the rows can be in the store yet, so nothing is looked up. That makes a first load fast. `keys`: the
    `staged_keys`, if the caller knows them already.
    """
    phase = Phase(target.table)
    values = parameters(source) | {"keys": bigints(staged_keys(conn, source, target) if keys is None else keys)}
    statement = (_INSERT if fresh else _MERGE).format(**_parts(target))
    if not fresh:
        conn.execute(b"set local enable_nestloop = off")
    done = conn.execute(statement.encode(), values)
    if fresh:
        merged = phase.inserted = done.rowcount
    else:
        merged, phase.inserted, phase.updated = done.fetchone() or (0, 0, 0)
    phase.unchanged = merged - phase.inserted - phase.updated
    if target.rejects:
        if not fresh:
            _take_back(conn, target, values)
        if staged != merged:
            phase.rejected = _set_aside(conn, target, values)
    phase.read = merged + phase.rejected
    return phase


def staged_rows(target: Target) -> str:
    """The query that turns staged rows into rows of the store, with the target's `columns`."""
    return _STAGED.format(**_parts(target))


def columns(target: Target) -> str:
    """The columns that a merge writes."""
    return _parts(target)["columns"]


def staged_keys(conn: Conn, source: Source, target: Target) -> list[int]:
    """The ids that the staged conversations have in the store; for other targets, whatever their key begins with."""
    rows = conn.execute(
        f"""select distinct %(base)s + {target.key[0]} from stage_{target.stream.name}
            where account_id = %(account)s and {target.key[0]} is not null""".encode(),
        parameters(source),
    )
    return [row[0] for row in rows]


def parameters(source: Source) -> dict[str, Any]:
    """The parameters of a source's statements."""
    return {
        "tenant": source.tenant_id, "source": source.id, "base": source.base, "account": source.account_id,
        "chosen": source.chosen_inboxes, "latest": datetime.now(UTC) + timedelta(days=365),
    }  # fmt: skip


_STAGED = (
    """select {expressions} from {staged} s where s.account_id = %(account)s and ({keeps}) and not ({unreadable})"""
)
# A conversation's messages, which are read together ever after, lie on one page or two then instead of one page each: the source
# gives them in the order of their creation. (To put them in order among themselves too would take a third longer to sort.)
_INSERT = "insert into {table} ({columns}) " + _STAGED + " order by s.{key_0}"
# The store's rows are read once, by the keys of the staged ones, and hashed. A planner without statistics (a young tenant, a
# staging table) guesses one row, and to look each row up, or to join in a loop, would then read the tenant once a row.
# Of conversations only what is as young as the staged rows is read: mostly they are new, and then that is nothing.
# New rows are inserted plainly, which costs half of what an insert costs that is ready for a conflict.
_MERGE = (
    """with s ({columns}) as materialized ("""
    + _STAGED
    + """),
here as materialized (select {key}, {changing} from {table} where tenant_id = %(tenant)s and {key_0} = any(%(keys)s){within}),
differing as materialized (select s.*, t.{key_0} is null as is_new from s left join here t on {same}
  where t.{key_0} is null or ({t_changing}) is distinct from ({s_changing})),
added as (insert into {table} ({columns}) select {columns} from differing where is_new returning true),
changed as (insert into {table} ({columns}) select {columns} from differing where not is_new
  on conflict (tenant_id, {key}) do update set ({changing}) = row({excluded}) returning true)
select (select count(*) from s), (select count(*) from added), (select count(*) from changed)"""
)


def _parts(target: Target) -> dict[str, str]:
    b = "%(base)s"
    expressions = {
        "tenant_id": "%(tenant)s::bigint",
        **({} if target.table in WITHOUT_SOURCE else {"source_id": "%(source)s::integer"}),
        **{key: f"{b} + s.{key}" for key in target.key},
        **{column: expression.format(b=b) for column, expression in (target.columns | target.initial).items()},
    }
    changing = list(target.columns)
    return {
        "table": target.table,
        "columns": ", ".join(expressions),
        "expressions": ", ".join(expressions.values()),
        "staged": _staged(target),
        "keeps": target.keeps.format(b=b),
        "unreadable": _unreadable(target),
        "changing": ", ".join(changing),
        "t_changing": ", ".join(f"t.{c}" for c in changing),
        "s_changing": ", ".join(f"s.{c}" for c in changing),
        "excluded": ", ".join(f"excluded.{c}" for c in changing),
        "key": ", ".join(target.key),
        "key_0": target.key[0],
        "within": " and id >= (select min(id) from s)" if "id" in target.key[1:] else "",
        "same": " and ".join(f"t.{key} = s.{key}" for key in target.key),
    }


def _staged(target: Target) -> str:
    """The staged rows. Messages come with their attributes, parsed once for each row (`offset 0` keeps it so)."""
    if target is not MESSAGES:
        return f"stage_{target.stream.name}"
    parsed = "select *, readable_json(content_attributes) as attributes from stage_messages"
    return f"({parsed} where account_id = %(account)s offset 0)"


def _set_aside(conn: Conn, target: Target, values: dict[str, Any]) -> int:
    """Keep the staged rows that cannot be read, each with its reason. Returns how many were not put aside in this run before.

    A run may read a row twice: a reconciliation after following, or another try after a lost connection. (The outer query
    sees the table as it was before the insert.)
    """
    reasons = " ".join(f"when {condition} then '{reason}'" for condition, reason in target.rejects)
    keeps = target.keeps.format(b="%(base)s")
    [(count,)] = conn.execute(
        f"""with aside as (
              insert into etl_rejects (tenant_id, source_id, stream, external_id, reason, source_row)
              select %(tenant)s, %(source)s, '{target.stream.name}', s.id, case {reasons} end, to_jsonb(s)
              from {_staged(target)} s
              where s.account_id = %(account)s and s.id is not null and ({keeps}) and ({_unreadable(target)})
              on conflict (tenant_id, source_id, stream, external_id) do update
              set reason = excluded.reason, source_row = excluded.source_row, last_seen_at = now()
              returning tenant_id, source_id, stream, external_id)
            select count(*) from aside left join etl_rejects r using (tenant_id, source_id, stream, external_id)
            where (r.last_seen_at >= (select max(started_at) from etl_runs
                                      where tenant_id = %(tenant)s and source_id = %(source)s)) is not true""".encode(),
        values,
    ).fetchall()
    return int(count)


def _take_back(conn: Conn, target: Target, values: dict[str, Any]) -> None:
    """Delete the rejects whose staged rows can be read now."""
    conn.execute(
        f"""delete from etl_rejects r using {_staged(target)} s
            where r.tenant_id = %(tenant)s and r.source_id = %(source)s and r.stream = '{target.stream.name}'
              and s.account_id = %(account)s and r.external_id = s.id and not ({_unreadable(target)})""".encode(),
        values,
    )


def _unreadable(target: Target) -> str:
    return " or ".join(condition for condition, _ in target.rejects) or "false"
