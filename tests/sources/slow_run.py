"""One run of the ETL as a process of its own, in small ranges and in two lanes, so that there is something to kill."""

import os
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests import processes

from prosa.sources import follow, spans


def start(home: Path, secret_key: str, arguments: list[str], out: Path, err: Path) -> BaseProcess:
    """`prosa etl run` with these arguments, on the installation in `home`; what it prints goes into two files."""
    environment = {**os.environ, "PROSA_HOME": str(home), "SECRET_KEY": secret_key}
    environment.pop("DATABASE_URL", None)
    for file in (out, err):
        file.write_text("")
    return processes.start(_run, arguments, environment, [Path(os.devnull), out, err])


def _run(arguments: list[str], environment: dict[str, str], streams: list[Path]) -> None:
    spans.RANGE = 20  # conversations; a test's Chatwoot has two hundred
    follow.MUCH = 20
    processes.become_command(("etl", "run", "--json", *arguments), environment, streams)
