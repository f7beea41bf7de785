"""Where the embedded server keeps its data."""

import os
from pathlib import Path

import pytest

from prosa.db import programs
from prosa.db.embedded import EmbeddedServer

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")


def test_a_users_data_lies_in_his_home(open_folder: Path) -> None:
    home = open_folder / "reachable"
    home.mkdir(mode=0o755)
    assert EmbeddedServer(home).root == home / "postgres"


@as_root
def test_data_stays_where_it_was_made_when_the_homes_permissions_change(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "ROOT_DATA", open_folder / "var")
    closed, opened = open_folder / "closed", open_folder / "opened"
    closed.mkdir(mode=0o700)
    opened.mkdir(mode=0o755)
    outside, inside = EmbeddedServer(closed).root, EmbeddedServer(opened).root
    assert (outside.parent, inside) == (open_folder / "var", opened / "postgres")
    for root in (outside, inside):
        (root / "data").mkdir(parents=True)
    closed.chmod(0o755)
    opened.chmod(0o700)
    assert (EmbeddedServer(closed).root, EmbeddedServer(opened).root) == (outside, inside)
