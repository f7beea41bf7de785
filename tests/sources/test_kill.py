"""Kill anywhere: after kill -9 of the process or of either server, the next run ends with what a fresh load gives."""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from tests.sources import slow_run
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences
from tests.sources.world import VERBS, World

from prosa.crypto import encrypt
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.db.migrate import migrate
from prosa.db.opening import DATABASE, open_database
from prosa.errors import Unavailable
from prosa.settings import Settings
from prosa.sources.model import Mode

SEED = 20261122
KILLS = 50  # at least: the last tenant goes through every mode too
MODES = ["first load", "full", "incremental", "reconcile"]
VICTIMS = ["process", "process", "our backend", "source's backend", "our server", "source's server"]


class Servers:
    """Two servers, each with a home of its own, that can be killed alone; and an installation on the first."""

    def __init__(self, folder: Path) -> None:
        self.out, self.err = folder / "out.txt", folder / "err.txt"  # of the run that is under way
        self.settings = Settings(prosa_home=folder / "prosa", secret_key="kill-secret")
        self.ours, self.source = EmbeddedServer(self.settings.prosa_home), EmbeddedServer(folder / "source")

    def start(self, mode: str, slug: str) -> BaseProcess:
        """A run as a process."""
        option = [f"--{mode}"] if mode in ("full", "reconcile") else []
        return slow_run.start(
            self.settings.prosa_home, self.settings.secret_key, ["--tenant", slug, *option], self.out, self.err
        )

    def finish(self, process: BaseProcess) -> None:
        """The process ends by itself: where a server died with one clear sentence, never with a traceback."""
        process.join(60)
        out, err = self.out.read_text(), self.err.read_text()
        assert process.exitcode in (0, 1, 3, -signal.SIGKILL), err
        assert "Traceback" not in err, err
        assert not out or json.loads(out)

    def kill(self, victim: str, process: BaseProcess) -> None:
        """kill -9, and the server up again."""
        if victim == "process":
            process.kill()
        elif victim.endswith("backend"):
            server = self.ours if victim.startswith("our") else self.source
            with psycopg.connect(server.dsn(), autocommit=True) as conn:
                found = conn.execute(
                    "select pid from pg_stat_activity where application_name in ('prosa', 'prosa etl') and datname <> 'postgres'"
                ).fetchall()
            if found:  # the postmaster takes it for a crash and starts all over
                with suppress(ProcessLookupError):
                    os.kill(found[0][0], signal.SIGKILL)
        else:
            server = self.ours if victim.startswith("our") else self.source
            pid = server.pid()
            assert pid
            os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
            server.start()
        wait_for(self.ours)
        wait_for(self.source)


def wait_for(server: EmbeddedServer) -> None:
    """Until the server lets us in again after a crash."""
    for _ in range(1200):  # a minute: recovery syncs the whole folder, and the machine may be busy
        with suppress(psycopg.OperationalError, Unavailable), psycopg.connect(server.dsn(), connect_timeout=2):
            return
        time.sleep(0.05)
    raise AssertionError("the server did not come back:\n" + (server.data / "start.log").read_text()[-2000:])


@pytest.fixture
def servers() -> Iterator[Servers]:
    with TemporaryDirectory() as folder:  # not pytest's, which another session of the same user locks away
        Path(folder).chmod(0o711)  # as root, the servers' user must be able to walk there
        both = Servers(Path(folder))
        with both.ours.running(), both.source.running():
            for server in (both.ours, both.source):  # what a killed process wrote is still the system's to keep
                with psycopg.connect(server.dsn(), autocommit=True) as conn:
                    conn.execute("alter system set fsync = off")
            migrate(both.settings)
            yield both


def etl_on(servers: Servers, db: Database) -> Etl:
    """The ETL in this process, on the first server."""

    def make() -> TenantId:
        with db.operator() as conn:
            row = conn.execute("insert into tenants (slug, name) select 't' || count(*), 'T' from tenants returning id")
            return TenantId(row.fetchone()[0])  # type: ignore[index]

    return Etl(servers.settings, db, make)


def fill(world: World, conversations: int) -> None:
    """Enough rows for a load to last."""
    values = {"account": world.account, "inbox": world.inboxes[0], "contact": world.contacts[0], "n": conversations}
    last = world.chatwoot.write("select max(id) from conversations")
    world.chatwoot.conn.execute(
        """insert into conversations (account_id, inbox_id, contact_id, display_id, created_at, updated_at)
           select %(account)s, %(inbox)s, %(contact)s, i, now() - interval '9 days', now() - interval '9 days'
           from generate_series(1, %(n)s) i""", values)  # fmt: skip
    world.chatwoot.conn.execute(
        """insert into messages (account_id, inbox_id, conversation_id, content, message_type, created_at, updated_at)
           select %(account)s, %(inbox)s, c.id, 'm' || i, i %% 2, c.created_at, c.created_at
           from conversations c, generate_series(1, 12) i where c.id > %(last)s""", values | {"last": last})  # fmt: skip
    rows = world.chatwoot.conn.execute("select id from conversations where id > %s", [last])
    world.conversations += [row[0] for row in rows]


def happen(world: World, chance: random.Random) -> None:
    """Some changes, and a bulk update, so that an incremental run too has something to do."""
    for _ in range(40):
        verb = chance.choice([verb for verb in VERBS if verb not in ("hold", "commit")])
        world.happen(verb, chance.randrange(10_000), chance.randrange(100))
    low = chance.choice(world.conversations)
    world.chatwoot.write(
        "update conversations set priority = 2, updated_at = now() where id between %s and %s", low, low + 150
    )


def moved(servers: Servers, dsn: str) -> None:
    """An embedded server comes back at another port. A real one would not: to the source it is to be the same."""
    wait_for(servers.ours)  # whom the killed run's last connections may still keep busy
    with psycopg.connect(servers.ours.dsn(DATABASE), autocommit=True) as conn:
        conn.execute("update sources set dsn_encrypted = %s", [encrypt(servers.settings.secret_keys, dsn)])


def slug_of(servers: Servers, tenant: TenantId) -> str:
    with psycopg.connect(servers.ours.dsn(DATABASE)) as conn:
        return conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()[0]  # type: ignore[index]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_anywhere(servers: Servers) -> None:
    """SEED decides what dies when. Each tenant goes through every mode, killed in each, and is compared at the end."""
    print(f"seed {SEED}, {KILLS} kills")
    chance = random.Random(SEED)
    lasts = dict.fromkeys(MODES, 2.0)  # seconds, as seen
    died: list[str] = []
    world = World(FakeChatwoot.create(servers.source.dsn()), unseen=True)
    fill(world, 200)
    while len(died) < KILLS:
        with open_database(servers.settings) as db:
            tenant = etl_on(servers, db).connect(world.chatwoot, world.account)
        for mode in MODES:
            for _ in range(2):
                happen(world, chance)
                world.chatwoot.conn.close()
                begun = time.monotonic()
                process = servers.start(mode, slug_of(servers, tenant))
                process.join(chance.uniform(0.3, 1) * lasts[mode])
                if process.is_alive():
                    victim = chance.choice(VICTIMS)
                    servers.kill(victim, process)
                    died.append(f"{victim} in {mode}")
                    print(len(died), died[-1])
                else:
                    lasts[mode] = time.monotonic() - begun
                servers.finish(process)
                world.chatwoot = FakeChatwoot(servers.source.dsn(), display_ids=world.chatwoot.display_ids)
                moved(servers, world.chatwoot.dsn)
        with open_database(servers.settings) as db:
            etl = etl_on(servers, db)
            etl.run(tenant)
            etl.run(tenant, Mode.RECONCILE)
            fresh = etl.connect(world.chatwoot, world.account)
            etl.run(fresh)
            assert differences(etl.rows(tenant), etl.rows(fresh)) == [], died
            assert not etl.select(tenant, "select from etl_runs where state = 'running'")
    print({what: died.count(what) for what in sorted(set(died))})
