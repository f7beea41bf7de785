"""Nothing is lost, nothing is invented, and whoever receives can check who sent it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from tests.receiver import Receiver, receiving

from prosa.conversations import addresses, messages, service, timers
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Invalid
from prosa.tenancy import audit
from prosa.tenancy.webhooks import EventType, delivering, emit, store
from prosa.tenancy.webhooks import service as webhooks
from prosa.tenancy.webhooks.model import (
    CHOSEN,
    LEASE,
    MOST_ENDPOINTS,
    WAITS,
    Delivery,
    DeliveryState,
    EndpointOff,
    NewSecret,
    NoSuchDelivery,
    NoSuchEndpoint,
    Outcome,
    TooManyEndpoints,
)
from prosa.tenancy.webhooks.pacing import Paces

KEYS = ["test-secret-key"]
DAY = timedelta(days=1)


class Tenant:
    """A tenant with a receiver of its own."""

    def __init__(self, db: Database, tenant: TenantId, receiver: Receiver) -> None:
        self.db, self.id, self.receiver = db, tenant, receiver

    def listen(self, *kinds: EventType, url: str | None = None) -> NewSecret:
        """Add an endpoint for these kinds of events, or for all."""
        with self.db.tenant(self.id) as conn:
            return webhooks.add_endpoint(
                conn, self.id, url=url or f"{self.receiver.url}/hook", event_types=kinds or CHOSEN, note="", actor="test",
                secret_keys=KEYS, loopback=True,
            )  # fmt: skip

    def tell(self, kind: EventType = EventType.MESSAGE_RECEIVED, **data: Any) -> None:
        """Something happens."""
        with self.db.tenant(self.id) as conn:
            emit(conn, self.id, kind, data)

    def deliveries(self, endpoint: int) -> list[Delivery]:
        """The newest first."""
        with self.db.tenant(self.id) as conn:
            return store.deliveries(conn, self.id, endpoint, state=None, before=None, limit=100)

    def deliver(self, delivery: int, now: datetime | None = None) -> Outcome | None:
        """What the job does."""
        now = now or datetime.now(UTC)
        return delivering.deliver(self.db, self.id, delivery, paces=Paces(), secret_keys=KEYS, now=now, loopback=True)

    def sent(self) -> list[dict[str, Any]]:
        """What the receiver got."""
        return [json.loads(body) for _, _, body in self.receiver.requests]


@pytest.fixture
def me(db: Database, tenant: TenantId) -> Iterator[Tenant]:
    """A tenant of this test's own."""
    with receiving() as receiver:
        yield Tenant(db, tenant, receiver)


def test_what_is_sent_is_signed_by_standard_webhooks(me: Tenant) -> None:
    new = me.listen(EventType.LEAD_CREATED)
    me.tell(EventType.LEAD_CREATED, name="Júlia")
    outcome = me.deliver(me.deliveries(new.endpoint.id)[0].id)
    assert outcome and outcome.response_code == 200
    [(path, headers, body)] = me.receiver.requests
    told = Webhook(new.secret).verify(body, headers)
    assert path == "/hook"
    assert told["type"] == "lead.created"
    assert told["data"]["name"] == "Júlia"
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    assert headers["webhook-id"] == f"msg_{me.deliveries(new.endpoint.id)[0].message_id}"
    with pytest.raises(WebhookVerificationError):
        Webhook(new.secret).verify(body + b" ", headers)


def test_only_who_listens_is_told(me: Tenant, server: EmbeddedServer) -> None:
    leads, closed = me.listen(EventType.LEAD_CREATED), me.listen(EventType.CONVERSATION_CLOSED)
    me.tell(EventType.LEAD_CREATED)
    me.tell(EventType.MESSAGE_RECEIVED)
    assert [d.type for d in me.deliveries(leads.endpoint.id)] == ["lead.created"]
    assert me.deliveries(closed.endpoint.id) == []
    with psycopg.connect(server.dsn("prosa")) as conn:
        jobs = conn.execute(
            "select count(*) from procrastinate_jobs where task_name = 'webhooks.deliver' and (args ->> 'tenant_id')::int = %s",
            [me.id],
        ).fetchone()
    assert jobs == (1,)


def test_an_event_belongs_to_the_transaction_that_caused_it(me: Tenant) -> None:
    new = me.listen()
    with pytest.raises(ZeroDivisionError), me.db.tenant(me.id) as conn:
        emit(conn, me.id, EventType.LEAD_CREATED, {})
        raise ZeroDivisionError
    assert me.deliveries(new.endpoint.id) == []


def test_a_conversations_life_is_told(me: Tenant) -> None:
    new = me.listen()
    policy, now = Policy(DAY, timedelta(hours=1)), datetime.now(UTC)
    pair = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))
    said = [(Owner.USER, "Bom dia!"), (Owner.AGENT, "Olá"), (Owner.USER, "Era só isso, obrigada! Tchau!"),
            (Owner.USER, "na verdade, mais uma coisa")]  # fmt: skip
    with me.db.tenant(me.id) as conn:
        conversation = service.open_conversation(conn, me.id, pair, policy=policy, by="apikey:1", now=now).conversation
        for owner, body in said:
            new_message = NewMessage(owner, body)
            messages.add_message(conn, me.id, conversation.id, new_message, policy=policy, by="apikey:1", now=now)
        assert timers.expire_due(conn, me.id, now=now + 2 * DAY) == 1
    for delivery in reversed(me.deliveries(new.endpoint.id)):
        me.deliver(delivery.id)
    assert [(told["type"], told["data"].get("reason")) for told in me.sent()] == [
        ("conversation.opened", "opened"), ("message.received", None), ("conversation.handed_over", "reply"),
        ("message.received", None), ("conversation.closed", "farewell"), ("conversation.opened", "afterthought"),
        ("message.received", None), ("conversation.closed", "expired"),
    ]  # fmt: skip
    message = me.sent()[1]["data"]["message"]
    assert (message["body"], message["from_number"], message["message_owner"]) == ("Bom dia!", "+5511987654321", "user")
    assert me.sent()[1]["data"]["owner_id"]


def test_failures_are_tried_again_by_the_schedule_and_then_given_up(me: Tenant) -> None:
    new = me.listen()
    me.receiver.status = 500
    me.tell()
    delivery = me.deliveries(new.endpoint.id)[0].id
    now = datetime.now(UTC)
    for wait in WAITS[:5]:  # for the sixth the endpoint would be switched off first
        me.deliver(delivery, now)
        seen = me.deliveries(new.endpoint.id)[0]
        assert (seen.state, seen.response_code) == (DeliveryState.PENDING, 500)
        assert seen.next_try_at
        assert wait <= seen.next_try_at - now <= wait * 1.1
        assert me.deliver(delivery, now + wait / 2) is None  # not before its time
        now = seen.next_try_at
    me.receiver.status = 200
    me.deliver(delivery, now)
    assert me.deliveries(new.endpoint.id)[0].state is DeliveryState.DELIVERED
    assert me.deliver(delivery, now + DAY) is None
    ids = {headers["webhook-id"] for _, headers, _ in me.receiver.requests}
    assert (len(me.receiver.requests), len(ids)) == (6, 1)


def test_the_last_try_is_the_last(me: Tenant) -> None:
    new = me.listen(url="https://nobody.invalid/")
    me.tell()
    delivery, now = me.deliveries(new.endpoint.id)[0].id, datetime.now(UTC)
    with me.db.tenant(me.id) as conn:
        conn.execute("update webhook_deliveries set attempts = %s where tenant_id = %s", [len(WAITS), me.id])
    outcome = me.deliver(delivery, now)
    assert outcome and outcome.error == "the host's name is unknown"
    assert me.deliveries(new.endpoint.id)[0].state is DeliveryState.FAILED


def test_after_a_day_of_failures_the_endpoint_is_switched_off_with_a_note(me: Tenant) -> None:
    new = me.listen()
    me.receiver.status = 503
    now = datetime.now(UTC)
    for hours in (0, 23, 24):
        me.tell()
        me.deliver(me.deliveries(new.endpoint.id)[0].id, now + timedelta(hours=hours))
        with me.db.tenant(me.id) as conn:
            endpoint = webhooks.get_endpoint(conn, me.id, new.endpoint.id)
        assert endpoint.enabled is (hours < 24)
    assert endpoint.switched_off_reason == "No delivery has succeeded for a day. The last answer: code 503."
    assert {d.state for d in me.deliveries(new.endpoint.id)} == {DeliveryState.FAILED}
    with me.db.tenant(me.id) as conn:
        assert audit.list_entries(conn, me.id)[0].action == "webhook.switch_off"
    me.tell()
    assert len(me.deliveries(new.endpoint.id)) == 3  # nothing more is written for it


def test_one_success_ends_the_day_of_failures(me: Tenant) -> None:
    new = me.listen()
    now = datetime.now(UTC)
    for hours, status in ((0, 500), (23, 200), (25, 500)):
        me.receiver.status = status
        me.tell()
        me.deliver(me.deliveries(new.endpoint.id)[0].id, now + timedelta(hours=hours))
    with me.db.tenant(me.id) as conn:
        assert webhooks.get_endpoint(conn, me.id, new.endpoint.id).enabled


def test_an_address_that_says_gone_is_switched_off_at_once(me: Tenant) -> None:
    new = me.listen()
    me.receiver.status = 410
    me.tell()
    me.deliver(me.deliveries(new.endpoint.id)[0].id)
    with me.db.tenant(me.id) as conn:
        assert (
            webhooks.get_endpoint(conn, me.id, new.endpoint.id).switched_off_reason == "The address answered 410 Gone."
        )


def test_failed_deliveries_are_replayed_under_their_old_ids(me: Tenant) -> None:
    new = me.listen()
    endpoint, now = new.endpoint.id, datetime.now(UTC)
    for n in range(3):
        me.tell(n=n)
    me.receiver.status = 410
    me.deliver(me.deliveries(endpoint)[-1].id, now)
    with me.db.tenant(me.id) as conn, pytest.raises(EndpointOff):
        webhooks.replay(conn, me.id, endpoint, actor="test", now=now, failed_since=now - DAY)
    with me.db.tenant(me.id) as conn:
        webhooks.change_endpoint(conn, me.id, endpoint, actor="test", enabled=True)
        assert webhooks.replay(conn, me.id, endpoint, actor="test", now=now, failed_since=now + DAY) == 0
        assert webhooks.replay(conn, me.id, endpoint, actor="test", now=now, failed_since=now - DAY) == 3
    me.receiver.status = 200
    for delivery in me.deliveries(endpoint):
        me.deliver(delivery.id, now + timedelta(seconds=1))
    assert sorted(told["data"]["n"] for told in me.sent()) == [0, 0, 1, 2]
    assert len({headers["webhook-id"] for _, headers, _ in me.receiver.requests}) == 3
    with me.db.tenant(me.id) as conn:
        last = me.deliveries(endpoint)[0].id
        assert webhooks.replay(conn, me.id, endpoint, actor="test", now=now, delivery_id=last) == 1
        with pytest.raises(NoSuchDelivery):
            webhooks.replay(conn, me.id, endpoint, actor="test", now=now, delivery_id=2**40)


def test_after_a_rotation_both_secrets_sign_for_a_day(me: Tenant) -> None:
    new = me.listen()
    now = datetime.now(UTC)
    for asked in (now, now - 2 * DAY):  # the second rotation is two days old
        with me.db.tenant(me.id) as conn:
            rotated = webhooks.rotate_secret(conn, me.id, new.endpoint.id, actor="test", secret_keys=KEYS, now=asked)
        me.tell()
        me.deliver(me.deliveries(new.endpoint.id)[0].id, now + timedelta(seconds=1))
        _, headers, body = me.receiver.requests[-1]
        assert Webhook(rotated.secret).verify(body, headers)
        assert len(headers["webhook-signature"].split()) == (2 if asked == now else 1)
        if asked == now:
            assert Webhook(new.secret).verify(body, headers)


def test_a_secret_is_stored_encrypted(me: Tenant, server: EmbeddedServer) -> None:
    new = me.listen()
    with psycopg.connect(server.dsn("prosa")) as conn:
        row = conn.execute("select w::text from webhook_endpoints w where tenant_id = %s", [me.id]).fetchone()
    assert row and new.secret.removeprefix("whsec_") not in row[0]


def test_a_delivery_whose_worker_was_killed_is_taken_up(me: Tenant) -> None:
    new = me.listen()
    me.tell()
    delivery, now = me.deliveries(new.endpoint.id)[0].id, datetime.now(UTC)
    with me.db.tenant(me.id) as conn:
        assert store.claim(conn, me.id, delivery, now=now)  # and then the process ends
    assert me.deliver(delivery, now + LEASE / 2) is None  # another worker leaves it alone
    with me.db.operator() as conn:
        assert (me.id, delivery) in store.overdue(conn, until=now + LEASE, limit=1000)
    assert me.deliver(delivery, now + LEASE)


def test_a_private_address_is_not_called_even_if_it_was_stored(me: Tenant) -> None:
    new = me.listen()
    me.tell()
    delivery = me.deliveries(new.endpoint.id)[0].id
    outcome = delivering.deliver(me.db, me.id, delivery, paces=Paces(), secret_keys=KEYS, now=datetime.now(UTC))
    assert outcome and outcome.response_code is None
    assert me.receiver.requests == []


def test_an_endpoint_needs_a_public_url_and_an_event_type(me: Tenant) -> None:
    for url, kinds in (("https://10.0.0.1/", CHOSEN), ("http://example.com/", CHOSEN), ("https://example.com/", ()),
                       ("https://example.com/", (EventType.TEST,))):  # fmt: skip
        with me.db.tenant(me.id) as conn, pytest.raises(Invalid):
            webhooks.add_endpoint(conn, me.id, url=url, event_types=kinds, note="", actor="test", secret_keys=KEYS)


def test_a_tenant_has_so_many_endpoints_and_no_more(me: Tenant) -> None:
    def add(_: int) -> bool:
        try:
            return bool(me.listen())
        except TooManyEndpoints:
            return False

    with ThreadPoolExecutor(8) as callers:  # none slips in between the count and the row of another
        assert sum(callers.map(add, range(MOST_ENDPOINTS + 4))) == MOST_ENDPOINTS


def test_another_tenants_endpoint_does_not_exist(me: Tenant, make_tenant: Callable[..., TenantId]) -> None:
    endpoint, other = me.listen().endpoint.id, make_tenant()
    with me.db.tenant(other) as conn:
        emit(conn, other, EventType.LEAD_CREATED, {})
        for ask in (
            lambda: webhooks.get_endpoint(conn, other, endpoint),
            lambda: webhooks.send_test(conn, other, endpoint, actor="test"),
            lambda: webhooks.delete_endpoint(conn, other, endpoint, actor="test"),
        ):
            with pytest.raises(NoSuchEndpoint):
                ask()
    assert me.deliveries(endpoint) == []


def test_what_is_over_is_forgotten_and_what_waits_is_kept(me: Tenant) -> None:
    new = me.listen()
    me.tell()
    me.tell()
    done, waiting = (delivery.id for delivery in me.deliveries(new.endpoint.id))
    me.deliver(done)
    with me.db.operator() as conn:
        store.forget(conn, before=datetime.now(UTC) + DAY)
    assert [delivery.id for delivery in me.deliveries(new.endpoint.id)] == [waiting]


def test_a_try_that_is_put_off_is_no_try_and_comes_again(me: Tenant, server: EmbeddedServer) -> None:
    new = me.listen()
    me.tell()
    delivery, now, paces = me.deliveries(new.endpoint.id)[0].id, datetime.now(UTC), Paces()
    with paces.turn((me.id, new.endpoint.id)):
        paces.note((me.id, new.endpoint.id), 10, answered=False)
    assert delivering.deliver(me.db, me.id, delivery, paces=paces, secret_keys=KEYS, now=now, loopback=True) is None
    seen = me.deliveries(new.endpoint.id)[0]
    assert (seen.state, seen.attempts, me.receiver.requests) == (DeliveryState.PENDING, 0, [])
    with psycopg.connect(server.dsn("prosa")) as conn:
        later = conn.execute(
            """select count(*) from procrastinate_jobs where task_name = 'webhooks.deliver' and scheduled_at > now()
               and (args ->> 'tenant_id')::int = %s""", [me.id],
        ).fetchone()  # fmt: skip
    assert seen.next_try_at and seen.next_try_at > now + timedelta(seconds=60)
    assert later == (1,)
    with me.db.tenant(me.id) as conn:
        assert not store.put_off(conn, me.id, delivery, until=now + DAY, now=now), "a job too many does not multiply"
    me.deliver(delivery)
    assert me.deliveries(new.endpoint.id)[0].state is DeliveryState.DELIVERED
