"""Ends a run from outside, whatever it is waiting for."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import RLock

import psycopg


class Stop:
    """Ends the waiting of a run's threads: a thread that waits for a database notices neither signals nor other threads."""

    def __init__(self) -> None:
        self.told = False
        self._reached: set[psycopg.Connection] = set()
        self._lock = RLock()  # a signal may come while its own thread holds it

    @contextmanager
    def reaches(self, conn: psycopg.Connection) -> Iterator[None]:
        """Inside the block, `now` can end what this thread does on the connection."""
        with self._lock:
            self._reached.add(conn)
            if self.told:
                _cut(conn)
        try:
            yield
        finally:
            with self._lock:
                self._reached.remove(conn)

    def now(self) -> None:
        """Cut the connections of all threads. A signal handler may call it: psycopg waits five seconds for a silent server.

        The process is about to end, so psycopg's warnings about broken connections are silenced.
        """
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        with self._lock:
            self.told = True
            for conn in self._reached:
                _cut(conn)


def _cut(conn: psycopg.Connection) -> None:
    """Have the server cancel its work for the connection, then shut the connection down, whether or not the server answers."""
    with suppress(psycopg.Error):
        conn.cancel_safe(timeout=1)
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(conn.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
