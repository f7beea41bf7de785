"""`prosa up` as a process: what it starts comes back, and what it stops is gone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from prosa import supervisor
from prosa.db.embedded import EmbeddedServer
from prosa.errors import Conflict


def command(*arguments: str, home: Path) -> list[str]:
    return [sys.executable, "-m", "prosa", *arguments]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("up-home")
    for parent in (folder, *folder.parents):
        if os.geteuid() == 0 and parent.owner() == "root" and parent.stat().st_mode & 0o077 == 0:
            parent.chmod(0o711)
    return folder
