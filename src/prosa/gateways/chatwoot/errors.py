"""Why Chatwoot's database cannot be reached or read."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from prosa.errors import Unavailable


class SourceLost(Unavailable):
    """The connection to the source broke; trying again may help."""


class PrivateHost(Unavailable):
    """The host is on this machine or its network, where the person who named it may not connect."""


def broken(reason: object) -> SourceLost:
    """The error of a connection that broke for this reason."""
    return SourceLost(f"The connection to Chatwoot's database broke: {reason}".strip())


def refused(reason: object) -> Unavailable:
    """The error of a server that answers, but not with what was asked of it."""
    return Unavailable(f"Chatwoot's database refused to be read: {reason}".strip())


@contextmanager
def explaining() -> Iterator[None]:
    """Raise SourceLost if the source's connection breaks inside the block."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise broken(error) from None
