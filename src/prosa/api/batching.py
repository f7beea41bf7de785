"""Work of concurrent requests done in batches: requests that arrive while one batch is at work form the next batch.

No request waits for a batch to fill: when nothing is at work, it starts at once, alone.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")
MOST = 100  # at once


class Batcher(Generic[K, T, R]):
    """`work` gets a key and its items, and returns a result for each. Belongs to one event loop."""

    def __init__(self, work: Callable[[K, Sequence[T]], Sequence[R]]) -> None:
        self._work = work
        self._waiting: dict[K, list[tuple[T, asyncio.Future[R]]]] = {}
        self._at_work: dict[K, asyncio.Task[None]] = {}

    async def do(self, key: K, item: T) -> R:
        """The item's result. Raises what `work` raised for all that went with it."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append((item, result))
        if key not in self._at_work:
            self._at_work[key] = asyncio.create_task(self._work_off(key))
        return await result

    async def _work_off(self, key: K) -> None:
        try:
            while waiting := self._waiting.pop(key, None):
                now, later = waiting[:MOST], waiting[MOST:]
                if later:
                    self._waiting[key] = later
                await self._settle(key, now)
        finally:
            del self._at_work[key]

    async def _settle(self, key: K, asked: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await run_in_threadpool(self._work, key, [item for item, _ in asked])
        except Exception as error:  # whoever waits is to have it, whatever it is
            for _, result in asked:
                if not result.done():  # the client may have gone
                    result.set_exception(error)
            return
        for (_, result), found in zip(asked, results, strict=True):
            if not result.done():
                result.set_result(found)
