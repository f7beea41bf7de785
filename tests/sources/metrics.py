"""The metrics of docs/metrics.md a second time, naively: in Python, from Chatwoot's tables, one conversation at a time."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]

STATUS = ["open", "resolved", "pending", "snoozed"]
PRIORITY = ["low", "medium", "high", "urgent"]
CHANNEL = {"Channel::Whatsapp": "whatsapp", "Channel::FacebookPage": "facebook", "Channel::WebWidget": "web",
           "Channel::Email": "email", "Channel::Instagram": "instagram", "Channel::Telegram": "telegram",
           "Channel::Api": "api", "Channel::Sms": "sms"}  # fmt: skip


def conversation_rows(conn: psycopg.Connection[Any], account: int, bots: Iterable[int] = ()) -> dict[int, Row]:
    """The columns of docs/metrics.md that Chatwoot decides, by conversation id. `bots` are users that are programs."""
    with conn.cursor(row_factory=dict_row) as cursor:
        read = {table: cursor.execute(f"select * from {table} where account_id = %s".encode(), [account]).fetchall()
                for table in ("conversations", "messages", "inboxes", "contacts", "teams", "reporting_events",
                              "csat_survey_responses")}  # fmt: skip
        users = {row["id"]: row for row in cursor.execute("select id, name from users").fetchall()}
        twilio = {
            row["id"]: row["medium"] for row in cursor.execute("select id, medium from channel_twilio_sms").fetchall()
        }
    children: dict[str, dict[int, list[Row]]] = {}
    for table in ("messages", "reporting_events", "csat_survey_responses"):
        children[table] = defaultdict(list)
        for row in sorted(read[table], key=lambda row: (row["created_at"], row["id"])):
            children[table][row["conversation_id"]].append(row)
    names = {table: {row["id"]: row for row in read[table]} for table in ("inboxes", "contacts", "teams")}
    return {
        c["id"]: _about(c, names, users, twilio)
        | _counted(c, children["messages"][c["id"]], children["reporting_events"][c["id"]], set(bots))
        | _rated(children["csat_survey_responses"][c["id"]])
        for c in read["conversations"]
    }


def _about(c: Row, names: dict[str, dict[int, Row]], users: dict[int, Row], twilio: dict[int, int]) -> Row:
    inbox, contact = names["inboxes"][c["inbox_id"]], names["contacts"].get(c["contact_id"], {})
    channel = CHANNEL.get(inbox["channel_type"])
    if inbox["channel_type"] == "Channel::TwilioSms":
        channel = "whatsapp" if twilio[inbox["channel_id"]] == 1 else "sms"
    return {
        "external_id": c["id"],
        "display_id": c["display_id"],
        "inbox_name": inbox["name"],
        "channel": channel,
        "contact_name": contact.get("name"),
        "contact_phone": contact.get("phone_number") or None,
        "contact_email": contact.get("email") or None,
        "external_status": STATUS[c["status"]],
        "priority": None if c["priority"] is None else PRIORITY[c["priority"]],
        "assignee_name": users.get(c["assignee_id"], {}).get("name"),
        "team_name": names["teams"].get(c["team_id"], {}).get("name"),
        "labels": ";".join(sorted({p.strip() for p in (c["cached_label_list"] or "").split(",")} - {""})),
        **{key: _utc(c[key]) for key in ("created_at", "updated_at", "last_activity_at")},
    }


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)


def attributes(message: Row) -> Row:
    """`content_attributes` as an object, also where a JSON string holds it."""
    value = message["content_attributes"]
    value = json.loads(value) if isinstance(value, str) else value
    return value or {}


def sender(message: Row, bots: set[int]) -> str:
    """Class of a public message, by docs/domain.md, rule 5."""
    said = attributes(message)
    if message["message_type"] == 0:
        return "contact"
    by_hand = message["sender_type"] == "User" and not said.get("automation_rule_id") and not said.get("campaign_id")
    by_hand = by_hand and not (message["additional_attributes"] or {}).get("campaign_id")
    if message["message_type"] == 1 and by_hand and message["sender_id"] not in bots:
        return "agent"
    return "agent" if message["message_type"] == 1 and said.get("external_echo") else "bot"


def _counted(c: Row, messages: list[Row], events: list[Row], bots: set[int]) -> Row:
    chat = [m for m in messages if m["message_type"] != 2]
    public = [m for m in chat if not m["private"]]
    senders = [sender(m, bots) for m in public]
    texts = ["" if attributes(m).get("deleted") else m["content"] for m in public]
    times = [m["created_at"] for m in public]
    closed = c["status"] == 1
    resolutions, openings, handoffs = (
        sorted(e["event_end_time"] or e["created_at"] for e in events if e["name"] == name)
        for name in ("conversation_resolved", "conversation_opened", "conversation_bot_handoff")
    )
    reply = min((t for t, s in zip(times, senders, strict=True) if s == "agent" and t >= c["created_at"]), default=None)
    start = max((h for h in handoffs if reply and h <= reply), default=c["created_at"])
    by_class = {s: senders.count(s) for s in ("contact", "agent", "bot")}
    return {
        "first_message_at": _utc(min(times, default=None)),
        "last_message_at": _utc(max(times, default=None)),
        "first_message_text": texts[0] and texts[0][:500] if texts else None,
        "last_message_text": texts[-1] and texts[-1][:500] if texts else None,
        "last_sender": senders[-1] if senders else None,
        "messages_total": len(public),
        **{f"messages_{s}": n for s, n in by_class.items()},
        "private_notes": len([m for m in chat if m["private"]]),
        "first_response_seconds": (reply - start).total_seconds() if reply else None,
        "resolved_at": _utc(max(resolutions, default=None)),
        "resolution_seconds": (resolutions[-1] - c["created_at"]).total_seconds() if resolutions else None,
        "times_resolved": len(resolutions),
        "times_reopened": len([o for o in openings if resolutions and o >= resolutions[0]]),
        "duration_seconds": (times[-1] - times[0]).total_seconds() if times else None,
        "has_human_reply": by_class["agent"] > 0,
        "never_answered": by_class["contact"] > 0 and by_class["agent"] == 0,
        "awaiting_reply": senders[-1:] == ["contact"] and not closed,
        "bot_resolved": closed and by_class["agent"] == 0 and by_class["bot"] > 0,
        "state": _state(c, messages, events, bots),
        "recency": _recency([t for t, s in zip(times, senders, strict=True) if s == "contact"]),
    }


def _state(c: Row, messages: list[Row], events: list[Row], bots: set[int]) -> str:
    """The conversation states in Chatwoot's words."""
    if c["status"] in (2, 3):
        return ["pending", "idle_timeout"][c["status"] - 2]
    if c["status"] == 0:
        replied = any(sender(m, bots) == "agent" and not m["private"] for m in messages if m["message_type"] == 1)
        return "human_handoff" if replied else "progress"
    resolutions = [(e["event_end_time"] or e["created_at"], e["id"], e["user_id"])
                   for e in events if e["name"] == "conversation_resolved"]  # fmt: skip
    person = max(resolutions)[2] if resolutions else c["assignee_id"]
    return "support_closed" if person is None or person in bots else "agent_closed"


def _recency(contact_times: list[datetime]) -> str | None:
    if not contact_times:
        return None
    hours = (datetime.now(UTC).replace(tzinfo=None) - max(contact_times)).total_seconds() / 3600
    return "recent" if hours < 24 else "medium" if hours < 168 else "cold"


def _rated(answers: list[Row]) -> Row:
    latest = answers[-1] if answers else {}
    return {"csat_rating": latest.get("rating"), "csat_feedback": latest.get("feedback_message")}
