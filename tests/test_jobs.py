"""The schedules do what their services do, for every tenant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate.exceptions import AlreadyEnqueued

from prosa import queue
from prosa.conversations import addresses, service, store
from prosa.conversations.model import Conversation, Pair
from prosa.conversations.policy import Policy
from prosa.conversations.states import State
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.facts import prepared, stale
from prosa.jobs.facts import prepare_days, refresh_facts
from prosa.tenancy.features import set_feature
from twilio_twin import wait_for

PAIR = Pair("whatsapp", addresses.parse("+5511987654321"), addresses.parse("+551140041234"))
LONG_AGO = datetime.now(UTC) - timedelta(days=3)


@pytest.fixture(scope="module")
def db(own_db: Database) -> Database:
    """A database of this module's own: its schedules visit every tenant."""
    return own_db


def opened(db: Database, tenant: TenantId) -> Conversation:
    policy = Policy(timedelta(days=1), timedelta(hours=1))
    with db.tenant(tenant) as conn:
        return service.open_conversation(conn, tenant, PAIR, policy=policy, by="test", now=LONG_AGO).conversation


def run(db: Database, task: str) -> None:
    """Enqueue a schedule's task and do what waits."""
    with suppress(AlreadyEnqueued), db.operator() as conn:  # one that waits does as well
        queue.enqueue(conn, task, timestamp=0)
    work(db, task.partition(".")[0])


def work(db: Database, name: str) -> None:
    """Do what waits in this queue alone: at the turn of a minute the worker enqueues the other schedules too."""
    assert db.platform_dsn
    with queue.worker_app(db.platform_dsn) as worker:
        worker.run_worker(queues=[name], wait=False, install_signal_handlers=False, additional_context={"db": db})


def test_the_clock_moves_conversations_of_every_tenant(db: Database, make_tenant: Callable[..., TenantId]) -> None:
    tenants = [make_tenant(), make_tenant()]
    conversations = [opened(db, tenant).id for tenant in tenants]
    run(db, "conversations.tick")
    for tenant, conversation in zip(tenants, conversations, strict=True):
        with db.tenant(tenant) as conn:
            assert service.get_conversation(conn, tenant, conversation).state is State.EXPIRED


def test_a_reaction_whose_connection_breaks_is_made_up_for(db: Database, tenant: TenantId) -> None:
    conversation = opened(db, tenant).id
    with ThreadPoolExecutor(1) as pool, db.tenant(tenant) as conn:
        service.get_conversation(
            conn, tenant, conversation, lock=True
        )  # the job waits for this lock when it is cut off
        with db.tenant(tenant) as enqueuing:
            job = queue.enqueue(
                enqueuing, "conversations.react", tenant_id=tenant, conversation_id=conversation, message_id=1
            )
        first = pool.submit(work, db, "conversations")
        conn.execute("reset role")
        cut = """select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'"""
        wait_for(lambda: conn.execute(cut).rowcount == 1)
        wait_for(lambda: attempts(db, job)[1] >= 1)
        conn.rollback()
        first.result(timeout=30)
    work(db, "conversations")
    assert attempts(db, job) == ("succeeded", 2)


def attempts(db: Database, job: int) -> tuple[str, int]:
    """What became of a job, and how often it was begun."""
    with db.operator() as conn:
        conn.execute("reset role")
        row = conn.execute("select status::text, attempts from procrastinate_jobs where id = %s", [job]).fetchone()
    assert row
    return row[0], row[1]


def test_facts_follow_each_minute_and_catch_up_at_night(db: Database, make_tenant: Callable[..., TenantId]) -> None:
    tenant = make_tenant()
    opened(db, tenant)
    counted = []
    for task in ("facts.follow", "facts.catch_up"):
        run(db, task)
        with db.tenant(tenant) as conn:
            sql = "select count(*) from conversation_facts where tenant_id = %s"
            counted.extend(conn.execute(sql, [tenant]).fetchone() or ())
    assert counted == [0, 1]  # unchanged for three days: left to the night


def test_the_schedules_visit_only_tenants_that_have_something_to_do(
    db: Database, make_tenant: Callable[..., TenantId]
) -> None:
    tenant, idle = make_tenant(), make_tenant()
    opened(db, tenant)

    def found() -> list[bool]:
        with db.operator() as conn:
            visited = (
                stale.tenants_with_stale(conn, since=LONG_AGO),
                prepared.tenants_with_unprepared(conn),
                [timers.tenant_id for timers in store.timers(conn)],
            )
        assert not any(idle in tenants for tenants in visited)
        return [tenant in tenants for tenants in visited]

    assert found() == [True, False, True]
    refresh_facts(db, since=LONG_AGO)
    assert found() == [False, True, True]
    prepare_days(db)
    assert found() == [False, False, True]
    run(db, "conversations.tick")
    assert found() == [True, False, False], "its end is to be counted"


@pytest.mark.parametrize(
    ("config", "state"), [(None, State.IDLE_TIMEOUT), ({"idle_timeout_minutes": 180}, State.PROGRESS)]
)
def test_the_clock_pauses_by_the_tenants_own_time(
    db: Database, make_tenant: Callable[..., TenantId], config: dict[str, int] | None, state: State
) -> None:
    tenant, now = make_tenant(), datetime.now(UTC)
    ours = Policy(timedelta(days=1), timedelta(hours=1))
    with db.tenant(tenant) as conn:
        before = now - timedelta(hours=2)
        one = service.open_conversation(conn, tenant, PAIR, policy=ours, by="test", now=before).conversation
        service.move(conn, tenant, one, State.PROGRESS, by="test", reason="", now=before)
        if config:
            set_feature(conn, tenant, "conversations", enabled=True, config=config, actor="test")
    run(db, "conversations.tick")
    with db.tenant(tenant) as conn:
        assert service.get_conversation(conn, tenant, one.id).state is state


def test_what_a_killed_worker_left_is_asked_for_again(db: Database, make_tenant: Callable[..., TenantId]) -> None:
    """A webhook that was being delivered, and a message that a feature was working on."""
    tenant = make_tenant()
    conversation = opened(db, tenant).id
    with db.tenant(tenant) as conn:
        endpoint = conn.execute(
            """insert into webhook_endpoints (tenant_id, url, event_types, secret_encrypted, enabled)
               values (%s, 'https://crm.example.com/', '{lead.created}', '', false) returning id""",
            [tenant],
        ).fetchone()
        assert endpoint
        conn.execute(
            """insert into webhook_deliveries (tenant_id, endpoint_id, type, data, attempts, next_try_at)
               values (%s, %s, 'lead.created', '{}', 1, now() - interval '10 minutes')""",
            [tenant, endpoint[0]],
        )
        conn.execute(
            """insert into ai_results (tenant_id, conversation_id, message_id, feature, created_at)
               values (%s, %s, 1, 'sentiment', now() - interval '10 minutes')""",
            [tenant, conversation],
        )
    run(db, "webhooks.sweep")
    run(db, "assistant.sweep")
    with db.tenant(tenant) as conn:
        assert conn.execute("select state, error from ai_results where tenant_id = %s", [tenant]).fetchall() == [
            ("skipped", "no_text")
        ]
    with db.operator() as conn:
        conn.execute("reset role")
        asked = conn.execute(
            """select status::text from procrastinate_jobs
               where task_name = 'webhooks.deliver' and (args ->> 'tenant_id')::int = %s""",
            [tenant],
        ).fetchall()
    assert set(asked) == {("succeeded",)}  # the schedule may have asked as well, at the turn of five minutes
