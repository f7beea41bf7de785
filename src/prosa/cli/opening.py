"""The database for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prosa.db import Database


@contextmanager
def database() -> Iterator["Database"]:
    """The database of this process's settings.

    The embedded one is made and brought up to date on the way. A server of your own is changed by `prosa migrate` only:
    raises Unavailable where that has to come first.
    """
    from prosa.db import open_database
    from prosa.db.migrate import migrate, pending
    from prosa.db.opening import server
    from prosa.errors import Unavailable
    from prosa.settings import get_settings

    settings = get_settings()
    with server(settings) as logins:
        if settings.database_url is None:
            migrate(settings)
        elif pending(logins.owner):
            raise Unavailable("The database is not up to date. Run: prosa migrate")
        with open_database(settings) as db:
            yield db


def actor() -> str:
    """The audit log's name for whoever typed the command."""
    try:
        return f"cli:{getuser()}"
    except (KeyError, OSError):  # a container's user may have a number and no name
        return "cli"
