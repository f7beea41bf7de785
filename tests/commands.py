"""Prosa's commands, each a process of its own: forked from one that has their libraries loaded, which is most of a start."""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from prosa.cli import main
from prosa.settings import Settings

SECONDS = 100  # for one command, on a busy machine
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["tests.commands", "psycopg_pool", "prosa.analysis.llm.accounts", "prosa.db.migrate", "prosa.gateways.twilio.simulator",
     "prosa.jobs", "prosa.privacy", "prosa.sources.etl", "prosa.supervisor", "prosa.tenancy.users"]
)  # fmt: skip


def run_command(
    settings: Settings, *arguments: str, stdin: str | Path = "", environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run one command against the tests' database. Its standard input is this text, or a terminal of this path.

    `environment` comes on top of this process's own, without what would name another database or account.
    """
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "DATABASE_", "CHATWOOT_"))
    }
    own |= {"PROSA_HOME": str(settings.prosa_home), "SECRET_KEY": settings.secret_key or "", **(environment or {})}
    with TemporaryDirectory() as folder:
        typed, out, err = (Path(folder) / name for name in ("in", "out", "err"))
        if isinstance(stdin, str):
            typed.write_text(stdin)
        process = FORKS.Process(
            target=_become, args=(arguments, own, [stdin if isinstance(stdin, Path) else typed, out, err])
        )
        process.start()
        process.join(SECONDS)
        process.kill()  # nothing where it has ended
        assert process.exitcode is not None and process.exitcode >= 0, f"{arguments} did not end"
        return CompletedProcess(arguments, process.exitcode, out.read_text(), err.read_text())


def _become(arguments: tuple[str, ...], environment: dict[str, str], streams: list[Path]) -> None:
    """As a shell starts it: these are its arguments, its environment, and the files of its three standard streams."""
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["prosa", *arguments]
    main()
