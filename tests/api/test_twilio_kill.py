"""kill -9 between any two steps of receiving and reacting: every accepted message is there once, and its job with it."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.receive_and_die import steps_until_done
from tests.processes import called

from prosa.api.twilio_signature import Webhook
from prosa.conversations import addresses, receiving
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.settings import Settings
from twilio_world import INBOUND, Connect, Connected


def killed_at_every_step(db: Database, settings: Settings, **what: Any) -> int:
    """Try again and again, killed a step later each time, until one comes through. Returns how many it took."""
    given = {"dsn": db.app_dsn, "secret_key": settings.secret_key, "public_url": settings.own_url, **what}
    return int(called(steps_until_done, given))


def signed(mine: Connected, settings: Settings, form: dict[str, str]) -> dict[str, Any]:
    url = settings.own_url + INBOUND
    return asdict(Webhook(url, mine.sign(url, form)["X-Twilio-Signature"], form))


def seen(db: Database, mine: Connected) -> dict[str, Any]:
    """How many rows of each kind the tenant has, and its jobs."""
    with db.operator() as conn:
        counts = {}
        for table in ("conversations", "messages", "message_media", "ad_referrals", "contacts", "transitions"):
            row = conn.execute(f"select count(*) from {table} where tenant_id = %s".encode(), [mine.tenant]).fetchone()
            assert row
            counts[table] = row[0]
        conn.execute("reset role")
        jobs = conn.execute(
            "select task_name from procrastinate_jobs where args ->> 'tenant_id' = %s::text order by task_name",
            [mine.tenant],
        ).fetchall()
    return counts | {"jobs": [task for (task,) in jobs]}


def test_a_webhook_that_twilio_repeats_until_it_is_answered_is_kept_once(
    db: Database, settings: Settings, connect: Connect
) -> None:
    mine = connect()
    form = mine.message(ReferralSourceId="120", MediaUrl0="https://api.twilio.com/a")
    steps = killed_at_every_step(db, settings, webhook=signed(mine, settings, form))
    assert steps > 12, "it was killed on the way"
    assert seen(db, mine) == {
        "conversations": 1, "messages": 1, "message_media": 1, "ad_referrals": 1, "contacts": 1, "transitions": 1,
        "jobs": ["conversations.react", "twilio.fetch_media"],
    }  # fmt: skip


def test_a_text_to_an_open_conversation_is_kept_once(db: Database, settings: Settings, connect: Connect) -> None:
    mine = connect()
    for body in ("oi", "tudo bem?"):
        steps = killed_at_every_step(db, settings, webhook=signed(mine, settings, mine.message(body)))
    assert steps > 2
    found = seen(db, mine)
    assert (found["conversations"], found["messages"], found["jobs"]) == (1, 2, ["conversations.react"] * 2)


def test_a_reaction_that_is_killed_and_run_again_closes_once(
    db: Database, settings: Settings, connect: Connect
) -> None:
    mine = connect()
    pair = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse(mine.number))
    new = NewMessage(Owner.USER, "tchau, obrigado!", provider_sid="SM1")
    with db.tenant(mine.tenant) as conn:
        ours = Policy(timedelta(days=1), timedelta(hours=1))
        kept = receiving.receive(conn, mine.tenant, pair, new, policy=ours, now=datetime.now(UTC))
    reaction = [mine.tenant, kept.conversation.id, kept.message.id]
    assert killed_at_every_step(db, settings, reaction=reaction) > 5
    with db.tenant(mine.tenant) as conn:
        log = conn.execute("select to_state::text from transitions where tenant_id = %s order by id", [mine.tenant])
        assert [state for (state,) in log.fetchall()] == ["pending", "user_closed"]
