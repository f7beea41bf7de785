"""`prosa chatwoot connect` and `prosa etl`, as processes: what they print, where, and their exit codes."""

import json
import uuid
from collections.abc import Callable, Iterator
from subprocess import CompletedProcess

import psycopg
import pytest
from tests.processes import asked, run_command
from tests.sources.chatwoot import FakeChatwoot

from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.settings import Settings
from prosa.sources import store

Prosa = Callable[..., CompletedProcess[str]]


@pytest.fixture
def prosa(settings: Settings, db: Database) -> Iterator[Prosa]:
    """A function that runs one command against the tests' database; what it connected is disconnected afterwards."""

    def run(*arguments: str, **variables: str) -> CompletedProcess[str]:
        return run_command(settings, *arguments, environment=variables)

    yield run
    with db.operator() as conn:
        conn.execute("update sources set enabled = false")


@pytest.fixture
def slug() -> str:
    return f"acme-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def tenant(make_tenant: Callable[..., TenantId], slug: str) -> TenantId:
    return make_tenant(slug)


@pytest.fixture
def chatwoot(empty_database: str) -> Iterator[FakeChatwoot]:
    fake = FakeChatwoot.create(empty_database)
    yield fake
    fake.conn.close()


def rows(db: Database, tenant: TenantId, query: str) -> list[tuple[object, ...]]:
    with db.tenant(tenant) as conn:
        return conn.execute(query.encode()).fetchall()


def test_from_connecting_to_reading(
    prosa: Prosa, db: Database, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """Connect, read, connect again with fewer inboxes: what is no longer chosen goes, and one source stays one."""
    account = chatwoot.account("Corpo & Vida")
    sales, support = chatwoot.inbox(account, "Vendas"), chatwoot.inbox(account, "Suporte")
    for inbox, name in ((sales, "Ana"), (support, "Bia")):
        chatwoot.message(chatwoot.conversation(inbox, chatwoot.contact(account, name)), text=name)

    connected = prosa("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn)
    assert connected.returncode == 0, connected.stderr
    assert f"Tenant {slug} now reads account {account} (Corpo & Vida) as source 1:" in connected.stdout
    assert f"✓ inbox {sales}  Vendas  (Whatsapp)" in connected.stdout
    first = prosa("etl", "run", "--tenant", slug)
    assert first.returncode == 0 and "0 put aside" in first.stdout, first.stderr
    again = prosa("etl", "run", "--tenant", slug, "--json")
    [report] = json.loads(again.stdout)
    assert (again.returncode, again.stderr, report["state"], report["rows_inserted"]) == (0, "", "done", 0)

    args = ("chatwoot", "connect", "--tenant", slug, "--account", str(account), "--inbox", str(sales))
    chosen = prosa(*args, "--json", CHATWOOT_DATABASE_URL=chatwoot.dsn)
    assert json.loads(chosen.stdout)["reload"] is True, chosen.stderr
    run = prosa("etl", "run", "--tenant", slug)
    assert "inbox 'Suporte' is not read" in run.stdout, run.stderr
    for table, column in (("contacts", "name"), ("messages", "body"), ("conversation_facts", "first_message_text")):
        assert rows(db, tenant, f"select {column} from {table}") == [("Ana",)]
    assert json.loads(prosa(*args, "--json", CHATWOOT_DATABASE_URL=chatwoot.dsn).stdout)["reload"] is False
    assert rows(db, tenant, "select count(*) from sources") == [(1,)]
    listed = prosa("etl", "runs", "--tenant", slug, "--all", "--json")
    assert [(run["mode"], run["state"]) for run in json.loads(listed.stdout)] == [
        ("full", "done"), ("incremental", "done"), ("full", "done")]  # fmt: skip


def test_runs_that_found_nothing_new_are_listed_only_if_asked_for(
    prosa: Prosa, db: Database, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """What changed something, put a row aside for the first time or failed stays; and the newest, which says that all is well."""

    def told(*arguments: str) -> list[int]:
        [*_, last] = found = json.loads(prosa("etl", "runs", "--tenant", slug, "--json", *arguments).stdout)
        return [run["id"] - last["id"] for run in found]

    def run(*, code: int = 0) -> None:
        assert prosa("etl", "run", "--tenant", slug).returncode == code

    assert f"No run yet: prosa etl run --tenant {slug}" in prosa("etl", "runs", "--tenant", slug).stdout
    conversation = chatwoot.conversation(chatwoot.inbox(account := chatwoot.account()), chatwoot.contact(account))
    assert prosa("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn).returncode == 0
    run()  # 0: everything
    run()
    chatwoot.update_columns("messages", chatwoot.message(conversation), updated_at="infinity")
    run()  # 2: put aside, and again in each run from now on
    run()
    chatwoot.write("alter table contacts rename to people")
    run(code=1)  # 4
    chatwoot.write("alter table people rename to contacts")
    run()
    run()  # 6: the newest
    assert told("--all") == [6, 5, 4, 3, 2, 1, 0]
    assert told() == [6, 4, 2, 0]
    shown = prosa("etl", "runs", "--tenant", slug).stdout
    assert "started (UTC)" in shown and "--all shows them" in shown
    assert "left out" not in prosa("etl", "runs", "--tenant", slug, "--all").stdout


def test_an_interrupted_load_of_other_inboxes_leaves_nothing(
    prosa: Prosa, db: Database, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """The whole account's contacts were in when it stopped; then one inbox was chosen."""
    account = chatwoot.account()
    sales, support = chatwoot.inbox(account), chatwoot.inbox(account)
    for inbox, name in ((sales, "Ana"), (support, "Bia")):
        chatwoot.conversation(inbox, chatwoot.contact(account, name))
    connect = ("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn)
    assert prosa(*connect).returncode == 0
    with db.tenant(tenant) as conn:
        conn.execute("insert into contacts (tenant_id, source_id, id) select %s, 1, 10^11 + i from generate_series(1, 2) i",
                     [tenant])  # fmt: skip
    assert prosa(*connect, "--inbox", str(sales)).returncode == 0
    assert prosa("etl", "run", "--tenant", slug).returncode == 0
    assert rows(db, tenant, "select name from contacts") == [("Ana",)]


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        ("postgres//u:hunter2@h/db", "That is not a connection string"),
        ("mysql://u:hunter2@h/db", "That is not a connection string"),
        ("host=127.0.0.1 port=1 password=hunter2 dbname", "That is not a connection string"),
        ("postgresql://u:hunter2%zz@h/db", "That is not a connection string"),
        ("postgresql://u:hunter2@127.0.0.1:1/db", "cannot be reached"),
        ("postgresql://u:at@hunter2@127.0.0.1:1/db", "cannot be reached"),
        ("postgresql://hunter/hunter2@127.0.0.1/db", "cannot be reached"),
        ("{wrong password}", "password authentication failed"),
    ],
)
def test_a_connection_that_fails_is_explained_without_its_password(
    prosa: Prosa, chatwoot: FakeChatwoot, tenant: TenantId, slug: str, dsn: str, message: str
) -> None:
    if dsn == "{wrong password}":
        info = chatwoot.conn.info
        dsn = f"postgresql://postgres:hunter2@{info.host}:{info.port}/{info.dbname}"
    done = prosa("chatwoot", "connect", "--tenant", slug, "--dsn", dsn, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr and "hunter2" not in done.stderr and "Traceback" not in done.stderr


def test_a_choice_that_is_not_there_is_explained(
    prosa: Prosa, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """Wrong account, wrong inbox, another account's inbox, none chosen of several, another database."""
    one, two = chatwoot.account("Um"), chatwoot.account("Dois")
    inbox, foreign = chatwoot.inbox(one, "Vendas"), chatwoot.inbox(two, "Suporte")

    def refused(*arguments: str) -> str:
        done = prosa("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    assert f"--account {one}   Um (1 inboxes)" in refused() and "Which account?" in refused()
    assert "has no account 99. It has: 1 (Um), 2 (Dois)." in refused("--account", "99")
    there = f"has no inbox {foreign}. It has: {inbox} (Vendas)."
    assert there in refused("--account", str(one), "--inbox", str(foreign))
    chatwoot.write("alter table accounts rename to empresas")
    assert "is this Chatwoot's database?" in refused("--account", str(one))


def test_on_a_terminal_the_account_is_asked_for(
    settings: Settings, prosa: Prosa, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    chatwoot.account("Um")
    two = chatwoot.account("Dois")
    done = asked(settings, str(two), "chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn)
    assert f"--account {two}   Dois (0 inboxes)" in done.stderr
    assert done.returncode == 0, done.stderr
    assert f"now reads account {two} (Dois)" in done.stdout


def test_what_is_put_aside_is_listed_without_what_stands_in_it(
    prosa: Prosa, db: Database, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """Id, reason and what helps; the rows themselves for who asks for them, which is audited; and why there are none."""

    def listed(*arguments: str) -> str:
        done = prosa("etl", "rejects", "--tenant", slug, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert f"{slug} reads no Chatwoot yet" in listed() and listed("--json") == "[]\n"
    account = chatwoot.account()
    contact = chatwoot.contact(account)
    conversation = chatwoot.conversation(chatwoot.inbox(account), contact)
    assert prosa("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn).returncode == 0
    assert "Nothing has been read yet" in listed()
    broken = [chatwoot.message(conversation, text="meu CPF é 123", message_type=7) for _ in range(2)]
    chatwoot.update_columns("contacts", contact, created_at="infinity")
    assert "3 put aside" in prosa("etl", "run", "--tenant", slug).stdout

    shown = listed()
    lines = [line.split() for line in shown.splitlines()]
    assert sorted(line[:3] for line in lines[1:4]) == [
        ["1", "contacts", str(contact)], *(["1", "messages", str(id)] for id in broken)]  # fmt: skip
    assert shown.count("message_type is missing or unknown") == 2
    assert "messages (2): set message_type to 0 (from the contact), 1" in shown
    assert "contacts (1): set created_at to the moment that was meant" in shown
    assert f"prosa etl run --tenant {slug} --reconcile" in shown
    as_json = listed("--json")
    assert "CPF" not in shown + as_json
    assert {*json.loads(as_json)[0]} == {
        "source", "stream", "table", "id", "reason", "remedy", "first_seen_at", "last_seen_at"}  # fmt: skip
    first = prosa("etl", "rejects", "--tenant", slug, "--limit", "1", "--json")
    assert len(json.loads(first.stdout)) == 1 and "more than 1" in first.stderr

    chatwoot_rows = "select count(*) from audit_log where action = 'chatwoot.rows'"
    assert rows(db, tenant, chatwoot_rows) == [(0,)]
    assert listed("--rows").count("meu CPF é 123") == 2
    held = {row["stream"]: row["source_row"] for row in json.loads(listed("--rows", "--json"))}
    assert held["messages"]["content"] == "meu CPF é 123"
    assert rows(db, tenant, chatwoot_rows) == [(2,)]

    chatwoot.write("delete from messages")
    chatwoot.update_columns("contacts", contact, created_at="2026-01-01")
    assert "0 put aside" in prosa("etl", "run", "--tenant", slug, "--reconcile").stdout
    assert f"every row that was read of {slug}'s Chatwoot could be read" in listed("--rows")
    assert rows(db, tenant, chatwoot_rows) == [(2,)]
    assert prosa("etl", "rejects", "--tenant", "nowhere").returncode == 1


def test_exit_codes_tell_failure_from_another_run(
    prosa: Prosa, db: Database, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """0 done, 1 failed, 3 another run holds the lock; standard output carries JSON only; errors keep no password."""
    assert prosa("etl", "run", "--tenant", slug).returncode == 1  # nothing connected
    assert prosa("etl", "run", "--tenant", "nowhere", "--json").stdout == ""
    account = chatwoot.account()
    assert prosa("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn).returncode == 0
    with psycopg.connect(db.platform_dsn or "") as lock:
        lock.execute("set role prosa_super_admin")
        assert store.lock_tenants(lock, [tenant])
        busy = prosa("etl", "run", "--tenant", slug, "--json")
        assert (busy.returncode, json.loads(busy.stdout)[0]["state"]) == (3, "busy")
        assert "another run is under way" in prosa("etl", "run", "--tenant", slug).stderr
    assert prosa("etl", "run", "--full", "--reconcile", "--tenant", slug).returncode == 1
    password = chatwoot.conn.info.password
    chatwoot.write("alter table contacts rename to people")
    failed = prosa("etl", "run", "--tenant", slug, "--json")
    [report] = json.loads(failed.stdout)
    assert (failed.returncode, report["state"]) == (1, "failed") and "contacts" in report["error"]
    assert password not in failed.stdout + failed.stderr
    [(stored,)] = rows(db, tenant, "select error from etl_runs order by id desc limit 1")
    assert stored == report["error"] and account == 1


def test_what_an_operator_mistypes_is_said_in_a_line(
    prosa: Prosa, db: Database, chatwoot: FakeChatwoot, tenant: TenantId, slug: str
) -> None:
    """An empty slug is nobody's, not everybody's; a bot's number that would be another source's user; a missing column."""
    chatwoot.inbox(chatwoot.account())
    connect = ("chatwoot", "connect", "--tenant", slug, "--dsn", chatwoot.dsn)
    refused = [
        (("etl", "run", "--tenant", ""), "There is no tenant ''"),
        ((*connect, "--bot-user", "-1"), "No Chatwoot user has the number -1."),
        ((*connect, "--bot-user", "7", "--bot-user", str(2**63)), f"has the number {2**63}."),
        (("etl", "rejects", "--tenant", slug, "--limit", str(2**63)), "--limit"),
        (("etl", "runs", "--tenant", slug, "--limit", str(2**63)), "--limit"),
    ]
    for arguments, said in refused:
        done = prosa(*arguments)
        assert done.returncode in (1, 2) and said in done.stderr and "Traceback" not in done.stderr, arguments
    assert rows(db, tenant, "select count(*) from agents") == rows(db, tenant, "select count(*) from sources") == [(0,)]
    chatwoot.write("alter table inboxes drop column channel_id")
    assert "inboxes.channel_id are missing" in prosa(*connect).stderr


def test_a_database_that_was_never_migrated_is_said_so(prosa: Prosa, empty_database: str) -> None:
    for command in (("etl", "run"), ("etl", "runs", "--tenant", "acme"), ("etl", "rejects", "--tenant", "acme")):
        done = prosa(*command, DATABASE_URL=empty_database)
        assert done.returncode == 1 and "Run: prosa migrate" in done.stderr and "Traceback" not in done.stderr, command
