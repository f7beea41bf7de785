"""Requests of one key go together while others of it are at work; none waits for company, and each has its own answer."""

import asyncio
import secrets
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from prosa.api import twilio
from prosa.api.batching import MOST, Batcher
from prosa.conversations import addresses, bulk_receiving, receiving
from prosa.conversations.bulk_receiving import Arrival
from prosa.conversations.model import NewMessage, Owner, Pair
from prosa.conversations.policy import Policy
from prosa.db import Database
from prosa.db.connection import TenantId

POLICY = Policy(timedelta(days=1), timedelta(hours=1))
PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))


def test_what_comes_during_the_work_goes_together_next_and_other_keys_do_not_wait() -> None:
    done: list[tuple[str, list[int]]] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(key: str, items: Sequence[int]) -> list[int]:
        done.append((key, list(items)))
        if items == [0]:
            begun.set()
            go_on.wait(30)
        return [-item for item in items]

    async def main() -> list[int]:
        together = Batcher(work)
        first = asyncio.create_task(together.do("a", 0))
        await asyncio.to_thread(begun.wait, 30)
        later = [asyncio.create_task(together.do("a", item)) for item in range(1, MOST + 3)]
        assert await together.do("b", 7) == -7
        later[1].cancel()  # a client that has gone
        go_on.set()
        return [await first, *await asyncio.gather(*later[:1], *later[2:])]

    assert asyncio.run(main()) == [0, -1, *(-item for item in range(3, MOST + 3))]
    assert done == [("a", [0]), ("b", [7]), ("a", list(range(1, MOST + 1))), ("a", [MOST + 1, MOST + 2])]


def test_an_error_is_everybodys_and_the_next_ones_are_not_concerned() -> None:
    def work(_key: str, items: Sequence[int]) -> Sequence[int]:
        if 0 in items:
            raise ValueError
        return items

    async def main() -> None:
        together = Batcher(work)
        with pytest.raises(ValueError):
            await together.do("a", 0)
        assert await together.do("a", 1) == 1

    asyncio.run(main())


def arrival(body: str) -> Arrival:
    new = NewMessage(Owner.USER, body, provider_sid=secrets.token_hex(16))
    found = bulk_receiving.arrival(PAIR, new, policy=POLICY, now=datetime.now(UTC))
    assert found
    return found


def test_a_message_that_cannot_be_stored_sends_its_companions_the_long_way(db: Database, tenant: TenantId) -> None:
    with db.tenant(tenant) as conn:
        new = NewMessage(Owner.USER, "oi", provider_sid="SM1")
        receiving.receive(conn, tenant, PAIR, new, policy=POLICY, now=datetime.now(UTC))

    async def main(*bodies: str) -> list[bool]:
        together = twilio.together(db)
        return await asyncio.gather(*(together.do(tenant, arrival(body)) for body in bodies))

    assert asyncio.run(main("a", "b")) == [True, True]
    assert asyncio.run(main("a", "PostgreSQL's text holds no \0", "b")) == [False, False, False]
    assert asyncio.run(main("a", "b")) == [True, True]
