"""Tests of what this machine lacks: skipped loudly, but in CI they fail."""

import os
import shutil
import warnings
from typing import NoReturn

import pytest


def program(name: str, *, untested: str) -> str:
    """The path of an installed program. Without it the test ends; `untested` says what is not tested then."""
    # Servers lie where only root's path leads.
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return path or not_tested(f"{untested}: {name} is missing (apt install {name})")


def not_tested(what_and_why: str) -> NoReturn:
    """End the test: it cannot run on this machine."""
    message = f"NOT TESTED: {what_and_why}"
    if os.environ.get("CI"):
        pytest.fail(message)
    warnings.warn(message, stacklevel=1)
    pytest.skip(message)
