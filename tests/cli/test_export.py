"""`prosa export`: a file appears whole or not at all, and standard output carries nothing but the data."""

import errno
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facts.builder import Conversation, save
from prosa.cli.export import target
from prosa.db import Database
from prosa.db.connection import TenantId
from prosa.errors import Invalid, Unavailable
from prosa.settings import Settings

COMMAND = [sys.executable, "-c", "from prosa.cli import main; main()"]


def prosa(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(COMMAND + list(arguments), capture_output=True, env=environment(settings), check=False)


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "PROSA_HOME": str(settings.prosa_home), "SECRET_KEY": settings.secret_key or ""}


@pytest.fixture
def slug(db: Database, tenant: TenantId) -> str:
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(1), Conversation(2)])
        row = conn.execute("select slug from tenants where id = %s", [tenant]).fetchone()
    assert row
    return str(row[0])


def test_standard_output_and_a_file_hold_the_same_bytes(settings: Settings, slug: str, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    printed = prosa(settings, "export", "conversations", "--tenant", slug)
    written = prosa(settings, "export", "conversations", "--tenant", slug, "--out", str(file))
    assert (printed.returncode, written.returncode, written.stdout) == (0, 0, b"")
    assert printed.stdout == file.read_bytes()
    assert printed.stdout.count(b"\r\n") == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_an_unknown_tenant_leaves_no_file(settings: Settings, db: Database, tmp_path: Path) -> None:
    result = prosa(settings, "export", "conversations", "--tenant", "nobody", "--out", str(tmp_path / "x.csv"))
    assert result.returncode == 1
    assert b"nobody" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == []


def test_what_broke_half_way_keeps_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("old")
    with pytest.raises(RuntimeError), target(file, binary=False) as out:
        out.write(b"half")
        raise RuntimeError
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="nowhere"), target(tmp_path / "nowhere" / "x.csv", binary=False):
        pass


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    with pytest.raises(Unavailable, match=r"x\.csv cannot be written: No space"), target(file, binary=False):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(Invalid, match="is a folder"), target(tmp_path, binary=False):
        pass
    assert not list(tmp_path.iterdir())


def test_days_in_the_wrong_order_are_refused(settings: Settings, slug: str) -> None:
    result = prosa(settings, *f"export conversations --tenant {slug} --from 2026-02-01 --to 2026-01-01".split())
    assert (result.returncode, result.stdout, result.stderr) == (1, b"", b"--from must be before --to.\n")


@pytest.mark.parametrize(("closed", "printed"), [("<&-", 1), (">&-", 0), ("2>&-", 1), ("<&- 2>&-", 1)])
def test_a_closed_stream_is_an_empty_one(settings: Settings, closed: str, printed: int) -> None:
    """Neither a traceback nor a socket in the stream's place."""
    command = shlex.join([*COMMAND, "tenant", "list", "--json"]) + f" {closed}"
    listed = subprocess.run(["sh", "-c", command], capture_output=True, env=environment(settings), check=False)
    assert (listed.returncode, listed.stdout.count(b"\n"), listed.stderr) == (0, printed, b"")
    command = shlex.join([*COMMAND, "closure", "score"]) + f" {closed}"
    scored = subprocess.run(["sh", "-c", command], capture_output=True, input=b"", check=False)
    assert (scored.returncode, scored.stderr) == (0, b"")


def test_a_locale_without_a_letter_gets_its_code(settings: Settings, db: Database, tenant: TenantId) -> None:
    """Not a traceback, after the work was done."""
    with db.operator() as conn:
        conn.execute("update tenants set name = 'Acme ✓' where id = %s", [tenant])
    latin = environment(settings) | {"PYTHONIOENCODING": "latin-1"}
    listed = subprocess.run([*COMMAND, "tenant", "list"], capture_output=True, env=latin, check=False)
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert rb"Acme \u2713" in listed.stdout


@pytest.fixture
def long(db: Database, slug: str, tenant: TenantId) -> str:
    """A tenant whose export fits into no pipe's buffer."""
    with db.tenant(tenant) as conn:
        save(conn, tenant, [Conversation(number) for number in range(10, 1500)])
    return slug


def test_a_reader_who_has_enough_ends_the_export(settings: Settings, long: str) -> None:
    command = [*COMMAND, "export", "conversations", "--tenant", long]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(settings)) as export:
        assert export.stdout and export.stderr
        assert export.stdout.readline().startswith(b"tenant,")
        export.stdout.close()
        assert export.wait(timeout=30) == 128 + signal.SIGPIPE
        assert export.stderr.read() == b""


@pytest.mark.parametrize("words", [("export", "conversations"), ("etl", "runs", "--json")])
def test_a_full_disk_is_one_line(settings: Settings, long: str, words: tuple[str, ...]) -> None:
    command = [*COMMAND, *words, "--tenant", long]
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environment(settings), check=False, timeout=30
        )
    assert (result.returncode, result.stderr.count(b"\n")) == (1, 1)
    assert b"No space left" in result.stderr
