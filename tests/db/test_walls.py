"""The walls' catalog check: it is silent on our schema, and speaks up for every way to leave a table open."""

import psycopg
import pytest

from prosa.db import Database
from prosa.db.embedded import EmbeddedServer
from prosa.db.walls import faults

GOOD_TABLE = """create table leaky (tenant_id bigint not null references tenants, id bigserial, parent bigint,
                                   primary key (tenant_id, id));
                select wall('leaky', client => 'select', admin => 'select, insert, update, delete');"""

HOLES = {
    "a table without a wall": ("create table open (tenant_id bigint primary key)", "open: row-level security is not"),
    "row-level security not forced": (GOOD_TABLE + "alter table leaky no force row level security", "and forced"),
    "no policy for the operator": (GOOD_TABLE + "drop policy operator on leaky", "no policy for the operator"),
    "a wall that asks something else": (
        GOOD_TABLE + "alter policy tenant_wall on leaky using (tenant_id > 0)",
        "no wall for the tenant's roles",
    ),
    "a second policy": (
        GOOD_TABLE + "create policy more on leaky for select to prosa_client using (true)",
        "policy more opens a second way in",
    ),
    "a policy for everybody": (GOOD_TABLE + "create policy more on leaky using (true)", "opens a second way in"),
    "a right on the brake": ("grant select on login_failures to prosa_admin", "login_failures: prosa_admin may SELECT"),
    "a right on one column of it": ("grant select (at) on login_failures to prosa_app", "prosa_app may SELECT"),
    "a primary key without the tenant": ("create table open (id bigint primary key)", "open_pkey does not begin"),
    "no primary key": ("create table open (tenant_id bigint)", "open: no primary key"),
    "a unique index without the tenant": (GOOD_TABLE + "create unique index u on leaky (id)", "index u does not begin"),
    "a unique index on an expression": (GOOD_TABLE + "create unique index u on leaky ((id + 1))", "u does not begin"),
    "a foreign key that sets null": (
        GOOD_TABLE
        + "alter table leaky add foreign key (tenant_id, parent) references leaky on delete set null (parent)",
        "sets null",
    ),
    "a foreign key without the tenant": (
        GOOD_TABLE + "alter table leaky add constraint f foreign key (parent) references tenants",
        "foreign key f does not begin",
    ),
    "an identity column": (
        GOOD_TABLE + "alter table leaky add number bigint generated always as identity",
        "column number is an identity",
    ),
    "a trigger": (
        GOOD_TABLE + "create trigger g before update on leaky execute function suppress_redundant_updates_trigger()",
        "trigger g",
    ),
    "a view that runs as its owner": ("create view open as select * from users", "open: a view that does not ask"),
    "a materialized view": ("create materialized view open as select * from users", "open: a view that does not ask"),
    "a table of an application role": (GOOD_TABLE + "alter table leaky owner to prosa_admin", "belongs to prosa_admin"),
    "truncate": ("grant truncate on users to prosa_super_admin", "users: TRUNCATE is granted to prosa_super_admin"),
    "a right for everybody": ("grant select on features to public", "features: SELECT is granted to public"),
    "a role past the walls": ("alter role prosa_app bypassrls", "role prosa_app may pass every wall"),
    "a way up": ("grant prosa_super_admin to prosa_app", "role prosa_app may become prosa_super_admin"),
    "a definer function without a search_path": (
        "create function f() returns int language sql security definer return 1",
        "f(): a definer function on whatever search_path",
    ),
    "a definer function for everybody": (
        "create function f() returns int language sql security definer set search_path = pg_catalog return 1",
        "f(): a definer function for everybody",
    ),
    "a definer function for a guest": (
        "create role anon; grant execute on function session_find(bytea, interval) to anon",
        "session_find(bytea,interval): a definer function for anon",
    ),
}


def test_every_wall_stands(db: Database) -> None:
    with db.operator() as conn:
        assert faults(conn) == []


@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_is_reported(db: Database, server: EmbeddedServer, hole: str) -> None:
    statements, report = HOLES[hole]
    with psycopg.connect(server.dsn("prosa")) as conn:
        conn.execute(statements.encode())
        found = faults(conn)
        conn.rollback()
    assert any(report in fault for fault in found), found


def test_a_table_made_by_the_recipe_has_no_fault(db: Database, server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn("prosa")) as conn:
        conn.execute(GOOD_TABLE.encode())
        assert faults(conn) == []
        conn.rollback()
