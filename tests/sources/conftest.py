"""A Chatwoot for every test, and the ETL that reads it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql
from tests.sources.chatwoot import FakeChatwoot
from tests.sources.reading import Etl

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer
from prosa.settings import Settings


@pytest.fixture(scope="session")
def chatwoot_database(server: EmbeddedServer) -> str:
    """One Chatwoot database for all tests, which take accounts of their own in it."""
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        conn.execute(sql.SQL("create database chatwoot"))
    FakeChatwoot.create(server.dsn("chatwoot")).conn.close()
    return server.dsn("chatwoot")


@pytest.fixture
def chatwoot(chatwoot_database: str) -> Iterator[FakeChatwoot]:
    """Chatwoot, shared with the other tests: take an account of your own."""
    fake = FakeChatwoot(chatwoot_database)
    yield fake
    fake.conn.close()


@pytest.fixture
def own_chatwoot(empty_database: str) -> Iterator[FakeChatwoot]:
    """A Chatwoot database of this test's own, to be changed at will."""
    fake = FakeChatwoot.create(empty_database)
    yield fake
    fake.conn.close()


@pytest.fixture
def etl(settings: Settings, db: Database, make_tenant: Callable[..., TenantId]) -> Iterator[Etl]:
    """The ETL. What other tests have connected, or this one, is read by no other's runs."""
    _disconnect_all(db)
    yield Etl(settings, db, make_tenant)
    _disconnect_all(db)


def _disconnect_all(db: Database) -> None:
    with db.operator() as conn:
        conn.execute("update sources set enabled = false")
