"""Processes for the tests, forked from one that has the libraries loaded: of a new interpreter that is most of the time."""

import multiprocessing
import os
import pty
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

from prosa.cli import main
from prosa.settings import Settings

SECONDS = 100  # for one command, on a busy machine
FORKS = multiprocessing.get_context("forkserver")
# What the commands and the processes that are killed import when they run.
FORKS.set_forkserver_preload(
    [__name__, "psycopg_pool", "prosa.analysis.llm.accounts", "prosa.api.twilio", "prosa.cli.context", "prosa.db.migrate",
     "prosa.facts.label_rules", "prosa.gateways.twilio.simulator", "prosa.jobs", "prosa.privacy", "prosa.sources.etl",
     "prosa.supervisor", "prosa.tenancy.users"]
)  # fmt: skip


@contextmanager
def no_main_module() -> Iterator[None]:
    """A new process runs the main module first. Tests of Streamlit's pages leave a page behind as that."""
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        yield


def start(target: Callable[..., object], *arguments: object) -> BaseProcess:
    """Call a function in a process of its own."""
    process = FORKS.Process(target=target, args=arguments)
    with no_main_module():
        process.start()
    return process


def called(target: Callable[..., Any], *arguments: object) -> Any:
    """What a function returns in a process of its own, which may fork in turn."""
    with no_main_module():
        pool = FORKS.Pool(1)
    with pool:
        return pool.apply_async(target, arguments).get(2 * SECONDS)


def run_command(
    settings: Settings, *arguments: str, stdin: str | Path = "", environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run one command of Prosa's on the tests' database. Its standard input is this text, or a terminal of this path.

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
        process = start(become_command, arguments, own, [stdin if isinstance(stdin, Path) else typed, out, err])
        process.join(SECONDS)
        process.kill()  # nothing where it has ended
        assert process.exitcode is not None, f"{arguments} did not end"
        return CompletedProcess(arguments, process.exitcode, out.read_text(), err.read_text())


def asked(settings: Settings, answer: str, *arguments: str) -> CompletedProcess[str]:
    """Run a command on a terminal, where somebody answers."""
    ours, its = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return run_command(settings, *arguments, stdin=Path(os.ttyname(its)))
    finally:
        os.close(ours)
        os.close(its)


def become_command(arguments: tuple[str, ...], environment: Mapping[str, str], streams: list[Path]) -> None:
    """Be Prosa as a shell starts it: these arguments, this environment, these files as the three standard streams."""
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["prosa", *arguments]
    main()
