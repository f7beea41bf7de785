"""Two tenants with a row in every table, made from the catalog, so that a new table is attacked without a new test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.db.embedded import EmbeddedServer

# Values by type, for the columns that need one.
BY_TYPE = {
    **dict.fromkeys(("bigint", "integer", "smallint", "real", "double precision", "numeric"), "1"),
    "text": "x",
    "text[]": "{x}",
    "boolean": "false",
    "timestamp with time zone": "2026-01-02 03:04:05Z",
    "date": "2026-01-02",
    "interval": "1 hour",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "jsonb": "{}",
    "bytea": r"\x01",
}

# Where a check constraint wants something in particular.
BY_COLUMN = {
    ("users", "role"): "client",
    ("etl_runs", "mode"): "full",
    ("suppressions", "reason"): "word",
    ("etl_runs", "state"): "done",
    ("llm_spending", "period"): "day",
    ("outcomes", "origin"): "person",
    ("password_links", "kind"): "reset",
    ("whatsapp_templates", "provider"): "twilio",
    ("consents", "origin"): "form",
    ("drafts", "via"): "twilio",
    ("drafts", "author"): "ai",
    ("twilio_accounts", "account_sid"): "AC" + "0" * 32,
}


@dataclass(frozen=True)
class Table:
    """One table of tenants' rows: the column that names the tenant, and the other columns that a row needs."""

    name: str
    tenant: str
    required: dict[str, str]  # column: a value as SQL
    parents: dict[str, dict[str, str]]  # referenced table: column here, column there

    def insert(self, tenant: int) -> str:
        """SQL that adds a row to a tenant which has a row in every parent table."""
        columns = {self.tenant: str(tenant), **self.required}
        for parent, pairs in self.parents.items():
            for here, there in pairs.items():
                columns[here] = f"(select max({there}) from {parent} where tenant_id = {tenant})"
        return f"insert into {self.name} ({', '.join(columns)}) values ({', '.join(columns.values())})"


@dataclass(frozen=True)
class TwoTenants:
    """Two tenants with rows in all `tables`."""

    a: TenantId
    b: TenantId
    tables: list[Table]


@pytest.fixture(scope="session")
def two_tenants(db: Database, server: EmbeddedServer) -> Iterator[TwoTenants]:
    with psycopg.connect(server.dsn("prosa"), autocommit=True) as conn:
        ids = []
        for slug in ("tenant-a", "tenant-b"):
            row = conn.execute("insert into tenants (slug, name) values (%s, %s) returning id", [slug, slug]).fetchone()
            assert row
            ids.append(row[0])
        tables = read_tables(conn)
        filled = {"tenants"}
        while waiting := [t for t in tables if t.name not in filled]:
            ready = [t for t in waiting if filled.issuperset(set(t.parents) - {t.name})]
            for table in ready:
                for tenant in ids:
                    try:
                        conn.execute(table.insert(tenant).encode())
                    except psycopg.errors.CheckViolation as error:
                        pytest.fail(f"Name a value that the check accepts in BY_COLUMN: {error}")
                filled.add(table.name)
            assert ready, f"tables that wait for each other: {[t.name for t in waiting]}"
        yield TwoTenants(*ids, tables)


def read_tables(conn: psycopg.Connection) -> list[Table]:
    """Every table of the schema that holds tenants' rows."""
    names = conn.execute(
        """select c.oid, c.relname from pg_class c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
             and c.relname not in ('schema_migrations', 'login_failures') and c.relname not like 'procrastinate%'
           order by 2"""
    ).fetchall()
    return [
        Table(name, "id" if name == "tenants" else "tenant_id", _required(conn, oid, name), _parents(conn, oid))
        for oid, name in names
    ]


def _required(conn: psycopg.Connection, oid: int, table: str) -> dict[str, str]:
    columns = conn.execute(
        """select a.attname, format_type(a.atttypid, null),
                  (select e.enumlabel from pg_enum e where e.enumtypid = a.atttypid order by e.enumsortorder limit 1)
           from pg_attribute a
           where a.attrelid = %s and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
             and a.attname <> 'tenant_id'""",
        [oid],
    ).fetchall()
    values = {name: BY_COLUMN.get((table, name)) or label or BY_TYPE.get(type_) for name, type_, label in columns}
    missing = [name for name, value in values.items() if value is None]
    assert not missing, f"{table}: name a value in BY_TYPE for {missing}"
    return {name: f"'{values[name]}'::{type_}" for name, type_, _ in columns}


def _parents(conn: psycopg.Connection, oid: int) -> dict[str, dict[str, str]]:
    """Referenced tables but tenants; columns other than the tenant's."""
    pairs = conn.execute(
        """select k.confrelid::regclass::text, a.attname, b.attname from pg_constraint k
           cross join unnest(k.conkey, k.confkey) as pair (here, there)
           join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.here
           join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.there
           where k.conrelid = %s and k.contype = 'f' and a.attname <> 'tenant_id' and k.conrelid <> k.confrelid""",
        [oid],
    ).fetchall()
    parents: dict[str, dict[str, str]] = {}
    for parent, here, there in pairs:
        parents.setdefault(parent, {})[here] = there
    return parents


@pytest.fixture
def attempt() -> Callable[[psycopg.Connection, str], int | None]:
    """Run one statement and undo it: how many rows it touched, None where the database denied it."""

    def run(conn: psycopg.Connection, statement: str) -> int | None:
        try:
            with conn.transaction(force_rollback=True):
                return conn.execute(statement.encode()).rowcount
        except psycopg.errors.InsufficientPrivilege:  # a missing right, and a policy's refusal too
            return None

    return run
