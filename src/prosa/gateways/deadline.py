"""One deadline for a whole exchange over HTTP: time-outs of single steps never end an answer that arrives byte by byte.

httpcore.ConnectionPool(ssl_context=tls(), network_backend=Deadline(time.monotonic() + 60))
"""

import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import certifi
import httpcore


class Deadline(httpcore.NetworkBackend):
    """Lets nothing take longer than until `at`, a moment of time.monotonic()."""

    def __init__(self, at: float) -> None:
        self._at, self._network = at, httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """A connection, by which the deadline holds too."""
        return _Timed(self._network.connect_tcp(host, port, _left(self._at, timeout)), self._at)


class _Timed(httpcore.NetworkStream):
    """A stream whose every step has only the time that is left until the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, at: float) -> None:
        self._stream, self._at = stream, at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes."""
        return self._stream.read(max_bytes, _left(self._at, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of the bytes."""
        self._stream.write(buffer, _left(self._at, timeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same, encrypted; the certificate is checked against the name, not the address."""
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._at, timeout)), self._at)

    def get_extra_info(self, info: str) -> Any:
        """What the socket knows."""
        return self._stream.get_extra_info(info)


@cache
def tls() -> ssl.SSLContext:
    """Checks certificates by Mozilla's list, which a bare machine may lack."""
    return ssl.create_default_context(cafile=certifi.where())


def _left(at: float, timeout: float | None) -> float:
    left = at - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)
