"""A Chatwoot that exists: its real tables, and verbs that write what Chatwoot writes.

Ids are Chatwoot's own; stamps are the application's clock, which is the database's plus `skew`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Json

from prosa.demo import create_schema

OPEN, RESOLVED, PENDING, SNOOZED = range(4)
DELETED = "This message was deleted"

# What a message of each kind has besides its text: (message_type, private, sender_type, content, additional attributes).
# The string is JSON within a JSON string, as Chatwoot's own coder writes it (docs/domain.md, rule 6).
KINDS: dict[str, tuple[int, bool, str | None, Any, dict[str, Any]]] = {
    "in": (0, False, "Contact", {}, {}),
    "out": (1, False, "User", {}, {}),
    "bot": (1, False, "AgentBot", {}, {}),
    "captain": (1, False, "Captain::Assistant", {}, {}),
    "automation": (1, False, "User", {"automation_rule_id": 3}, {}),
    "automation twice encoded": (1, False, "User", '{"automation_rule_id": 3}', {}),
    "campaign": (1, False, "User", {}, {"campaign_id": 7}),
    "echo": (1, False, None, {"external_echo": True}, {}),
    "note": (1, True, "User", {}, {}),
    "activity": (2, False, None, {}, {}),
    "template": (3, False, None, {}, {}),
}


@dataclass
class FakeChatwoot:
    """`touches_conversation`: an edit of a message saves its conversation too, as until March 2026 (docs/domain.md, rule 1)."""

    dsn: str
    touches_conversation: bool = True
    skew: timedelta = timedelta()
    conn: psycopg.Connection[Any] = field(init=False)
    display_ids: Iterator[int] = field(default_factory=lambda: count(1_000_000))

    def __post_init__(self) -> None:
        self.conn = psycopg.connect(self.dsn, autocommit=True)
        self.conn.execute("set lock_timeout = '5s'")

    @classmethod
    def create(cls, dsn: str) -> "FakeChatwoot":
        """One in the empty database of `dsn`."""
        with psycopg.connect(dsn) as conn:
            create_schema(conn)
        return cls(dsn)

    def now(self) -> datetime:
        """The application's clock, naive UTC."""
        return datetime.now(UTC).replace(tzinfo=None) + self.skew

    def write(self, statement: str, *values: Any) -> Any:
        """Run a statement; its first column, where it returns a row."""
        cursor = self.conn.execute(statement.encode(), values)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def insert(self, table: str, **row: Any) -> int:
        """A row stamped by the application's clock. Returns its id."""
        row = {"created_at": self.now(), "updated_at": self.now()} | row
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(sql.Placeholder() * len(row))
        statement = sql.SQL("insert into {} ({}) values ({}) returning id").format(sql.Identifier(table), names, values)
        return int(self.conn.execute(statement, list(row.values())).fetchone()[0])  # type: ignore[index]

    def save(self, table: str, row_id: int, **changes: Any) -> None:
        """Change a row as Rails' `save` does: with `updated_at`."""
        self.update_columns(table, row_id, **{"updated_at": self.now()} | changes)

    def update_columns(self, table: str, row_id: int, **changes: Any) -> None:
        """Change a row as Rails' `update_columns` does: nothing but what is said."""
        pairs = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in changes)
        statement = sql.SQL("update {} set {} where id = %s").format(sql.Identifier(table), pairs)
        self.conn.execute(statement, [*changes.values(), row_id])

    @contextmanager
    def held(self) -> Iterator[psycopg.Connection[Any]]:
        """What is written in the block waits for the yielded connection's `commit`, also after the block."""
        usual = self.conn
        self.conn = psycopg.connect(self.dsn)
        try:
            yield self.conn
        finally:
            self.conn = usual

    # Accounts and what they have.

    def account(self, name: str = "Acme") -> int:
        """A new account."""
        return self.insert("accounts", name=name)

    def inbox(self, account: int, name: str = "WhatsApp", channel: str = "Channel::Whatsapp") -> int:
        """A new inbox; only WhatsApp has a channel row here."""
        channel_id = 0
        if channel == "Channel::Whatsapp":
            number = self.write("select coalesce(max(id), 0) + 1 from channel_whatsapp")
            channel_id = self.insert("channel_whatsapp", account_id=account, phone_number=f"+5511{number:09}")
        return self.insert("inboxes", account_id=account, channel_id=channel_id, channel_type=channel, name=name)

    def agent(self, account: int, name: str = "Ana") -> int:
        """A new user who works in the account."""
        number = self.write("select coalesce(max(id), 0) + 1 from users")
        user = self.insert("users", name=name, uid=f"u{number}@x.com", email=f"u{number}@x.com")
        self.join(account, user)
        return user

    def join(self, account: int, user: int) -> None:
        """A user begins to work in the account."""
        self.insert("account_users", account_id=account, user_id=user)

    def remove_agent(self, account: int, user: int) -> None:
        """The user leaves the account; the row in `users` stays, since others may share it."""
        self.write("delete from account_users where account_id = %s and user_id = %s", account, user)

    def team(self, account: int, name: str) -> int:
        """A new team."""
        return self.insert("teams", account_id=account, name=name)

    def label(self, account: int, title: str) -> int:
        """A new label."""
        return self.insert("labels", account_id=account, title=title)

    # Contacts.

    def contact(self, account: int, name: str = "Bia", **more: Any) -> int:
        """A new contact."""
        return self.insert("contacts", account_id=account, name=name, **more)

    def merge_contacts(self, base: int, mergee: int, *, touch: bool = True) -> None:
        """The mergee's conversations go to the base, and the mergee goes (Chatwoot's ContactMergeAction)."""
        stamp = ", updated_at = %s" if touch else ""
        values = [base, *([self.now()] if touch else []), mergee]
        self.write(f"update conversations set contact_id = %s{stamp} where contact_id = %s", *values)
        self.write("update messages set sender_id = %s where sender_type = 'Contact' and sender_id = %s", base, mergee)
        if touch:
            self.save("contacts", base)
        self.write("delete from contacts where id = %s", mergee)

    # Conversations.

    def conversation(self, inbox: int, contact: int | None, **more: Any) -> int:
        """A new conversation, open unless `status` says otherwise."""
        account = self.write("select account_id from inboxes where id = %s", inbox)
        row = {"account_id": account, "inbox_id": inbox, "contact_id": contact, "display_id": next(self.display_ids),
               "last_activity_at": self.now()}  # fmt: skip
        return self.insert("conversations", **row | more)

    def resolve(self, conversation: int, by: int | None = None) -> None:
        """By a person, or by a rule."""
        self.save("conversations", conversation, status=RESOLVED, waiting_since=None)
        self._event(conversation, "conversation_resolved", by)

    def reopen(self, conversation: int) -> None:
        """The contact wrote again, or an agent opened it."""
        self.save("conversations", conversation, status=OPEN)
        self._event(conversation, "conversation_opened", None)

    def hand_off(self, conversation: int) -> None:
        """A bot gives the conversation to people."""
        self.save("conversations", conversation, status=OPEN)
        self._event(conversation, "conversation_bot_handoff", None)

    def relabel(self, conversation: int, labels: str | None) -> None:
        """Labels are cached in the conversation, separated by commas."""
        self.save("conversations", conversation, cached_label_list=labels)

    def delete_conversation(self, conversation: int) -> None:
        """Gone from the table, and all that hung on it."""
        for table in ("messages", "csat_survey_responses", "reporting_events"):
            self.write(f"delete from {table} where conversation_id = %s", conversation)
        self.write("delete from conversations where id = %s", conversation)

    def csat(self, conversation: int, rating: int, feedback: str | None = None) -> int:
        """The contact answers the survey."""
        account, contact = self.conn.execute(
            "select account_id, coalesce(contact_id, 0) from conversations where id = %s", [conversation]
        ).fetchone()  # type: ignore[misc]
        survey = self.message(conversation, "template", "Como foi?")
        return self.insert("csat_survey_responses", account_id=account, conversation_id=conversation, message_id=survey,
                           rating=rating, feedback_message=feedback, contact_id=contact)  # fmt: skip

    def _event(self, conversation: int, name: str, user: int | None) -> None:
        account = self.write("select account_id from conversations where id = %s", conversation)
        self.insert("reporting_events", account_id=account, conversation_id=conversation, name=name, user_id=user,
                    event_end_time=self.now(), value=1, value_in_business_hours=0)  # fmt: skip

    # Messages.

    def message(
        self, conversation: int, kind: str = "in", text: str | None = "Oi", *, by: int | None = None, **more: Any
    ) -> int:
        """A new message of one of KINDS; `by` is the user where a user writes."""
        kind_of, private, sender_type, content, additional = KINDS[kind]
        account, inbox, contact = self.conn.execute(
            "select account_id, inbox_id, contact_id from conversations where id = %s", [conversation]
        ).fetchone()  # type: ignore[misc]
        row = {"account_id": account, "inbox_id": inbox, "conversation_id": conversation, "content": text,
               "message_type": kind_of, "private": private, "sender_type": sender_type,
               "sender_id": {"Contact": contact, "User": by, None: None}.get(sender_type, 1),
               "content_attributes": Json(content), "additional_attributes": Json(additional)}  # fmt: skip
        message = self.insert("messages", **row | more)
        self.update_columns("conversations", conversation, updated_at=self.now(), last_activity_at=self.now())
        return message

    def edit(self, message: int, text: str) -> None:
        """Other text."""
        self.save("messages", message, content=text)
        self._touch(message)

    def delete_message(self, message: int) -> None:
        """The row stays, with other content and a mark (docs/domain.md, rule 7)."""
        self.save("messages", message, content=DELETED, content_attributes=Json(json.dumps({"deleted": True})))
        self._touch(message)

    def deliver(self, message: int, status: int) -> None:
        """A delivery report: 1 delivered, 2 read, 3 failed."""
        self.save("messages", message, status=status)
        self._touch(message)

    def _touch(self, message: int) -> None:
        if self.touches_conversation:
            self.write(
                "update conversations set updated_at = %s where id = (select conversation_id from messages where id = %s)",
                self.now(), message,
            )  # fmt: skip
