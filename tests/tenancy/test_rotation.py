"""Rotating SECRET_KEY: afterwards everything opens with the new key alone, however often the work was interrupted."""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest

from prosa import crypto
from prosa.conversations import aliases
from prosa.crypto import decrypt, encrypt, fingerprint
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.tenancy import audit, rotation, second_factor
from prosa.tenancy.model import PLATFORM, UserRole
from prosa.tenancy.rotation import KINDS, SERVER, rotate
from prosa.tenancy.users import add_user

OLD, NEW = ["old"], ["new", "old"]
DSN = "postgresql://reader:secret@chatwoot-db:6543/chatwoot"


@pytest.fixture(scope="module")
def db(own_db: Database) -> Database:
    """A rotation visits every tenant: those of other tests have keys of their own."""
    return own_db


def fill(db: Database, tenant: TenantId) -> None:
    """One secret of each kind, under the old key."""
    values = {"t": tenant, "x": encrypt(OLD, "x"), "dsn": encrypt(OLD, DSN), "at": datetime.now(UTC),
              "server": fingerprint("old", SERVER, "chatwoot-db:6543/chatwoot/reader")}  # fmt: skip
    with db.operator() as conn:
        aliases.make(conn, tenant, "+5511987654321", OLD)
        person = add_user(
            conn,
            tenant,
            email=f"{tenant}@example.com",
            role=UserRole.ADMIN,
            password="correct horse battery",
            actor="test",
        )
        second_factor.begin(conn, tenant, person.id, secret_keys=OLD)
        for statement in (
            "insert into llm_keys (tenant_id, key_encrypted, created_by) values (%(t)s, %(x)s, 'test')",
            """insert into sources (tenant_id, id, kind, name, dsn_encrypted, api_token_encrypted, server_fingerprint)
               values (%(t)s, 1, 'chatwoot', 'c', %(dsn)s, %(x)s, %(server)s)""",
            """insert into twilio_accounts (tenant_id, account_sid, token_encrypted, name)
               values (%(t)s, 'AC' || lpad(%(t)s::text, 32, '0'), %(x)s, 'a')""",
            """insert into webhook_endpoints
                 (tenant_id, url, event_types, secret_encrypted, old_secret_encrypted, old_secret_until)
               values (%(t)s, 'https://example.com', '{}', %(x)s, %(x)s, %(at)s)""",
        ):
            conn.execute(statement, values)


def test_every_encrypted_column_is_rotated(superuser: psycopg.Connection) -> None:
    columns = superuser.execute(
        """select table_name, column_name from information_schema.columns
           where table_schema = 'public' and column_name like '%\\_encrypted' order by 1, 2"""
    ).fetchall()
    assert columns == [(table, column) for table, column, _ in KINDS]


def test_a_rotation_that_is_killed_goes_on_and_leaves_nothing_under_the_old_key(
    db: Database, make_tenant: Callable[[], TenantId], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenants = [make_tenant(), make_tenant()]
    for tenant in tenants:
        fill(db, tenant)
    with db.operator() as conn:
        before = aliases.names(conn, tenants[0], "+5511987654321", OLD)
    looked = rotate(db, NEW, actor="cli:test", write=False)
    assert {(each.rotated, each.current) for each in looked} == {(2, 0)}

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rotation, "_fingerprints", dies)  # in the middle of the fifth kind
        rotate(db, NEW, actor="cli:test")
    done = rotate(db, NEW, actor="cli:test")
    assert [each.rotated for each in done] == [0, 0, 0, 0, 2, 2, 2, 2]
    again = rotate(db, NEW[:1], actor="cli:test")
    assert {(each.rotated, each.current, len(each.lost)) for each in again} == {(0, 2, 0)}
    with db.operator() as conn:
        assert aliases.names(conn, tenants[0], "+5511987654321", NEW[:1]) == before, "no opt-out is lost by it"
        rows = conn.execute("select dsn_encrypted, server_fingerprint from sources order by tenant_id").fetchall()
        assert {decrypt(NEW[:1], bytes(dsn)) for dsn, _ in rows} == {DSN}
        assert {bytes(server) for _, server in rows} == {fingerprint("new", SERVER, "chatwoot-db:6543/chatwoot/reader")}
        entries = audit.list_entries(conn, PLATFORM)
    assert [entry.object for entry in reversed(entries)] == [f"{table}.{column}" for table, column, _ in KINDS]


def test_what_no_key_opens_is_named_and_left(db: Database, make_tenant: Callable[[], TenantId]) -> None:
    tenant = make_tenant()
    with db.operator() as conn:
        conn.execute(
            "insert into llm_keys (tenant_id, key_encrypted, created_by) values (%s, %s, 'test')",
            [tenant, crypto.encrypt(["third"], "x")],
        )
    found = {(each.table, each.column): each for each in rotate(db, ["new"], actor="cli:test")}
    assert found["llm_keys", "key_encrypted"].lost == [f"tenant_id {tenant}"]
