"""One run a tenant at a time; a run that died stands in nobody's way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from threading import Timer
from typing import Any

import psycopg
import pytest
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences

from prosa.db.connection import Role, TenantId, connect, transaction
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Busy
from prosa.sources import connect as connecting
from prosa.sources import store
from prosa.sources.model import Mode, Source
from twilio_twin import wait_for

ANY = Source(TenantId(0), "", 0, "", b"", b"", 0, None)


def small(chatwoot: FakeChatwoot) -> int:
    """An account with one message."""
    account = chatwoot.account()
    chatwoot.message(chatwoot.conversation(chatwoot.inbox(account), chatwoot.contact(account)))
    return account


@contextmanager
def held(etl: Etl, tenant: TenantId, holder: str) -> Iterator[None]:
    """Another run of the tenant, in the middle."""
    source = etl.select(tenant, "select id from sources")[0][0]
    with connect(etl.logins.platform) as conn, transaction(conn, Role.SUPER_ADMIN):
        assert store.lock_tenants(conn, [tenant])
        with etl.db.tenant(tenant) as other:
            store.start_run(other, replace(ANY, tenant_id=tenant, id=source), Mode.FULL, holder)
        yield


def took(etl: Etl, tenant: TenantId) -> Any:
    """The seconds of the tenant's latest run, as `prosa etl runs` tells them."""
    with etl.db.tenant(tenant) as conn:
        return store.latest_runs(conn, tenant, everything=True, limit=1)[0]["seconds"]


def test_a_second_run_of_a_tenant_says_who_holds_the_lock(etl: Etl, chatwoot: FakeChatwoot) -> None:
    """And the tenants beside it are read all the same."""
    one, two = etl.connect(chatwoot, small(chatwoot)), etl.connect(chatwoot, small(chatwoot))
    with held(etl, one, "host-a process 17"):
        busy, done = sorted(etl.try_run(), key=lambda result: result.source.tenant_id)
        assert busy.busy and busy.busy.startswith("host-a process 17 since 20") and busy.run is None
        assert done.run and done.error is None
        assert took(etl, one) >= 0, "and for how long"
    assert took(etl, one) is None, "nobody knows when it died"
    assert etl.rows(one)["messages"] == [] and len(etl.rows(two)["messages"]) == 1
    etl.run()
    runs = etl.select(one, "select state, error, finished_at is not null from etl_runs order by id")
    assert runs == [("failed", "interrupted: its process ended", True), ("done", None, True)]


def test_connecting_again_waits_for_a_run_that_would_not_see_it(etl: Etl, chatwoot: FakeChatwoot) -> None:
    account = small(chatwoot)
    tenant = etl.connect(chatwoot, account)
    with (
        held(etl, tenant, "host-a process 17"),
        etl.db.tenant(tenant) as conn,
        pytest.raises(Busy, match="host-a process 17"),
    ):
        store.wait_for_etl(conn, tenant, seconds=0.2)
    with ThreadPoolExecutor(1) as other:
        with held(etl, tenant, "host-a process 17"):
            connecting = other.submit(etl.connect, chatwoot, account, tenant=tenant)
            assert wait([connecting], timeout=0.5).not_done
        assert connecting.result(60) == tenant


def test_an_inbox_that_is_given_to_a_company_waits_for_a_run_that_would_not_see_it(
    etl: Etl, chatwoot: FakeChatwoot
) -> None:
    """That run would save watermarks for the inboxes it knew, and the older conversations of the new one never came."""
    account = chatwoot.account()
    inboxes = [chatwoot.inbox(account) for _ in range(2)]
    for inbox in inboxes:
        chatwoot.message(chatwoot.conversation(inbox, chatwoot.contact(account)))
    tenant = etl.connect(chatwoot, account, inboxes=inboxes[:1])
    etl.run(tenant)

    def give() -> None:
        with etl.db.operator() as conn:
            connecting.add_inbox(conn, tenant, 1, inboxes[1], name="Nova", actor="test")

    with ThreadPoolExecutor(1) as other:
        with held(etl, tenant, "host-a process 17"):
            giving = other.submit(give)
            assert wait([giving], timeout=0.5).not_done
        giving.result(60)
    etl.run(tenant)
    assert len(etl.rows(tenant)["conversations"]) == 2


def test_a_run_that_is_told_to_end_says_so(etl: Etl, chatwoot: FakeChatwoot) -> None:
    """As Ctrl-C and SIGTERM do; it does not stand there as running until the next."""
    account = chatwoot.account()
    chatwoot.conversation(chatwoot.inbox(account), chatwoot.contact(account))
    tenant = etl.connect(chatwoot, account)

    def leave(what: str, done: int, total: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        etl.try_run(tenant, progress=leave)
    assert etl.select(tenant, "select state, error from etl_runs") == [("failed", "interrupted: its process ended")]
    etl.run(tenant)


def test_a_killed_run_frees_its_lock_at_once(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """kill -9 of a process that waits for the source, which holds a table."""
    account = small(own_chatwoot)
    tenant = etl.connect(own_chatwoot, account)
    slug = etl.select(tenant, "select slug from tenants")[0][0]
    environment = {
        **os.environ,
        "PROSA_HOME": str(etl.settings.prosa_home),
        "SECRET_KEY": etl.settings.secret_key or "",
    }
    environment.pop("DATABASE_URL", None)
    with own_chatwoot.conn.transaction():
        own_chatwoot.write("lock table messages in access exclusive mode")
        process = subprocess.Popen([sys.executable, "-c", "from prosa.cli import main; main()", "etl", "run", "--tenant", slug],
                                   env=environment)  # fmt: skip
        while not etl.select(tenant, "select from etl_watermarks"):
            time.sleep(0.02)
        [busy] = etl.try_run(tenant)
        assert busy.busy and f"process {process.pid} since" in busy.busy
        process.send_signal(signal.SIGKILL)
        process.wait()
    etl.run(tenant)
    assert etl.select(tenant, "select state from etl_runs order by id") == [("failed",), ("done",)]
    assert differences(etl.rows(tenant), etl.rows(etl.first_load(own_chatwoot, account))) == []


def test_a_run_that_is_killed_has_told_what_it_had_committed(etl: Etl, chatwoot: FakeChatwoot) -> None:
    """Its record is brought up to date with the rows, in one transaction: a killed process can add nothing to it."""
    account = chatwoot.account()
    inbox = chatwoot.inbox(account)
    for _ in range(3):
        chatwoot.message(chatwoot.conversation(inbox, chatwoot.contact(account)))
    tenant = etl.connect(chatwoot, account)
    told: list[tuple[object, ...]] = []
    stored: list[int] = []

    def look(what: str, done: int, total: int) -> None:
        if what == "conversations" and done:
            told.extend(etl.select(tenant, "select state, rows_inserted from etl_runs order by id desc limit 1"))
            tables = ("inboxes", "contacts", "conversations", "messages")
            stored.append(sum(len(etl.select(tenant, f"select from {table}")) for table in tables))

    assert etl.try_run(tenant, progress=look)[0].error is None
    assert told == [("running", stored[0])] and stored[0] >= 10
    assert etl.select(tenant, "select state, rows_inserted from etl_runs") == [("done", stored[0])]


def test_a_source_that_breaks_for_a_moment_is_tried_again(etl: Etl, own_chatwoot: FakeChatwoot) -> None:
    """Its server ends our session in the middle of a run; the same run ends well."""
    account = small(own_chatwoot)
    tenant = etl.connect(own_chatwoot, account)
    cuts = []

    def cut(what: str, done: int, total: int) -> None:
        if not cuts and what == "conversations":
            cuts.append(own_chatwoot.write(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                "where application_name = 'prosa etl' and datname = current_database()"))  # fmt: skip

    [result] = etl.try_run(tenant, progress=cut)
    assert cuts == [1] and result.error is None
    assert len(etl.rows(tenant)["messages"]) == 1


def test_a_source_that_starts_again_meanwhile_is_waited_for(
    etl: Etl, own_chatwoot: FakeChatwoot, server: EmbeddedServer
) -> None:
    """A server's own restart takes seconds, in which nobody may connect."""
    tenant = etl.connect(own_chatwoot, small(own_chatwoot))
    name = own_chatwoot.conn.info.dbname
    began: list[Timer] = []

    def allow(connections: bool) -> None:
        with psycopg.connect(server.dsn(), autocommit=True) as conn:
            conn.execute(f"alter database {name} allow_connections {connections}".encode())

    def restart(what: str, done: int, total: int) -> None:
        if not began and what == "conversations":
            allow(False)
            own_chatwoot.write(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'prosa etl' and datname = current_database()"
            )
            began.append(Timer(4.5, allow, [True]))
            began[0].start()

    [result] = etl.try_run(tenant, progress=restart)
    began[0].join()
    assert result.error is None
    assert len(etl.rows(tenant)["messages"]) == 1


def test_one_unreachable_source_does_not_stop_the_others(
    etl: Etl, chatwoot: FakeChatwoot, own_chatwoot: FakeChatwoot
) -> None:
    there, gone = etl.connect(chatwoot, small(chatwoot)), etl.connect(own_chatwoot, small(own_chatwoot))
    own_chatwoot.write("alter table messages rename to letters")
    results = {result.source.tenant_id: result for result in etl.try_run()}
    assert results[there].error is None and results[gone].error and "messages" in results[gone].error
    assert etl.select(gone, "select state from etl_runs") == [("failed",)]


def test_statistics_do_not_wait_for_whoever_else_makes_them(etl: Etl, server: EmbeddedServer) -> None:
    def analysed() -> dict[str, object]:
        with psycopg.connect(server.dsn("prosa")) as conn:
            return dict(conn.execute("select relname, last_analyze from pg_stat_user_tables").fetchall())

    before = analysed()
    with psycopg.connect(server.dsn("prosa")) as autovacuum:
        autovacuum.execute("lock table messages in share update exclusive mode")  # as it holds it
        with connect(etl.logins.app) as conn, transaction(conn, Role.ADMIN):
            conn.execute("set local lock_timeout = '1s'")
            conn.execute("select refresh_statistics()")
        wait_for(lambda: analysed()["contacts"] != before["contacts"])
        assert analysed()["messages"] == before["messages"]
