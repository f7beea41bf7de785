"""One run of the ETL as a process of its own, in small ranges, so that there is something to kill.

The process is forked from one that has imported everything: a new interpreter's imports took longer than the run itself.
"""

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

# What the command imports when it runs, too.
import prosa.cli.context
import prosa.db.opening
import prosa.facts.label_rules
import prosa.sources.etl
import prosa.tenancy.tenants  # noqa: F401
from prosa.cli import main
from prosa.sources import load

FORKED = multiprocessing.get_context("forkserver")


def start(home: Path, secret_key: str, arguments: list[str], out: Path, err: Path) -> BaseProcess:
    """`prosa etl run` with these arguments, on the installation in `home`; what it prints goes into two files."""
    FORKED.set_forkserver_preload([__name__])
    process = FORKED.Process(target=_run, args=(home, secret_key, arguments, out, err))
    # Tests of Streamlit's pages leave a page behind as the main module, which a new process would run first.
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        process.start()
    return process


def _run(home: Path, secret_key: str, arguments: list[str], out: Path, err: Path) -> None:
    for file, number in ((out, 1), (err, 2)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {"PROSA_HOME": str(home), "SECRET_KEY": secret_key}
    load.RANGE = 20  # conversations; a test's Chatwoot has a few hundred
    sys.argv = ["prosa", "etl", "run", "--json", *arguments]
    main()
