"""deploy/chatwoot-reader.sql: its rights are enough for every way of reading, and not more than that."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.db.opening import Logins
from prosa.demo import create_schema, fill
from prosa.facts.refresh import refresh
from prosa.settings import Settings
from prosa.sources import connect, etl
from prosa.sources.model import Mode


@pytest.fixture
def reader_dsn(server: EmbeddedServer, empty_database: str, project: Path) -> Iterator[str]:
    """A made-up Chatwoot as its restricted reader sees it."""
    password = uuid.uuid4().hex
    with psycopg.connect(empty_database, autocommit=True) as conn:
        create_schema(conn)
        fill(conn, now=datetime(2026, 11, 20, tzinfo=UTC), scale=0.02)
        conn.execute((project / "deploy" / "chatwoot-reader.sql").read_bytes())
        conn.execute(sql.SQL("alter role prosa_reader password {}").format(sql.Literal(password)))
        yield server.dsn(conn.info.dbname, "prosa_reader", password)
        conn.execute("drop owned by prosa_reader")
        conn.execute("drop role prosa_reader")


@pytest.mark.parametrize("inboxes", [(), (1,)])
def test_the_restricted_login_is_enough_for_every_mode(
    db: Database, settings: Settings, tenant: TenantId, reader_dsn: str, inboxes: tuple[int, ...]
) -> None:
    with db.tenant(tenant) as conn:
        connect.connect(conn, tenant, secret_keys=settings.secret_keys, dsn=reader_dsn, account_id=1,
                        inboxes=inboxes, actor="test")  # fmt: skip
        row = conn.execute("select slug from tenants").fetchone()
    assert row and db.platform_dsn
    logins = Logins(owner="", app=db.app_dsn, platform=db.platform_dsn)
    for mode in (Mode.INCREMENTAL, Mode.INCREMENTAL, Mode.RECONCILE, Mode.FULL):
        (result,) = etl.run(logins, settings.secret_keys, slugs=[row[0]], mode=mode, refresh=refresh)
        assert result.error is None and result.run is not None
    assert result.run.total().unchanged > 50


@pytest.mark.parametrize("secret", ["auth_token from channel_twilio_sms", "provider_config from channel_whatsapp",
                                    "encrypted_password from users", "access_token from channel_instagram"])  # fmt: skip
def test_no_secret_of_chatwoot_can_be_read(reader_dsn: str, secret: str) -> None:
    with psycopg.connect(reader_dsn) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"select {secret}".encode())


def test_nothing_can_be_written(reader_dsn: str) -> None:
    with psycopg.connect(reader_dsn) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("update contacts set name = 'x'")
