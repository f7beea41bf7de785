"""What is read of Chatwoot: the streams, each the rows of one table."""

from dataclasses import dataclass

from prosa.gateways.chatwoot.columns import (
    ACCOUNT,
    ACCOUNT_OF_AGENT,
    ATTRIBUTES,
    CAMPAIGN,
    CREATED,
    ID,
    INBOXES_OF_CONTACT,
    LABELS_OF_CONVERSATION,
    MEDIUM_OF_CHANNEL,
    PHONE_OF_CHANNEL,
    UPDATED,
    Column,
    text,
)


@dataclass(frozen=True)
class Stream:
    """Rows of one of Chatwoot's tables. `where` narrows it for good."""

    name: str
    table: str
    columns: tuple[Column, ...]
    where: str = "true"


INBOXES = Stream("inboxes", "inboxes", (
    ACCOUNT, ID, text("name"), Column("channel_type", "text"), text("timezone"), PHONE_OF_CHANNEL, MEDIUM_OF_CHANNEL,
))  # fmt: skip
AGENTS = Stream("agents", "users", (ACCOUNT_OF_AGENT, ID, text("name"), text("email")))
TEAMS = Stream("teams", "teams", (ACCOUNT, ID, text("name")))
LABELS = Stream("labels", "labels", (ACCOUNT, ID, text("title"), text("color")))
CONTACTS = Stream("contacts", "contacts", (
    ACCOUNT, ID, text("name"), text("email"), text("phone_number"), text("identifier"),
    Column("blocked", "boolean", substitute="false"), CREATED, UPDATED,
    INBOXES_OF_CONTACT,
))  # fmt: skip
CONVERSATIONS = Stream("conversations", "conversations", (
    ACCOUNT, ID, Column("inbox_id", "bigint"), Column("display_id", "bigint"), Column("contact_id", "bigint"),
    Column("assignee_id", "bigint", substitute="null"), Column("team_id", "bigint", substitute="null"),
    Column("status", "integer"), Column("priority", "integer", substitute="null"), LABELS_OF_CONVERSATION,
    Column("first_reply_created_at", "timestamp", substitute="null"), CREATED, UPDATED,
    Column("last_activity_at", "timestamp", substitute="t.updated_at"),
))  # fmt: skip
MESSAGES = Stream("messages", "messages", (
    # what is always there and of one length first: it is found without walking the rest
    ACCOUNT, Column("conversation_id", "bigint"), ID, CREATED, UPDATED, Column("message_type", "integer"),
    Column("private", "boolean"), CAMPAIGN, Column("status", "integer", substitute="null"),
    Column("sender_id", "bigint", substitute="null"), text("sender_type"), ATTRIBUTES, text("content"),
))  # fmt: skip
EVENTS = Stream("events", "reporting_events", (
    ACCOUNT, Column("conversation_id", "bigint"), ID, Column("name", "text"),
    Column("user_id", "bigint", substitute="null"), Column("event_end_time", "timestamp", substitute="null"), CREATED,
), where="t.conversation_id is not null and t.name in "
         "('conversation_resolved', 'conversation_bot_handoff', 'conversation_opened')")  # fmt: skip
CSAT = Stream("csat", "csat_survey_responses", (
    ACCOUNT, Column("conversation_id", "bigint"), ID, Column("rating", "integer"), text("feedback_message"), CREATED,
))  # fmt: skip
STREAMS = (INBOXES, AGENTS, TEAMS, LABELS, CONTACTS, CONVERSATIONS, MESSAGES, EVENTS, CSAT)
BY_CONVERSATION = (MESSAGES, EVENTS, CSAT)
