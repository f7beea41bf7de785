"""Maps rows of Chatwoot to rows of the store: a Target for each stream, and which rows cannot be read."""

from dataclasses import dataclass, field

from prosa.gateways.chatwoot import streams
from prosa.gateways.chatwoot.streams import Stream


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
   # A first guess, right for most; states.derive corrects it once the messages are in.
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
