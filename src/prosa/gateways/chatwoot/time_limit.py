"""The time that a company's own server may hold us up: it takes one of the few slots in which every company's is read."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Timer

import psycopg

from prosa.errors import Unavailable
from prosa.gateways.chatwoot.errors import SourceLost

MINUTES = 20.0  # for one session; millions of conversations are read in it, and a first load goes on where it was cut


class TookTooLong(Unavailable):
    """The server was given its time. Unlike after a lost connection, nobody tries again at once."""


@contextmanager
def limited(conn: psycopg.Connection) -> Iterator[None]:
    """Cut the connection if the block takes longer, also while the server says nothing at all. Raises TookTooLong then."""
    over = Event()

    def cut() -> None:
        over.set()
        with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(conn.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    watch = Timer(MINUTES * 60, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    except SourceLost:
        if over.is_set():
            raise TookTooLong(f"Chatwoot's database was not read within {MINUTES:g} minutes.") from None
        raise
    finally:
        watch.cancel()
