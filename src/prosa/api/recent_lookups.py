"""A cache that keeps values for some seconds: for look-ups that every webhook needs and that rarely change."""

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")
SECONDS = 10.0
MOST = 2000


class RecentLookups(Generic[V]):
    """Values by key, each for SECONDS. A key must contain the tenant, or something that only one tenant has."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._values: dict[Hashable, tuple[float, V]] = {}

    def get(self, key: Hashable) -> V | None:
        """The value, if it was put within the last seconds."""
        until, value = self._values.get(key, (0.0, None))
        return value if until > time.monotonic() else None

    def put(self, key: Hashable, value: V) -> V:
        """Remember the value, and return it."""
        if len(self._values) >= MOST:
            self._values.clear()
        self._values[key] = (time.monotonic() + self._seconds, value)
        return value
