"""How many attempts an endpoint may have at a time in this process, so that a slow endpoint delays only itself.

All tenants share the slots of a worker's lane, and one attempt may hold a slot for ten seconds. So an endpoint gets a few slots;
once it is slow, one; and once it has not answered at all, that one only after a pause.
"""

import random
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

AT_ONCE = 4  # tries of one endpoint; prosa.queue.LANES has slots for five that hang at the same moment
SLOW = 3.0  # seconds, from which a try counts as slow
FIRST_REST, LONGEST_REST = 60.0, 600.0  # seconds without a try; doubled with each one that is not answered
LOOK_AGAIN, LOOK_AGAIN_SLOW = 5.0, 30.0  # seconds, about, after which a try sees whether it is its turn now
SPREAD = (0.5, 1.5)  # of a wait, so that what waits does not come back together


@dataclass
class Pace:
    """An endpoint's tries under way, whether its last was slow, and, if it did not answer, how long and until when it rests."""

    under_way: int = 0
    slow: bool = False
    rest: float = 0.0
    rests_until: float = 0.0


class Paces:
    """The pace of every endpoint that is being tried or has been slow. Threads share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._of: dict[Hashable, Pace] = {}

    @contextmanager
    def turn(self, endpoint: Hashable) -> Iterator[int]:
        """Yield by how many seconds to put off a try; 0 if it may go ahead, and then it counts until the block ends."""
        wait = self._take(endpoint)
        try:
            yield wait
        finally:
            if not wait:
                self._give_back(endpoint)

    def note(self, endpoint: Hashable, seconds: float, *, answered: bool) -> None:
        """How long a try took; within its turn."""
        with self._lock:
            pace, now = self._of[endpoint], self._clock()
            pace.slow = seconds >= SLOW
            if answered or not pace.slow:
                pace.rest = pace.rests_until = 0.0
            elif now >= pace.rests_until:  # else it went out together with the one that brought the rest
                pace.rest = min(pace.rest * 2 or FIRST_REST, LONGEST_REST)
                pace.rests_until = now + pace.rest

    def _take(self, endpoint: Hashable) -> int:
        with self._lock:
            pace = self._of.setdefault(endpoint, Pace())
            rest = max(pace.rests_until - self._clock(), 0.0)
            if not rest and pace.under_way < (1 if pace.slow else AT_ONCE):
                pace.under_way += 1
                return 0
            again = LOOK_AGAIN_SLOW if pace.slow else LOOK_AGAIN
        return 1 + round(rest + again * random.uniform(*SPREAD))  # noqa: S311  (no secret)

    def _give_back(self, endpoint: Hashable) -> None:
        with self._lock:
            pace = self._of[endpoint]
            pace.under_way -= 1
            if not pace.under_way and not pace.slow:
                del self._of[endpoint]
