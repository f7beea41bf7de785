"""The embedded server's data directory, which initdb makes once, and the operating system's user who owns it."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from prosa.db import programs
from prosa.errors import Unavailable

SERVER_USER = "nobody"  # who runs the server when we are root
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
CONFIGURATION = """
listen_addresses = '127.0.0.1'
timezone = 'UTC'
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
effective_cache_size = '1GB'
maintenance_work_mem = '256MB'
max_connections = 100
# Nothing replicates from the embedded server, and a bulk load writes much less WAL so.
wal_level = minimal
max_wal_senders = 0
# Two sessions that load at once soon fill the default of 8 MB, and write it out themselves then, each waiting for the other.
wal_buffers = '64MB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
# These programs know pglz only, by which an ETL run after a checkpoint took a third longer.
wal_compression = off
jit = off
logging_collector = on
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
"""


def create(root: Path) -> None:
    """Make `root`/data and the superuser's password beside it, unless they are there.

    A first run that failed leaves nothing behind. Raises Unavailable with initdb's own words.
    """
    data = root / "data"
    if (data / "PG_VERSION").exists():
        return
    unfinished = root / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)
    unfinished.mkdir(mode=0o700)
    password = root / "superuser.password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    for path in (root, unfinished, password):
        give(path)
    result = subprocess.run(
        [
            programs.folder() / "initdb", "-D", unfinished, "-U", "postgres", "--auth=scram-sha-256",
            f"--pwfile={password}", "--encoding=UTF8", "--data-checksums", *programs.initdb_options(),
        ],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", env=ENVIRONMENT, check=False, user=server_user(),
    )  # fmt: skip
    if result.returncode != 0:
        raise Unavailable(f"The embedded database could not be created in {root}:\n{result.stderr[-2000:]}")
    with (unfinished / "postgresql.conf").open("a") as configuration:
        configuration.write(CONFIGURATION)
    unfinished.rename(data)


def server_user() -> str | None:
    """The operating system's user for the server's programs; None for the present one. PostgreSQL refuses to run as root."""
    return SERVER_USER if os.geteuid() == 0 else None


def give(path: Path) -> None:
    """Make the server's user the owner of the file or folder."""
    if os.geteuid() == 0:
        os.chown(path, pwd.getpwnam(SERVER_USER).pw_uid, -1)
