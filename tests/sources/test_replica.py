"""A Chatwoot that is read on a hot standby, whose snapshots no second session can share."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl, differences

from prosa.db import cluster, programs
from prosa.db.embedded import EmbeddedServer

REPLICA = """
restore_command = 'cp "{wal}/%f" "%p"'
wal_retrieve_retry_interval = '50ms'
"""


class Replica:
    """A primary server, and a standby that follows by the primary's own WAL files."""

    def __init__(self, folder: Path) -> None:
        self.primary = EmbeddedServer(folder / "primary")
        self.data = folder / "replica"

    def create(self) -> None:
        """Make both. The primary has to be held, and is started again."""
        with psycopg.connect(self.primary.dsn(), autocommit=True) as conn:
            conn.execute("alter system set wal_level = replica")
            conn.execute("alter system set max_wal_senders = 1")
        self.primary.stop()
        self.primary.start_again()  # the copy must begin after the settings have come into force
        self.primary.stop()
        shutil.copytree(self.primary.data, self.data)
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(REPLICA.format(wal=self.primary.data / "pg_wal"))
        (self.data / "standby.signal").touch()
        for path in (self.data, *self.data.rglob("*")):
            cluster.give(path)
        self.data.chmod(0o700)
        self.primary.start_again()

    def start(self) -> subprocess.Popen[bytes]:
        """The standby's process. It listens on a socket in its folder: any port may be taken by then."""
        return subprocess.Popen(
            [f"{programs.folder()}/postgres", "-D", str(self.data), "-k", str(self.data), "-h", "", "-p", "5432"], cwd="/",
            env=cluster.ENVIRONMENT, user=cluster.server_user(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def dsn(self, primary: str) -> str:
        """Connection string of the standby's copy of a database."""
        return make_conninfo(primary, host=str(self.data), port=5432)

    def catch_up(self, primary: psycopg.Connection, dsn: str) -> None:
        """Until the standby shows what the primary has committed."""
        [(written,)] = primary.execute("select pg_current_wal_flush_lsn()").fetchall()
        for _ in range(1200):
            with suppress(psycopg.OperationalError), psycopg.connect(dsn, connect_timeout=2) as conn:
                [(shown,)] = conn.execute("select pg_last_wal_replay_lsn() >= %s", [written]).fetchall()
                if shown:
                    return
            time.sleep(0.05)
        log = next(self.data.glob("log/*.log")).read_text()
        raise AssertionError(f"the standby did not catch up:\n{log[-1500:]}")


@pytest.fixture
def replica() -> Iterator[Replica]:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # as root, the servers' user must be able to walk there
        made = Replica(Path(folder))
        with made.primary.running():
            made.create()
            process = made.start()
            try:
                yield made
            finally:
                process.terminate()
                process.wait(60)


def test_a_chatwoot_is_read_on_its_standby(etl: Etl, replica: Replica) -> None:
    """First load and follow-up: a conversation, its message, a contact's new name, a deletion at night."""
    with psycopg.connect(replica.primary.dsn(), autocommit=True) as conn:
        conn.execute("create database chatwoot")
    chatwoot = FakeChatwoot.create(replica.primary.dsn("chatwoot"))
    dsn = replica.dsn(chatwoot.dsn)
    account = chatwoot.account()
    inbox, contact = chatwoot.inbox(account), chatwoot.contact(account)
    chatwoot.message(chatwoot.conversation(inbox, contact), "in", "first")
    replica.catch_up(chatwoot.conn, dsn)
    tenant = etl.connect(chatwoot, account, dsn=dsn)
    etl.run(tenant)

    chatwoot.message(chatwoot.conversation(inbox, contact), "in", "second")
    chatwoot.save("contacts", contact, name="Another name")
    replica.catch_up(chatwoot.conn, dsn)
    etl.run(tenant)

    rows = etl.rows(tenant)
    assert {m["body"] for m in rows["messages"]} == {"first", "second"}
    assert [c["name"] for c in rows["contacts"]] == ["Another name"]
    fresh = etl.connect(chatwoot, account, dsn=dsn)
    etl.run(fresh)
    assert differences(rows, etl.rows(fresh)) == []
    chatwoot.conn.close()
