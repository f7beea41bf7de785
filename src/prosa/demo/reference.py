"""What exists before the first customer writes: accounts, channels, inboxes, people, teams, labels, rules."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg

from prosa.demo.cast import (
    API,
    COMPANIES,
    EMAIL,
    FACEBOOK,
    INSTAGRAM,
    OPERATOR,
    TWILIO,
    WEB,
    WHATSAPP,
    Bot,
    Company,
    Inbox,
)
from prosa.demo.grammar import load
from prosa.demo.rows import insert

PT_BR = 16
"""Chatwoot's number for Brazilian Portuguese."""

Row = dict[str, object]


def label_ids() -> dict[tuple[int, str], int]:
    """The id in `labels` of each account's label."""
    pairs = [(c.account.account_id, label) for c in COMPANIES for label in labels(c)]
    return {pair: number for number, pair in enumerate(pairs, start=1)}


def tag_ids() -> dict[str, int]:
    """The id in `tags` of each label's name: tags are shared by all accounts of an installation."""
    names = sorted({label for company in COMPANIES for label in labels(company)})
    return {name: number for number, name in enumerate(names, start=1)}


def labels(company: Company) -> list[str]:
    """All labels that a company's scenarios use."""
    return sorted({label for s in load(company.account.segment).scenarios for label in s.labels})


def load_reference(conn: psycopg.Connection[Any], *, opened: datetime) -> None:
    """Insert all reference rows; `opened` (naive, UTC) is when the companies began with Chatwoot."""
    stamps: Row = {"created_at": opened, "updated_at": opened}
    insert(conn, "tags", [{"id": number, "name": name} for name, number in tag_ids().items()])
    insert(conn, "users", [_user(OPERATOR.id, OPERATOR.name, OPERATOR.email) | stamps])
    for company in COMPANIES:
        for table, row in _rows(company):
            insert(conn, table, [row | stamps])


def _rows(company: Company) -> Iterator[tuple[str, Row]]:
    account = company.account
    yield "accounts", {"id": account.account_id, "name": account.name, "locale": PT_BR}
    for inbox in company.inboxes:
        yield _channel(inbox, account.account_id)
        yield "inboxes", _inbox(inbox, company)
        if inbox.bot and inbox.bot.sender_type == "AgentBot":
            yield from _agent_bot(inbox.bot, inbox, account.account_id)
    yield from _people(company)
    for number, name in company.teams:
        yield "teams", {"id": number, "name": name, "account_id": account.account_id}
    for (account_id, label), number in label_ids().items():
        if account_id == account.account_id:
            yield "labels", {"id": number, "title": label, "account_id": account_id, "show_on_sidebar": True}
    yield "automation_rules", _off_hours_rule(company)
    yield "campaigns", _campaign(company)


def _off_hours_rule(company: Company) -> Row:
    return {
        "id": company.account.account_id,
        "account_id": company.account.account_id,
        "name": "Resposta fora do horário",
        "event_name": "message_created",
        "conditions": "[]",
        "actions": json.dumps([{"action_name": "send_message", "action_params": [company.off_hours]}]),
    }


def _campaign(company: Company) -> Row:
    return {
        "id": company.account.account_id,
        "display_id": 1,
        "title": "Novidades do mês",
        "message": "Novidades para você",
        "account_id": company.account.account_id,
        "inbox_id": company.inboxes[0].id,
        "sender_id": OPERATOR.id,
        "campaign_type": 1,
    }


def _people(company: Company) -> Iterator[tuple[str, Row]]:
    """Users and their place in the account. Of those who left, at most the row in `users` is kept."""
    account_id = company.account.account_id
    yield "account_users", {"account_id": account_id, "user_id": OPERATOR.id, "role": 1}
    for agent in company.agents:
        if not agent.erased:
            yield "users", _user(agent.id, agent.name, agent.email)
        if agent.gone_after == 1.0:
            yield "account_users", {"account_id": account_id, "user_id": agent.id, "role": 0}
            for inbox in company.inboxes:
                yield "inbox_members", {"user_id": agent.id, "inbox_id": inbox.id}
    for inbox in company.inboxes:
        bot = inbox.bot
        if bot and bot.sender_type == "User":
            yield "users", _user(bot.sender_id, bot.name, f"bot{bot.sender_id}@integracoes.example")
            yield "account_users", {"account_id": account_id, "user_id": bot.sender_id, "role": 0}
        if bot and bot.sender_type == "Captain::Assistant":
            yield "captain_assistants", {"id": bot.sender_id, "name": bot.name, "account_id": account_id}


def _user(user_id: int, name: str, email: str) -> Row:
    return {"id": user_id, "name": name, "email": email, "uid": email, "pubsub_token": f"user-{user_id}"}


def _agent_bot(bot: Bot, inbox: Inbox, account_id: int) -> Iterator[tuple[str, Row]]:
    yield "agent_bots", {"id": bot.sender_id, "name": bot.name, "account_id": account_id}
    yield "agent_bot_inboxes", {"inbox_id": inbox.id, "agent_bot_id": bot.sender_id, "account_id": account_id}


def _inbox(inbox: Inbox, company: Company) -> Row:
    return {
        "id": inbox.id,
        "channel_id": inbox.id,
        "account_id": company.account.account_id,
        "name": inbox.name,
        "channel_type": inbox.channel_type,
        "timezone": company.account.timezone,
        "csat_survey_enabled": inbox.csat,
        "working_hours_enabled": inbox.working_hours,
        "out_of_office_message": company.off_hours if inbox.working_hours else None,
        "greeting_enabled": inbox.greeting is not None,
        "greeting_message": inbox.greeting,
    }


def _channel(inbox: Inbox, account_id: int) -> tuple[str, Row]:
    """The row behind an inbox, in the table of its channel type; it has the inbox's own id."""
    owner: Row = {"id": inbox.id, "account_id": account_id}
    expires = datetime(2027, 1, 1) + timedelta(days=inbox.id)  # noqa: DTZ001  (the column has no zone)
    channels: dict[str, tuple[str, Row]] = {
        WHATSAPP: ("channel_whatsapp", {"phone_number": inbox.address, "provider": "whatsapp_cloud"}),
        TWILIO: (
            "channel_twilio_sms",
            {
                "phone_number": f"whatsapp:{inbox.address}",
                "account_sid": f"AC{inbox.id:032x}",
                "auth_token": "-",
                "medium": 1,
            },
        ),
        INSTAGRAM: (
            "channel_instagram",
            {
                "instagram_id": str(17_841_400_000_000_000 + inbox.id),
                "access_token": "-",
                "expires_at": expires,
            },
        ),
        WEB: ("channel_web_widgets", {"website_url": inbox.address, "website_token": f"site-{inbox.id}"}),
        EMAIL: ("channel_email", {"email": inbox.address, "forward_to_email": f"{inbox.id}@entrada.example"}),
        API: ("channel_api", {"identifier": inbox.address}),
        FACEBOOK: (
            "channel_facebook_pages",
            {"page_id": inbox.address, "user_access_token": "-", "page_access_token": "-"},
        ),
    }
    table, own = channels[inbox.channel_type]
    return table, owner | own
