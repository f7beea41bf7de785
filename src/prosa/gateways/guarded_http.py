"""HTTP to addresses that a tenant chose, guarded against server-side request forgery.

Connects only to `public_addresses`. Redirects are answers like any other, proxies of the environment are ignored, and the
whole exchange has one deadline and a bound on what is read. (Only the look-up of the name itself has the system's own
time-outs.)
"""

import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpcore

from prosa.errors import Invalid
from prosa.gateways.deadline import Deadline, tls
from prosa.gateways.public_addresses import ForbiddenAddress, NoAnswer, check, checked, literal

SECONDS = 10.0  # to the last byte
LARGEST_ANSWER = 64 * 1024  # bytes
LONGEST_URL = 2048


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is cut at LARGEST_ANSWER."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(
    url: str, content: bytes, *, headers: Mapping[str, str], loopback: bool = False, seconds: float = SECONDS
) -> Answer:
    """POST `content`. `loopback` allows this machine, and plain http: for development. Raises Invalid, NoAnswer."""
    check_url(url, loopback=loopback)
    guard = Guarded(loopback=loopback, deadline=time.monotonic() + seconds)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=tls(), network_backend=guard) as pool,
            pool.stream(
                "POST", url, content=content, headers=list({"Connection": "close", **headers}.items())
            ) as answer,
        ):
            body = bytearray()
            for piece in answer.iter_stream():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    break
            named = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in answer.headers}
            return Answer(answer.status, named, bytes(body[:LARGEST_ANSWER]))
    except httpcore.TimeoutException:
        raise NoAnswer(f"no answer within {seconds:g} seconds") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
        raise NoAnswer(_reason(error)) from None


def check_url(url: str, *, loopback: bool = False) -> None:
    """Raise Invalid unless the URL is https with a public host. `loopback` also allows http, and this machine as the host."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        url.encode("ascii")
    except ValueError:
        raise Invalid("The URL cannot be read: write it in ASCII, as https://host/path.") from None
    if len(url) > LONGEST_URL or any(character <= " " or character == "\x7f" for character in url):
        raise Invalid(f"The URL must have no spaces and at most {LONGEST_URL} characters.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid("The URL must name a host, and neither a user nor a fragment.")
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise Invalid("The URL must begin with https://.")
    if address := literal(host):
        check(address, loopback=loopback)
    elif host == "localhost" and not loopback:
        raise ForbiddenAddress("this machine is not on the public internet")


class Guarded(Deadline):
    """Connects only to addresses that were checked."""

    def __init__(self, *, loopback: bool, deadline: float) -> None:
        super().__init__(deadline)
        self._loopback = loopback

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        """Connect to the first of the host's addresses that answers. Raises if any one of them is forbidden."""
        *earlier, last = checked(host, port, loopback=self._loopback)
        for address in earlier:
            with suppress(httpcore.ConnectError):
                return super().connect_tcp(str(address), port)
        return super().connect_tcp(str(last), port)


def _reason(error: Exception) -> str:
    """Why a request failed, in a few words and without the URL: a bad certificate is named, anything else by its kind."""
    if "CERTIFICATE" in str(error):
        return "the host's certificate is not valid"
    return f"the connection failed ({type(error).__name__})"
