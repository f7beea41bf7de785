"""Waking the workers for jobs that were enqueued quietly: once for all that came within a moment."""

import asyncio

import structlog
from psycopg import Error
from psycopg_pool import PoolTimeout

from prosa.db import Database
from prosa.queue import wake

log = structlog.get_logger()

SECONDS = 0.05


class Waker:
    """To be poked from the event loop after each quiet job."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting = False

    def poke(self) -> None:
        """Have the workers woken in a moment."""
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(SECONDS, self._fire)

    def _fire(self) -> None:
        self._waiting = False
        asyncio.get_running_loop().run_in_executor(None, self._wake)

    def _wake(self) -> None:
        try:
            with self._db.anonymous() as conn:
                wake(conn)
        except (Error, PoolTimeout) as error:
            log.warning("workers not woken", error=type(error).__name__)  # they look by themselves
