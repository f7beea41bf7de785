"""The commands, as processes: what they print, where, and their exit codes."""

import json
import os
import pty
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tests.processes import run_command

from prosa.db import Database
from prosa.db.embedded import EmbeddedServer
from prosa.db.opening import DATABASE, OWNER, role_password
from prosa.settings import Settings
from prosa.tenancy import links, sessions
from prosa.tenancy.api_keys import find_key

Prosa = Callable[..., CompletedProcess[str]]


@pytest.fixture
def prosa(settings: Settings, db: Database) -> Prosa:
    """A function that runs one command against the tests' database."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> CompletedProcess[str]:
        return run_command(settings, *arguments, stdin=stdin, environment=variables)

    return run


@pytest.fixture
def slug(prosa: Prosa) -> str:
    """A tenant that the command added."""
    slug = f"acme-{uuid.uuid4().hex[:8]}"
    added = prosa("tenant", "add", slug, "--name", "Acme", "--timezone", "America/Manaus")
    assert (added.returncode, added.stdout) == (0, f"Added tenant {slug} (Acme, America/Manaus).\n"), added.stderr
    return slug


@pytest.mark.parametrize("what", ["apikey", "webhook"])
def test_an_empty_list_says_how_to_begin(prosa: Prosa, slug: str, what: str) -> None:
    listed = prosa(what, "list", "--tenant", slug)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert f"prosa {what} " in listed.stderr and f"--tenant {slug}" in listed.stderr


def test_a_tenant_is_listed(prosa: Prosa, slug: str) -> None:
    assert slug in prosa("tenant", "list").stdout
    listed = json.loads(prosa("tenant", "list", "--json").stdout)
    [tenant] = [t for t in listed if t["slug"] == slug]
    assert (tenant["name"], tenant["timezone"], tenant["suspended_at"]) == ("Acme", "America/Manaus", None)


def test_a_server_that_is_not_there_is_not_taken_for_a_wrong_key(prosa: Prosa) -> None:
    ran = prosa("etl", "run", DATABASE_URL="postgresql://owner:x@127.0.0.1:1/prosa")
    assert ran.returncode == 1 and ran.stderr.startswith("The database does not answer: "), ran.stderr


def test_a_home_that_cannot_be_used_is_said_in_a_line(prosa: Prosa, tmp_path: Path) -> None:
    """Not with a traceback, which tells an operator nothing."""
    (tmp_path / "file").touch()
    done = prosa("tenant", "list", PROSA_HOME=str(tmp_path / "file"))
    assert done.returncode == 1 and done.stderr.startswith(f"{tmp_path / 'file'}: ") and "PROSA_HOME" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tenant", "add", "{slug}", "--name", "A"], "There is already a tenant '{slug}'."),
        (["tenant", "add", "x", "--name", "A", "--timezone", "Sao_Paulo"], "Did you mean America/Sao_Paulo"),
        (["tenant", "add", "X Y", "--name", "A"], "cannot be a tenant's slug"),
        (["tenant", "add", "x", "--name", "Caf\udce9"], "must be UTF-8"),  # é in Latin-1
        (
            ["user", "add", "a@b.com", "--role", "admin", "--tenant", "nowhere"],
            "There is no tenant 'nowhere'. There are: ",
        ),
        (["user", "add", "a@b.com", "--role", "admin"], "--tenant SLUG"),
        (["user", "add", "a@b.com", "--role", "super_admin", "--tenant", "{slug}"], "A super_admin takes no --tenant."),
        (["user", "add", "a@b", "--role", "admin", "--tenant", "{slug}"], "'a@b' is not an e-mail address."),
        (["apikey", "revoke", "prosa_nothing", "--tenant", "{slug}"], "no API key that begins with 'prosa_nothing'"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_1(prosa: Prosa, slug: str, arguments: list[str], message: str) -> None:
    result = prosa(*(argument.format(slug=slug) for argument in arguments))
    assert result.returncode == 1
    assert message.format(slug=slug) in result.stderr
    assert result.stdout == "" and len(result.stderr.splitlines()) == 1


def test_who_is_locked_out_gets_a_link_from_the_operator(db: Database, prosa: Prosa, slug: str) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    prosa("user", "add", email, "--role", "admin", "--tenant", slug, "--name", "Ana")
    assert [line.split() for line in prosa("user", "list", "--tenant", slug).stdout.splitlines()] == [
        [email, "admin", "Ana"]
    ]
    address = prosa(
        "user", "link", email.upper(), "--tenant", slug, PUBLIC_URL="https://prosa.example.com"
    ).stdout.strip()
    assert address.startswith("https://prosa.example.com/password?token=")
    links.use(db, address.split("=")[1], "a new long password", address="192.0.2.9")
    assert sessions.log_in(db, email, "a new long password", address="192.0.2.9", user_agent="test")
    stranger = prosa("user", "link", email)
    assert (stranger.returncode, stranger.stdout) == (1, "")
    assert "among the operators" in stranger.stderr


def test_a_user_logs_in_with_the_password_from_standard_input(db: Database, prosa: Prosa, slug: str) -> None:
    email = f"{slug}@example.com"
    arguments = ("user", "add", email, "--role", "client", "--tenant", slug, "--password-stdin")
    assert prosa(*arguments, stdin="short\n").stderr.startswith("A password needs at least 10 characters")
    added = prosa(*arguments, stdin="from a secret file\n")
    assert added.stdout == f"Added client {email}.\n"
    assert sessions.log_in(db, email, "from a secret file", address="192.0.2.1", user_agent="test")


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    db: Database, prosa: Prosa, slug: str, settings: Settings
) -> None:
    email = f"{slug}@terminal.example.com"
    command = ["-c", "from prosa.cli import main; main()", "user", "add", email, "--role", "admin", "--tenant", slug]
    environment = {**os.environ, "PROSA_HOME": str(settings.prosa_home), "SECRET_KEY": settings.secret_key or ""}
    process, terminal = pty.fork()
    if process == 0:
        os.execve(sys.executable, [sys.executable, *command], environment)
    shown = b""
    for prompt in (b"Password: ", b"Repeat for confirmation: "):
        while prompt not in shown:
            shown += os.read(terminal, 1000)
        os.write(terminal, b"typed by a person\n")
    while f"Added admin {email}.".encode() not in shown:
        shown += os.read(terminal, 1000)
    assert os.waitpid(process, 0)[1] == 0
    assert b"typed by a person" not in shown
    assert sessions.log_in(db, email, "typed by a person", address="192.0.2.3", user_agent="test")


def test_without_a_terminal_a_password_is_made_and_printed_once(db: Database, prosa: Prosa) -> None:
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    lines = prosa("user", "add", email, "--role", "super_admin").stdout.splitlines()
    assert lines[0] == f"Added super_admin {email}."
    password = lines[1].removeprefix("Password (shown this once): ")
    assert sessions.log_in(db, email, password, address="192.0.2.2", user_agent="test").principal.tenant_id == 0


def test_a_key_lives_until_it_is_revoked(db: Database, prosa: Prosa, slug: str) -> None:
    created = json.loads(prosa("apikey", "create", "--tenant", slug, "--scope", "webhooks", "--json").stdout)
    with db.anonymous() as conn:
        holder = find_key(conn, created["key"])
    assert holder and holder.scopes == ["webhooks"]
    listed = prosa("apikey", "list", "--tenant", slug).stdout
    assert created["prefix"] in listed and created["key"] not in listed
    for _ in range(2):  # a script may run twice
        assert prosa("apikey", "revoke", created["prefix"], "--tenant", slug).returncode == 0
    with db.anonymous() as conn:
        assert find_key(conn, created["key"]) is None


def test_standard_output_is_the_key_alone(prosa: Prosa, slug: str) -> None:
    created = prosa("apikey", "create", "--tenant", slug)
    assert len(created.stdout.strip()) == 46 and created.stdout.startswith("prosa_")
    assert "shown once" in created.stderr


@pytest.mark.parametrize("command", ["tenant list", "worker", "serve --port 0"])
def test_a_server_of_ones_own_is_not_migrated_on_the_way(prosa: Prosa, empty_database: str, command: str) -> None:
    result = prosa(*command.split(), DATABASE_URL=empty_database)
    assert (result.returncode, result.stderr) == (1, "The database is not up to date. Run: prosa migrate\n")


@pytest.mark.parametrize("command", ["tenant list", "worker", "serve --port 0"])
def test_another_installations_key_is_said_at_once(
    prosa: Prosa, server: EmbeddedServer, settings: Settings, command: str
) -> None:
    """A pool would go on trying, and fill the log."""
    own_url = server.dsn(DATABASE, OWNER, role_password(settings, OWNER))
    result = prosa(*command.split(), DATABASE_URL=own_url, SECRET_KEY="another-key")
    assert result.returncode == 1 and "with this SECRET_KEY?" in result.stderr
