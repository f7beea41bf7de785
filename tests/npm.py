"""Packages of npm for the tests. pytest's cache keeps them for the next run: installing takes longer than the tests."""

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

INSTALL = ("install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--prefix", ".")


def npm_folder(cache: pytest.Cache, npm: str, packages: Sequence[str], *, packed: Sequence[str] = ()) -> Path:
    """A folder with these packages in its `node_modules`, and those that are `packed` as archives.

    Versions are pinned, so that the same names are the same files. Raises LookupError with what npm said.
    """
    kept = cache.mkdir("npm") / sha256(" ".join([*packages, *packed]).encode()).hexdigest()[:16]
    if not kept.exists():
        with TemporaryDirectory(dir=kept.parent, ignore_cleanup_errors=True) as fresh:
            for command in ([npm, *INSTALL, *packages], *([npm, "pack", package] for package in packed)):
                try:
                    result = subprocess.run(
                        command, capture_output=True, text=True, check=False, timeout=240, cwd=fresh
                    )
                except subprocess.TimeoutExpired:  # it tries a registry that it cannot reach again and again
                    raise LookupError("npm could not install it in four minutes. Is there a network?") from None
                if result.returncode != 0:
                    raise LookupError(f"npm could not install it: {result.stderr[-500:]}")
            with suppress(OSError):  # the other process was quicker
                Path(fresh).rename(kept)
    return kept
