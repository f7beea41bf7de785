"""Isolation, by trying: each attack on every table, as each role of a tenant, through the application's own login."""

from collections.abc import Callable

import psycopg
import pytest

from prosa.db import Conn, Database, Role
from prosa.db.connection import begin

Attempt = Callable[[Conn, str], int | None]

ROLES = [Role.CLIENT, Role.ADMIN]
READ_ONLY_EXCEPT = {("audit_log", "INSERT"), ("users", "UPDATE")}  # what a client may write; users: its language only
SECRET_COLUMNS = [
    ("users", "password_hash"), ("sessions", "token_hash"), ("api_keys", "key_hash"), ("password_links", "token_hash"),
    ("second_factors", "secret_encrypted"), ("recovery_codes", "code_hash"),
]  # fmt: skip
NO_TENANT = {"unset": "", "empty": "set local prosa.tenant_id = ''", "platform": "set local prosa.tenant_id = '0'"}


def readable(conn: Conn, table: str) -> bool:
    row = conn.execute("select has_any_column_privilege(%s, 'select')", [table]).fetchone()
    return bool(row and row[0])


def updatable_columns(conn: Conn, table: str) -> list[str]:
    rows = conn.execute(
        """select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped
           and has_column_privilege(attrelid, attnum, 'update')""",
        [table],
    )
    return [row[0] for row in rows]


@pytest.mark.parametrize("role", ROLES)
def test_a_tenant_reads_its_own_rows_and_no_others(db: Database, two_tenants, attempt: Attempt, role: Role) -> None:
    with db.tenant(two_tenants.a, role=role) as conn:
        for t in two_tenants.tables:
            if not readable(conn, t.name):
                assert attempt(conn, f"select {t.tenant} from {t.name}") is None, t.name
                continue
            own = attempt(conn, f"select {t.tenant} from {t.name} where {t.tenant} = {two_tenants.a}")
            assert own and own >= 1, f"{t.name}: this test would see nothing if the wall fell"
            assert attempt(conn, f"select {t.tenant} from {t.name}") == own, t.name
            assert attempt(conn, f"select {t.tenant} from {t.name} where {t.tenant} = {two_tenants.b}") == 0, t.name


@pytest.mark.parametrize("role", ROLES)
def test_copy_exports_no_other_rows(db: Database, two_tenants, role: Role) -> None:
    with db.tenant(two_tenants.a, role=role) as conn:
        for t in two_tenants.tables:
            if readable(conn, t.name):
                with conn.cursor().copy(f"copy {t.name} ({t.tenant}) to stdout".encode()) as copy:
                    assert {int(row[0]) for row in copy.rows()} == {two_tenants.a}, t.name


@pytest.mark.parametrize("role", ROLES)
def test_no_row_is_written_for_another_tenant(db: Database, two_tenants, attempt: Attempt, role: Role) -> None:
    with db.tenant(two_tenants.a, role=role) as conn:
        for t in two_tenants.tables:
            if t.name != "tenants":  # numbered by itself; no role of a tenant adds one
                assert attempt(conn, t.insert(two_tenants.b)) is None, t.name
                assert attempt(conn, t.insert(two_tenants.b) + " on conflict do nothing") is None, t.name


@pytest.mark.parametrize("role", ROLES)
def test_no_row_of_another_tenant_is_changed(db: Database, two_tenants, attempt: Attempt, role: Role) -> None:
    with db.tenant(two_tenants.a, role=role) as conn:
        for t in two_tenants.tables:
            for column in updatable_columns(conn, t.name):
                change = f"update {t.name} set {column} = default"
                assert attempt(conn, f"{change} where {t.tenant} = {two_tenants.b}") == 0, t.name
            assert attempt(conn, f"delete from {t.name} where {t.tenant} = {two_tenants.b}") in (0, None), t.name
            assert attempt(conn, f"select 1 from {t.name} where {t.tenant} = {two_tenants.b} for update") in (0, None)
            assert attempt(conn, f"truncate {t.name} cascade") is None, t.name


@pytest.mark.parametrize("role", ROLES)
def test_no_row_moves_to_another_tenant(db: Database, two_tenants, attempt: Attempt, role: Role) -> None:
    with db.tenant(two_tenants.a, role=role) as conn:
        for t in two_tenants.tables:
            move = f"update {t.name} set {t.tenant} = {two_tenants.b}"
            assert attempt(conn, move) is None, t.name
            assert attempt(conn, f"{move} where {t.tenant} = {two_tenants.a}") is None, t.name


@pytest.mark.parametrize("setting", NO_TENANT)
@pytest.mark.parametrize("role", ROLES)
def test_without_a_tenant_there_are_no_rows(
    db: Database, two_tenants, attempt: Attempt, role: Role, setting: str
) -> None:
    with db.tenant(two_tenants.a) as conn:
        pass  # the connection has known a tenant: after a transaction the setting reads '' and not null
    with db.app.connection() as conn:
        begin(conn, role)
        conn.execute(NO_TENANT[setting].encode())
        for t in two_tenants.tables:
            assert attempt(conn, f"select {t.tenant} from {t.name}") in (0, None), t.name
            assert attempt(conn, f"delete from {t.name}") in (0, None), t.name
            if t.name != "tenants":
                assert attempt(conn, t.insert(two_tenants.a)) is None, t.name


def test_a_tenant_that_is_no_number_is_an_error(db: Database, two_tenants) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation), db.app.connection() as conn:
        begin(conn, Role.ADMIN)
        conn.execute("set local prosa.tenant_id = '1 or true'")
        conn.execute("select tenant_id from users")


@pytest.mark.parametrize(
    "trick",
    [
        "set role prosa_super_admin",
        "set role prosa_platform",
        "set role prosa_login",
        "set role prosa_owner",
        "set role postgres",
        "set session authorization prosa_super_admin",
        "set session authorization prosa_owner",
        "reset role; select tenant_id from users",
        "set role none; select tenant_id from users",
        "reset session authorization; select tenant_id from users",
        "set local row_security = off; select tenant_id from users",
        "grant prosa_super_admin to prosa_app",
        "alter role prosa_app bypassrls",
        "alter table users disable row level security",
        "alter table users owner to prosa_admin",
        "drop policy tenant_wall on users",
        "create policy mine on users using (true)",
        "create table mine (id bigint)",
        "create view mine as select * from users",
        "create function mine() returns int language sql return 1",
        "select wall('users')",
        "select login_candidates('x')",
        "select session_open(0, 1, 'x', '1 day', '', '')",
        "select session_find('x', '1 day')",
        "select api_key_find('x')",
        "select * from login_failures",
        "select * from procrastinate_jobs",
        "select pg_read_file('/etc/passwd')",
        "copy users (email) to '/users.csv'",
        "copy (select 1) to program 'true'",
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_no_trick_passes_the_wall(db: Database, two_tenants, role: Role, trick: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.tenant(two_tenants.a, role=role) as conn:
        for statement in trick.split(";"):
            conn.execute(statement.encode())


@pytest.mark.parametrize("role", ROLES)
def test_a_function_in_the_condition_sees_no_other_rows(db: Database, two_tenants, role: Role) -> None:
    """A planner that asked a cheap function before the policy would show it every row."""
    with db.tenant(two_tenants.a, role=role) as conn:
        seen: list[str] = []
        conn.add_notice_handler(lambda notice: seen.append(notice.message_primary or ""))
        conn.execute(
            """create function pg_temp.leak(bigint) returns boolean language plpgsql cost 0.0000001 as
               $$ begin raise notice '%', $1; return true; end $$"""
        )
        conn.execute("select count(*) from users where pg_temp.leak(tenant_id)")
        conn.execute("drop function pg_temp.leak")
    assert set(seen) == {str(two_tenants.a)}


@pytest.mark.parametrize("role", ROLES)
def test_a_temporary_table_hides_none_of_ours(db: Database, two_tenants, role: Role) -> None:
    """It would live on in the connection, and the next tenant's query would read and write it."""
    with db.tenant(two_tenants.a, role=role) as conn:
        conn.execute("create temporary table features (tenant_id bigint, name text) on commit drop")
        row = conn.execute("select 'features'::regclass = 'public.features'::regclass").fetchone()
    assert row == (True,)


@pytest.mark.parametrize("role", ROLES)
def test_views_show_no_other_rows(db: Database, two_tenants, role: Role) -> None:
    with db.tenant(two_tenants.a, role=role) as conn:
        views = conn.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        ).fetchall()
        assert ("conversation_rows",) in views
        for (view,) in views:
            tenants = {row[0] for row in conn.execute(f"select tenant_id from {view}".encode())}
            assert tenants == {two_tenants.a}, view


@pytest.mark.parametrize("role", ROLES)
def test_no_function_answers_a_tenant_with_its_owners_rights(db: Database, two_tenants, role: Role) -> None:
    """But the one that enqueues a job, which returns the new job's number, the one that counts rows for the planner, and
    those of the limiter and the budget, which say whether the language model may be asked now.
    """
    with db.tenant(two_tenants.a, role=role) as conn:
        callable_ = conn.execute(
            """select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef
               and has_function_privilege(oid, 'execute')"""
        ).fetchall()
    ours = {name for (name,) in callable_ if not name.startswith("llm_")}
    assert ours <= {"procrastinate_defer_jobs_v1", "refresh_statistics"}


def test_a_client_writes_only_what_it_should(db: Database, two_tenants) -> None:
    with db.tenant(two_tenants.a, role=Role.CLIENT) as conn:
        rights = conn.execute(
            """select distinct table_name, privilege_type from information_schema.role_column_grants
               where grantee = 'prosa_client' and privilege_type <> 'SELECT'
               union select table_name, privilege_type from information_schema.role_table_grants
               where grantee = 'prosa_client' and privilege_type <> 'SELECT'"""
        ).fetchall()
        assert set(rights) == READ_ONLY_EXCEPT
        assert updatable_columns(conn, "users") == ["locale"]


def test_a_clients_writes_are_denied(db: Database, two_tenants, attempt: Attempt) -> None:
    with db.tenant(two_tenants.a, role=Role.CLIENT) as conn:
        for t in two_tenants.tables:
            assert attempt(conn, f"delete from {t.name}") is None, t.name
            assert attempt(conn, f"update {t.name} set {t.tenant} = {t.tenant}") is None, t.name
            if t.name not in ("tenants", "audit_log"):
                assert attempt(conn, t.insert(two_tenants.a)) is None, t.name


@pytest.mark.parametrize("role", [*ROLES, Role.SUPER_ADMIN])
def test_the_audit_log_only_grows(db: Database, two_tenants, attempt: Attempt, role: Role) -> None:
    session = db.operator() if role is Role.SUPER_ADMIN else db.tenant(two_tenants.a, role=role)
    with session as conn:
        entry = f"insert into audit_log (tenant_id, actor, action) values ({two_tenants.a}, 'x', 'x')"
        assert attempt(conn, entry) == 1
        assert attempt(conn, entry.replace("actor", "at, actor").replace("'x'", "now(), 'x'", 1)) is None
        assert attempt(conn, entry + " on conflict (tenant_id, id) do update set action = 'y'") is None
        assert attempt(conn, "update audit_log set action = 'y'") is None
        assert attempt(conn, "delete from audit_log") is None
        assert attempt(conn, "truncate audit_log") is None


@pytest.mark.parametrize("role", [*ROLES, Role.SUPER_ADMIN])
@pytest.mark.parametrize(("table", "column"), SECRET_COLUMNS)
def test_hashes_of_secrets_are_unreadable(
    db: Database, two_tenants, attempt: Attempt, role: Role, table: str, column: str
) -> None:
    session = db.operator() if role is Role.SUPER_ADMIN else db.tenant(two_tenants.a, role=role)
    with session as conn:
        assert attempt(conn, f"select {column} from {table}") is None
        assert attempt(conn, f"select * from {table}") is None
        assert attempt(conn, f"select 1 from {table} where {column} is not null") is None
        assert attempt(conn, f"select 1 from {table} t where to_jsonb(t) is not null") is None
        assert attempt(conn, f"update {table} set {column} = {column} returning {column}") is None
        assert attempt(conn, f"copy {table} ({column}) to stdout") is None


def test_an_administrator_makes_nobody_an_operator(db: Database, two_tenants, attempt: Attempt) -> None:
    with db.tenant(two_tenants.a) as conn:
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute("update users set role = 'super_admin'")
        insert = "insert into users (tenant_id, email, role, password_hash) values (0, 'me@x.com', 'super_admin', 'x')"
        assert attempt(conn, insert) is None
        conn.execute("set local prosa.tenant_id = '0'")
        assert attempt(conn, insert) is None
        assert attempt(conn, "select email from users") == 0


@pytest.mark.parametrize("role", ROLES)
def test_the_platform_is_entered_as_the_operator_only(db: Database, role: Role) -> None:
    with pytest.raises(ValueError, match="operator"), db.tenant(0, role=role):
        pass


def test_the_logins_themselves_read_nothing(db: Database, two_tenants, attempt: Attempt) -> None:
    assert db.platform
    for pool in (db.app, db.platform):
        with pool.connection() as conn:
            conn.execute("begin")
            for t in two_tenants.tables:
                assert attempt(conn, f"select {t.tenant} from {t.name}") is None, t.name


def test_the_operator_sees_every_tenant(db: Database, two_tenants) -> None:
    with db.operator() as conn:
        for t in two_tenants.tables:
            seen = {row[0] for row in conn.execute(f"select {t.tenant} from {t.name}".encode())}
            assert seen >= {two_tenants.a, two_tenants.b}, t.name
