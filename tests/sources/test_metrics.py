"""Facts are as docs/metrics.md defines them: every column against a second, naive computation from Chatwoot's own tables."""

import random
from datetime import UTC, datetime

import pytest
from psycopg.rows import dict_row
from tests.sources import metrics
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl
from tests.sources.world import VERBS, World

from prosa.db.connection import TenantId
from prosa.demo import ACCOUNTS, fill
from prosa.facts.refresh import refresh
from prosa.sources import connect as connecting


def check(etl: Etl, tenant: TenantId, expected: dict[int, metrics.Row]) -> None:
    """Every column of every conversation is as expected."""
    with etl.db.tenant(tenant) as conn, conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("select * from conversation_rows where tenant_id = %s", [tenant]).fetchall()
    found = {row["external_id"]: row for row in rows}
    assert found.keys() == expected.keys()
    wrong = [f"{number} {column}: {found[number][column]!r}, expected {value!r}"
             for number, row in expected.items() for column, value in row.items() if found[number][column] != value]  # fmt: skip
    assert wrong == []


def test_the_demo_is_counted_as_defined(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """Three companies, ninety days, with all that hurts."""
    with own_chatwoot.conn.transaction():
        fill(own_chatwoot.conn, now=datetime.now(UTC), scale=0.3)
    tenants = [etl.connect(own_chatwoot, account.account_id) for account in ACCOUNTS]
    for tenant, account in zip(tenants, ACCOUNTS, strict=True):
        with etl.db.tenant(tenant) as conn:
            connecting.mark_bots(conn, tenant, 1, account.bot_user_ids, refresh=refresh)
    etl.run()
    for tenant, account in zip(tenants, ACCOUNTS, strict=True):
        check(etl, tenant, metrics.conversation_rows(own_chatwoot.conn, account.account_id, account.bot_user_ids))
        assert etl.select(tenant, "select * from etl_rejects") == []


@pytest.mark.parametrize("seed", range(6))
def test_random_conversations_are_counted_as_defined(etl: Etl, chatwoot: FakeChatwoot, seed: int) -> None:
    """The seed repeats the sequence."""
    chance = random.Random(seed)
    world = World(chatwoot, unseen=True)
    for _ in range(250):
        world.happen(chance.choice([*VERBS, "write", "write", "write"]), chance.randrange(100), chance.randrange(100))
    world.finish()
    tenant = etl.first_load(chatwoot, world.account)
    check(etl, tenant, metrics.conversation_rows(chatwoot.conn, world.account))


def test_marking_a_user_as_a_program_changes_facts_and_states_at_once(etl: Etl, chatwoot: FakeChatwoot) -> None:
    """What a fresh load would count (docs/domain.md, rule 5), replies, resolutions and assignments."""
    world = World(chatwoot, unseen=False)
    robot = world.agents[2]
    replied, settled, assigned = world.conversations
    chatwoot.message(replied, "out", by=robot)
    chatwoot.resolve(settled, robot)
    chatwoot.save("conversations", assigned, assignee_id=robot, status=1)
    tenant = etl.first_load(chatwoot, world.account)
    check(etl, tenant, metrics.conversation_rows(chatwoot.conn, world.account))
    with etl.db.tenant(tenant) as conn:
        connecting.mark_bots(conn, tenant, 1, [robot], refresh=refresh)
    check(etl, tenant, metrics.conversation_rows(chatwoot.conn, world.account, [robot]))
